"""Who reads a case's events for triage: the engine in this process, or one beyond this machine.

Only the tables of the first level (``about``, ``hour``, ``facet``, ``setting``, ``prompted``) are made of events; all
else is made of those, here. A reader makes them as temporary tables on a connection of ours, from a SELECT in DuckDB's
SQL.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.detect.subject import Subject

#: Make a temporary table of this name from a SELECT over ``act`` and the tables of this level made before.
Read = Callable[[str, str], None]


class Reader(Protocol):
    """Where the events are, and who reads them."""

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many events have a value in each column, by log format; ``events`` among the counts."""

    def state(self) -> str:
        """Return a text that changes when the events do."""

    def reading(self, judged: Subject, cursor: duckdb.DuckDBPyConnection) -> AbstractContextManager[Read]:
        """Let first-level tables of a subject be made on a connection."""

    def told(self) -> dict[str, Any] | None:
        """Return what a run has to say of an engine elsewhere that was asked; nothing where all was done here."""


class Here:
    """The case's own segments, read by the engine in this process."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return the counts that loading wrote down."""
        found: dict[str, Counter[str]] = {}
        rows = self._case.ledger.rows("SELECT format, events, columns FROM source WHERE events > 0 ORDER BY source")
        for row in rows:
            counts = {"events": row["events"], **json.loads(row["columns"])}
            found.setdefault(row["format"], Counter()).update(counts)
        return dict(found)

    def state(self) -> str:
        """Return the hashes of segments and enrichments."""
        from workbench.case.enrichment import enrichments

        rows = self._case.ledger.rows("SELECT sha256 FROM segment WHERE kind = 'events' ORDER BY segment")
        hashes = [row["sha256"] for row in rows]
        return "".join([*hashes, *(f"{one.name} {one.sha256}" for one in enrichments(self._case.ledger))])

    @contextmanager
    def reading(self, judged: Subject, cursor: duckdb.DuckDBPyConnection) -> Iterator[Read]:
        """Make tables by the connection itself."""
        cursor.execute(f"CREATE TEMP VIEW act AS {judged.select}")

        def read(table: str, select: str) -> None:
            cursor.execute(f"CREATE TEMP TABLE {table} AS {select}")

        yield read

    def told(self) -> None:
        """Return nothing: no other engine was asked."""


def reader(case: Case) -> Reader:
    """Return who reads the events of a case."""
    if case.remote:
        from workbench.engines.reader import There

        return There(case)
    return Here(case)
