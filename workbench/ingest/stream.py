"""The bytes of a source: read once, hashed as they are on the disk, decompressed on the way."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from workbench.errors import SourceError

CHUNK = 4 << 20

_ARCHIVES = ((b"PK\x03\x04", "a zip archive"), (b"7z\xbc\xaf", "a 7z archive"), (b"\x28\xb5\x2f\xfd", "zstd"))
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class Stream:
    """A source being read: iterate for decompressed chunks; afterwards ``sha256`` and ``bytes`` of the file itself.

    ``problem`` says, after reading, why the end could not be read (a truncated or damaged archive), else None.
    """

    def __init__(self, file: BinaryIO, size: int | None, mtime: float | None) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = size
        self.mtime = mtime
        self.bytes = 0
        self.problem: str | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes read, hexadecimal."""
        return self._digest.hexdigest()

    def _raw(self) -> Iterator[bytes]:
        while chunk := self._file.read(CHUNK):
            self._digest.update(chunk)
            self.bytes += len(chunk)
            yield chunk

    def __iter__(self) -> Iterator[bytes]:
        raw = self._raw()
        first = next(raw, b"")
        for magic, what in _ARCHIVES:
            if first.startswith(magic):
                raise SourceError(f"it is {what}, which cannot be read here; unpack it and load what is in it")
        make: Callable[[], _Decompressor] | None = None
        if first.startswith(_GZIP):
            make = lambda: zlib.decompressobj(wbits=31)  # noqa: E731
        elif first.startswith(_BZIP2):
            make = bz2.BZ2Decompressor
        elif first.startswith(_XZ):
            make = lzma.LZMADecompressor
        if make is None:
            if first:
                yield first
            yield from raw
        else:
            yield from self._decompressed(first, raw, make)

    def _decompressed(self, first: bytes, raw: Iterator[bytes], make: Callable[[], _Decompressor]) -> Iterator[bytes]:
        """Decompress one member after the other; damage ends the reading, not the loading of what came before."""
        member = make()
        waiting, started = first, False
        while True:
            if not waiting:
                waiting = next(raw, b"")
                if not waiting:
                    break
            if member.eof:
                waiting = waiting.lstrip(b"\x00")
                member, started = make(), False
                continue
            try:
                plain = member.decompress(waiting)
            except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
                self.problem = f"damaged after byte {self.bytes - len(waiting):,} of the archive ({error})"
                for _ in raw:
                    pass
                return
            started = True
            waiting = member.unused_data if member.eof else b""
            if plain:
                yield plain
        if started and not member.eof:
            self.problem = "truncated: the archive ends in the middle"


@contextmanager
def open_stream(path: Path | None) -> Iterator[Stream]:
    """Open a file or, for None, standard input. Raises SourceError for what cannot be opened."""
    if path is None:
        yield Stream(sys.stdin.buffer, None, None)
        return
    try:
        mode = path.stat().st_mode
        if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode) or stat.S_ISCHR(mode):
            raise SourceError("it is a device or a socket, not a log")
        with path.open("rb", buffering=0) as file:
            info = os.fstat(file.fileno())
            regular = stat.S_ISREG(info.st_mode)
            yield Stream(file, info.st_size if regular else None, info.st_mtime if regular else None)
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror or error}") from error
