"""Tables of docs/security.md: each stands in a section of its own, between marks, and is written by a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "security.md"


def cell(text: object) -> str:
    """Return a text as a cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def write_table(mark: str, header: Sequence[str], rows: Sequence[Sequence[object]], said: str) -> None:
    """Print a table, and put it into the document in place of the one between the same marks."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    body = "\n".join([said, "", *lines])
    print(body)
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    new, found = re.subn(
        re.escape(begin) + ".*?" + re.escape(end), lambda _: f"{begin}\n{body}\n{end}", text, flags=re.DOTALL
    )
    if not found:
        raise SystemExit(f"{DOCUMENT} has no place for the table {mark!r}")
    DOCUMENT.write_text(new, encoding="utf-8")
