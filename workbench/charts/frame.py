"""The frame around a plot: its heading, the axis on the left with ticks, the axis below with labels, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from workbench.charts.drawing import Cell, Run, Style, runs
from workbench.charts.scale import Scale, place_labels
from workbench.charts.text import cut, right


@dataclass(frozen=True, slots=True)
class Layout:
    """How many lines of the space go where; names of axes move into the heading where there are few."""

    height: int
    notes: int = 0
    legend: int = 0

    @property
    def roomy(self) -> bool:
        """Whether the axis below has a line for its name."""
        return self.height >= 9

    @property
    def shown_notes(self) -> int:
        """How many lines of notes there are."""
        return min(self.notes, max(0, self.height - 9))

    @property
    def plot(self) -> int:
        """Lines that are left for the plot."""
        return max(1, self.height - 3 - self.legend - self.roomy - self.shown_notes)


@dataclass(slots=True)
class Panel:
    """Rows of cells and the labels of some of them."""

    rows: list[list[Cell]]
    ticks: dict[int, str]
    name: str = ""
    style: str = "label"


@dataclass(slots=True)
class Frame:
    """Everything that is written around the panels."""

    x_name: str
    y_name: str
    title: str = ""
    legend: list[list[Run]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def y_ticks(scale: Scale, lines: int) -> dict[int, str]:
    """Return the labels of a plot's rows, counted from the top: always both ends, others where they stand apart."""
    for ticks in scale.ticks(max(2, lines // 2)):
        rows = [(round((1 - scale.place(value)) * (lines - 1)), text) for value, text in ticks]
        places = sorted(row for row, _ in rows)
        if all(after - before >= 2 for before, after in zip(places, places[1:], strict=False)) or lines < 3:
            return dict(rows)
    return {}


def gutter(panels: Sequence[Panel], name_width: int = 0) -> int:
    """Return the cells left of the axis."""
    widest = max((cell_len(text) for panel in panels for text in panel.ticks.values()), default=0)
    return widest + (name_width + 1 if name_width else 0)


def tick_width(scale: Scale, lines: int) -> int:
    """Return the cells that the labels of an axis on the left take."""
    return max((cell_len(text) for text in y_ticks(scale, lines).values()), default=0)


def compose(
    frame: Frame,
    panels: Sequence[Panel],
    scale: Scale,
    layout: Layout,
    width: int,
    style: Style,
    *,
    middle: float = 0.0,
) -> list[list[Run]]:
    """Put heading, panels, axes and notes together."""
    plot = len(panels[0].rows[0])
    left = width - plot - 1
    bar, tick, corner, below, dash = "│┤└┬─" if style.unicode else "|++++"
    dash = dash if style.unicode else "-"
    lines = [_heading(frame, layout, width, style), *frame.legend]
    names = max((cell_len(panel.name) for panel in panels), default=0)
    for panel in panels:
        for at, row in enumerate(panel.rows):
            text = panel.ticks.get(at, "")
            name = panel.name if at == 0 else ""
            gap = left - names - cell_len(text)
            start = [Run(name + " " * (names - cell_len(name)), panel.style)] if names else []
            start += [Run(" " * gap + text, "label"), Run(tick if text else bar, "axis")]
            lines.append(start + runs(row))
    labels = place_labels(scale, plot, middle=middle)
    at_tick = {at for at, _, _ in labels}
    lines.append([Run(" " * left + corner + "".join(below if at in at_tick else dash for at in range(plot)), "axis")])
    text = ""
    for _, start_at, label in labels:
        text += " " * (start_at - cell_len(text)) + label
    lines.append([Run(" " * (left + 1) + text, "label")])
    if layout.roomy:
        name = cut(frame.x_name, plot, unicode=style.unicode)
        lines.append([Run(" " * (left + 1) + right(name, (plot + cell_len(name)) // 2), "title")])
    lines += [[Run(cut(note, width, unicode=style.unicode), "muted")] for note in frame.notes[: layout.shown_notes]]
    return lines


def _heading(frame: Frame, layout: Layout, width: int, style: Style) -> list[Run]:
    up, along = ("↑", "→") if style.unicode else ("^", ">")
    text = f"{frame.y_name} {up}" if layout.roomy else f"{frame.y_name} {up}  {frame.x_name} {along}"
    line = [Run(cut(text, width, unicode=style.unicode), "title")]
    room = width - cell_len(line[0].text) - 3
    if frame.title and room > 8:
        line.append(Run("   " + cut(frame.title, room, unicode=style.unicode), "label"))
    return line
