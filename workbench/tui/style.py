"""The few styles, in the terminal's own sixteen colours; each means something also without colour."""

from __future__ import annotations

from rich.style import Style

#: What stands out among text: readable on a dark ground and on a light one, which yellow and cyan are not.
_OUT = "magenta"

PLAIN = Style()
MUTED = Style(dim=True)
TITLE = Style(bold=True)
CURSOR = Style(reverse=True)
CELL = Style(reverse=True, bold=True)
TAGGED = Style(color=_OUT)
MATCH = Style(bold=True, underline=True, color=_OUT)
SPIKE = Style(bold=True, underline=True, color=_OUT)
ERROR = Style(color="red", bold=True)
KEY = Style(bold=True)

#: Shades from little to all.
MATRIX = "░▒▓█"

#: The styles of a chart's runs by name.
CHART = {
    "bar": Style(color="cyan"),
    "axis": MUTED,
    "label": PLAIN,
    "muted": MUTED,
    "title": TITLE,
    "series1": Style(color="cyan"),
    "series2": Style(color="yellow"),
    "series3": Style(color="magenta"),
    "series4": Style(color="green"),
    "series5": Style(color="red"),
    "series6": Style(color="blue"),
    "heat0": MUTED,
    "heat1": Style(color="blue"),
    "heat2": Style(color="cyan"),
    "heat3": Style(color="yellow"),
    "heat4": Style(color="red"),
}
