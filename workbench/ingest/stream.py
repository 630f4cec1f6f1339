"""The bytes of a source: read once, hashed as they are on the disk, decompressed on the way."""

from __future__ import annotations

import bz2
import contextlib
import hashlib
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from workbench.errors import SourceError
from workbench.ingest import archives, slices

CHUNK = 4 << 20

#: What is made of compressed bytes at a time.
_PLAIN = 8 << 20

_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"


class _Member(Protocol):
    """One member of a compressed file: ``feed`` gives what its bytes hold, in pieces; ``rest`` is what follows it."""

    rest: bytes

    @property
    def ended(self) -> bool: ...
    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.rest = b""

    @property
    def ended(self) -> bool:
        return self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self._inner.eof:
            yield self._inner.decompress(data, _PLAIN)
            data = self._inner.unconsumed_tail
        self.rest = self._inner.unused_data


class _Blocks:
    """bzip2 and xz, which have the same way of being asked."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner
        self.rest = b""

    @property
    def ended(self) -> bool:
        return self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.decompress(data, _PLAIN)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", _PLAIN)
        self.rest = self._inner.unused_data


class _Zstd:
    """Zstandard, fed in small pieces so that what comes out stays small too."""

    def __init__(self) -> None:
        import zstandard

        self._inner = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
        self._error = zstandard.ZstdError
        self.rest = b""

    @property
    def ended(self) -> bool:
        return bool(self._inner.eof)

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), 1 << 16):
            try:
                yield self._inner.decompress(data[start : start + (1 << 16)])
            except self._error as error:
                raise OSError(str(error)) from error
            if self._inner.eof:
                self.rest = self._inner.unused_data + data[start + (1 << 16) :]
                return


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Stream:
    """A source being read: iterate for decompressed blocks; afterwards ``sha256`` and ``bytes`` of the file itself.

    ``problem`` says, after reading, why the end could not be read (a truncated or damaged archive), else None.
    """

    def __init__(self, file: _Bytes, size: int | None, mtime: float | None) -> None:
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
        while block := self._file.read(CHUNK):
            self._digest.update(block)
            self.bytes += len(block)
            yield block

    def __iter__(self) -> Iterator[bytes]:
        raw = self._raw()
        first = next(raw, b"")
        if first.startswith(b"7z\xbc\xaf"):
            raise SourceError("it is a 7z archive, which cannot be read here; unpack it and load what is in it")
        make: Callable[[], _Member] | None = None
        if first.startswith(_GZIP):
            make = _Gzip
        elif first.startswith(_BZIP2):
            make = lambda: _Blocks(bz2.BZ2Decompressor())  # noqa: E731
        elif first.startswith(_XZ):
            make = lambda: _Blocks(lzma.LZMADecompressor())  # noqa: E731
        elif first.startswith(_ZSTD):
            make = _Zstd
        if make is None:
            if first:
                yield first
            yield from raw
        else:
            yield from self._decompressed(first, raw, make)

    def _decompressed(self, first: bytes, raw: Iterator[bytes], make: Callable[[], _Member]) -> Iterator[bytes]:
        """Decompress one member after the other; damage ends the reading, not the loading of what came before."""
        member = make()
        waiting, started, size = first, False, 0
        while True:
            waiting = waiting or next(raw, b"")
            if not waiting:
                break
            if member.ended:
                waiting = waiting.lstrip(b"\x00")
                member, started = make(), False
                continue
            started = True
            try:
                for plain in member.feed(waiting):
                    size += len(plain)
                    if plain:
                        yield plain
                    if size > archives.MOST_BYTES and size > archives.MOST_TIMES * self.bytes:
                        self.problem = f"stopped: it grew to more than {archives.MOST_TIMES} times its size"
                        return
            except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
                self.problem = f"damaged after byte {self.bytes - len(waiting):,} of the archive ({error})"
                for _ in raw:
                    pass
                return
            waiting = member.rest if member.ended else b""
        if started and not member.ended:
            self.problem = "truncated: the archive ends in the middle"


@contextmanager
def open_stream(path: Path | None, member: str | None = None, file: IO[bytes] | None = None) -> Iterator[Stream]:
    """Open a file, a part of one, one in an archive or, for None, standard input.

    Of a slice ``file`` may be open already. Raises SourceError for what cannot be opened.
    """
    if path is None:
        yield Stream(sys.stdin.buffer, None, None)
        return
    if member is not None and (part := slices.bounds(member)):
        try:
            with contextlib.nullcontext(file) if file else slices.open_plain(path) as whole:
                yield Stream(slices.Slice(whole, *part), part[1] - part[0], os.fstat(whole.fileno()).st_mtime)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"it cannot be read: {error}") from error
        return
    if member is not None:
        with archives.open_member(path, member) as (file_, size, mtime):
            yield Stream(file_, size, mtime)
        return
    try:
        mode = path.stat().st_mode
        if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode) or stat.S_ISCHR(mode):
            raise SourceError("it is a device or a socket, not a log")
        with path.open("rb", buffering=0) as opened:
            info = os.fstat(opened.fileno())
            regular = stat.S_ISREG(info.st_mode)
            yield Stream(opened, info.st_size if regular else None, info.st_mtime if regular else None)
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror or error}") from error
