"""The case: the only door to its data."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.acts.contents import Created
from workbench.case.enrichment import enrichments, lookups
from workbench.case.folder import Folder
from workbench.case.ledger import Ledger
from workbench.case.ledger_files import LedgerFiles
from workbench.case.loads import note_killed_loads
from workbench.case.local import LocalStore
from workbench.case.runs import Runs
from workbench.case.settings import DEFAULT_GAP, ENGINE_SETTING, GAP_SETTING
from workbench.case.store import EventStore, Parameters, Watch, opener_of
from workbench.case.tags import Tags
from workbench.errors import CaseError, UsageError

if TYPE_CHECKING:
    import duckdb

    from workbench.case.execute import Table
    from workbench.case.sources import Source


class Case:
    """An open case. Create with ``Case.create``, open with ``Case.open``, use as a context manager.

    ``store`` answers queries over events, ``tags`` and ``runs`` are what the ledger keeps. A case that is made with a
    ``store`` reads events there, such as a subset; its folder, tags and runs are the same.
    """

    def __init__(self, folder: Folder, ledger: Ledger, store: EventStore | None = None) -> None:
        self.folder = folder
        self.ledger = ledger
        self.tags = Tags(ledger)
        self.runs = Runs(ledger, store.provenance if store else None)
        self._store = store
        self._opening = threading.Lock()

    @classmethod
    def create(cls, path: str | Path, *, gap_minutes: int | None = None) -> Case:
        """Make a new case folder and open it. Raises CaseError if something is there already."""
        folder = Folder(Path(path))
        folder.create()
        ledger = Ledger(folder.ledger, create=True)
        ledger.record(Created(folder.name))
        case = cls(folder, ledger)
        if gap_minutes is not None:
            case.set_gap(gap_minutes)
        LedgerFiles(folder, ledger).follow()
        return case

    @classmethod
    def open(cls, path: str | Path) -> Case:
        """Open a case. Raises CaseError if there is none."""
        path = Path(path)
        folder = Folder(path)
        if not folder.exists():
            if not path.exists():
                raise CaseError(f"there is no case at {path}; make one: workbench new {path}")
            raise CaseError(
                f"{path} is not a case (it has no ledger); load logs into one: workbench load NAME.case {path}"
            )
        ledger = Ledger(folder.ledger)
        folder.ensure()
        note_killed_loads(ledger)
        LedgerFiles(folder, ledger).follow()
        return cls(folder, ledger)

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the case; everything confirmed is on the disk already."""
        with self._opening:
            if self._store is not None:
                self._store.close()
        self.ledger.close()

    @property
    def name(self) -> str:
        """The case's name."""
        return self.folder.name

    @property
    def store(self) -> EventStore:
        """Where the events are, opened when first needed. Raises CaseError where nothing opens its engine."""
        with self._opening:
            store = self._store
            if store is None:
                url = self.ledger.setting(ENGINE_SETTING, "")
                store = self._store = opener_of(url)(self) if url else LocalStore(self)
            return store

    def over(self, store: EventStore) -> Case:
        """Return this case with its events in another store; to be used while that is open, and not closed."""
        return Case(self.folder, self.ledger, store)

    @contextlib.contextmanager
    def tagged(
        self, selection: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[Case]:
        """Give a case in which the events that a selection touches can be read by this process.

        See ``EventStore.tagged_subset``. Raises EngineError.
        """
        with self.store.tagged_subset(selection, cursor) as store:
            yield self if store is self.store else self.over(store)

    # --- queries ------------------------------------------------------------------------------------------------

    def cursor(self, sql: str = "", watch: Watch | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection for one thread, with whatever derived table ``sql`` names ready."""
        return self.store.cursor(sql, watch)

    def query(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> Table:
        """Run one of our own queries. Raises QueryError, QueryCancelled."""
        return self.store.query(sql, parameters, limit=limit, cursor=cursor)

    def ask(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> Table:
        """Run a query that a person or a playbook wrote: one statement, reading only, held to the time limit."""
        return self.store.query(sql, parameters, limit=limit, cursor=cursor, trusted=False)

    def stream(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query and return its columns and its rows as they come, however many there are."""
        return self.store.stream(sql, parameters, cursor=cursor, trusted=trusted)

    # --- what it holds ------------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """Return the logs that the events come from, in the order of loading; none of a table never loaded."""
        return self.store.sources()

    def tables(self) -> list[str]:
        """Return the names of what SQL can read: the case's tables and one per log format."""
        formats = self.ledger.rows("SELECT DISTINCT format FROM source WHERE events > 0 ORDER BY format")
        fixed = ["event", "session", "account", *views.LEDGER_TABLES, "reject"]
        own = [item.name for item in lookups(enrichments(self.ledger))]
        return list(dict.fromkeys([*fixed, *own, *(row["format"] for row in formats)]))

    def info(self) -> dict[str, Any]:
        """Return what the case holds, as one plain dictionary."""
        total = self.ledger.rows(
            "SELECT count(*) AS sources, coalesce(sum(lines), 0) AS lines, "
            "coalesce(sum(event_lines), 0) AS event_lines, coalesce(sum(events), 0) AS events, "
            "coalesce(sum(rejects), 0) AS rejects, "
            "coalesce(sum(skipped), 0) AS skipped, min(first) AS first, max(last) AS last, "
            "count(error) AS failed_sources FROM source"
        )[0]
        counts = self.ledger.rows(
            "SELECT (SELECT count(*) FROM tag) AS tags, (SELECT count(*) FROM run) AS runs, "
            "(SELECT count(*) FROM audit) AS audit_entries, "
            "(SELECT coalesce(sum(bytes), 0) FROM segment) AS segment_bytes"
        )[0]
        formats = self.ledger.rows("SELECT DISTINCT format FROM source WHERE format IS NOT NULL ORDER BY format")
        killed = self.ledger.rows("SELECT at, what FROM load WHERE state = 'killed' ORDER BY load")
        return {
            "case": self.name,
            "path": str(self.folder.path),
            **dict(total),
            "formats": [row["format"] for row in formats],
            **dict(counts),
            "session_gap_minutes": self.gap_minutes,
            "killed_loads": [f"{row['at']} {row['what']}" for row in killed],
            **self.store.facts(),
        }

    # --- settings -----------------------------------------------------------------------------------------------

    @property
    def gap_minutes(self) -> int:
        """A pause longer than this, in minutes, ends a session."""
        return int(self.ledger.setting(GAP_SETTING, str(DEFAULT_GAP)))

    def set_gap(self, minutes: int) -> None:
        """Change the pause that ends a session; sessions are remade when next queried."""
        if not 1 <= minutes <= 7 * 24 * 60:
            raise UsageError(f"a session gap of {minutes} minutes makes no sense; choose 1 to 10080")
        self.ledger.set_setting(GAP_SETTING, str(minutes))
