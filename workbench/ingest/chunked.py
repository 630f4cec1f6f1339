"""A long source, in chunks: each read strictly where that is exact, else line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.fields import NORMALISED_NAMES
from workbench.case.segments import SegmentFile
from workbench.ingest import chunks, exact_reader, json_sql
from workbench.ingest.chunks import Chunk, Chunks
from workbench.ingest.fast_reader import FastJson, FastLines, FastReader
from workbench.ingest.lines import LineWriter, first_lines
from workbench.ingest.report import LoadedSource
from workbench.sqltext import file_literal, parquet

if TYPE_CHECKING:
    import duckdb

    from workbench.ingest.reading import Reading
    from workbench.ingest.recognise import Recognised


#: A record that goes on for more bytes than this is cut where a chunk ends.
_LONGEST_RECORD = 256 << 20


class ChunkedSource:
    """Reads one source into pieces of segments of its own and accounts for it in ``made``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        known: Recognised,
        reading: Reading,
        loaded: LoadedSource,
        folder: Path,
    ) -> None:
        self._connection, self._known, self._reading, self._made, self._folder = (
            connection, known, reading, loaded, folder,
        )  # fmt: skip
        assert loaded.report.source is not None
        self._source = loaded.report.source
        self._carried, self._carried_line = b"", 0
        self._pieces: list[SegmentFile] = []

    def read(self, on_progress: Callable[[], None]) -> list[SegmentFile]:
        """Read all of it. ``on_progress`` is called between chunks and may raise to stop."""
        strict = self._strict()
        blocks = self._reading.blocks()
        if strict is None:
            cut = Chunks(blocks, self._folder, room=None, size=chunks.SIZE)
        else:
            size, most = chunks.FIRST, chunks.MOST
            cut = Chunks(blocks, self._folder, room=strict.room, size=size, most=most)
        try:
            for chunk in cut:
                on_progress()
                self._made.report.lines += chunk.lines
                if strict is None:
                    self._exactly(chunk)
                elif not self._strictly(strict, chunk):
                    self._in_parts(strict, chunk, on_progress)
                chunk.drop()
        finally:
            cut.close()
        return self._pieces

    def _in_parts(self, strict: FastReader, chunk: Chunk, on_progress: Callable[[], None]) -> None:
        """Read a refused chunk in small ones, so that few lines pay for the one that was refused."""
        if chunk.size <= chunks.PART:
            self._exactly(chunk)
            return
        folder = self._folder / f"parts-{chunk.first_line}"
        folder.mkdir()
        cut = Chunks(chunk.blocks(), folder, room=strict.room, size=chunks.PART, first_line=chunk.first_line)
        try:
            for part in cut:
                on_progress()
                if not self._strictly(strict, part):
                    self._exactly(part)
                part.drop()
        finally:
            cut.close()

    def _strict(self) -> FastReader | None:
        """Return the strict reader for this format, if there is one: a line must be a record."""
        fmt = self._known.format
        if fmt.kind == "regex" and fmt.time_year and not (fmt.spans or fmt.skip):
            return FastLines(fmt)
        if fmt.kind != "json" or fmt.records or fmt.spans:
            return None
        head = self._folder / "head.parquet"
        writer = LineWriter()
        writer.add(self._source, "\n".join(first_lines(self._reading.sample, 4000)).encode(), self._reading.newest)
        writer.write(head)
        rows = self._connection.execute(json_sql.members(fmt, f"(FROM {parquet(head)} WHERE NOT blank)")).fetchall()
        return FastJson(fmt, [name for (name,) in rows])

    def _strictly(self, strict: FastReader, chunk: Chunk) -> bool:
        events = self._folder / f"{chunk.first_line}-strict.parquet"
        if not strict.read(self._connection, chunk, self._source, events):
            return False
        if chunk.lines:
            self._pieces.append(SegmentFile("events", events, chunk.lines))
        self._describe(events, chunk.lines, strict.extra_keys())
        return True

    def _describe(self, events: Path, lines: int, extra_keys: list[str]) -> None:
        """Account for a piece in which every line is an event, from the statistics that the engine wrote with it."""
        rows = self._connection.execute(
            "SELECT path_in_schema, sum(num_values - stats_null_count)::BIGINT, "
            "min(stats_min_value) FILTER (path_in_schema = 'ts'), max(stats_max_value) FILTER (path_in_schema = 'ts') "
            f"FROM parquet_metadata({file_literal(events)}) GROUP BY path_in_schema"
        ).fetchall()
        filled = {name: int(count) for name, count, _, _ in rows if name in NORMALISED_NAMES and count}
        span = next(((first, last) for name, _, first, last in rows if name == "ts"), (None, None))
        if filled.get("ts"):
            for clock in exact_reader.backward(self._connection, events, row_a_line=True).values():
                self._made.backward.add(*clock)
        first, last = self._connection.execute("SELECT ?::TIMESTAMP, ?::TIMESTAMP", span).fetchone() or (None, None)
        self._made.add(
            event_lines=lines, events=lines, rejects=0, span=(first, last), columns=filled, extra_keys=extra_keys
        )

    def _exactly(self, chunk: Chunk) -> None:
        """Read a chunk line by line; a last record that may go on is carried to the next chunk."""
        content, line = chunk.read(), chunk.first_line
        if self._carried:
            content, line = self._carried + content, self._carried_line
            self._carried = b""
        lines = self._folder / "lines.parquet"
        writer = LineWriter()
        self._made.not_utf8 += writer.add(self._source, content, self._reading.newest, line=line).not_utf8
        writer.write(lines)
        before = None if chunk.last else exact_reader.last_start(self._connection, self._known, lines)
        if before == line and len(content) < _LONGEST_RECORD:
            self._carried, self._carried_line = content, line
            return
        if before is not None and before > line:
            place = 0
            for _ in range(before - line):
                place = content.index(b"\n", place) + 1
            self._carried, self._carried_line = content[place:], before
        else:
            before = None
        into = self._folder / str(line)
        made = {self._source: self._made}
        self._pieces += exact_reader.read(self._connection, self._known, lines, made, into, before=before)
        lines.unlink()
