"""Loading: the one public way from files to segments in a case.

A load is all or nothing for the case: segments are made aside, then named in the ledger in a single transaction, so a
load that is stopped leaves the case as it was. A source that cannot be read does not stop the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from workbench.case.execute import first_line
from workbench.case.loads import reserve_sources, running_load
from workbench.case.sandbox import connect
from workbench.case.segments import SegmentFile
from workbench.case.sources import Source
from workbench.errors import CaseError, QueryCancelled, SourceError, UsageError, WorkbenchError
from workbench.formats.model import Format
from workbench.formats.registry import format_named, load_formats
from workbench.ingest import exact_reader, macros, zones
from workbench.ingest.batch import BatchedSources
from workbench.ingest.chunked import ChunkedSource
from workbench.ingest.discover import Input, find_inputs
from workbench.ingest.lines import LineWriter, count_lines, first_lines
from workbench.ingest.raw import RawWriter
from workbench.ingest.reading import Reading, begin
from workbench.ingest.recognise import SAMPLE_LINES, Recognised, head_of, recognise
from workbench.ingest.register import register, shape
from workbench.ingest.report import LoadedSource, Progress, failed
from workbench.ingest.stream import open_stream
from workbench.sqltext import literal, parquet

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.segments import SegmentWriter

_CANCELLED = "the load was cancelled; the case is as it was"


class Loader:
    """Loads sources into a case. ``cancel()`` may be called from another thread."""

    def __init__(
        self,
        case: Case,
        *,
        format: str | Format | None = None,  # noqa: A002 - the user's word for it
        tz: str | None = None,
        again: bool = False,
        keep_raw: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        segment_writer: SegmentWriter | None = None,
    ) -> None:
        self._case = case
        self._segment_writer = segment_writer
        self._wanted = format_named(format) if isinstance(format, str) else format
        self._given = None if isinstance(format, str) else format
        self._formats = load_formats()
        self._tz = tz
        self._again = again
        self._keep_raw = keep_raw
        self._on_progress = on_progress
        self._cancelled = threading.Event()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._made: list[LoadedSource] = []
        self._pieces: list[SegmentFile] = []
        self._seen: dict[str, str] = {}

    def cancel(self) -> None:
        """Stop the load as soon as may be; the case stays as it was."""
        self._cancelled.set()
        if self._connection is not None:
            self._connection.interrupt()

    def load(self, arguments: Sequence[str]) -> list[Source]:
        """Load what these arguments name. Raises QueryCancelled when cancelled, UsageError for a zone that is none."""
        inputs, missing = find_inputs(arguments)
        return self.load_inputs(inputs, " ".join(arguments)[:2000], missing)

    def load_inputs(
        self, inputs: Sequence[Input], what: str, missing: Sequence[tuple[str, SourceError]] = ()
    ) -> list[Source]:
        """Load inputs that were found already; ``what`` is said of the load, ``missing`` could not be found."""
        self._case.store.check_loadable(into_segments=self._segment_writer is not None)
        self._made = [failed(name, error) for name, error in missing]
        self._pieces, self._seen = [], {}
        with (
            running_load(self._case.ledger, what) as load,
            self._case.folder.workspace("load") as work,
        ):
            connection = self._connect(str(work))
            try:
                first = reserve_sources(self._case.ledger, load, len(inputs))
                self._read_all(connection, inputs, first, work)
                self._check()
                blank = shape(connection, work / "shape.parquet")
                self._register(connection, blank, load)
            except duckdb.InterruptException as error:
                raise QueryCancelled(_CANCELLED) from error
            except RuntimeError as error:
                # So the engine says that Ctrl-C came while it was at work.
                if "Query interrupted" in str(error):
                    raise KeyboardInterrupt from error
                raise
            except (duckdb.Error, OSError) as error:
                raise CaseError(
                    f"the load cannot be finished ({first_line(error)}); the case is as it was; is the disk full?"
                ) from error
            finally:
                self._connection = None
                connection.close()
        return [one.report for one in self._made]

    def _register(self, connection: duckdb.DuckDBPyConnection, blank: SegmentFile, load: int) -> None:
        if self._segment_writer is None:
            register(self._case, self._made, self._pieces, blank, again=self._again, directive=self._given)
            return
        with self._segment_writer.divided(connection, blank, self._pieces, load) as pieces:
            self._check()
            register(
                self._case,
                self._made,
                pieces,
                None,
                again=self._again,
                directive=self._given,
                segment_writer=self._segment_writer,
            )

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

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise QueryCancelled(_CANCELLED)

    def _read_all(self, connection: duckdb.DuckDBPyConnection, inputs: Sequence[Input], first: int, work: Path) -> None:
        short = BatchedSources(
            connection, self._formats, self._wanted, warn=not self._tz, folder=work, keep_raw=self._keep_raw
        )
        for number, source_input in enumerate(inputs):
            source = first + number
            loaded = LoadedSource(Source(source, source_input.name))
            self._made.append(loaded)
            progress = self._progress(source_input, number + 1, len(inputs), loaded)
            try:
                with open_stream(source_input.path, source_input.member, source_input.file) as stream:
                    progress("reading", 0, stream.size)
                    reading = begin(stream, source_input.sample)
                    if reading.whole:
                        self._note(loaded, reading)
                        if not self._refused(loaded, count_lines(reading.head)):
                            short.add(loaded, reading)
                    else:
                        self._long(connection, loaded, reading, work / f"source-{source}", progress)
                if short.full:
                    self._pieces += short.read()
            except WorkbenchError as error:
                if isinstance(error, QueryCancelled):
                    raise
                self._fail(loaded, error)
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                self._fail(loaded, SourceError(f"the engine could not read it: {first_line(error)}"))
            except OSError as error:
                self._fail(loaded, SourceError(f"it cannot be read: {error.strerror or error}"))
        self._check()
        self._pieces += short.read()

    def _progress(self, one: Input, number: int, of: int, made: LoadedSource) -> Callable[[str, int, int | None], None]:
        def tell(stage: str, done: int, total: int | None) -> None:
            self._check()
            if self._on_progress:
                self._on_progress(Progress(one.name, number, of, stage, done, total, made.report.lines))
            self._check()

        return tell

    def _fail(self, made: LoadedSource, error: WorkbenchError) -> None:
        at = next(index for index, one in enumerate(self._made) if one is made)
        self._made[at] = failed(made.report.path, error)

    def _note(self, loaded: LoadedSource, reading: Reading) -> None:
        """Write down what is known once a source was read to its end."""
        report, stream = loaded.report, reading.stream
        report.sha256, report.bytes, report.error = stream.sha256, stream.bytes, stream.problem
        loaded.mtime, loaded.encoding, loaded.cut = reading.mtime, reading.decoded.encoding, reading.decoded.cut

    def _refused(self, made: LoadedSource, lines: int) -> bool:
        """Refuse content that the case, or this load, has already."""
        report = made.report
        twin = None if self._again or not report.bytes else self._twin(report.sha256 or "")
        if twin:
            report.source = report.format = None
            report.event_lines = report.events = report.rejects = 0
            report.lines = report.skipped = lines
            report.error = f"the same content as {twin}; not loaded again (--again loads it all the same)"
        else:
            self._seen[report.sha256 or ""] = report.path
        return twin is not None

    def _twin(self, sha256: str) -> str | None:
        sql = "SELECT source, path FROM source WHERE sha256 = ? AND error IS NULL ORDER BY source LIMIT 1"
        rows = self._case.ledger.rows(sql, sha256)
        return f"source {rows[0]['source']} ({rows[0]['path']})" if rows else self._seen.get(sha256)

    def _long(
        self,
        connection: duckdb.DuckDBPyConnection,
        loaded: LoadedSource,
        reading: Reading,
        folder: Path,
        progress: Callable[[str, int, int | None], None],
    ) -> None:
        started = time.monotonic()
        folder.mkdir()
        known = recognise(connection, {0: head_of(reading.sample)}, self._formats, self._wanted)[0]
        if isinstance(known, SourceError):
            raise known
        loaded.report.format = known.format.name
        warning = self._zone_warning(connection, known, reading, folder)
        stream = reading.stream
        raw = RawWriter(folder, "lines")
        if self._keep_raw:
            assert loaded.report.source is not None
            head, reading.head = reading.head, b""
            reading.more = raw.tee(loaded.report.source, chain((head,), reading.more))

        def on_progress() -> None:
            progress("reading", stream.bytes, stream.size)

        pieces = ChunkedSource(connection, known, reading, loaded, folder).read(on_progress)
        self._note(loaded, reading)
        loaded.report.seconds = round(time.monotonic() - started, 3)
        if self._refused(loaded, loaded.report.lines):
            return
        loaded.finish(warning)
        self._pieces += pieces + raw.finish()

    def _zone_warning(
        self, connection: duckdb.DuckDBPyConnection, known: Recognised, reading: Reading, folder: Path
    ) -> str | None:
        if self._tz:
            return None
        writer = LineWriter()
        writer.add(0, "\n".join(first_lines(reading.sample, SAMPLE_LINES)).encode(), reading.newest)
        writer.write(folder / "first.parquet")
        relation = f"(FROM {parquet(folder / 'first.parquet')})"
        less = zones.zone_less(connection, exact_reader.parsing_of(connection, known, relation), relation)
        return zones.WARNING if less else None


def load(case: Case, arguments: Sequence[str], **options: Any) -> list[Source]:
    """Load sources into a case; see ``Loader`` for the options."""
    return Loader(case, **options).load(arguments)
