"""The engine: DuckDB in memory, given the case folder and nothing else.

Every process opens its own. The sandbox is the engine's: external access off, the folders of evidence allowed and
nothing else of the case (not its ledger, not its keys), configuration locked, room for spilling limited. What people
and playbooks ask runs in a read-only transaction and for a limited time; it is limited by the statement's type besides,
because the engine still lets a COPY write into an allowed folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench import addresses
from workbench.case import macros, views
from workbench.case.enrichment import Enrichment, accounts, enrichments, lookups
from workbench.case.execute import first_line
from workbench.case.fields import EXTRA, NORMALISED_NAMES, PLACE
from workbench.case.folder import Folder
from workbench.case.ledger_tables import LedgerTables
from workbench.errors import CaseError
from workbench.sqltext import identifier, literal, scan, unglobbed

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

#: How many connections tell their progress; a screen seldom has more jobs that take long.
_WATCHED = 4


def memory_limit() -> str:
    """Return the engine's memory limit: half of the machine's, at most 6 GiB (``WORKBENCH_MEMORY`` overrides)."""
    chosen = os.environ.get("WORKBENCH_MEMORY")
    if chosen:
        return chosen
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        total = 4 << 30
    return f"{min(total // 2, 6 << 30) // (1 << 20)}MiB"


def spill_limit(folder: str) -> str:
    """Return how much the engine may write to the disk where memory does not do: half of what is free."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        free = 2 << 30
    return f"{max(free // 2, 64 << 20) >> 20}MiB"


