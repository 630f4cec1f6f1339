"""A part of a log: bytes ``start`` to ``end`` of what it holds, which is a source named ``access.log#0-4096``.

So a log that is still written to is loaded piece by piece, and each piece keeps a name by which it is found again.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from pathlib import Path
from typing import IO, cast

_NAME = re.compile(r"(.*)(#\d+-\d+)", re.DOTALL)
_MEMBER = re.compile(r"#(\d+)-(\d+)")


class Slice:
    """The bytes ``start`` to ``end`` (not included) of a file, to be read once."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._left, self._at = file, end - start, start

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many. Where the file is shared, its place is set anew each time."""
        self._file.seek(self._at)
        content = self._file.read(min(size, self._left))
        self._at += len(content)
        self._left -= len(content)
        return content


def member_of(start: int, end: int) -> str:
    """Return what a slice is called after its file's name."""
    return f"#{start}-{end}"


def bounds(member: str) -> tuple[int, int] | None:
    """Return start and end of a slice, or None where this names none."""
    found = _MEMBER.fullmatch(member)
    return (int(found[1]), int(found[2])) if found else None


def split(name: str) -> tuple[str, str] | None:
    """Return the file and the slice of a name such as ``access.log#0-4096``, or None where it names none."""
    found = _NAME.fullmatch(name)
    return (found[1], found[2]) if found else None


def open_plain(path: Path) -> IO[bytes]:
    """Open a log for its own bytes, also one that was compressed after it was rotated."""
    file = path.open("rb")
    magic = file.read(3)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if magic == b"BZh":
        return cast("IO[bytes]", bz2.BZ2File(file))
    if magic == b"\xfd7z":
        return cast("IO[bytes]", lzma.LZMAFile(file))
    return file
