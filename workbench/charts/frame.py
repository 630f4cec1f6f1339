"""The frame around a plot: its heading with the key, the axis on the left with ticks, the axis below, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from workbench.charts.drawing import Cell, Spot, Style, StyledRun, runs
from workbench.charts.scale import Scale, place_labels
from workbench.charts.text import cut, left, right


@dataclass(slots=True)
class Panel:
    """Rows of cells, the labels of some of them, and the name of what they show."""

    rows: list[list[Cell]]
    ticks: dict[int, str]
    name: str = ""
    style: str = "label"


@dataclass(slots=True)
class ChartFrame:
    """What is written around a plot, and the space that this leaves for it.

    ``x_names``: the name of the axis below, with more or less about it, the longest first. ``key``: sign, style and
    meaning of each. In less than nine lines the name of the axis below moves into the heading, and notes are left out.
    """

    width: int
    height: int
    style: Style
    x_names: Sequence[str]
    y_name: str
    title: str = ""
    key: Sequence[tuple[str, str, str]] = ()
    notes: Sequence[str] = ()
    heading: list[list[StyledRun]] = field(init=False)
    #: Where the axis below is, once composed: its line, its first cell, and how many it has.
    axis: tuple[int, int, int] = field(init=False, default=(0, 0, 1))

    def __post_init__(self) -> None:
        self.heading = self._heading()

    @property
    def roomy(self) -> bool:
        """Whether the axis below has a line for its name."""
        return self.height >= 9

    @property
    def lines(self) -> int:
        """Lines that are left for the plot."""
        return max(1, self.height - len(self.heading) - 2 - self.roomy - len(self._notes()))

    def columns(self, ticks: Sequence[str], names: int = 0) -> int:
        """Cells that are left for the plot beside tick labels and panels' names."""
        return max(1, self.width - 1 - max(map(cell_len, ticks), default=0) - (names + 1 if names else 0))

    def compose(self, panels: Sequence[Panel], scale: Scale) -> list[list[StyledRun]]:
        """Put heading, panels, axes and notes together."""
        plot = len(panels[0].rows[0])
        margin = self.width - plot - 1
        bar, tick, corner, below, dash = "│┤└┬─" if self.style.unicode else "|++++"
        dash = dash if self.style.unicode else "-"
        lines = list(self.heading)
        names = max(cell_len(panel.name) for panel in panels)
        for panel in panels:
            for at, row in enumerate(panel.rows):
                text = panel.ticks.get(at, "")
                name = left(panel.name if at == 0 else "", names)
                beside = [StyledRun(name, panel.style), StyledRun(right(text, margin - names), "label")]
                lines.append([*beside, StyledRun(tick if text else bar, "axis"), *runs(row)])
        labels = place_labels(scale, plot)
        at_tick = {at for at, _, _ in labels}
        self.axis = (len(lines), margin + 1, plot)
        axis = corner + "".join(below if at in at_tick else dash for at in range(plot))
        lines.append([StyledRun(" " * margin, "label"), StyledRun(axis, "axis")])
        text = ""
        for _, start, label in labels:
            text += " " * (start - cell_len(text)) + label
        lines.append([StyledRun(" " * (margin + 1) + text, "label")])
        if self.roomy:
            name = self._x_name(plot)
            lines.append(
                [StyledRun(" " * (margin + 1 + (plot - cell_len(name)) // 2), "label"), StyledRun(name, "title")]
            )
        return lines + [[StyledRun(self._cut(note), "muted")] for note in self._notes()]

    def under(self, first: int, cells: int = 1) -> Spot:
        """Return the spot on the axis below that is under some cells of the plot."""
        line, start, plot = self.axis
        return line, range(start + first, start + min(plot, first + cells))

    def _notes(self) -> Sequence[str]:
        return self.notes if self.height >= 9 + len(self.notes) else ()

    def _x_name(self, room: int) -> str:
        fitting = (name for name in self.x_names if cell_len(name) <= room)
        return next(fitting, cut(self.x_names[-1], max(1, room), unicode=self.style.unicode))

    def _cut(self, text: str) -> str:
        return cut(text, self.width, unicode=self.style.unicode)

    def _heading(self) -> list[list[StyledRun]]:
        up, along = ("↑", "→") if self.style.unicode else ("^", ">")
        first = f"{self.y_name} {up}"
        if not self.roomy:
            first += f"  {self._x_name(self.width - cell_len(first) - 4)} {along}"
        line = [StyledRun(self._cut(first), "title")]
        if self.title:
            room = max(0, self.width - cell_len(line[0].text) - 3)
            line.append(StyledRun("   " + cut(self.title, room, unicode=self.style.unicode), "label"))
        used = sum(cell_len(run.text) for run in line)
        longest = max((cell_len(name) for _, _, name in self.key), default=0)
        beside = self._key_lines(self.width - used - 3, longest)
        if len(beside) <= 1:
            return [[*line, StyledRun("   ", "label"), *beside[0]] if beside else line]
        most = 1 if self.height < 14 else 2
        for size in range(longest, 2, -1):
            if len(key := self._key_lines(self.width, size)) <= most:
                return [line, *key]
        return [line, *self._key_lines(self.width, 3)[:most]]

    def _key_lines(self, width: int, longest: int) -> list[list[StyledRun]]:
        """Return the key broken into lines, its names cut to ``longest``."""
        lines: list[list[StyledRun]] = []
        used = width + 1
        for sign, style, name in self.key:
            short = cut(name, longest, unicode=self.style.unicode)
            size = cell_len(sign) + 1 + cell_len(short)
            if used + 3 + size > width:
                lines.append([])
                used = -3
            lines[-1] += [StyledRun(("   " if used >= 0 else "") + sign, style), StyledRun(f" {short}", "label")]
            used += 3 + size
        return lines


def y_ticks(scale: Scale, lines: int, dots: int) -> dict[int, str]:
    """Return the labels of a plot's rows of ``dots`` dots, counted from the top, no two without a row between."""
    shown: dict[int, str] = {}
    for ticks in scale.ticks(max(2, lines)):
        shown = {}
        for value, text in ticks:
            row = lines - 1 - round(scale.place(value) * (lines * dots - 1)) // dots
            if row + 1 not in shown and row not in shown:
                shown[row] = text
        if len(shown) >= len(ticks) - (scale.kind == "log"):
            break
    return shown
