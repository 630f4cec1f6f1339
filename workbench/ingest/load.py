"""Loading: the one public way from files to segments in a case.

A load is all or nothing for the case: segments are made aside, then named in the ledger in a single transaction, so a
load that is stopped leaves the case as it was. A source that cannot be read does not stop the others.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from workbench.case.engine import connect, first_line
from workbench.case.fields import NORMALISED_NAMES
from workbench.case.folder import publish, sha256_file
from workbench.case.ledger import now
from workbench.case.views import literal
from workbench.case.who import who
from workbench.errors import CaseError, QueryCancelled, SourceError, UsageError, WorkbenchError
from workbench.formats.model import Format
from workbench.formats.registry import format_named, load_formats
from workbench.ingest import macros, parse, parse_json
from workbench.ingest.discover import Input, find_inputs
from workbench.ingest.recognise import SAMPLE_LINES, Recognised, recognise
from workbench.ingest.spool import Spooled, spool
from workbench.ingest.stream import open_stream
from workbench.ingest.zones import zone_warning

if TYPE_CHECKING:
    import sqlite3

    from workbench.case import Case


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: which source of how many, what is being done to it, bytes read of how many where known."""

    name: str
    number: int
    of: int
    stage: str
    bytes: int
    total: int | None
    lines: int


