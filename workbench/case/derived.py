"""Derived tables: sessions and accounts, made from the segments once, kept as Parquet, remade when more was loaded."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from workbench.case import attribution, views
from workbench.case.acts.contents import TableDerived
from workbench.case.enrichment import ADDRESSES, Enrichment, enrichments
from workbench.case.execute import first_line
from workbench.case.folder import Folder, publish, sha256_file
from workbench.case.identity import versions
from workbench.case.sandbox import Sandbox
from workbench.case.settings import DEFAULT_GAP, GAP_SETTING
from workbench.errors import CaseError, QueryCancelled
from workbench.sqltext import target_literal

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger
    from workbench.case.store import Watch


def keep_derived(ledger: Ledger, unpublished: Path, file: Path, table: str) -> None:
    """Move a finished derived table into the case and write down its hash and what it was made of."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with ledger.act(TableDerived(table, file.name, sha256_file(unpublished), versions())) as entry:
        segments = entry.db.execute("SELECT coalesce(max(segment), 0) FROM segment").fetchone()[0]
        entry.act = replace(entry.act, segments=segments)
        publish(unpublished, file)


class EventReader(Protocol):
    """Makes derived tables where the events are beyond this process."""

    def state(self) -> str:
        """Return a text that changes when the events do."""

    def derive(self, name: str, select: str, cursor: duckdb.DuckDBPyConnection, file: Path) -> None:
        """Write the table ``name`` to a Parquet file, with a connection of this process to help."""


class Derived:
    """The derived tables of a case; ``ensure`` makes a table and its view exist and be of the present segments."""

    def __init__(self, folder: Folder, ledger: Ledger, sandbox: Sandbox, reader: EventReader | None = None) -> None:
        """``reader`` makes the tables where the events are beyond this process."""
        self._folder, self._ledger, self._sandbox, self._reader = folder, ledger, sandbox, reader
        self._defined: dict[str, str] = {}
        self._lock = threading.Lock()

    def ensure(self, name: str, watch: Watch | None = None) -> None:
        """Make the table ``session`` or ``account`` current. Takes seconds on a large case, the first time only.

        ``watch`` is opened with the connection that makes it, so that another thread can interrupt that.
        """
        with self._lock:
            self._ensure(name, watch)

    def _ensure(self, name: str, watch: Watch | None) -> None:
        gap = int(self._ledger.setting(GAP_SETTING, str(DEFAULT_GAP)))
        select = views.sessions_select(gap) if name == "session" else views.ACCOUNTS
        file = self._folder.derived / f"{name}-{self._key(select)}.parquet"
        if self._defined.get(name) == file.name and file.exists():
            return
        if not file.exists():

            def write(cursor: duckdb.DuckDBPyConnection, unpublished: Path) -> None:
                if self._reader:
                    self._reader.derive(name, select, cursor, unpublished)
                    return
                to = target_literal(unpublished.resolve())
                cursor.execute(f"COPY ({select}) TO {to} (FORMAT parquet, COMPRESSION zstd)")

            self._make(name, file, write, watch)
        self._sandbox.define(name, str(file.resolve()))
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
                unpublished = work / file.name
                unpublished.write_text(text, encoding="utf-8")
                publish(unpublished, file)
            _remove_stale(name, file)
        return text

    def _key(self, select: str) -> str:
        """What the table is made of: the segments' hashes, or the state of another engine's table, and the query."""
        digest = hashlib.sha256(select.encode())
        if self._reader:
            digest.update(self._reader.state().encode())
        for row in self._ledger.rows("SELECT sha256 FROM segment WHERE kind = 'events' ORDER BY segment"):
            digest.update(row["sha256"].encode())
        for one in enrichments(self._ledger):
            digest.update(f"{one.name} {one.sha256}".encode())
        return digest.hexdigest()[:16]

    def attribute(self, watch: Watch | None = None) -> None:
        """Look up the addresses of the present segments in the case's databases, if it has any; the first time only."""
        databases = [one for one in enrichments(self._ledger) if one.kind == ADDRESSES]
        if not databases:
            self._sandbox.attribute(None)
            return
        with self._lock:
            file = self._folder.derived / f"{ADDRESSES}-{self._key(attribution.VERSION)}.parquet"
            if not file.exists() and not self._ledger.readonly:
                self._look_up(databases, file, watch)
            self._sandbox.attribute(str(file.resolve()) if file.exists() else None)

    def _look_up(self, databases: list[Enrichment], file: Path, watch: Watch | None) -> None:
        segments = self._ledger.rows("SELECT file FROM segment WHERE kind = 'events' ORDER BY segment")
        events = views.event_view([self._sandbox.path(row["file"]) for row in segments])
        paths = [(one, self._sandbox.path(one.file)) for one in databases]

        def write(cursor: duckdb.DuckDBPyConnection, unpublished: Path) -> None:
            attribution.make(cursor, events, paths, unpublished)

        self._make(ADDRESSES, file, write, watch)

    def _make(
        self,
        name: str,
        file: Path,
        write: Callable[[duckdb.DuckDBPyConnection, Path], None],
        watch: Watch | None,
    ) -> None:
        """Let ``write`` make a table aside, then keep it as ``file`` in place of what was made of earlier segments."""
        watched = watch or contextlib.nullcontext
        with self._sandbox.watched() as cursor, watched(cursor), self._folder.workspace("derive") as work:
            unpublished = work / file.name
            try:
                write(cursor, unpublished)
            except duckdb.InterruptException as error:
                raise QueryCancelled("cancelled") from error
            except duckdb.Error as error:
                raise CaseError(f"the table {name} cannot be derived: {first_line(error)}") from error
            keep_derived(self._ledger, unpublished, file, name)
        _remove_stale(name, file)


def _remove_stale(name: str, current: Path) -> None:
    """Remove what was made of earlier segments."""
    for stale in current.parent.glob(f"{name}-*{current.suffix}"):
        if stale != current:
            with contextlib.suppress(OSError):
                stale.unlink()
