"""Physical lines: bytes cut into lines and written beside each other, exactly, for the engine to parse.

A line ends at a newline byte; a carriage return before it belongs to the ending. The last line may lack one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import CaseError

if TYPE_CHECKING:
    import polars as pl

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Decoded:
    """Blocks of bytes without a byte order mark, UTF-16 turned into UTF-8; ``encoding`` is known after the first."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self.encoding = "utf-8"
        #: Half a character of UTF-16 at the end of what was read.
        self.cut = b""

    def __iter__(self) -> Iterator[bytes]:
        first = next(self._blocks, b"")
        while 0 < len(first) < 4 and (more := next(self._blocks, b"")):
            first += more
        for mark, name in _BOMS:
            if first.startswith(mark):
                first, self.encoding = first[len(mark) :], name
                break
        if self.encoding == "utf-8":
            yield first
            yield from self._blocks
            return
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
        for block in chain((first,), self._blocks):
            given = self.cut + block
            whole = len(given) // 2 * 2
            self.cut = given[whole:]
            yield decoder.decode(given[:whole]).encode("utf-8")
        yield decoder.decode(b"", final=True).encode("utf-8")


def count_lines(content: bytes) -> int:
    """Return how many physical lines these bytes are."""
    return content.count(b"\n") + (not content.endswith(b"\n") if content else 0)


def first_lines(content: bytes, most: int, enough: int = 1 << 20) -> list[str]:
    """Return the text of the first whole lines that are not blank, without their endings.

    At most ``most`` of them; one longer than ``enough`` characters only where all are.
    """
    lines: list[str] = []
    start = 0
    while len(lines) < most and start < min(len(content), 64 * enough):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        text = content[start:end].decode("utf-8", errors="backslashreplace").removesuffix("\r")
        if text.strip():
            lines.append(text)
        start = end + 1
    short = [text for text in lines if len(text) <= enough]
    return short or lines[:1]


@dataclass(slots=True)
class Counted:
    """What the lines of one source are: how many, and how many hold bytes that are not UTF-8."""

    lines: int = 0
    not_utf8: int = 0


class LineWriter:
    """Collects the lines of one or many sources in one Parquet file.

    Its columns: source, line (from 1), text, raw (NULL where the text's UTF-8 is the line), blank, newest (the source's
    time, from which years are told).
    """

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def add(self, source: int, content: bytes, newest: datetime, *, line: int = 1) -> Counted:
        """Add the lines of these bytes, the first of them having the number ``line``."""
        import polars as pl

        counted = Counted(count_lines(content))
        if not counted.lines:
            return counted
        body = content.removesuffix(b"\n")
        try:
            text = pl.Series("text", [body.decode()]).str.split("\n").explode()
            raw = pl.lit(None, dtype=pl.Binary)
            kept = text
        except UnicodeDecodeError:
            lines = body.split(b"\n")
            texts = [one.decode("utf-8", errors="backslashreplace") for one in lines]
            bad = [one if text.encode() != one else None for one, text in zip(lines, texts, strict=True)]
            counted.not_utf8 = sum(one is not None for one in bad)
            text = kept = pl.Series("text", texts, dtype=pl.String)
            raw = pl.lit(pl.Series("raw", bad, dtype=pl.Binary))
        ends = pl.col("text").str.ends_with("\r")
        frame = pl.DataFrame({"text": text}).select(
            source=pl.lit(source, dtype=pl.Int32),
            line=pl.int_range(line, line + counted.lines, dtype=pl.Int64),
            text=pl.col("text").str.strip_suffix("\r"),
            raw=pl.coalesce(raw, pl.when(ends).then(pl.lit(kept).cast(pl.Binary))),
            blank=pl.col("text").str.strip_chars() == "",
            newest=pl.lit(newest.replace(tzinfo=None), dtype=pl.Datetime("us")),
        )
        self._frames.append(frame)
        return counted

    def write(self, file: Path) -> None:
        """Write what was added, even if that is nothing."""
        import polars as pl

        schema: dict[str, Any] = {
            "source": pl.Int32, "line": pl.Int64, "text": pl.String, "raw": pl.Binary, "blank": pl.Boolean,
            "newest": pl.Datetime("us"),
        }  # fmt: skip
        frame = pl.concat(self._frames) if self._frames else pl.DataFrame(schema=schema)
        try:
            frame.write_parquet(file, compression="lz4", statistics=False)
        except pl.exceptions.PolarsError as error:
            raise CaseError(f"{file.parent} cannot be written ({error}); is the disk full?") from error
        self._frames = []
