"""The data area of a chart, rasterised by plotext: joined lines in dots, single marks and bars in cells.

Plotext gets places within the canvas only, never values, labels or names out of data, and draws neither axes nor key:
those stand around the canvas and are the frame's. Only its public names are used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from threading import Lock
from typing import Any

from workbench.charts.drawing import Cell, Style

#: Plotext's kernel converts text with one object for all and runs without Python's lock: one canvas at a time.
_PLOTEXT = Lock()
#: Dots in a cell of braille.
_ACROSS, UP = 2, 4
_TOP, _MIDDLE, _BOTTOM = 0x09, 0x36, 0xC0
_EIGHTHS = "▁▂▃▄▅▆▇"

Place = tuple[int, int]
Path = tuple[Place, ...]


class Canvas:
    """``width`` x ``height`` cells of ``UP`` dots each; cells and dots are counted from the lower left corner.

    Bars cover lines and marks cover both. Without ``style.unicode`` dots become punctuation at three heights.
    """

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width, self.height, self.style = width, height, style
        self._across = _ACROSS if style.unicode else 1
        self.columns, self.lines = width * self._across, height * UP
        self._lines: dict[str, dict[Path, None]] = defaultdict(dict)
        self._bars: dict[str, list[Path]] = defaultdict(list)
        self._marks: dict[Place, tuple[str, str]] = {}

    def line(self, dots: Iterable[Place], style: str) -> None:
        """Join dots by straight lines; a dot that stands alone is drawn as a mark, so that it is seen."""
        path = tuple(_turns(dots))
        if len(path) == 1:
            self.mark(path[0][0] // self._across, path[0][1] // UP, "•" if self.style.unicode else "*", style)
        else:
            self._lines[style][path] = None

    def mark(self, column: int, row: int, character: str, style: str) -> None:
        """Fill a cell with a character."""
        self._marks[row, column] = character, style

    def bar(self, column: int, width: int, eighths: int, style: str) -> None:
        """Fill ``width`` columns of cells from the bottom up to a height in eighths of a cell."""
        full, part = divmod(eighths, 8)
        if full:
            cells = ((column, full - 1), (column + width - 1, full - 1))
            self._bars[style].append(cells[: min(2, width)])
        if part:
            cap = _EIGHTHS[part - 1] if self.style.unicode else "." if part < 4 else ":"
            for beside in range(width):
                self.mark(column + beside, full, cap, style)

    def rows(self) -> list[list[Cell]]:
        """Return the cells, from the top."""
        styles = list(dict.fromkeys([*self._lines, *self._bars]))
        drawn: list[list[Cell]] = []
        with _PLOTEXT:
            matrix = self._matrix(styles)
            for row, signs in enumerate(matrix.string(colorless=True).splitlines()):
                cells: list[Cell] = []
                for column, sign in enumerate(signs if self.style.unicode else signs.translate(_ASCII)):
                    if sign == " ":
                        style = "label"
                    elif mark := self._marks.get((self.height - 1 - row, column)):
                        style = mark[1]
                    else:
                        style = styles[matrix.get(row, column).foreground()[0] if len(styles) > 1 else 0]
                    cells.append((sign, style))
                drawn.append(cells)
        return drawn

    def _matrix(self, styles: Sequence[str]) -> Any:
        """Return plotext's matrix of cells; the red of a cell's colour is the place of its style in ``styles``."""
        import plotext

        plotext.terminal.limit(False, False)  # a figure may be larger than the terminal of this process
        figure = type(plotext.figure)(plotext.terminal)  # one of its own, not plotext's only one
        figure.plot_size(self.width, self.height).axes(False).legend(False).canvas("default")
        for axis, end in enumerate((self.width, self.height)):
            figure.ruler(axis, 0).lim(0, end).alignment("edge").frequency(0)

        def signal(paths: Collection[Path], character: str, red: int, across: int = 1, up: int = 1) -> Any:
            places = [place for path in paths for place in path]
            xs, ys = [(x + 0.5) / across for x, _ in places], [(y + 0.5) / up for _, y in places]
            drawn = figure.signal(xs, ys, marker=plotext.marker(character, plotext.pixel((red, 0, 0))))
            if len(places) > len(paths):
                drawn.lines()
                for start in accumulate(map(len, paths), initial=0):
                    drawn.line(start, False)
            return drawn

        for style, lines in self._lines.items():
            figure.draw(signal(lines, "braille", styles.index(style), self._across, UP))
        for style, bars in self._bars.items():
            figure.draw(signal(bars, "█" if self.style.unicode else "#", styles.index(style)).fillx())
        for character, runs in _beside(self._marks).items():
            figure.draw(signal(runs, character, 0))
        return figure.build()


def _turns(dots: Iterable[Place]) -> Iterator[Place]:
    """Leave out the dots at which a path goes straight on."""
    path = [dot for dot, _ in groupby(dots)]
    for at, (x, y) in enumerate(path):
        if 0 < at < len(path) - 1:
            (before_x, before_y), (after_x, after_y) = path[at - 1], path[at + 1]
            if (x - before_x, y - before_y) == (after_x - x, after_y - y):
                continue
        yield x, y


def _beside(marks: Mapping[Place, tuple[str, str]]) -> dict[str, list[Path]]:
    """Return the ends of each row of equal marks that stand beside each other, by character."""
    paths: dict[str, list[Path]] = defaultdict(list)
    for (row, column), (character, _) in sorted(marks.items()):
        runs = paths[character]
        if runs and runs[-1][-1] == (column - 1, row):
            runs[-1] = (runs[-1][0], (column, row))
        else:
            runs.append(((column, row),))
    return paths


def _punctuation(bits: int) -> str:
    return " .-:'|:|"[bool(bits & _BOTTOM) + 2 * bool(bits & _MIDDLE) + 4 * bool(bits & _TOP)]


_ASCII = {0x2800 + bits: _punctuation(bits) for bits in range(256)}
