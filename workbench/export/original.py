"""One event's verbatim record: from the log while that is there and unchanged, else from the lines the case keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import CaseError, SourceError, UsageError
from workbench.evidence.records import lines_of
from workbench.ingest.archives import locate
from workbench.ingest.raw import kept_lines

if TYPE_CHECKING:
    from workbench.case import Case


@dataclass(frozen=True, slots=True)
class Original:
    """A record without its last line ending, and the file, line and SHA-256 that it was read from and checked by."""

    event: str
    source: int
    path: str
    sha256: str
    line: int
    lines: int
    raw: bytes
    #: Whether it comes from the log itself or from the lines that the case keeps, and what to know then.
    kept: bool = False
    note: str = ""


def original(case: Case, event: str) -> Original:
    """Return the record of an event. Raises UsageError for an id that is none, SourceError if the log changed."""
    place = re.fullmatch(r"(\d+):(\d+)(?:\.\d+)?", event)
    if not place and (why := case.store.no_line(event)):
        raise SourceError(why)
    if not place:
        raise UsageError(f"{event!r} is not an event's id; they look like 3:1042 (source and line)")
    source, line = int(place[1]), int(place[2])
    log = next((log for log in case.sources() if log.source == source), None)
    spans = case.query(
        "SELECT lines FROM event WHERE source = $s AND event_id = $e", {"s": source, "e": event}, limit=1
    ).rows
    if not spans:
        raise CaseError(f"there is no event {event} in this case")
    if log is None:
        raise SourceError(
            f"of event {event} is known that it is line {line} of log {source}, but not which log that is"
        )
    lines = max(int(spans[0][0] or 1), 1)
    path, recorded = log.origin or log.path, log.sha256 or ""
    why = f"{path} is not there any more"
    if locate(path):
        records, sha256 = lines_of(path, range(line, line + lines))
        if sha256 == recorded:
            raw = b"\n".join(records.get(number, b"") for number in range(line, line + lines))
            return Original(event, source, path, sha256, line, lines, raw)
        why = f"{path} is not the file that was loaded (its SHA-256 is {sha256}, it was {recorded})"
    kept = kept_lines(case, source, line, lines)
    if kept is None:
        raise SourceError(f"{why}, and the case keeps no copy (load with --keep-raw); its SHA-256 was {recorded}")
    return Original(event, source, path, recorded, line, lines, kept, kept=True, note=why)
