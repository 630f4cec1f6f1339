"""A drawn chart as an SVG picture, for reports and pages: text only, on paper of its own whatever is around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from rich.cells import cell_len

from workbench.charts.drawing import SGR, Run
from workbench.charts.text import clean

#: Size of a cell and of its characters in pixels; blocks of neighbouring lines just touch.
_WIDE, _TALL, _SIZE = 8.4, 16, 14
_MARGIN = 8
_PAPER, _INK = "#ffffff", "#24292f"
#: The terminal's colours, dark enough to read on white paper, by SGR parameter.
_COLOURS = {
    "2": "#656d76", "31": "#c22b2b", "32": "#257a37", "33": "#8a6100",
    "34": "#1c55c4", "35": "#93329f", "36": "#0a7083",
}  # fmt: skip
_FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
#: What data may hold and XML may not; every other such character is escaped long before.
_NOT_XML = re.compile("[\ufffe\uffff]")


def svg(lines: Sequence[Sequence[Run]], title: str = "") -> str:
    """Return the same cells as ``lines`` have in a terminal; ``title`` is what a screen reader says."""
    columns = max((sum(cell_len(run.text) for run in line) for line in lines), default=0)
    width, height = _round(columns * _WIDE + 2 * _MARGIN), len(lines) * _TALL + 2 * _MARGIN
    description = _text(clean(title))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" font-family="{_FONTS}" font-size="{_SIZE}" fill="{_INK}" xml:space="preserve">',
            *([f"<title>{description}</title>"] if description else []),
            f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
            *(text for row, line in enumerate(lines) for text in _line(line, _MARGIN + row * _TALL + _TALL * 3 // 4)),
            "</svg>\n",
        ]
    )


def _line(line: Sequence[Run], y: int) -> Iterator[str]:
    """Yield each word at its own place and width: whatever font stands in for a character, columns stay in line."""
    column = 0
    for run in line:
        code = SGR.get(run.style, "")
        look = f' fill="{_COLOURS[code]}"' if code in _COLOURS else ' font-weight="bold"' if code == "1" else ""
        for part in re.findall(r" +|[^ ]+", run.text):
            cells = cell_len(part)
            if part[0] != " ":
                at = f'x="{_round(_MARGIN + column * _WIDE)}" y="{y}" textLength="{_round(cells * _WIDE)}"'
                yield f'<text {at} lengthAdjust="spacingAndGlyphs"{look}>{_text(part)}</text>'
            column += cells


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _round(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")
