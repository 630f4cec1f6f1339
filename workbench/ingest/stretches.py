"""A long source cut into stretches of whole lines, read ahead by a thread of its own while the engine parses.

A stretch for the strict reader is a file that begins with room for a schema (see ``strict``); any other is bytes.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import SourceError
from workbench.ingest.stream import CHUNK

#: A line takes many times its size in memory; a log with a longer one is refused rather than everything put at risk.
LONGEST_LINE = 128 << 20
TOO_LONG = f"a line is longer than {LONGEST_LINE >> 20} MiB: this is no log (or an archive's bomb)"
#: Bytes of a stretch that is read line by line: many lines at once, and room in memory for what becomes of them.
SIZE = 96 << 20
#: Bytes of the first stretch for a strict reader, which waits for it; each after it is twice as big, up to the most:
#: where a stretch ends, the engine's threads wait for each other.
FIRST, MOST = 24 << 20, 384 << 20
#: Bytes of the parts in which a stretch is read that the strict reader refused.
PART = 32 << 20


@dataclass(slots=True)
class Stretch:
    """Whole lines of a source: ``lines`` of them, the first having the number ``first_line``.

    In a file they begin after ``room`` bytes. ``returns`` says whether a carriage return is among them.
    """

    first_line: int
    lines: int
    last: bool
    room: int = 0
    file: Path | None = None
    content: bytes = b""
    returns: bool = False

    @property
    def size(self) -> int:
        """How many bytes the lines are."""
        return len(self.content) if self.file is None else self.file.stat().st_size - self.room

    def read(self) -> bytes:
        """Return the bytes of the lines."""
        if self.file is None:
            return self.content
        with self.file.open("rb") as file:
            file.seek(self.room)
            return file.read()

    def chunks(self) -> Iterator[bytes]:
        """Return the bytes of the lines in pieces."""
        if self.file is None:
            yield self.content
            return
        with self.file.open("rb") as file:
            file.seek(self.room)
            while chunk := file.read(CHUNK):
                yield chunk

    def drop(self) -> None:
        """Remove the file."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


class Stretches:
    """Iterate once for the stretches; at most two are ahead of the one being parsed."""

    def __init__(
        self, chunks: Iterator[bytes], folder: Path, *, room: int | None, size: int, most: int = 0, first_line: int = 1
    ) -> None:
        """``room`` bytes are left at the beginning of each file; None asks for bytes instead of files.

        ``size`` bytes are in the first, twice as many in each after it up to ``most``.
        """
        self._chunks, self._folder, self._room, self._size = chunks, folder, room, size
        self._most, self._first_line = max(size, most), first_line
        self._ready: queue.Queue[Stretch | BaseException | None] = queue.Queue(maxsize=1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def __iter__(self) -> Iterator[Stretch]:
        self._thread.start()
        while (one := self._ready.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one

    def close(self) -> None:
        """Stop the thread, whether or not it has read all."""
        self._stop.set()
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.05)
            except queue.Empty:
                continue

    def _put(self, one: Stretch | BaseException | None) -> None:
        while not self._stop.is_set():
            try:
                self._ready.put(one, timeout=0.1)
            except queue.Full:
                continue
            return

    def _run(self) -> None:
        try:
            self._cut()
            self._put(None)
        except BaseException as error:  # it is raised where the stretches are used
            self._put(error)

    def _cut(self) -> None:
        first_line, rest = self._first_line, b""
        while not self._stop.is_set():
            stretch, rest, more = self._one(first_line, rest)
            first_line += stretch.lines
            self._put(stretch)
            self._size = min(2 * self._size, self._most)
            if not more:
                return

    def _one(self, first_line: int, rest: bytes) -> tuple[Stretch, bytes, bool]:
        """Fill one stretch with what was left and with chunks up to a newline; say whether more follows."""
        stretch = Stretch(first_line, 0, last=False)
        parts: list[bytes] = []
        file = None
        if self._room is not None:
            stretch.room = self._room
            stretch.file = self._folder / f"stretch-{first_line}.json"
            file = stretch.file.open("wb", buffering=0)
            file.seek(self._room)
        size, line, ended = 0, 0, True

        def keep(piece: bytes) -> None:
            nonlocal size, ended, line
            if not piece:
                return
            size += len(piece)
            line = len(piece) - piece.rfind(b"\n") - 1 if b"\n" in piece else line + len(piece)
            if line > LONGEST_LINE:
                raise SourceError(TOO_LONG)
            stretch.lines += piece.count(b"\n")
            ended = piece.endswith(b"\n")
            stretch.returns = stretch.returns or b"\r" in piece
            if file is not None:
                file.write(piece)
            else:
                parts.append(piece)

        try:
            chunk: bytes | None = rest
            while chunk is not None and not self._stop.is_set():
                cut = chunk.rfind(b"\n") + 1 if size + len(chunk) >= self._size else 0
                if cut:
                    keep(chunk[:cut])
                    return stretch, chunk[cut:], True
                keep(chunk)
                chunk = next(self._chunks, None)
            stretch.last = True
            stretch.lines += not ended
            return stretch, b"", False
        finally:
            stretch.content = b"".join(parts)
            if file is not None:
                file.close()
