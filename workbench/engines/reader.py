"""Triage over an engine: the few tables that are made of events are made there, and come here as Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.engines.attached import attached, check, event, told, unchanged
from workbench.engines.line import connected
from workbench.engines.remote import EngineError
from workbench.engines.translate import translate
from workbench.errors import UsageError
from workbench.sqltext import parquet, target_literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.detect.reader import Read
    from workbench.detect.subject import Subject

#: Of so many events, all sessions can be listed here.
SESSIONS = 200_000_000


class There:
    """The attached table, read by its engine (see ``workbench.detect.reader.Reader``)."""

    def __init__(self, case: Case) -> None:
        self._case, self._found = case, attached(case)
        self._told: dict[str, Any] | None = None

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return what was counted when the table was attached. Raises UsageError where that was not by format."""
        if self._found.rows and not self._found.formats:
            raise UsageError(
                f"{self._found.table} was attached by an earlier version, which did not count all that triage needs; "
                f"look at it anew: workbench attach CASE {self._found.table}"
            )
        return self._found.formats

    def state(self) -> str:
        """Return which table this is and its state. Raises EngineError where that is no longer the attached one's."""
        check(self._case, self._found)
        one = self._found
        return json.dumps([one.url, one.table, one.columns, one.snapshot, one.sha256, one.formats, one.first, one.last])

    @contextmanager
    def reading(self, judged: Subject, cursor: duckdb.DuckDBPyConnection) -> Iterator[Read]:
        """Make tables there, and bring them here."""
        session = views.sessions(self._case.gap_minutes)
        for name, select in (("event", views.event_view([])), ("session", session), ("act", judged.select)):
            cursor.execute(f"CREATE TEMP VIEW {name} AS {select}")
        derived = {"session": session, "act": judged.select}
        ran: dict[str, str] = {}
        with connected(self._case) as remote, self._case.folder.workspace("read") as work:

            def read(table: str, select: str) -> None:
                ran[table] = translate(select, remote.dialect, event(self._found, remote), derived)
                remote.save(ran[table], work.resolve() / table)
                _take(cursor, table, select, work.resolve() / table)
                derived[table] = select

            yield read
            unchanged(self._found, remote)
            self._told = told(self._found, remote, ran)

    def derive(self, name: str, select: str, cursor: duckdb.DuckDBPyConnection, made: Path) -> None:
        """Write a table made of events there (accounts, sessions) to a file here. Raises EngineError."""
        if name == "session" and self._found.rows > SESSIONS:
            raise EngineError(
                f"of {self._found.rows:,} events there are too many sessions to list all here; those of a condition: "
                "workbench sessions CASE --where CONDITION"
            )
        folder = made.parent.resolve() / name
        with connected(self._case) as remote:
            remote.save(translate(select, remote.dialect, event(self._found, remote), {}), folder)
            unchanged(self._found, remote)
        try:
            cursor.execute(f"CREATE TEMP VIEW event AS {views.event_view([])}")
            _take(cursor, "brought", select, folder)
            to = target_literal(made.resolve())
            cursor.execute(f"COPY brought TO {to} (FORMAT parquet, COMPRESSION zstd)")
        finally:  # an event table without events is not to be left where others ask
            cursor.execute("DROP VIEW IF EXISTS temp.event")
            cursor.execute("DROP TABLE IF EXISTS temp.brought")

    def told(self) -> dict[str, Any] | None:
        """Return the engine, its version, the table's state and the SQL that made each table there."""
        return self._told


def _take(cursor: duckdb.DuckDBPyConnection, table: str, select: str, folder: Path) -> None:
    """Make a temporary table of what was brought, with the types that it has where our own engine makes it."""
    cursor.execute(f"CREATE TEMP TABLE {table} AS {select} WITH NO DATA")
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {parquet(folder, '*.parquet')}")
