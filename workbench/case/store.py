"""Where the events of a case are: one protocol for every store, and the registry of those that can be opened.

A case asks its store and nobody else. The store in the case itself is :class:`workbench.case.local.LocalStore`; stores
of other engines are registered by the packages that bring them (see ``workbench.engines`` and docs/engines.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.errors import CaseError

if TYPE_CHECKING:
    import duckdb

    from workbench.case.case import Case
    from workbench.case.derived import Derived
    from workbench.case.execute import Table
    from workbench.case.sources import Source

#: What a query's parameters are bound to.
Parameters = Sequence[object] | Mapping[str, object]
#: A playbook's parameters: the SQL type and the value of each, by name.
Variables = Mapping[str, tuple[str, object]]
#: Opened around a step with the connection that it runs on: another thread can interrupt that while it is open. Whoever
#: opened the connection closes it, and not before.
Watch = Callable[["duckdb.DuckDBPyConnection"], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run records of an engine beyond this process: which answered, over which state of which table.

    ``translated`` is the SQL that ran there, by table where several were made. ``part_rows`` and ``part_sha256``
    describe the subset that was fetched, where one was.
    """

    engine: str
    url: str
    table: str
    snapshot: str
    table_sha256: str | None
    translated: str | Mapping[str, str]
    part_rows: int | None = None
    part_sha256: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as the audit chain and the kept files have them."""
        fields: dict[str, Any] = {
            "engine": self.engine, "url": self.url, "table": self.table, "snapshot": self.snapshot,
            "table_sha256": self.table_sha256, "translated": self.translated,
        }  # fmt: skip
        subset = {"part_rows": self.part_rows, "part_sha256": self.part_sha256}
        return fields | {name: value for name, value in subset.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a query that will be recorded as a run; ``ordered`` where the query fixes the order of rows."""

    table: Table
    ordered: bool
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer that can be read here: the SELECT that reads it on a connection. ``ours`` where it is no longer
    the query that a person wrote, so that its statement type and time are not limited."""

    cursor: duckdb.DuckDBPyConnection
    select: str
    ordered: bool
    provenance: Provenance | None = None

    @property
    def ours(self) -> bool:
        """Whether the SELECT reads a file that the store wrote, not what a person asked."""
        return self.provenance is not None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: a log, or a table that was never loaded from one."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Which events are wanted: a condition on ``event`` with its values, and SQL for each column where not all are.

    ``kind`` names the file that is kept of it, where a store keeps one; of each kind the latest is kept.
    """

    sql: str
    values: Mapping[str, object]
    columns: Mapping[str, str] | None = None
    kind: str = "part"


class EventTables(Protocol):
    """Makes temporary tables of events on a connection of this process; see :meth:`EventStore.event_tables`."""

    @property
    def provenance(self) -> Provenance | None:
        """What a run records of the engine that made them, once all are made; None where that was this process."""

    def make(self, table: str, select: str) -> None:
        """Make a table from a SELECT (DuckDB's SQL) over the views that were given and the tables made before."""