def bare_engine(temp_directory: str) -> duckdb.DuckDBPyConnection:
    """Open a bare engine with our limits; times without a zone are UTC."""
    try:
        connection = duckdb.connect(
            config={
                "memory_limit": memory_limit(),
                "temp_directory": temp_directory,
                "max_temp_directory_size": spill_limit(temp_directory),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        connection.execute("SET TimeZone = 'UTC'")
        return connection
    except duckdb.Error as error:
        raise CaseError(
            f"the engine does not start: {first_line(error)} (is WORKBENCH_MEMORY a size such as 4GB?)"
        ) from error


def _spellings(folder: Path) -> set[str]:
    """Return a folder's name, and the one by which a path below it is read (see ``sqltext.unglobbed``)."""
    return {str(folder), unglobbed(folder)}


def _telling_progress(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Let a connection tell its progress, without printing it."""
    for step in ("enable_progress_bar = true", "enable_progress_bar_print = false"):
        connection.execute(f"SET {step}")
    return connection


def _empty(connection: duckdb.DuckDBPyConnection) -> None:
    """Take away what a connection was left with: its temporary tables."""
    with contextlib.suppress(duckdb.Error):
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall():
            connection.execute(f"DROP TABLE IF EXISTS temp.{identifier(name)}")


class Sandbox:
    """A sandboxed engine over one case. ``cursor()`` gives each thread its own connection to it."""

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self._folder = folder
        self._ledger = ledger
        self._lock = threading.RLock()
        self._closed = False
        self._seen: tuple[int, int] | None = None
        self._segments: tuple[str, ...] | None = None
        self._tables = LedgerTables(ledger)
        self._addresses: str | None = None
        self._root = bare_engine(str(folder.tmp))
        self._root.execute(addresses.MACROS)
        inner = (folder.events, folder.rejects, folder.derived, folder.enrich, folder.tmp)
        allowed = ", ".join(literal(name) for one in inner for name in _spellings(one.resolve()))
        self._root.execute(f"SET allowed_directories = [{allowed}]")
        self._watched = [_telling_progress(self._root.cursor()) for _ in range(_WATCHED)]
        for step in ("enable_external_access = false", "lock_configuration = true"):
            self._root.execute(f"SET {step}")

    def close(self) -> None:
        """Close the engine."""
        with self._lock:
            for one in self._watched:
                one.close()
            self._watched, self._closed = [], True
            self._root.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own for one thread or one query, with the views as the ledger has them now."""
        with self._lock:
            self.refresh()
            return self._root.cursor()

    @contextlib.contextmanager
    def watched(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection whose ``query_progress()`` tells per cent; one without, where all of those are lent.

        Progress is a setting of each connection, and the configuration is locked, so these are made beforehand.
        """
        with self._lock:
            self.refresh()
            lent = self._watched.pop() if self._watched else None
            cursor = lent or self._root.cursor()
        try:
            yield cursor
        finally:
            if lent is not None:
                _empty(lent)
                with self._lock:
                    if self._closed:
                        lent.close()
                    else:
                        self._watched.append(lent)

    def refresh(self) -> None:
        """Bring views and ledger tables up to date if this or another process changed the ledger."""
        with self._lock:
            version = self._ledger.version()
            if version == self._seen:
                return
            segments = self._ledger.rows("SELECT kind, file FROM segment ORDER BY segment")
            files = {
                kind: [self.path(row["file"]) for row in segments if row["kind"] == kind]
                for kind in ("events", "rejects")
            }
            lookups = self.lookups()
            listed = (*(row["file"] for row in segments), *(path for _, path in lookups), self._addresses or "")
            if listed != self._segments:
                self._view("event", self._events(files["events"], lookups))
                for one, path in lookups:
                    self._view(one.name, f"SELECT * FROM {scan([path])}")
                self._view("reject", self._rejects(files["rejects"]))
                self._format_views()
                if self._segments is None:
                    self._root.execute(macros.script())
                self._segments = listed
            self._tables.refresh(self._root)
            self._seen = version

    def _events(self, files: list[str], found: list[tuple[Enrichment, str]]) -> str:
        return self._elsewhere(views.EVENT_TYPES) or views.event_view(files, self._addresses, found)

    def _rejects(self, files: list[str]) -> str:
        loaded = self._ledger.rows("SELECT 1 FROM source LIMIT 1")  # straight into segments: what was rejected is here
        return ("" if loaded else self._elsewhere(views.REJECT_TYPES)) or views.reject_view(files)

    def _elsewhere(self, types: Mapping[str, str]) -> str:
        """Return a view that says that the events are in another engine, or nothing where they are here."""
        url = self._ledger.setting("engine", "")
        return views.refusing(types, views.elsewhere(self._folder.name, url)) if url else ""

    def lookups(self) -> list[tuple[Enrichment, str]]:
        """Return the investigator's own look-ups, with the path of each."""
        return [(one, self.path(one.file)) for one in lookups(enrichments(self._ledger))]

    def attribute(self, addresses: str | None) -> None:
        """Let the ``event`` view say who owns an address, from this file (None for no longer)."""
        with self._lock:
            if addresses != self._addresses:
                self._addresses, self._seen = addresses, None

    def path(self, file: str) -> str:
        """Return the full path of a file of the case."""
        return str(self._folder.path.resolve() / file)

    def define(self, name: str, file: str) -> None:
        """Make a view over a derived Parquet file."""
        with self._lock:
            found = self.lookups() if name == "account" else []
            self._view(name, accounts(file, found) if found else f"SELECT * FROM {scan([file])}")

    def _view(self, name: str, select: str) -> None:
        try:
            self._root.execute(f"CREATE OR REPLACE VIEW {identifier(name)} AS {select}")
        except duckdb.Error as error:
            raise CaseError(
                f"the case's {name} cannot be read ({first_line(error)}); restore it from a copy"
            ) from error

    def _format_views(self) -> None:
        per_format: dict[str, tuple[set[str], dict[str, None]]] = {}
        for row in self._ledger.rows("SELECT format, columns, extra_keys FROM source WHERE events > 0 ORDER BY source"):
            filled, keys = per_format.setdefault(row["format"], (set(), {}))
            filled.update(name for name, count in json.loads(row["columns"]).items() if count)
            keys.update(dict.fromkeys(json.loads(row["extra_keys"])))
        taken = {"event", "reject", "session", "account", *views.LEDGER_TABLES}
        for name, (filled, keys) in per_format.items():
            columns = ["event_id", *(field.name for field in PLACE)]
            columns += [column for column in NORMALISED_NAMES if column in filled]
            if name not in taken:
                self._view(name, views.format_view(name, [*columns, EXTRA.name], list(keys)))
