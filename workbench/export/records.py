"""The verbatim lines behind events, read from the original logs where they still are, by line number."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.ingest.lines import Decoded
from workbench.ingest.stream import open_stream

COLUMNS = ("event_id", "source", "path", "line", "lines", "record", "base64")


def lines_of(path: Path, wanted: Iterable[int]) -> tuple[dict[int, bytes], str]:
    """Return the wanted physical lines of a log, from 1, without their endings, and the SHA-256 of the file itself."""
    ahead = iter(sorted(set(wanted)))
    found: dict[int, bytes] = {}
    with open_stream(path) as stream:
        want, line, rest = next(ahead, None), 1, b""
        for chunk in Decoded(stream):
            if want is None:
                continue
            block = rest + chunk
            number = block.count(b"\n")
            if want >= line + number:
                # Of what comes after the last ending only the line that is wanted has to be kept.
                line += number
                rest = block[block.rfind(b"\n") + 1 :] if want == line else b""
                continue
            pieces = block.split(b"\n")
            while want is not None and want < line + number:
                found[want] = pieces[want - line].removesuffix(b"\r")
                want = next(ahead, None)
            line, rest = line + number, pieces[-1]
        if want == line and rest:
            found[want] = rest.removesuffix(b"\r")
        sha256 = stream.sha256
    return found, sha256


def as_text(raw: bytes) -> tuple[str, str]:
    """Return a line as text and, where it is not UTF-8, its bytes as base64."""
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="backslashreplace"), base64.b64encode(raw).decode("ascii")


def records(
    events: Iterable[tuple[str, int, int, int]], sources: dict[int, tuple[str, str | None, str]], missing: list[str]
) -> Iterator[tuple[object, ...]]:
    """Yield rows of :data:`COLUMNS` for events (id, source, line, lines), by source and line.

    ``sources`` gives path, where it was and SHA-256; what cannot be read, or is not the file that was loaded, is added
    to ``missing``.
    """
    by_source: dict[int, list[tuple[str, int, int]]] = {}
    for event_id, source, line, lines in events:
        by_source.setdefault(source, []).append((event_id, line, max(lines, 1)))
    for source, wanted in sorted(by_source.items()):
        path, origin, sha256 = sources[source]
        file = Path(origin or path)
        if not file.is_file():
            missing.append(f"source {source}: the log is not where it was, so its {len(wanted):,} records are left out")
            continue
        found, digest = lines_of(file, (n for _, line, lines in wanted for n in range(line, line + lines)))
        if digest != sha256:
            missing.append(
                f"source {source}: the file there now is not the one that was loaded; its records are left out"
            )
            continue
        for event_id, line, lines in sorted(wanted, key=lambda one: (one[1], one[0])):
            text, packed = as_text(b"\n".join(found.get(n, b"") for n in range(line, line + lines)))
            yield event_id, source, path, line, lines, text, packed
