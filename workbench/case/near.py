"""Where the events of a selection are read: in the case itself, or brought here from the engine that has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case


@contextmanager
def near(case: Case, chosen: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None) -> Iterator[Case]:
    """Give a case of which events of a selection can be asked here, with SQL over all tables of a case.

    That is the case itself, or the part of another engine's table that the selection touches: its tags, runs and files
    are the case's. ``chosen`` has what the queries of an export take: ``everything``, or the ``tag`` (None for any)
    and the ``id`` of what carries it. ``cursor`` is a connection of the case that will be asked with. Raises
    EngineError.
    """
    if not case.remote:
        yield case
        return
    from workbench.engines.part import brought, things

    with brought(case, None if chosen.get("everything") else things(case, chosen), cursor) as part:
        yield part
