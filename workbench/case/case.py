"""The case: the only door to its data."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.acts.contents import Created, LoadCancelled, LoadKilled, Ran
from workbench.case.enrichment import FILLABLE, enrichments, lookups
from workbench.case.fields import ENRICHED
from workbench.case.folder import Folder, process_alive
from workbench.case.ledger import Ledger
from workbench.case.ledger_files import LedgerFiles
from workbench.case.tags import KINDS, Tags
from workbench.errors import CaseError, QueryCancelled, UsageError

if TYPE_CHECKING:
    import duckdb

    from workbench.case.derived import Derived
    from workbench.case.digest import Digest
    from workbench.case.engine import Engine, Table
    from workbench.engines.line import Line


@dataclass(frozen=True, slots=True)
class Source:
    """One loaded log and its accounting: ``lines = event_lines + rejects + skipped`` (physical lines)."""

    source: int
    path: str
    format: str | None
    sha256: str | None
    bytes: int | None
    lines: int
    event_lines: int
    events: int
    rejects: int
    skipped: int
    first: str | None
    last: str | None
    seconds: float
    error: str | None
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the source as the fields of the machine-readable form."""
        return asdict(self)


class Case:
    """An open case. Create with ``Case.create``, open with ``Case.open``, use as a context manager."""

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self.folder = folder
        self.ledger = ledger
        self.tags = Tags(ledger)
        self._engine: Engine | None = None
        self._line: Line | None = None
        self._starting = threading.Lock()

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
        case = cls(folder, ledger)
        case._note_killed_loads()
        LedgerFiles(folder, ledger).follow()
        return case

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the case; everything confirmed is on the disk already."""
        with self._starting:
            if self._engine is not None:
                self._engine.close()
            if self._line is not None:
                self._line.close()
        self.ledger.close()

    @property
    def name(self) -> str:
        """The case's name."""
        return self.folder.name

    @property
    def remote(self) -> str:
        """The URL of the engine that has the events, or nothing where the case has them itself."""
        return self.ledger.setting("engine", "")

    def here(self) -> None:
        """Raise CaseError where the events are in another engine: nothing found here would look like innocence."""
        if self.remote:
            raise CaseError(views.elsewhere(self.name, self.remote))

    @property
    def line(self) -> Line:
        """The line to the engine that has the events, where they are in another one."""
        from workbench.engines.line import Line

        with self._starting:
            if self._line is None:
                self._line = Line()
            return self._line

    @property
    def engine(self) -> Engine:
        """The query engine, started when first needed, by whichever thread needs it first."""
        from workbench.case.engine import Engine

        with self._starting:
            if self._engine is None:
                self._engine = Engine(self.folder, self.ledger)
            return self._engine

    @cached_property
    def derived(self) -> Derived:
        """The derived tables."""
        from workbench.case.derived import Derived

        if not self.remote:
            return Derived(self.folder, self.ledger, self.engine)
        from workbench.engines.reader import There

        return Derived(self.folder, self.ledger, self.engine, lambda: There(self))

    # --- asking -------------------------------------------------------------------------------------------------

    def cursor(
        self, sql: str = "", watch: Callable[[duckdb.DuckDBPyConnection], None] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Return a connection for one thread, with whatever derived table ``sql`` names ready.

        Call ``interrupt()`` on it from another thread to stop a query; ``watch`` gets the connection that makes a
        derived table first, for the same purpose. Where the events are in another engine, what reads them here fails
        and says so; what triage made of them can be asked.
        """
        self.derived.attribute(watch)
        for name in views.derived_tables_in(sql):
            self.derived.ensure(name, watch)
        return self.engine.cursor()

    def query(
        self,
        sql: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> Table:
        """Run one of our own queries, in the engine that has the events. Raises QueryError, QueryCancelled."""
        from workbench.case.engine import run

        if self.remote and (found := self._there(sql, parameters, limit)):
            return found
        return run(cursor or self.cursor(sql), sql, parameters, limit)

    def ask(
        self,
        sql: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> Table:
        """Run a query that a person or a playbook wrote: one statement, reading only."""
        from workbench.case.engine import check_statement, held, run, time_limit

        if self.remote and (found := self._there(sql, parameters, limit)):
            return found
        cursor = cursor or self.cursor(sql)
        check_statement(cursor, sql)
        with held(cursor, time_limit()):
            return run(cursor, sql, parameters, limit)

    def _there(self, sql: str, parameters: Sequence[object] | Mapping[str, object], limit: int | None) -> Table | None:
        from workbench.engines.ask import own

        return own(self, sql, parameters, limit)

    def stream(
        self,
        sql: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
        *,
        cursor: duckdb.DuckDBPyConnection | None = None,
        ours: bool = False,
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query and return its columns and its rows as they come, however many there are.

        One that a person wrote may take so long; ``ours`` as long as it takes.
        """
        from workbench.case.engine import UNLIMITED, check_statement, held, stream, time_limit

        cursor = cursor or self.cursor(sql)
        check_statement(cursor, sql)
        holding = contextlib.ExitStack()
        holding.enter_context(held(cursor, UNLIMITED if ours else time_limit()))
        try:
            columns, rows = stream(cursor, sql, parameters)
        except BaseException:
            holding.__exit__(*sys.exc_info())
            raise

        def passing() -> Iterator[tuple[Any, ...]]:
            with holding:
                yield from rows

        return columns, passing()

    # --- what was loaded ----------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """Return the logs that the events come from (see ``logs``) with the accounting of each."""
        return [Source(**{name: one[name] for name in Source.__dataclass_fields__}) for one in self.logs()]

    def logs(self) -> list[dict[str, Any]]:
        """Return all that is known of the logs that the events come from, in the order of loading.

        Those loaded into this case, else those that the manifest of its engine's segments lists: none for a table that
        was never loaded.
        """
        rows = [dict(row) for row in self.ledger.rows("SELECT * FROM source ORDER BY source")]
        for row in rows:
            row |= {name: json.loads(row[name]) for name in ("warnings", "columns", "extra_keys")}
        if rows or not self.ledger.setting("engine_table", ""):
            return rows
        from workbench.engines.attached import logs

        return logs(self)

    def tables(self) -> list[str]:
        """Return the names of what SQL can be asked of: the case's tables and one a log format."""
        formats = self.ledger.rows("SELECT DISTINCT format FROM source WHERE events > 0 ORDER BY format")
        fixed = ["event", "session", "account", *views.LEDGER_TABLES, "reject"]
        own = [one.name for one in lookups(enrichments(self.ledger))]
        return list(dict.fromkeys([*fixed, *own, *(row["format"] for row in formats)]))

    def logged_columns(self) -> dict[str, int]:
        """Return how many events have a value of the log's own in each normalised column; asks the ledger alone."""
        if self.remote:
            from workbench.engines.attached import attached

            return dict(attached(self).filled)
        filled: dict[str, int] = {}
        for row in self.ledger.rows("SELECT columns FROM source"):
            for name, count in json.loads(row["columns"]).items():
                if count:
                    filled[name] = filled.get(name, 0) + count
        return filled

    def filled_columns(self) -> dict[str, int]:
        """Return how many events have a value in each normalised column, over all sources; absent means none.

        In an enriched case the events are counted, once for the present segments: that takes a query.
        """
        filled = self.logged_columns()
        if enrichments(self.ledger):
            filled |= self._enriched_columns()
        return filled

    def _enriched_columns(self) -> dict[str, int]:
        names = [*FILLABLE, *(field.name for field in ENRICHED)]
        sql = f"SELECT {', '.join(f'count({name})' for name in names)} FROM event"
        row = json.loads(self.derived.keep("filled", sql, lambda: json.dumps(self.query(sql).rows[0])))
        return {name: count for name, count in zip(names, row, strict=True) if count}

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the first and last event (UTC, naive), or None where no event has a time."""
        if self.remote:
            from workbench.engines.attached import attached

            told = attached(self)
            both = (told.first, told.last) if told.first and told.last else None
            return (datetime.fromisoformat(both[0]), datetime.fromisoformat(both[1])) if both else None
        found = self.ledger.rows("SELECT min(first) AS first, max(last) AS last FROM source")[0]
        if found["first"] is None:
            return None
        first, last = (datetime.fromisoformat(found[name]).replace(tzinfo=None) for name in ("first", "last"))
        return first, last

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
        stopped = self.ledger.rows("SELECT at, what FROM load WHERE state = 'killed' ORDER BY load")
        return {
            "case": self.name,
            "path": str(self.folder.path),
            **dict(total),
            "formats": [row["format"] for row in formats],
            **dict(counts),
            "session_gap_minutes": self.gap_minutes,
            "killed_loads": [f"{row['at']} {row['what']}" for row in stopped],
            **self._elsewhere(),
        }

    def _elsewhere(self) -> dict[str, Any]:
        """Return what is known of the table of another engine, where the events are in one."""
        if not self.remote:
            return {}
        known: dict[str, Any] = json.loads(self.ledger.setting("engine_table", "{}"))
        found = {"engine": self.remote, "table": known.get("table"), "events": known.get("rows", 0)}
        logs = self.sources()
        for name in ("lines", "event_lines", "rejects", "skipped"):
            found[name] = sum(getattr(one, name) for one in logs)
        found |= {"sources": len(logs), "formats": sorted({one.format for one in logs if one.format})}
        return found | {name: known.get(name) for name in ("first", "last")}

    # --- settings -----------------------------------------------------------------------------------------------

    @property
    def gap_minutes(self) -> int:
        """A pause longer than this, in minutes, ends a session."""
        return int(self.ledger.setting(views.GAP_SETTING, str(views.DEFAULT_GAP)))

    def set_gap(self, minutes: int) -> None:
        """Change the pause that ends a session; sessions are remade when next asked for."""
        if not 1 <= minutes <= 7 * 24 * 60:
            raise UsageError(f"a session gap of {minutes} minutes makes no sense; choose 1 to 10080")
        self.ledger.set_setting(views.GAP_SETTING, str(minutes))

    # --- tagging ------------------------------------------------------------------------------------------------

    def missing(self, kind: str, ids: Sequence[str]) -> list[str]:
        """Return those ids of a kind that do not occur in the case."""
        if kind not in KINDS:
            raise UsageError(f"unknown kind {kind!r}; one of: {', '.join(KINDS)}")
        if self.remote:
            from workbench.engines.ask import absent

            return absent(self, kind, ids)
        column = KINDS[kind]
        table = "session" if kind == "session" else "event"
        sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IN (SELECT unnest($ids::VARCHAR[]))"
        if kind == "event":
            places = [one.split(":")[0] for one in ids if one.split(":")[0].isdigit()]
            sql += f" AND source IN ({', '.join(str(int(p)) for p in places) or 'NULL'})"
        found = {row[0] for row in self.query(sql, {"ids": list(ids)}).rows}
        return [one for one in ids if one not in found]

    def record_run(
        self,
        kind: str,
        name: str,
        sql: str,
        parameters: Mapping[str, object],
        rows: int,
        seconds: float,
        digest: Digest | None = None,
        elsewhere: Mapping[str, Any] | None = None,
    ) -> int:
        """Write down that a question was asked, of which segments, and a hash of the answer; returns the run's number.

        Where the case can only be read nothing is written, and the number is 0.
        ``digest`` has taken in the answer (see ``workbench.case.digest``); ``elsewhere`` tells of an engine beyond
        this machine: its version (``engine``), the table's ``snapshot`` and the SQL that ran there.
        """
        from workbench.case.who import tools

        if self.ledger.readonly:
            return 0
        given = json.dumps(dict(parameters), default=str, ensure_ascii=False, sort_keys=True)
        result = digest.result() if digest else None
        digest_of_sql = hashlib.sha256(sql.encode(errors="surrogatepass")).hexdigest()
        ran = Ran(kind, name, json.loads(given), rows, digest_of_sql, elsewhere=elsewhere or {})
        made_with = tools(elsewhere["engine"] if elsewhere else None)
        snapshot = elsewhere["snapshot"] if elsewhere else None
        with self.ledger.act(ran) as entry:
            db = entry.db
            segments = db.execute("SELECT segment, sha256 FROM segment ORDER BY segment").fetchall()
            inputs = hashlib.sha256("".join(f"{one['sha256']}\n" for one in segments).encode()).hexdigest()
            row = {
                "run": db.execute("SELECT coalesce(max(run), 0) + 1 FROM run").fetchone()[0],
                "run_at": entry.at, "run_by": entry.who, "kind": kind, "name": name, "sql": sql, "parameters": given,
                "rows": rows, "seconds": round(seconds, 3),
                "result": result.rows if result else None, "result_order": result.order if result else None,
                "cut": int(result.cut) if result else None,
                "segments": segments[-1]["segment"] if segments else 0,
                "inputs": inputs if snapshot is None else snapshot, "tools": made_with,
            }  # fmt: skip
            db.execute(f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join(f':{column}' for column in row)})", row)
            told = ("run", "result", "result_order", "cut", "segments", "inputs", "tools")
            entry.act = replace(ran, **{column: row[column] for column in told})
            return int(row["run"])

    # --- loading ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def loading(self, what: str, *, elsewhere: bool = False) -> Iterator[int]:
        """Note that a load runs, so that one that is killed leaves a note of itself.

        ``elsewhere`` where its events go into segments for the case's engine. Raises CaseError.
        """
        from workbench.case.ledger import now
        from workbench.case.who import utf8, who

        if self.remote and not elsewhere:
            raise CaseError(
                f"the events of {self.name} are in another engine ({self.remote}); load into segments for it: "
                f"workbench load {self.name}.case FILE… --segments FOLDER"
            )
        with self.ledger.transaction() as db:
            load = db.execute(
                "INSERT INTO load (at, who, host, pid, what, state) VALUES (?, ?, ?, ?, ?, 'running')",
                (now(), who(), socket.gethostname(), _pid(), utf8(what)),
            ).lastrowid
        state = "failed"
        try:
            yield int(load or 0)
            state = "done"
        except (KeyboardInterrupt, QueryCancelled):
            state = "cancelled"
            raise
        finally:
            with self.ledger.transaction() as db:
                db.execute("UPDATE load SET state = ? WHERE load = ?", (state, load))
            if state == "cancelled":
                self.ledger.record(LoadCancelled(what))

    def reserve_sources(self, load: int, number: int) -> int:
        """Keep so many source numbers for a running load and return the first; loads at the same time get others."""
        with self.ledger.transaction() as db:
            first = db.execute(
                "SELECT 1 + max((SELECT coalesce(max(source), 0) FROM source), "
                "(SELECT coalesce(max(first + sources - 1), 0) FROM load WHERE state = 'running'))"
            ).fetchone()[0]
            db.execute("UPDATE load SET first = ?, sources = ? WHERE load = ?", (first, number, load))
        return int(first)

    def _note_killed_loads(self) -> None:
        if self.ledger.readonly:
            return
        running = self.ledger.rows("SELECT load, host, pid, what FROM load WHERE state = 'running'")
        for row in running:
            if row["host"] == socket.gethostname() and not process_alive(row["pid"]):
                with contextlib.suppress(CaseError), self.ledger.act(LoadKilled(row["what"])) as entry:
                    entry.db.execute("UPDATE load SET state = 'killed' WHERE load = ?", (row["load"],))


def _pid() -> int:
    import os

    return os.getpid()
