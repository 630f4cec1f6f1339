"""Short sources: many at once, those of one format parsed together and sharing a segment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.case.execute import first_line
from workbench.case.segments import SegmentFile
from workbench.errors import SourceError
from workbench.formats.model import Format
from workbench.ingest import exact_reader, zones
from workbench.ingest.lines import LineWriter
from workbench.ingest.raw import RawWriter
from workbench.ingest.reading import Reading
from workbench.ingest.recognise import SAMPLE_LINES, Recognised, head_of, recognise
from workbench.ingest.report import LoadedSource

if TYPE_CHECKING:
    from datetime import datetime

_MOST_BYTES = 48 << 20
_MOST_SOURCES = 1000


class BatchedSources:
    """Collects sources until there are enough; ``read`` then parses what was collected."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        formats: Mapping[str, Format],
        wanted: Format | None,
        *,
        warn: bool,
        folder: Path,
        keep_raw: bool = False,
    ) -> None:
        self._connection, self._formats, self._wanted, self._warn = connection, formats, wanted, warn
        self._folder, self._keep_raw = folder, keep_raw
        self._waiting: list[tuple[LoadedSource, bytes, datetime]] = []
        self._samples: list[list[str]] = []
        self._bytes = self._batch = 0

    @property
    def full(self) -> bool:
        """Whether it is time to read."""
        return self._bytes >= _MOST_BYTES or len(self._waiting) >= _MOST_SOURCES

    def add(self, made: LoadedSource, reading: Reading) -> None:
        """Collect a source that was read whole."""
        self._waiting.append((made, reading.head, reading.newest))
        self._samples.append(head_of(reading.sample))
        self._bytes += len(reading.head)

    def read(self) -> list[SegmentFile]:
        """Parse what was collected; what cannot be read becomes its report's error."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        started = time.monotonic()
        heads, self._samples = dict(enumerate(self._samples)), []
        known = recognise(self._connection, heads, self._formats, self._wanted) if waiting else {}
        groups: dict[tuple[str, ...], tuple[Recognised, list[tuple[LoadedSource, bytes, datetime]]]] = {}
        for number, source in enumerate(waiting):
            recognised = known[number]
            if isinstance(recognised, SourceError):
                _fail(source[0], recognised)
            else:
                source[0].report.format = recognised.format.name
                # What only the file tells of its format is part of the key.
                only = (recognised.format.name, str(recognised.format.document), str(recognised.format.records))
                key = (*only, recognised.delimiter, recognised.header_text or "", *recognised.header)
                groups.setdefault(key, (recognised, []))[1].append(source)
        pieces: list[SegmentFile] = []
        for recognised, members in groups.values():
            pieces += self._group(recognised, members)
        if self._keep_raw:
            raw = RawWriter(self._folder, f"batch-{self._batch}-{len(pieces)}")
            for loaded, content, _ in waiting:
                if loaded.report.source is not None:
                    raw.add(loaded.report.source, content)
            pieces += raw.finish()
        share = (time.monotonic() - started) / max(len(waiting), 1)
        for loaded, _, _ in waiting:
            loaded.report.seconds = round(loaded.report.seconds + share, 4)
        return pieces

    def _group(self, known: Recognised, members: list[tuple[LoadedSource, bytes, datetime]]) -> list[SegmentFile]:
        """Parse sources of one format together; where the engine fails, one by one to find which it cannot read."""
        self._batch += 1
        lines = self._folder / f"batch-{self._batch}-lines.parquet"
        writer = LineWriter()
        sources: dict[int, LoadedSource] = {}
        for loaded, content, newest in members:
            assert loaded.report.source is not None
            sources[loaded.report.source] = loaded
            counted = writer.add(loaded.report.source, content, newest)
            loaded.report.lines, loaded.not_utf8 = counted.lines, counted.not_utf8
        writer.write(lines)
        try:
            pieces = exact_reader.read(self._connection, known, lines, sources, lines.with_name(f"batch-{self._batch}"))
            less: set[int] = set()
            if self._warn:
                first = f"(FROM lines QUALIFY row_number() OVER (PARTITION BY source ORDER BY line) <= {SAMPLE_LINES})"
                less = zones.zone_less(self._connection, exact_reader.parsing_of(self._connection, known, first), first)
        except duckdb.InterruptException:
            raise
        except (duckdb.Error, SourceError) as error:
            if len(members) > 1:
                return [piece for one in members for piece in self._group(known, [one])]
            text = (
                f"the engine could not read it: {first_line(error)}" if isinstance(error, duckdb.Error) else str(error)
            )
            _fail(members[0][0], SourceError(text))
            return []
        finally:
            lines.unlink(missing_ok=True)
        for source, loaded in sources.items():
            loaded.finish(zones.WARNING if source in less else None)
        return pieces


def _fail(made: LoadedSource, error: SourceError) -> None:
    report = made.report
    report.source, report.format, report.error = None, None, str(error)
    report.lines = report.event_lines = report.events = report.rejects = report.skipped = 0
