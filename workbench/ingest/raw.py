"""The verbatim lines of sources, kept in the case in compressed blocks of lines (segments of the kind ``raw``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.execute import first_line
from workbench.case.folder import sha256_file
from workbench.case.segments import SegmentFile
from workbench.errors import CaseError, EvidenceError
from workbench.sqltext import unglobbed

if TYPE_CHECKING:
    from workbench.case import Case

#: Bytes of a block, which is compressed by itself and read whole for one of its lines; and bytes of a segment.
_BLOCK, _SEGMENT = 256 << 10, 128 << 20


class RawWriter:
    """Collects the lines of sources; ``finish`` gives the pieces. Its files are named after ``folder`` and ``name``."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._blocks: list[tuple[int, int, int, bytes]] = []
        self._size = 0
        self._pieces: list[SegmentFile] = []

    def add(self, source: int, content: bytes) -> None:
        """Keep all lines of a source."""
        for _ in self.tee(source, iter((content,))):
            pass

    def tee(self, source: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass on the bytes of a source, keeping its lines."""
        line, rest = 1, b""
        for block in blocks:
            rest += block
            start = 0
            while len(rest) - start > _BLOCK:
                cut = rest.rfind(b"\n", start, start + _BLOCK) + 1 or rest.find(b"\n", start) + 1
                if not cut:
                    break
                line = self._block(source, line, rest[start:cut])
                start = cut
            rest = rest[start:]
            yield block
        if rest:
            self._block(source, line, rest)

    def _block(self, source: int, line: int, content: bytes) -> int:
        lines = content.count(b"\n") + (not content.endswith(b"\n"))
        self._blocks.append((source, line, lines, content))
        self._size += len(content)
        if self._size >= _SEGMENT:
            self._write()
        return line + lines

    def _write(self) -> None:
        import polars as pl

        blocks, self._blocks, self._size = self._blocks, [], 0
        file = self._folder / f"{self._name}-{len(self._pieces)}.raw.parquet"
        frame = pl.DataFrame(
            blocks,
            schema={"source": pl.Int32, "first_line": pl.Int64, "lines": pl.Int64, "raw": pl.Binary},
            orient="row",
        )
        try:
            frame.write_parquet(file, compression="zstd", compression_level=3, row_group_size=32)
        except pl.exceptions.PolarsError as error:
            raise CaseError(f"{self._folder} cannot be written ({error}); is the disk full?") from error
        self._pieces.append(SegmentFile("raw", file, len(blocks)))

    def finish(self) -> list[SegmentFile]:
        """Write what is left and return the pieces."""
        if self._blocks:
            self._write()
        return self._pieces


def kept_source(case: Case, source: int) -> Iterator[bytes] | None:
    """Return all bytes of a source as the case keeps them, in pieces; None where it keeps none.

    Raises EvidenceError where a file that they are in is not as it was recorded.
    """
    import duckdb

    recorded = _segments(case)
    with duckdb.connect() as bare:
        sql = "SELECT DISTINCT filename FROM read_parquet($files, filename = true) WHERE source = $source"
        files = (
            [row[0] for row in bare.execute(sql, {"files": [*map(unglobbed, recorded)], "source": source}).fetchall()]
            if recorded
            else []
        )
    if not files:
        return None
    _check(recorded, files)

    def blocks() -> Iterator[bytes]:
        with duckdb.connect() as bare:
            bare.execute(
                "SELECT raw FROM read_parquet($files) WHERE source = $source ORDER BY first_line",
                {"files": [*map(unglobbed, files)], "source": source},
            )
            while rows := bare.fetchmany(16):
                yield from (row[0] for row in rows)

    return blocks()


def _segments(case: Case) -> dict[str, str]:
    """Return the files with lines that are there, and the recorded hash of each."""
    rows = case.ledger.rows("SELECT file, sha256 FROM segment WHERE kind = 'raw' ORDER BY segment")
    recorded = {str(case.folder.path / row["file"]): str(row["sha256"]) for row in rows}
    return {file: digest for file, digest in recorded.items() if Path(file).is_file()}


def _check(recorded: Mapping[str, str], files: Iterable[str]) -> None:
    for file in files:
        if sha256_file(Path(file)) != recorded[file]:
            raise EvidenceError(f"{file} was changed since it was written; see workbench verify")


def kept_lines(case: Case, source: int, line: int, lines: int) -> bytes | None:
    """Return lines of a source as the case keeps them, without the last ending; None where it keeps none.

    Raises EvidenceError where a file that they are in is not as it was recorded.
    """
    import duckdb

    recorded = _segments(case)
    if not recorded:
        return None
    with duckdb.connect() as bare:
        try:
            rows = bare.execute(
                "SELECT filename, first_line, raw FROM read_parquet($files, filename = true) WHERE source = $source "
                "AND first_line < $line + $lines AND first_line + lines > $line ORDER BY first_line",
                {"files": [*map(unglobbed, recorded)], "source": source, "line": line, "lines": lines},
            ).fetchall()
        except duckdb.Error as error:
            raise EvidenceError(
                f"the lines that the case keeps cannot be read ({first_line(error)}); see workbench verify"
            ) from error
    if not rows:
        return None
    _check(recorded, {row[0] for row in rows})
    found = b"".join(row[2] for row in rows).split(b"\n")
    at = line - int(rows[0][1])
    return b"\n".join(found[at : at + lines]).removesuffix(b"\r")
