"""Derived tables: sessions and accounts, made from the segments once, kept as Parquet, remade when more was loaded."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.case import attribution, views
from workbench.case.engine import Engine, first_line
from workbench.case.enrichment import ADDRESSES, Enrichment, enrichments
from workbench.case.folder import Folder, publish, sha256_file
from workbench.case.who import tools
from workbench.errors import CaseError, QueryCancelled

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger
    from workbench.engines.reader import There

GAP_SETTING = "session_gap_minutes"
DEFAULT_GAP = 30


def keep(ledger: Ledger, made: Path, file: Path, table: str) -> None:
    """Move a finished derived table into the case and write down its hash and what it was made of."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    detail: dict[str, object] = {"table": table, "file": file.name, "sha256": sha256_file(made), "tools": tools()}
    with ledger.act("derive", detail) as db:
        detail["segments"] = db.execute("SELECT coalesce(max(segment), 0) FROM segment").fetchone()[0]
        publish(made, file)


class Derived:
    """The derived tables of a case; ``ensure`` makes a table and its view exist and be of the present segments."""

    def __init__(
        self, folder: Folder, ledger: Ledger, engine: Engine, there: Callable[[], There] | None = None
    ) -> None:
        """``there`` gives who makes a table where the events are in another engine."""
        self._folder, self._ledger, self._engine, self._there = folder, ledger, engine, there
        self._defined: dict[str, str] = {}
        self._lock = threading.Lock()

    def ensure(self, name: str, watch: Callable[[duckdb.DuckDBPyConnection], None] | None = None) -> None:
        """Make the table ``session`` or ``account`` current. Takes seconds on a large case, the first time only.

        ``watch`` gets the connection that makes it, so that another thread can interrupt that.
        """
        with self._lock:
            self._ensure(name, watch)

    def _ensure(self, name: str, watch: Callable[[duckdb.DuckDBPyConnection], None] | None) -> None:
        gap = int(self._ledger.setting(GAP_SETTING, str(DEFAULT_GAP)))
        select = views.sessions(gap) if name == "session" else views.ACCOUNTS
        file = self._folder.derived / f"{name}-{self._key(select)}.parquet"
        if self._defined.get(name) == file.name and file.exists():
            return
        if not file.exists():

            def write(cursor: duckdb.DuckDBPyConnection, made: Path) -> None:
                if self._there:
                    self._there().derive(name, select, cursor, made)
                    return
                to = views.literal(str(made.resolve()))
                cursor.execute(f"COPY ({select}) TO {to} (FORMAT parquet, COMPRESSION zstd)")

            self._make(name, file, write, watch)
        self._engine.define(name, str(file.resolve()))
        self._defined[name] = file.name

    def keep(self, name: str, what: str, make: Callable[[], str]) -> str:
        """Return a text derived from the present segments: kept as a file, made anew when they changed.

        ``what`` tells how it is made, and with which settings.
        """
        file = self._folder.derived / f"{name}-{self._key(what)}.json"
        with contextlib.suppress(OSError):
            return file.read_text(encoding="utf-8")
        text = make()
        with contextlib.suppress(OSError):
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with self._folder.workspace("derive") as work:
                made = work / file.name
                made.write_text(text, encoding="utf-8")
                publish(made, file)
            _remove_stale(name, file)
        return text

    def _key(self, select: str) -> str:
        """What the table is made of: the segments' hashes, or the state of another engine's table, and the query."""
        digest = hashlib.sha256(select.encode())
        if self._there:
            digest.update(self._there().state().encode())
        for row in self._ledger.rows("SELECT sha256 FROM segment WHERE kind = 'events' ORDER BY segment"):
            digest.update(row["sha256"].encode())
        for one in enrichments(self._ledger):
            digest.update(f"{one.name} {one.sha256}".encode())
        return digest.hexdigest()[:16]

    def attribute(self, watch: Callable[[duckdb.DuckDBPyConnection], None] | None = None) -> None:
        """Look up the addresses of the present segments in the case's databases, if it has any; the first time only."""
        databases = [one for one in enrichments(self._ledger) if one.kind == ADDRESSES]
        if not databases:
            self._engine.attribute(None)
            return
        with self._lock:
            file = self._folder.derived / f"{ADDRESSES}-{self._key(attribution.VERSION)}.parquet"
            if not file.exists() and not self._ledger.readonly:
                self._look_up(databases, file, watch)
            self._engine.attribute(str(file.resolve()) if file.exists() else None)

    def _look_up(
        self, databases: list[Enrichment], file: Path, watch: Callable[[duckdb.DuckDBPyConnection], None] | None
    ) -> None:
        segments = self._ledger.rows("SELECT file FROM segment WHERE kind = 'events' ORDER BY segment")
        events = views.event_view([self._engine.path(row["file"]) for row in segments])
        paths = [(one, self._engine.path(one.file)) for one in databases]

        def write(cursor: duckdb.DuckDBPyConnection, made: Path) -> None:
            attribution.make(cursor, events, paths, made)

        self._make(ADDRESSES, file, write, watch)

    def _make(
        self,
        name: str,
        file: Path,
        write: Callable[[duckdb.DuckDBPyConnection, Path], None],
        watch: Callable[[duckdb.DuckDBPyConnection], None] | None,
    ) -> None:
        """Let ``write`` make a table aside, then keep it as ``file`` in place of what was made of earlier segments."""
        with self._engine.watched() as cursor, self._folder.workspace("derive") as work:
            if watch:
                watch(cursor)
            made = work / file.name
            try:
                write(cursor, made)
            except duckdb.InterruptException as error:
                raise QueryCancelled("cancelled") from error
            except duckdb.Error as error:
                raise CaseError(f"the table {name} cannot be derived: {first_line(error)}") from error
            keep(self._ledger, made, file, name)
        _remove_stale(name, file)


def _remove_stale(name: str, current: Path) -> None:
    """Remove what was made of earlier segments."""
    for stale in current.parent.glob(f"{name}-*{current.suffix}"):
        if stale != current:
            with contextlib.suppress(OSError):
                stale.unlink()