@dataclass(slots=True)
class SourceReport:
    """What became of one source: ``lines = event_lines + rejects + skipped``, in physical lines."""

    source: int | None
    path: str
    format: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    lines: int = 0
    event_lines: int = 0
    events: int = 0
    rejects: int = 0
    skipped: int = 0
    first: str | None = None
    last: str | None = None
    seconds: float = 0.0
    error: str | None = None
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the machine-readable form."""
        return asdict(self)


@dataclass(slots=True)
class _Made:
    """A source that was read: its report, what the ledger keeps besides, and its finished files."""

    report: SourceReport
    mtime: str | None = None
    columns: dict[str, int] = field(default_factory=dict)
    extra_keys: list[str] = field(default_factory=list)
    events: Path | None = None
    rejects: Path | None = None
    reject_rows: int = 0


class Loader:
    """Loads sources into a case. ``cancel()`` may be called from another thread."""

    def __init__(
        self,
        case: Case,
        *,
        format: str | Format | None = None,  # noqa: A002 - the user's word for it
        tz: str | None = None,
        again: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._case = case
        self._formats = load_formats()
        self._wanted = format_named(format) if isinstance(format, str) else format
        self._tz = tz
        self._again = again
        self._on_progress = on_progress
        self._cancelled = threading.Event()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def cancel(self) -> None:
        """Stop the load as soon as may be; the case stays as it was."""
        self._cancelled.set()
        if self._connection is not None:
            self._connection.interrupt()

    def load(self, arguments: Sequence[str]) -> list[SourceReport]:
        """Load what these arguments name. Raises QueryCancelled when cancelled, UsageError for a zone that is none."""
        inputs, failed = find_inputs(arguments)
        with self._case.loading(" ".join(arguments)[:2000]), self._case.folder.workspace("load") as work:
            connection = self._connect(str(work))
            try:
                first = self._next_source()
                made = [_failed(name, error) for name, error in failed]
                seen: dict[str, str] = {}
                for number, one in enumerate(inputs):
                    made.append(self._source(connection, one, first + number, work, (number + 1, len(inputs)), seen))
            finally:
                self._connection = None
                connection.close()
            self._register(made, first)
        self._case.write_open_sql()
        return [one.report for one in made]

    def _connect(self, temp: str) -> duckdb.DuckDBPyConnection:
        connection = connect(temp)
        macros.define(connection)
        if self._tz:
            try:
                connection.execute(f"SET TimeZone = {literal(self._tz)}")
            except duckdb.Error as error:
                raise UsageError(f"{self._tz!r} is not a time zone; use a name such as Europe/Berlin or UTC") from error
        self._connection = connection
        return connection

    def _next_source(self) -> int:
        return int(self._case.ledger.rows("SELECT coalesce(max(source), 0) + 1 AS n FROM source")[0]["n"])

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise QueryCancelled("the load was cancelled; the case is as it was")

    def _source(
        self,
        connection: duckdb.DuckDBPyConnection,
        one: Input,
        number: int,
        work: Path,
        place: tuple[int, int],
        seen: dict[str, str],
    ) -> _Made:
        """Read one source; what goes wrong with it becomes its report's error."""
        started = time.monotonic()
        made = _Made(SourceReport(number, one.name))
        folder = work / f"source-{number}"
        folder.mkdir()

        def progress(stage: str, done: int, total: int | None, lines: int) -> None:
            self._check()
            if self._on_progress:
                self._on_progress(Progress(one.name, place[0], place[1], stage, done, total, lines))

        try:
            with open_stream(one.path) as stream:
                total = stream.size
                lines = spool(
                    stream, folder, on_progress=lambda done, n: progress("reading", done, total, n), head=SAMPLE_LINES
                )
            report = made.report
            report.sha256, report.bytes, report.lines, report.error = (
                stream.sha256,
                stream.bytes,
                lines.lines,
                stream.problem,
            )
            newest = datetime.fromtimestamp(stream.mtime, UTC) if stream.mtime is not None else datetime.now(UTC)
            made.mtime = newest.isoformat().replace("+00:00", "Z") if stream.mtime is not None else None
            if not self._again and (twin := self._twin(report, seen)):
                report.source, report.skipped = None, lines.lines
                report.error = f"the same content as {twin}; not loaded again (--again loads it all the same)"
            else:
                progress("parsing", stream.bytes, total, lines.lines)
                self._parse(connection, made, lines, newest, folder)
                seen[stream.sha256] = one.name
        except WorkbenchError as error:
            if isinstance(error, QueryCancelled):
                raise
            made = _failed(one.name, error)
        except duckdb.InterruptException as error:
            raise QueryCancelled("the load was cancelled; the case is as it was") from error
        except duckdb.Error as error:
            made = _failed(one.name, SourceError(f"the engine could not read it: {first_line(error)}"))
        except OSError as error:
            made = _failed(one.name, SourceError(f"it cannot be read: {error.strerror or error}"))
        finally:
            for file in folder.glob("lines-*.parquet"):
                file.unlink()
        made.report.seconds = round(time.monotonic() - started, 3)
        return made

    def _twin(self, report: SourceReport, seen: dict[str, str]) -> str | None:
        """Name the source that has the same content already."""
        if not report.lines:
            return None
        sql = "SELECT source, path FROM source WHERE sha256 = ? AND error IS NULL ORDER BY source LIMIT 1"
        rows = self._case.ledger.rows(sql, report.sha256)
        if rows:
            return f"source {rows[0]['source']} ({rows[0]['path']})"
        return seen.get(report.sha256 or "")

    def _parse(
        self, connection: duckdb.DuckDBPyConnection, made: _Made, lines: Spooled, newest: datetime, folder: Path
    ) -> None:
        report = made.report
        known = recognise(connection, [text for _, text in lines.head], self._formats, self._wanted)
        report.format = known.format.name
        files = ", ".join(literal(str(file)) for file in lines.files)
        skip = parse.skipped(known.format, known.header_text)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW lines AS FROM read_parquet([{files}]) WHERE NOT ({skip})")
        parsing = self._parsing(connection, known, report, newest)
        parsed = parsing.parsed("lines")
        made.events = folder / "events.parquet"
        report.events = _copy(connection, parsing.events(parsed), made.events)
        left = _one(connection, "SELECT count(*) FROM lines")
        by_line = _one(
            connection, f"SELECT sum(n) FROM (SELECT any_value(lines) AS n FROM '{made.events}' GROUP BY line)"
        )
        report.event_lines = by_line
        report.skipped = report.lines - left
        report.rejects = left - by_line
        if report.rejects or known.format.records:
            made.rejects = folder / "rejects.parquet"
            made.reject_rows = _copy(connection, parsing.rejects(parsed), made.rejects)
            whole = _one(
                connection,
                f"SELECT sum(n) FROM (SELECT any_value(lines) AS n FROM '{made.rejects}' "
                f"WHERE line NOT IN (SELECT line FROM '{made.events}') GROUP BY line)",
            )
            if whole != report.rejects:
                raise SourceError(
                    f"{report.rejects} lines should be rejects, but {whole} were kept; please report this"
                )
        self._describe(connection, made, parsing, lines)

    def _parsing(
        self, connection: duckdb.DuckDBPyConnection, known: Recognised, report: SourceReport, newest: datetime
    ) -> parse.Parsing:
        present: frozenset[str] = frozenset()
        if known.format.kind == "json":
            query = parse_json.members(known.format, "lines")
            present = frozenset(row[0] for row in connection.execute(query).fetchall() if row[0] is not None)
        assert report.source is not None
        return parse.Parsing(known.format, report.source, newest, present, known.header, known.delimiter)

    def _describe(
        self, connection: duckdb.DuckDBPyConnection, made: _Made, parsing: parse.Parsing, lines: Spooled
    ) -> None:
        """Complete the report from what was written: times, filled columns, names beyond the columns, warnings."""
        report = made.report
        counts = ", ".join(f"count({name})" for name in NORMALISED_NAMES)
        row = connection.execute(f"SELECT min(ts), max(ts), {counts} FROM '{made.events}'").fetchone()
        assert row is not None
        report.first, report.last = (_iso(value) for value in row[:2])
        made.columns = {name: count for name, count in zip(NORMALISED_NAMES, row[2:], strict=True) if count}
        names = connection.execute(
            f"SELECT DISTINCT unnest(json_keys(extra)) AS k FROM '{made.events}' WHERE extra IS NOT NULL "
            "ORDER BY k LIMIT 2000"
        ).fetchall()
        made.extra_keys = [name for (name,) in names]
        if lines.not_utf8:
            report.warnings.append(f"{lines.not_utf8} lines hold bytes that are not UTF-8; they appear as \\xNN")
        if lines.encoding != "utf-8":
            report.warnings.append(f"the file is {lines.encoding.upper()}; lines are counted after decoding")
        if report.events and not made.columns.get("ts"):
            report.warnings.append("no times were found: its events take part in no session and no time chart")
        elif not self._tz and (warning := zone_warning(connection, parsing, "lines")):
            report.warnings.append(warning)

    def _register(self, made: list[_Made], first: int) -> None:
        """Name everything in the ledger and move the files into place, in one transaction."""
        kept = [one for one in made if one.report.source is not None]
        folder = self._case.folder
        detail = {
            "sources": [
                {k: v for k, v in one.report.as_dict().items() if k not in ("warnings", "seconds")} for one in made
            ]
        }
        with self._case.ledger.act("load", detail) as db:
            if db.execute("SELECT coalesce(max(source), 0) + 1 FROM source").fetchone()[0] != first:
                raise CaseError("another load finished in this case meanwhile; please load again")
            for one in kept:
                self._insert(db, one)
                for kind, made_file, rows in (
                    ("events", one.events, one.report.events),
                    ("rejects", one.rejects, one.reject_rows),
                ):
                    if made_file is not None and rows:
                        self._publish(db, kind, made_file, rows, folder.path)

    @staticmethod
    def _insert(db: sqlite3.Connection, one: _Made) -> None:
        report = one.report
        columns = {
            **{k: v for k, v in report.as_dict().items() if k != "warnings"},
            "warnings": json.dumps(report.warnings),
            "mtime": one.mtime,
            "columns": json.dumps(one.columns),
            "extra_keys": json.dumps(one.extra_keys),
            "loaded_at": now(),
            "loaded_by": who(),
        }
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        db.execute(f"INSERT INTO source ({names}) VALUES ({marks})", list(columns.values()))

    @staticmethod
    def _publish(db: sqlite3.Connection, kind: str, made: Path, rows: int, root: Path) -> None:
        segment = db.execute("SELECT coalesce(max(segment), 0) + 1 FROM segment").fetchone()[0]
        file = f"{kind}/{segment:06d}.parquet"
        digest, size = sha256_file(made), made.stat().st_size
        publish(made, root / file)
        db.execute("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)", (segment, kind, file, rows, size, digest))


def load(case: Case, arguments: Sequence[str], **options: Any) -> list[SourceReport]:
    """Load sources into a case; see ``Loader`` for the options."""
    return Loader(case, **options).load(arguments)


def _failed(name: str, error: WorkbenchError) -> _Made:
    return _Made(SourceReport(None, name, error=str(error)))


def _copy(connection: duckdb.DuckDBPyConnection, select: str, file: Path) -> int:
    target = literal(str(file))
    connection.execute(f"COPY ({select}) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")
    row = connection.fetchone()
    return int(row[0]) if row else 0


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0] or 0) if row else 0


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="microseconds") + "Z"
