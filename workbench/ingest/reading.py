"""Reading one input: its beginning is held in memory; a short one is whole there, a long one goes on in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.errors import SourceError
from workbench.ingest.chunks import LONGEST_LINE, TOO_LONG
from workbench.ingest.lines import Decoded
from workbench.ingest.stream import Stream

#: A source with no more bytes than this, after decompression, is read at once, many of them together.
SHORT = 8 << 20


@dataclass(slots=True)
class Reading:
    """An input whose beginning has been read; ``more`` gives the blocks that follow where ``whole`` is False."""

    stream: Stream
    head: bytes
    whole: bool
    decoded: Decoded
    more: Iterator[bytes]
    #: How the log begins, by which it is recognised.
    sample: bytes

    @property
    def newest(self) -> datetime:
        """The time from which years are told: the file's, else now."""
        mtime = self.stream.mtime
        return datetime.fromtimestamp(mtime, UTC) if mtime is not None else datetime.now(UTC)

    @property
    def mtime(self) -> str | None:
        """The file's time, ISO 8601."""
        return None if self.stream.mtime is None else self.newest.isoformat().replace("+00:00", "Z")

    def blocks(self) -> Iterator[bytes]:
        """Return all blocks, the beginning first."""
        yield self.head
        self.head = b""
        yield from self.more


def begin(stream: Stream, sample: bytes | None = None) -> Reading:
    """Read the beginning of a stream; ``sample`` is how its log begins, where the stream is a later part."""
    decoded = Decoded(stream)
    more = iter(decoded)
    parts: list[bytes] = []
    size, whole, newline = 0, True, False
    for block in more:
        parts.append(block)
        size += len(block)
        newline = newline or b"\n" in block
        if size > (SHORT if newline else LONGEST_LINE):
            whole = False
            break
    if not whole and not newline:
        raise SourceError(TOO_LONG)
    head = b"".join(parts)
    return Reading(stream, head, whole, decoded, more, head if sample is None else sample)
