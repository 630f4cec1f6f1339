"""A long source cut into chunks of whole lines, read ahead by a thread of its own while the engine parses.

A chunk for the strict reader is a file that begins with room for a schema (see ``strict``); any other is bytes.
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
#: Bytes of a chunk that is read line by line: many lines at once, and room in memory for what becomes of them.
SIZE = 96 << 20
#: Bytes of the first chunk for a strict reader, which waits for it; each after it is twice as big, up to the most:
#: where a chunk ends, the engine's threads wait for each other.
FIRST, MOST = 24 << 20, 384 << 20
#: Bytes of the parts in which a chunk is read that the strict reader refused.
PART = 32 << 20


@dataclass(slots=True)
class Chunk:
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

    def blocks(self) -> Iterator[bytes]:
        """Return the bytes of the lines in pieces."""
        if self.file is None:
            yield self.content
            return
        with self.file.open("rb") as file:
            file.seek(self.room)
            while block := file.read(CHUNK):
                yield block

    def drop(self) -> None:
        """Remove the file."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


class Chunks:
    """Iterate once for the chunks; at most two are ahead of the one being parsed."""

    def __init__(
        self, blocks: Iterator[bytes], folder: Path, *, room: int | None, size: int, most: int = 0, first_line: int = 1
    ) -> None:
        """``room`` bytes are left at the beginning of each file; None asks for bytes instead of files.

        ``size`` bytes are in the first, twice as many in each after it up to ``most``.
        """
        self._blocks, self._folder, self._room, self._size = blocks, folder, room, size
        self._most, self._first_line = max(size, most), first_line
        self._ready: queue.Queue[Chunk | BaseException | None] = queue.Queue(maxsize=1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def __iter__(self) -> Iterator[Chunk]:
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

    def _put(self, one: Chunk | BaseException | None) -> None:
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
        except BaseException as error:  # it is raised where the chunks are used
            self._put(error)

    def _cut(self) -> None:
        first_line, rest = self._first_line, b""
        while not self._stop.is_set():
            chunk, rest, more = self._one(first_line, rest)
            first_line += chunk.lines
            self._put(chunk)
            self._size = min(2 * self._size, self._most)
            if not more:
                return

    def _one(self, first_line: int, rest: bytes) -> tuple[Chunk, bytes, bool]:
        """Fill one chunk with what was left and with blocks up to a newline; say whether more follows."""
        chunk = Chunk(first_line, 0, last=False)
        parts: list[bytes] = []
        file = None
        if self._room is not None:
            chunk.room = self._room
            chunk.file = self._folder / f"chunk-{first_line}.json"
            file = chunk.file.open("wb", buffering=0)
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
            chunk.lines += piece.count(b"\n")
            ended = piece.endswith(b"\n")
            chunk.returns = chunk.returns or b"\r" in piece
            if file is not None:
                file.write(piece)
            else:
                parts.append(piece)

        try:
            block: bytes | None = rest
            while block is not None and not self._stop.is_set():
                cut = block.rfind(b"\n") + 1 if size + len(block) >= self._size else 0
                if cut:
                    keep(block[:cut])
                    return chunk, block[cut:], True
                keep(block)
                block = next(self._blocks, None)
            chunk.last = True
            chunk.lines += not ended
            return chunk, b"", False
        finally:
            chunk.content = b"".join(parts)
            if file is not None:
                file.close()
