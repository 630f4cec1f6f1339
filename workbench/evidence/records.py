"""The verbatim lines behind events, read from the original logs where they still are, by line number."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from workbench.ingest.archives import locate
from workbench.ingest.lines import Decoded
from workbench.ingest.stream import open_stream

COLUMNS = ("event_id", "source", "path", "line", "lines", "record", "base64")
#: An event's id, its source, its first line and how many lines it has.
Place = tuple[str, int, int, int]


def spans(path: Path, member: str | None, wanted: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Yield physical lines of a log without the last ending: for each (first line from 1, how many), in rising order.

    Only what is between the first and the last line of one span is held in memory.
    """
    with open_stream(path, member) as stream:
        yield from spans_in(iter(Decoded(stream)), wanted)


def spans_in(blocks: Iterator[bytes], wanted: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Yield lines as ``spans`` does, of a log's bytes that come in pieces."""
    first, rest, ended = 1, b"", False
    lines: list[bytes] = []
    for start, number in wanted:
        while start + number > first + len(lines) and not ended:
            block = next(blocks, None)
            if block is None:
                ended = True
                lines = [*lines, rest] if rest else lines
                break
            kept = max(0, start - first)
            first, lines = first + min(kept, len(lines)), lines[kept:]
            block = rest + block
            endings = block.count(b"\n")
            if start >= first + len(lines) + endings:
                first, rest = first + len(lines) + endings, block[block.rfind(b"\n") + 1 :]
                lines = []
            else:
                *more, rest = block.split(b"\n")
                lines += more
        at = start - first
        yield b"\n".join(lines[at : at + number]).removesuffix(b"\r")


def lines_of(path: str, wanted: Iterable[int]) -> tuple[dict[int, bytes], str]:
    """Return the wanted physical lines of a log, from 1, without their endings, and the SHA-256 of the file itself."""
    located = locate(path)
    assert located is not None
    numbers = sorted(set(wanted))
    lines = dict(zip(numbers, spans(*located, ((number, 1) for number in numbers)), strict=True))
    return lines, sha256_of(*located)


def sha256_of(path: Path, member: str | None = None) -> str:
    """Return the SHA-256 of a file, or of one in an archive, as a load records it."""
    if member is None:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    with open_stream(path, member) as stream:
        for _ in stream:
            pass
        return stream.sha256


def as_text(raw: bytes) -> tuple[str, str]:
    """Return a line as text and, where it is not UTF-8, its bytes as base64."""
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="backslashreplace"), base64.b64encode(raw).decode("ascii")


def records(
    events: Iterable[Place],
    sources: Mapping[int, tuple[str, str | None, str]],
    missing: list[str],
    kept: Callable[[int], Iterator[bytes] | None] = lambda _: None,
) -> Iterator[tuple[object, ...]]:
    """Yield rows of :data:`COLUMNS` for events that come by source and line, a few of them in memory at a time.

    ``sources`` gives path, where it was and SHA-256; what cannot be read, or is not the file that was loaded, is added
    to ``missing``, unless ``kept`` gives the bytes of the source that the case keeps.
    """
    for source, group in groupby(events, key=lambda event: event[1]):
        if source not in sources:
            missing.append(f"source {source}: which log that is was not written down, so its records are left out")
            continue
        path, origin, sha256 = sources[source]
        located = locate(origin or path)
        why = "the log is not where it was" if located is None else None
        if located is not None and sha256_of(*located) != sha256:
            why = "the file there is not the one that was loaded"
        copy = kept(source) if why else None
        if why and copy is None:
            missing.append(f"source {source}: {why}, so its records are left out")
            continue
        ahead: list[Place] = []
        watched = _watched(group, ahead)
        if copy is not None:
            lines_found = spans_in(copy, watched)
        else:
            assert located is not None
            lines_found = spans(*located, watched)
        for raw in lines_found:
            event_id, _, line, lines = ahead.pop()
            yield event_id, source, path, line, max(lines, 1), *as_text(raw)


def _watched(events: Iterator[Place], ahead: list[Place]) -> Iterator[tuple[int, int]]:
    """Yield where events' lines are; ``ahead`` gets the event that each is of."""
    for event in events:
        ahead.append(event)
        yield event[2], max(event[3], 1)
