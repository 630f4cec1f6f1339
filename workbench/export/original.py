"""One event's verbatim record, from the log that it was loaded from while that is there and unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import CaseError, SourceError, UsageError
from workbench.export.records import lines_of

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


def original(case: Case, event: str) -> Original:
    """Return the record of an event. Raises UsageError for an id that is none, SourceError if the log changed."""
    found = re.fullmatch(r"(\d+):(\d+)(?:\.\d+)?", event)
    if not found:
        raise UsageError(f"{event!r} is not an event's id; they look like 3:1042 (source and line)")
    source, line = int(found[1]), int(found[2])
    rows = case.ledger.rows("SELECT path, sha256, origin FROM source WHERE source = ?", source)
    spans = case.query(
        "SELECT lines FROM event WHERE source = $s AND event_id = $e", {"s": source, "e": event}, limit=1
    ).rows
    if not rows or not spans:
        raise CaseError(f"there is no event {event} in this case")
    lines = max(int(spans[0][0] or 1), 1)
    path = Path(rows[0]["origin"] or rows[0]["path"])
    if not path.is_file():
        raise SourceError(
            f"{path} is not there any more, and the case keeps no copy; its SHA-256 was {rows[0]['sha256']}"
        )
    records, sha256 = lines_of(path, range(line, line + lines))
    if sha256 != rows[0]["sha256"]:
        raise SourceError(
            f"{path} is not the file that was loaded (its SHA-256 is {sha256}, it was {rows[0]['sha256']}); "
            "find the one that was"
        )
    raw = b"\n".join(records.get(number, b"") for number in range(line, line + lines))
    return Original(event, source, str(path), sha256, line, lines, raw)
