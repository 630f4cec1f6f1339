"""Lines of a widget, each exactly as wide as the widget and with a style in every part.

(Without colour, Textual cannot take a part that has none.)
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from workbench.tui.style import PLAIN


def fit(parts: Iterable[Segment], width: int, fill: Style = PLAIN) -> Strip:
    """Return parts as a line of this width, cut or filled."""
    strip = Strip([part if part.style is not None else Segment(part.text, fill) for part in parts])
    return strip.crop(0, width) if strip.cell_length >= width else strip.extend_cell_length(width, fill)


def blank(width: int) -> Strip:
    """Return an empty line."""
    return Strip.blank(width, PLAIN)