class EventStore(Protocol):
    """Answers every query over a case's events, and says what is known of them."""

    #: The engine's URL; empty where the case has its events itself.
    url: str
    #: The name by which messages speak of what answers.
    label: str
    #: What every run over this store records; None where each answer says it, or this process answered.
    provenance: Provenance | None
    #: How many rows one answer may have; None where rows are streamed however many there are.
    row_limit: int | None
    #: Whether events carry the line of a log that they were read from, in its order.
    has_lines: bool

    @property
    def derived(self) -> Derived:
        """The derived tables of the case."""

    def cursor(self, sql: str = "", watch: Watch | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection for one thread, with whatever derived table ``sql`` names ready.

        Call ``interrupt()`` on it from another thread to stop a query; ``watch`` is opened
        with the connection that makes a derived table first, for the same purpose.
        """

    def watched(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Lend a connection whose ``query_progress()`` tells per cent."""

    def interrupt(self, thread: int) -> None:
        """Stop what a thread asks of an engine beyond this process, and let it ask nothing more until ``resume``."""

    def resume(self, thread: int) -> None:
        """Let a thread ask again."""

    def query(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = True,
    ) -> Table:
        """Run a query. One that is not ``trusted`` may only be one reading statement, held to the time limit.

        Raises QueryError, QueryCancelled, EngineError.
        """

    def answer(
        self,
        sql: str,
        variables: Variables | None = None,
        parameters: Mapping[str, object] | None = None,
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> Answered:
        """Run a query that will be recorded as a run, and say what is recorded of it.

        ``variables`` are read by ``getvariable(…)``, ``parameters`` by ``$name``. Raises as ``query``, and
        PlaybookError for a value that does not fit its type.
        """

    def stream(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query in this process and return its columns and its rows as they come. Raises as ``query``."""

    def fetch(self, sql: str, folder: Path, parameters: Mapping[str, object] | None = None) -> Fetched:
        """Make the whole answer to a query readable here; ``folder`` is a new one in the case, for what that takes."""

    def cannot_answer(self, sql: str, variables: Variables) -> str | None:
        """Say why a query cannot be answered by this store, or nothing where it can; nothing runs."""

    def sources(self) -> list[Source]:
        """Return what is known of the logs that the events come from, in the order of loading."""

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last event (UTC, naive), or None where no event has a time."""

    def logged(self) -> dict[str, int]:
        """Return how many events have a value of the log's own in each column; runs no query."""

    def filled(self) -> dict[str, int]:
        """Return how many events have a value in each column, enrichments counted; absent means none."""

    def fields(self) -> set[str]:
        """Return the names of all columns with a value, and ``extra.KEY`` for each key beyond them."""

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many events have a value in each column, by log format; ``events`` among the counts."""

    def absent(self, kind: str, ids: Sequence[str]) -> list[str]:
        """Return those ids of a kind that do not occur."""

    def origin(self, source: int | None) -> Origin | None:
        """Return where the events of a source come from."""

    def no_line(self, event: str) -> str | None:
        """Say why an event has no line of a log to go back to, where it is one of a table that was never loaded."""

    def facts(self) -> dict[str, Any]:
        """Return what ``info`` says of the engine that has the events, in place of this case's own counts."""

    def described(self, *, disclosed: bool = False) -> list[tuple[str, str]]:
        """Return what a report says of the engine that has the events; ``disclosed`` leaves out what names a place."""

    def state(self) -> str:
        """Return a text that changes when the events do."""

    def event_tables(
        self, views: Mapping[str, str], cursor: duckdb.DuckDBPyConnection
    ) -> AbstractContextManager[EventTables]:
        """Let temporary tables of events be made on a connection; ``views`` are SELECTs they may be made from."""

    def derived_provenance(self) -> Provenance | None:
        """Return what a run over a derived table (accounts) records of where its events are."""

    def tagged_subset(
        self, selection: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
    ) -> AbstractContextManager[EventStore]:
        """Give a store of this process with the events that a selection touches, whole entities.

        ``selection`` has what the queries of an export take: ``everything``, or the ``tag`` (None for any) and the
        ``id`` of what carries it. ``cursor`` reads them too until then. Raises EngineError where they are too many.
        """

    def subset(
        self, wanted: Condition, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> AbstractContextManager[tuple[EventStore, bool]]:
        """Give a store of this process with at least the wanted events, and whether it has no others."""

    def subset_origin(self) -> dict[str, Any] | None:
        """Return what a bundle says of where a fetched subset comes from; None where the events are the case's own."""

    def segments_folder(self) -> Path | None:
        """Return the folder of the segments that the case's loads wrote for its engine, if they did.

        Raises EvidenceError where the case is attached to something else.
        """

    def check_loadable(self, *, into_segments: bool) -> None:
        """Raise CaseError where logs cannot be loaded into this store in this way."""

    def close(self) -> None:
        """Let go of connections."""


Opener = Callable[["Case"], EventStore]
_OPENERS: dict[str, Opener] = {}


def register(schemes: Iterable[str], opener: Opener) -> None:
    """Let cases whose engine's URL begins with one of these words be opened."""
    _OPENERS.update(dict.fromkeys(schemes, opener))


def opener_of(url: str) -> Opener:
    """Return what opens the store of a URL. Raises CaseError where nothing that is registered does."""
    found = re.match(r"[a-z][a-z0-9+.-]*", url)
    opener = _OPENERS.get(found[0]) if found else None
    if opener is None:
        known = ", ".join(sorted(_OPENERS)) or "none"
        raise CaseError(f"no store is registered for {url}; registered: {known}")
    return opener
