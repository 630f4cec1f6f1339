"""Physical lines: a stream cut into lines and written beside each other, exactly, for the engine to parse.

A line ends at a newline byte; a carriage return before it belongs to the ending. The last line may lack one.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.ingest.stream import Stream

if TYPE_CHECKING:
    import polars as pl

_FLUSH_BYTES = 48 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(slots=True)
class Spooled:
    """The lines of one source: files with columns line, text, raw (NULL where the text's UTF-8 is the line)."""

    files: list[Path] = field(default_factory=list)
    lines: int = 0
    blank: int = 0
    not_utf8: int = 0
    encoding: str = "utf-8"
    head: list[tuple[int, str]] = field(default_factory=list)


def spool(
    stream: Stream, folder: Path, *, on_progress: Callable[[int, int], None] | None = None, head: int = 200
) -> Spooled:
    """Write the lines of a stream below ``folder``. ``on_progress`` gets bytes read and lines so far."""
    result = Spooled()
    pending: list[bytes] = []
    size = 0
    for batch in _line_batches(_decoded(stream, result)):
        pending += batch
        size += sum(map(len, batch))
        if size >= _FLUSH_BYTES:
            _flush(pending, folder, result, head)
            pending, size = [], 0
        if on_progress:
            on_progress(stream.bytes, result.lines + len(pending))
    if pending or not result.files:
        _flush(pending, folder, result, head)
    return result


def _decoded(stream: Iterable[bytes], result: Spooled) -> Iterator[bytes]:
    """Drop a byte order mark; turn UTF-16 into UTF-8."""
    chunks = iter(stream)
    first = next(chunks, b"")
    while 0 < len(first) < 4 and (more := next(chunks, b"")):
        first += more
    decoder = None
    for mark, name in _BOMS:
        if first.startswith(mark):
            first = first[len(mark) :]
            if name != "utf-8":
                result.encoding = name
                decoder = codecs.getincrementaldecoder(name)(errors="replace")
            break
    if decoder is None:
        yield first
        yield from chunks
        return
    yield decoder.decode(first).encode("utf-8")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8")
    yield decoder.decode(b"", final=True).encode("utf-8")


def _line_batches(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield lines without their newline, a chunk's worth at a time; a line that spans chunks is joined once."""
    parts: list[bytes] = []
    for chunk in chunks:
        lines = chunk.split(b"\n")
        if len(lines) == 1:
            parts.append(chunk)
            continue
        if parts:
            parts.append(lines[0])
            lines[0] = b"".join(parts)
        parts = [lines.pop()]
        yield lines
    last = b"".join(parts)
    if last:
        yield [last]


def _flush(lines: list[bytes], folder: Path, result: Spooled, head: int) -> None:
    import polars as pl

    raw = pl.Series("raw", lines, dtype=pl.Binary)
    frame = pl.DataFrame(
        {
            "line": pl.int_range(result.lines + 1, result.lines + 1 + len(lines), dtype=pl.Int64, eager=True),
            "raw": raw,
            "text": _texts(raw, lines, result),
        }
    )
    frame = frame.with_columns(pl.col("text").str.strip_suffix("\r"))
    blank = frame["text"].str.strip_chars() == ""
    result.lines += len(lines)
    result.blank += int(blank.sum())
    frame = frame.filter(~blank).with_columns(
        raw=pl.when(pl.col("text").cast(pl.Binary) == pl.col("raw")).then(None).otherwise(pl.col("raw"))
    )
    if len(result.head) < head:
        result.head += [
            (line, text) for line, text in frame.select("line", "text").head(head - len(result.head)).rows()
        ]
    file = folder / f"lines-{len(result.files):05d}.parquet"
    frame.select("line", "text", "raw").write_parquet(file, compression="lz4", statistics=False)
    result.files.append(file)


def _texts(raw: pl.Series, lines: list[bytes], result: Spooled) -> pl.Series:
    """Decode lines; in those that are not UTF-8 each bad byte is written ``\\xNN``."""
    import polars as pl

    try:
        return raw.cast(pl.String).alias("text")
    except pl.exceptions.ComputeError:
        texts = [line.decode("utf-8", errors="backslashreplace") for line in lines]
        result.not_utf8 += sum(text.encode() != line for text, line in zip(texts, lines, strict=True))
        return pl.Series("text", texts, dtype=pl.String)
