"""A drawn chart: lines of styled runs of text, and how to write them to a terminal, a plain file or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

#: Select Graphic Rendition parameters of each style, from the terminal's own sixteen colours.
SGR = {
    "bar": "36", "axis": "2", "muted": "2", "title": "1",
    "series1": "36", "series2": "33", "series3": "35", "series4": "32", "series5": "31", "series6": "34",
    "heat0": "2", "heat1": "34", "heat2": "36", "heat3": "33", "heat4": "31",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What the terminal can show: without ``color`` nothing depends on it; without ``unicode`` all is ASCII."""

    color: bool
    unicode: bool


class StyledRun(NamedTuple):
    """A piece of one line; ``style`` is a name (bar, axis, label, muted, title, series1.., heat0..)."""

    text: str
    style: str


Cell = tuple[str, str]

#: A line of a drawing and the cells of it that stand for something.
Spot = tuple[int, range]


class Drawn(NamedTuple):
    """Lines, and which spots of them stand for a row of the result, told by its values of x and y."""

    lines: list[list[StyledRun]]
    spots: Callable[[object, object], list[Spot]]


def nowhere(x: object, y: object) -> list[Spot]:
    """Return no spots: where nothing is drawn but words."""
    del x, y
    return []


@dataclass(frozen=True, slots=True)
class Drawing:
    """The lines of a chart, none wider or more than the space that was given."""

    lines: list[list[StyledRun]]
    spots: Callable[[object, object], list[Spot]] = nowhere

    def plain(self) -> str:
        """Return text without styles and without blanks at the ends of lines."""
        return "\n".join("".join(run.text for run in line).rstrip() for line in self.lines)

    def ansi(self) -> str:
        """Return text with SGR sequences for sixteen colours."""
        return "\n".join("".join(_sgr(run) for run in line).rstrip() for line in self.lines)


def _sgr(run: StyledRun) -> str:
    code = SGR.get(run.style)
    return f"\x1b[{code}m{run.text}\x1b[0m" if code and run.text.strip() else run.text


def runs(cells: Iterable[Cell]) -> list[StyledRun]:
    """Join neighbouring cells of one style."""
    joined: list[tuple[list[str], str]] = []
    for text, style in cells:
        if joined and joined[-1][1] == style:
            joined[-1][0].append(text)
        else:
            joined.append(([text], style))
    return [StyledRun("".join(texts), style) for texts, style in joined]
