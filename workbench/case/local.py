"""The store in the case itself: Parquet segments, read by DuckDB in this process."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.enrichment import FILLABLE, enrichments
from workbench.case.fields import ENRICHED
from workbench.case.sources import Source, counts_by_format, read_sources
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
from workbench.case.tags import KINDS
from workbench.errors import CaseError, PlaybookError, UsageError

if TYPE_CHECKING:
    import duckdb

    from workbench.case.case import Case
    from workbench.case.derived import Derived, EventReader
    from workbench.case.execute import Table
    from workbench.case.sandbox import Sandbox


class LocalTables:
    """Makes temporary tables by the connection itself (see ``store.EventTables``)."""

    provenance: Provenance | None = None

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def make(self, table: str, select: str) -> None:
        """Make a table from a SELECT."""
        self._cursor.execute(f"CREATE TEMP TABLE {table} AS {select}")


class LocalStore:
    """The case's own segments (see :class:`workbench.case.store.EventStore`).

    ``reader`` makes derived tables where the events are beyond this process; the views here then refuse to be read.
    """

    url = ""
    label = "DuckDB"
    provenance: Provenance | None = None
    row_limit: int | None = None
    has_lines = True

    def __init__(self, case: Case, reader: EventReader | None = None) -> None:
        self._case, self._reader = case, reader
        self._sandbox: Sandbox | None = None
        self._starting = threading.Lock()

    @property
    def sandbox(self) -> Sandbox:
        """The engine of this process, started when first needed, by whichever thread needs it first."""
        from workbench.case.sandbox import Sandbox

        with self._starting:
            if self._sandbox is None:
                self._sandbox = Sandbox(self._case.folder, self._case.ledger)
            return self._sandbox

    @cached_property
    def derived(self) -> Derived:
        """The derived tables."""
        from workbench.case.derived import Derived

        return Derived(self._case.folder, self._case.ledger, self.sandbox, self._reader)

    def close(self) -> None:
        """Close the engine."""
        with self._starting:
            if self._sandbox is not None:
                self._sandbox.close()

    # --- running queries ----------------------------------------------------------------------------------------

    def cursor(self, sql: str = "", watch: Watch | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection with the case's views (see ``EventStore.cursor``)."""
        self.derived.attribute(watch)
        for name in sorted(views.DERIVED & tables_read(sql)):
            self.derived.ensure(name, watch)
        return self.sandbox.cursor()

    def watched(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Lend a connection that tells its progress."""
        return self.sandbox.watched()

    def interrupt(self, thread: int) -> None:
        """Do nothing: what runs in this process is interrupted by its connection."""

    def resume(self, thread: int) -> None:
        """Do nothing."""

    def query(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = True,
    ) -> Table:
        """Run a query (see ``EventStore.query``)."""
        from workbench.case.execute import check_statement, held, run, time_limit

        cursor = cursor or self.cursor(sql)
        if trusted:
            return run(cursor, sql, parameters, limit)
        check_statement(cursor, sql)
        with held(cursor, time_limit()):
            return run(cursor, sql, parameters, limit)

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
        """Run a query with variables set on the connection (see ``EventStore.answer``)."""
        import duckdb

        from workbench.case.digest import is_ordered

        cursor = cursor or self.cursor(sql)
        for name, (kind, value) in (variables or {}).items():
            try:
                cursor.execute(f"SET VARIABLE {name} = CAST(? AS {kind})", [value])
            except duckdb.Error as error:
                raise PlaybookError(f"parameter {name}: {str(error).splitlines()[0]}") from error
        ordered = is_ordered(cursor, sql)
        table = self.query(sql, parameters or (), limit=limit, cursor=cursor, trusted=trusted)
        return Answered(table, ordered, self.provenance)

    def stream(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query and return its rows as they come; one that is ``trusted`` may take as long as it takes."""
        from workbench.case.execute import UNLIMITED, check_statement, held, stream, time_limit

        cursor = cursor or self.cursor(sql)
        check_statement(cursor, sql)
        holding = contextlib.ExitStack()
        holding.enter_context(held(cursor, UNLIMITED if trusted else time_limit()))
        try:
            columns, rows = stream(cursor, sql, parameters)
        except BaseException:
            holding.__exit__(*sys.exc_info())
            raise

        def passing() -> Iterator[tuple[Any, ...]]:
            with holding:
                yield from rows

        return columns, passing()

    def fetch(self, sql: str, folder: Path, parameters: Mapping[str, object] | None = None) -> Fetched:
        """Return the query itself: its answer is made here."""
        from workbench.case.digest import is_ordered

        cursor = self.cursor(sql)
        return Fetched(cursor, sql, is_ordered(cursor, sql))

    def cannot_answer(self, sql: str, variables: Variables) -> str | None:
        """Return nothing: every playbook is written for this engine."""
        return None

    # --- what is known of the events ----------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """Return the loaded logs."""
        return read_sources(self._case.ledger)

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last event, as loading wrote them down."""
        row = self._case.ledger.rows("SELECT min(first) AS first, max(last) AS last FROM source")[0]
        if row["first"] is None:
            return None
        first, last = (datetime.fromisoformat(row[name]).replace(tzinfo=None) for name in ("first", "last"))
        return first, last

    def logged(self) -> dict[str, int]:
        """Return the counts that loading wrote down, over all sources."""
        filled: dict[str, int] = {}
        for source in self.sources():
            for name, count in source.columns.items():
                if count:
                    filled[name] = filled.get(name, 0) + count
        return filled

    def filled(self) -> dict[str, int]:
        """Return the counts of loading; those of an enriched case take a query, once for the present segments."""
        filled = self.logged()
        if enrichments(self._case.ledger):
            filled |= self._enriched()
        return filled

    def _enriched(self) -> dict[str, int]:
        names = [*FILLABLE, *(field.name for field in ENRICHED)]
        sql = f"SELECT {', '.join(f'count({name})' for name in names)} FROM event"
        row = json.loads(self.derived.keep("filled", sql, lambda: json.dumps(self.query(sql).rows[0])))
        return {name: count for name, count in zip(names, row, strict=True) if count}

    def fields(self) -> set[str]:
        """Return the filled columns, and each key beyond them."""
        keys = {f"extra.{key}" for source in self.sources() if source.events for key in source.extra_keys}
        return {name for name, count in self.filled().items() if count} | keys

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        """Return the counts that loading wrote down, by format."""
        return counts_by_format(self.sources())

    def absent(self, kind: str, ids: Sequence[str]) -> list[str]:
        """Return those ids of a kind that do not occur. Raises UsageError for an unknown kind."""
        column = column_of(kind)
        table = "session" if kind == "session" else "event"
        sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IN (SELECT unnest($ids::VARCHAR[]))"
        if kind == "event":
            numbers = {name.split(":")[0] for name in ids}
            sql += f" AND source IN ({', '.join(sorted(n for n in numbers if n.isdecimal())) or 'NULL'})"
        present = {row[0] for row in self.query(sql, {"ids": list(ids)}).rows}
        return [name for name in ids if name not in present]

    def origin(self, source: int | None) -> Origin | None:
        """Return the log of a source."""
        rows = self._case.ledger.rows("SELECT path, sha256 FROM source WHERE source = ?", source)
        return Origin(rows[0]["path"], rows[0]["sha256"]) if rows else None

    def no_line(self, event: str) -> str | None:
        """Return nothing: every event here was read from a line."""
        return None

    def facts(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def described(self, *, disclosed: bool = False) -> list[tuple[str, str]]:
        """Return nothing."""
        return []

    def state(self) -> str:
        """Return the hashes of segments and enrichments."""
        rows = self._case.ledger.rows("SELECT sha256 FROM segment WHERE kind = 'events' ORDER BY segment")
        hashes = [row["sha256"] for row in rows]
        return "".join([*hashes, *(f"{item.name} {item.sha256}" for item in enrichments(self._case.ledger))])

    # --- tables and subsets -------------------------------------------------------------------------------------

    @contextmanager
    def event_tables(self, views: Mapping[str, str], cursor: duckdb.DuckDBPyConnection) -> Iterator[LocalTables]:
        """Make tables by the connection itself, which must be one that ``cursor`` gave for these views."""
        for name, select in views.items():
            cursor.execute(f"CREATE TEMP VIEW {name} AS {select}")
        yield LocalTables(cursor)

    def derived_provenance(self) -> None:
        """Return nothing: this process derives its tables."""

    @contextmanager
    def tagged_subset(
        self, selection: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[EventStore]:
        """Give this store: a query over all of it is as quick."""
        yield self

    @contextmanager
    def subset(
        self, wanted: Condition, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[tuple[EventStore, bool]]:
        """Give this store, which has other events too."""
        yield self, False

    def subset_origin(self) -> dict[str, Any] | None:
        """Return nothing: the events are the case's own."""
        return None

    def segments_folder(self) -> Path | None:
        """Return nothing."""
        return None

    def check_loadable(self, *, into_segments: bool) -> None:
        """Accept every load."""


def column_of(kind: str) -> str:
    """Return the column that names a kind of thing. Raises UsageError for an unknown kind."""
    if kind not in KINDS:
        raise UsageError(f"unknown kind {kind!r}; one of: {', '.join(KINDS)}")
    return KINDS[kind]


def require_local(case: Case) -> None:
    """Raise CaseError where the events are in another engine: nothing found here would look like innocence."""
    if case.store.url:
        raise CaseError(views.elsewhere(case.name, case.store.url))
