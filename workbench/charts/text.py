"""Text out of data, made fit for a cell of the terminal: harmless, of a known width, and ASCII where it must be."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

from workbench.charts.drawing import StyledRun
from workbench.safetext import safe

_MARKS = ("Mn", "Me", "Mc")
#: Marks on one character beyond this many would draw over the lines above and below.
_MOST_MARKS = 2
#: Joiners and variation selectors: terminals disagree about the width of what they join.
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xFE00, 0xFE10))}


def clean(value: object, *, unicode: bool = True) -> str:
    """Return a value as one line of text that has the same width in every terminal."""
    text = safe(value)
    if text.isascii():
        return text
    if not unicode:
        return text.encode("ascii", "backslashreplace").decode()
    kept: list[str] = []
    marks = 0
    for character in text:
        if character in _JOINERS:
            kept.append(f"\\u{ord(character):04x}")
        elif unicodedata.category(character) in _MARKS:
            marks += 1
            if not kept:
                kept.append("◌")
            if marks <= _MOST_MARKS:
                kept.append(character)
            continue
        else:
            kept.append(character)
        marks = 0
    return "".join(kept)


def cut(text: str, width: int, *, unicode: bool = True) -> str:
    """Return clean text in at most ``width`` cells, an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    return head(text, width - 1) + ("…" if unicode else "~") if width > 0 else ""


def head(text: str, width: int) -> str:
    """Return as much of the text's beginning as fits in ``width`` cells."""
    if text.isascii():
        return text[: max(0, width)]
    used = 0
    for place, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return text[:place]
    return text


def left(text: str, width: int) -> str:
    """Pad on the right to ``width`` cells."""
    return text + " " * (width - cell_len(text))


def right(text: str, width: int) -> str:
    """Pad on the left to ``width`` cells."""
    return " " * (width - cell_len(text)) + text


def clip(line: list[StyledRun], width: int) -> list[StyledRun]:
    """Cut a line off at ``width`` cells."""
    kept = []
    for run in line:
        size = cell_len(run.text)
        if size > width:
            kept.append(StyledRun(head(run.text, width), run.style))
            break
        kept.append(run)
        width -= size
    return kept
