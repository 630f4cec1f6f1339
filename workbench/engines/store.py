"""The store of a case whose events stay in another engine: queries are translated, run there, and only rows come here.

What is about tags, runs or the case's own loads is answered by this process. Triage reads the few tables that are made
of events, which the engine makes; what is handed over is read from a subset that is fetched (``engines.subset``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.local import LocalStore, column_of
from workbench.case.settings import TABLE_SETTING
from workbench.case.statements import tables_read
from workbench.case.store import (
    Answered,
    Condition,
    EventStore,
    Fetched,
    Origin,
    Parameters,
    Provenance,
    Variables,
    Watch,
)
from workbench.engines import folder
from workbench.engines.attachment import Attachment, attachment, check_state, event_select, provenance, unchanged
from workbench.engines.connection import SharedConnection
from workbench.engines.logs import format_tables, source_table
from workbench.engines.reader import EngineReader, TransferredTables
from workbench.engines.registry import engine_of
from workbench.engines.remote import Remote
from workbench.engines.translate import LOCAL, Untranslatable, Value, parse_sql, translate, typed
from workbench.errors import CaseError, EvidenceError, UsageError
from workbench.sqltext import literal, parquet

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.derived import Derived
    from workbench.case.execute import QueryResult
    from workbench.case.sources import Source


class EngineStore:
    """The attached table of an engine (see :class:`workbench.case.store.EventStore`)."""

    provenance: Provenance | None = None
    row_limit: int | None = 100_000
    has_lines = False

    def __init__(self, case: Case, url: str) -> None:
        self.url, self.label = url, engine_of(url).title
        self._case = case
        self.connection = SharedConnection(url)
        self.local = LocalStore(case, EngineReader(case, self.connection, lambda: self.attachment))

    @property
    def attachment(self) -> Attachment:
        """What the case is attached to. Raises UsageError where that is nothing yet."""
        return attachment(self._case.ledger, self._case.name)

    @property
    def derived(self) -> Derived:
        """The derived tables, made of what the engine answers."""
        return self.local.derived

    def close(self) -> None:
        """Let go of both connections."""
        self.local.close()
        self.connection.close()

    # --- running queries ----------------------------------------------------------------------------------------

    def cursor(self, sql: str = "", watch: Watch | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection of this process; what reads events on it fails and says where they are."""
        return self.local.cursor(sql, watch)

    def watched(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Lend a connection of this process."""
        return self.local.watched()

    def interrupt(self, thread: int) -> None:
        """Stop what a thread asks or waits to ask."""
        self.connection.stop(thread)

    def resume(self, thread: int) -> None:
        """Let a thread ask again: it does something else now."""
        self.connection.over(thread)

    def query(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = True,
    ) -> QueryResult:
        """Run a query where its tables are (see ``EventStore.query``)."""
        if self._reads_events(sql) and (isinstance(parameters, Mapping) or not parameters):
            values = parameters if isinstance(parameters, Mapping) else {}
            return self._answer(sql, {name: typed(value) for name, value in values.items()}, limit).table
        return self.local.query(sql, parameters, limit=limit, cursor=cursor, trusted=trusted)

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
        """Run a query with its variables written out (see ``EventStore.answer``)."""
        if self.answers_here(sql) or (trusted and not self._reads_events(sql)):
            return self.local.answer(sql, variables, parameters, limit=limit, cursor=cursor, trusted=trusted)
        values = {name: typed(value) for name, value in (parameters or {}).items()}
        return self._answer(sql, {**(variables or {}), **values}, limit)

    def _answer(self, sql: str, values: Mapping[str, Value], limit: int | None) -> Answered:
        attachment = self.attachment
        with self.connected() as remote:
            unchanged(attachment, remote)
            translated = self._translate(attachment, remote, sql, values)
            table = remote.ask(translated, limit)
            return Answered(table, ordered(sql), provenance(attachment, remote, translated))

    def stream(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query in this process: over tags and runs, or what was fetched."""
        return self.local.stream(sql, parameters, cursor=cursor, trusted=trusted)

    def fetch(self, sql: str, folder: Path, parameters: Mapping[str, object] | None = None) -> Fetched:
        """Let the engine write the whole answer as Parquet to a new folder in the case, unless it is made here."""
        from workbench.case.execute import retyped

        if self.answers_here(sql):
            return self.local.fetch(sql, folder, parameters)
        attachment = self.attachment
        with self.connected() as remote:
            unchanged(attachment, remote)
            values = {name: typed(value) for name, value in (parameters or {}).items()}
            translated = self._translate(attachment, remote, sql, values)
            remote.save(translated, folder)
            source = provenance(attachment, remote, translated)
        cursor = self.cursor()
        files = f"SELECT * FROM {parquet(folder, '*.parquet')}"
        select = retyped(cursor, files, {"TIMESTAMP WITH TIME ZONE": "TIMESTAMP"})
        return Fetched(cursor, select, ordered(sql), source)

    def cannot_answer(self, sql: str, variables: Variables) -> str | None:
        """Return what of a query has no counterpart in the engine's SQL."""
        from sqlglot import exp

        if self.answers_here(sql):
            return None
        try:
            translate(sql, self.dialect, exp.select("*").from_("event"), self.tables_beside(sql), variables)
        except Untranslatable as error:
            return str(error)
        return None

    @property
    def dialect(self) -> str:
        """The engine's SQL dialect, by the name that sqlglot has for it."""
        return engine_of(self.url).dialect

    def answers_here(self, sql: str) -> bool:
        """Say whether this process answers: the query is of tags and runs, or of how the case's own loads went."""
        named = tables_read(sql)
        if not named or not named.issubset(LOCAL):
            return False
        return named.isdisjoint(("source", "reject")) or bool(self._case.ledger.rows("SELECT 1 FROM source LIMIT 1"))

    def _reads_events(self, sql: str) -> bool:
        """Say whether a query of ours reads events or a log format; what does not parse is left to this process."""
        attached = self._case.ledger.setting(TABLE_SETTING, "")
        formats = self.attachment.formats if attached else ()
        return not ({"event", *(name.lower() for name in formats)} - {""}).isdisjoint(tables_read(sql))

    @contextmanager
    def connected(self) -> Iterator[Remote]:
        """Give the connection to the engine, to one thread at a time. Raises EngineError."""
        with self.connection.held() as remote:
            yield remote

    def _translate(self, found: Attachment, remote: Remote, sql: str, values: Mapping[str, Value]) -> str:
        return translate(sql, remote.dialect, event_select(found, remote), self.tables_beside(sql), values)

    def tables_beside(self, sql: str) -> dict[str, str]:
        """Return the SELECTs of what a query can name beside ``event``, in DuckDB's SQL."""
        tables = {"session": views.sessions_select(self._case.gap_minutes), "account": views.ACCOUNTS}
        tables |= format_tables(self.sources, self.attachment.formats, sql)
        if (known := source_table(self.sources, sql)) is not None:
            tables["source"] = known
        return tables

    # --- what is known of the events ----------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """Return the logs that were loaded into this case, else those that the segments' manifest lists.

        Raises EngineError where that manifest is another by now.
        """
        loaded = self.local.sources()
        if loaded or not self._case.ledger.setting(TABLE_SETTING, ""):
            return loaded
        found = self.attachment
        if found.manifest and found.manifest_sha256:
            return folder.manifest_sources(Path(found.manifest), found.manifest_sha256)
        return []

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last event, as attaching found them."""
        found = self.attachment
        if not (found.first and found.last):
            return None
        return datetime.fromisoformat(found.first), datetime.fromisoformat(found.last)

    def logged(self) -> dict[str, int]:
        """Return the counts of attaching."""
        return dict(self.attachment.filled)

    def filled(self) -> dict[str, int]:
        """Return the counts of attaching: a case over an engine is not enriched."""
        return self.logged()

    def fields(self) -> set[str]:
        """Return the columns that the table fills."""
        return set(self.attachment.filled)

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return the counts of attaching, by format; ``""`` for a table that was never loaded.

        Raises UsageError where an earlier version attached it, which did not count by format.
        """
        attachment = self.attachment
        if attachment.rows and not attachment.formats:
            raise UsageError(
                f"{attachment.table} was attached by an earlier version, which did not count all that triage needs; "
                f"look at it anew: workbench attach CASE {attachment.table}"
            )
        return attachment.formats

    def absent(self, kind: str, ids: Sequence[str]) -> list[str]:
        """Return those ids of a kind that do not occur in the attached table."""
        column = column_of(kind)
        table = "session" if kind == "session" else "event"
        listed = ", ".join(map(literal, ids)) or "NULL"
        sql = f"SELECT DISTINCT {column} AS id FROM {table} WHERE {column} IN ({listed})"
        present = {row[0] for row in self._answer(sql, {}, None).table.rows}
        return [name for name in ids if name not in present]

    def origin(self, source: int | None) -> Origin:
        """Return the log of a source, the table where the log is not known."""
        for log in self.sources():
            if log.source == source:
                return Origin(log.path, log.sha256 or "")
        found = self.attachment
        return Origin(found.table, found.sha256 or found.snapshot)

    def no_line(self, event: str) -> str | None:
        """Say of a row of the table where to look for it."""
        sql = "SELECT request_id, ts FROM event WHERE event_id = $e"
        rows = self.query(sql, {"e": event}, limit=1).rows
        if not rows:
            return None
        request, at = rows[0]
        return (
            f"event {event} is a row of {self.attachment.table}, which was never loaded from a log: there is no line "
            f"to show; its request id {request or '(none)'} and its time {at or '(none)'} find it there"
        )

    def facts(self) -> dict[str, Any]:
        """Return the engine, the table, and what it holds."""
        attached = self._case.ledger.setting(TABLE_SETTING, "")
        known = self.attachment if attached else None
        logs = self.sources()
        return {
            "engine": self.url,
            "table": known.table if known else None,
            "events": known.rows if known else 0,
            **{
                name: sum(getattr(log, name) for log in logs) for name in ("lines", "event_lines", "rejects", "skipped")
            },
            "sources": len(logs),
            "formats": sorted({log.format for log in logs if log.format}),
            "first": known.first if known else None,
            "last": known.last if known else None,
        }

    def described(self, *, disclosed: bool = False) -> list[tuple[str, str]]:
        """Return the engine's version, the table and its state."""
        attachment = self.attachment
        if disclosed:
            return [("events are in", attachment.version)]
        state = (
            f"SHA-256 of its files' hashes {attachment.sha256}" if attachment.sha256 else f"state {attachment.snapshot}"
        )
        return [("events are in", f"{attachment.version}, {attachment.table}, {state}")]

    def state(self) -> str:
        """Return which table this is and its state. Raises EngineError where that is no longer the attached one's."""
        return check_state(self.attachment, self.connection)

    # --- tables and subsets -------------------------------------------------------------------------------------

    @contextmanager
    def event_tables(self, views: Mapping[str, str], cursor: duckdb.DuckDBPyConnection) -> Iterator[TransferredTables]:
        """Let the engine make the tables, and transfer them to a connection of this process."""
        reader = EngineReader(self._case, self.connection, lambda: self.attachment)
        with reader.tables(views, cursor) as tables:
            yield tables

    def derived_provenance(self) -> Provenance:
        """Return the engine and the attached table's state."""
        return provenance(self.attachment)

    @contextmanager
    def tagged_subset(
        self, selection: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[EventStore]:
        """Fetch the events of all entities that a selection touches."""
        from workbench.engines.subset import selected

        wanted = Condition("true", {}) if selection.get("everything") else selected(self._case, self, selection)
        with self.subset(wanted, cursor) as (store, _):
            yield store

    @contextmanager
    def subset(
        self, wanted: Condition, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[tuple[EventStore, bool]]:
        """Fetch the wanted events. Raises EngineError where they are too many, or the table is another by now."""
        from workbench.engines.subset import fetched

        with fetched(self._case, self, wanted, cursor) as store:
            yield store, True

    def subset_origin(self) -> dict[str, Any] | None:
        """Return nothing: only a fetched subset has one."""
        return None

    def segments_folder(self) -> Path | None:
        """Return the folder of the segments that the case's loads wrote, where they did."""
        if not self._case.ledger.rows("SELECT 1 FROM segment WHERE kind = 'segments' LIMIT 1"):
            return None
        table = self.attachment.table
        if not folder.is_here(table):
            raise EvidenceError(
                f"the case's loads wrote segments, and it is attached to {table}: attach it to their folder"
            )
        return Path(table)

    def check_loadable(self, *, into_segments: bool) -> None:
        """Raise CaseError unless events go into segments: here, nobody would look for them."""
        if not into_segments:
            raise CaseError(
                f"the events of {self._case.name} are in another engine ({self.url}); load into segments for it: "
                f"workbench load {self._case.name}.case FILE… --segments FOLDER"
            )


def ordered(sql: str) -> bool:
    """Say whether a query (DuckDB's SQL) fixes the order of its rows."""
    return bool(parse_sql(sql).args.get("order"))
