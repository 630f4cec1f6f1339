"""Tables that an engine makes of its events, transferred here as Parquet: triage's first level, derived tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case import views
from workbench.case.store import Provenance
from workbench.engines.attachment import Attachment, check_state, event_select, provenance, unchanged
from workbench.engines.connection import SharedConnection
from workbench.engines.remote import EngineError, Remote
from workbench.engines.translate import translate
from workbench.sqltext import parquet, target_literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: Of so many events, all sessions can be listed here.
SESSIONS = 200_000_000


class TransferredTables:
    """Makes tables in the engine and transfers them to a connection here (see ``store.EventTables``)."""

    def __init__(
        self,
        remote: Remote,
        attachment: Attachment,
        cursor: duckdb.DuckDBPyConnection,
        work: Path,
        known: Mapping[str, str],
    ) -> None:
        self._remote, self._found, self._cursor, self._work = remote, attachment, cursor, work
        self._known = dict(known)
        self._translated: dict[str, str] = {}
        self.provenance: Provenance | None = None

    def make(self, table: str, select: str) -> None:
        """Make a table there and transfer it."""
        event = event_select(self._found, self._remote)
        translated = self._translated[table] = translate(select, self._remote.dialect, event, self._known)
        self._remote.save(translated, self._work / table)
        _transfer(self._cursor, table, select, self._work / table)
        self._known[table] = select

    def finish(self) -> None:
        """Check that the table is still the attached one, and say what was run there. Raises EngineError."""
        unchanged(self._found, self._remote)
        self.provenance = provenance(self._found, self._remote, self._translated)


class EngineReader:
    """Reads the attached table of a case by its engine (see ``derived.EventReader``)."""

    def __init__(self, case: Case, connection: SharedConnection, attachment: Callable[[], Attachment]) -> None:
        self._case, self._connection, self._attachment = case, connection, attachment

    def state(self) -> str:
        """Return the state of the attached table. Raises EngineError where that is another by now."""
        return check_state(self._attachment(), self._connection)

    @contextmanager
    def tables(self, given: Mapping[str, str], cursor: duckdb.DuckDBPyConnection) -> Iterator[TransferredTables]:
        """Let tables be made there of events, sessions and the views that were given."""
        session = views.sessions(self._case.gap_minutes)
        known = {"session": session, **given}
        for name, select in {"event": views.event_view([]), **known}.items():
            cursor.execute(f"CREATE TEMP VIEW {name} AS {select}")
        with self._connection.held() as remote, self._case.folder.workspace("read") as work:
            tables = TransferredTables(remote, self._attachment(), cursor, work.resolve(), known)
            yield tables
            tables.finish()

    def derive(self, name: str, select: str, cursor: duckdb.DuckDBPyConnection, file: Path) -> None:
        """Write a table made of events there (accounts, sessions) to a file here. Raises EngineError."""
        attachment = self._attachment()
        if name == "session" and attachment.rows > SESSIONS:
            raise EngineError(
                f"of {attachment.rows:,} events there are too many sessions to list all here; those of a condition: "
                "workbench sessions CASE --where CONDITION"
            )
        folder = file.parent.resolve() / name
        with self._connection.held() as remote:
            remote.save(translate(select, remote.dialect, event_select(attachment, remote), {}), folder)
            unchanged(attachment, remote)
        try:
            cursor.execute(f"CREATE TEMP VIEW event AS {views.event_view([])}")
            _transfer(cursor, "transferred", select, folder)
            to = target_literal(file.resolve())
            cursor.execute(f"COPY transferred TO {to} (FORMAT parquet, COMPRESSION zstd)")
        finally:  # an event table without events is not to be left where others ask
            cursor.execute("DROP VIEW IF EXISTS temp.event")
            cursor.execute("DROP TABLE IF EXISTS temp.transferred")


def _transfer(cursor: duckdb.DuckDBPyConnection, table: str, select: str, folder: Path) -> None:
    """Make a temporary table of Parquet files, with the types that it has where our own engine makes it."""
    cursor.execute(f"CREATE TEMP TABLE {table} AS {select} WITH NO DATA")
    cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {parquet(folder, '*.parquet')}")
