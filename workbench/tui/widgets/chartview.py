"""A chart drawn to the space that there is, with a cursor that moves along its x axis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.case.execute import Table
from workbench.charts import ChartSpec, Drawing, Style, draw
from workbench.charts.drawing import Spot
from workbench.tui.ascii_filter import ascii_only
from workbench.tui.style import CHART, CURSOR, PLAIN
from workbench.tui.widgets.strips import blank, fit
from workbench.values import cell

#: How many values of one place are told in words, and the least that a zoom shows.
_NAMED, _LEAST = 5, 4


class ChartView(Widget, can_focus=True):
    """Draws a result as a chart, anew when its size changes."""

    DEFAULT_CSS = "ChartView { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left,k,up", "along(-1)", show=False),
        Binding("l,right,j,down", "along(1)", show=False),
        Binding("pagedown,ctrl+d", "along(10)", show=False),
        Binding("pageup,ctrl+u", "along(-10)", show=False),
        Binding("g,home", "along(-1000000)", show=False),
        Binding("G,end", "along(1000000)", show=False),
        Binding("enter", "open", show=False),
    ]

    @dataclass
    class Pointed(Message):
        """The cursor stands at a value of x; ``row`` is the first row that has it."""

        row: int

    class Opened(Message):
        """Enter was pressed on what the cursor stands at."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._spec: ChartSpec | None = None
        self._table: Table | None = None
        self._drawn: tuple[tuple[int, int], Drawing] | None = None
        self._xs: list[Any] = []
        self._shown = range(0)
        self._at: int | None = None
        self._row: int | None = None

    def show(self, spec: ChartSpec | None, table: Table) -> None:
        """Draw another result."""
        self._spec, self._table = spec, table
        self._xs = []
        if spec is not None and spec.x in table.columns:
            place = table.columns.index(spec.x)
            values = list(dict.fromkeys(row[place] for row in table.rows if row[place] is not None))
            self._xs = values if spec.kind in ("bar", "heatmap") else _in_order(values)
        self._shown, self._at, self._row = range(len(self._xs)), None, None
        self._again()

    def _again(self) -> None:
        self._drawn = None
        self.refresh()

    # --- the cursor ---------------------------------------------------------------------------------------------

    def point(self, row: int | None) -> None:
        """Put the cursor on a row's value of x; None takes it away."""
        at = None
        if row is not None and self._spec is not None and self._table is not None and row < len(self._table.rows):
            value = self._table.rows[row][self._table.columns.index(self._spec.x)] if self._xs else None
            at = self._xs.index(value) if value in self._xs else None
        if (at, row) != (self._at, self._row):
            self._at, self._row = at, row
            self.refresh()

    def action_along(self, step: int) -> None:
        """Move along the x axis."""
        if self._spec is None or self._table is None or not self._shown:
            return
        at = self._shown.start if self._at is None else self._at + step
        self._at = max(self._shown.start, min(at, self._shown.stop - 1))
        self._row = self._first_with(self._xs[self._at])
        self.refresh()
        self.post_message(self.Pointed(self._row))

    def action_open(self) -> None:
        """Go deeper into what the cursor stands at."""
        self.post_message(self.Opened())

    def values_text(self) -> str:
        """Return the values under the cursor in words."""
        if self._spec is None or self._table is None or self._at is None:
            return ""
        spec, columns, value = self._spec, self._table.columns, self._xs[self._at]
        column = spec.value or spec.y or next(name for name in [*columns, spec.x] if name != spec.x)
        series = spec.series or (spec.y if spec.kind == "heatmap" else None)
        rows = [row for row in self._table.rows if row[columns.index(spec.x)] == value]
        values = [
            (f"{cell(row[columns.index(series)])} " if series else "") + cell(row[columns.index(column)])
            for row in rows[:_NAMED]
        ]
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        return f"{spec.x} {cell(value)}   {column} {', '.join(values)}{more}"

    def zoom(self, step: int) -> bool:
        """Show half as much around the cursor, or twice as much; returns whether that changed something."""
        number = len(self._shown) // 2 if step > 0 else len(self._shown) * 2
        number = max(min(_LEAST, len(self._xs)), min(number, len(self._xs)))
        if number == len(self._shown):
            return False
        middle = self._at if self._at is not None else (self._shown.start + self._shown.stop) // 2
        start = max(0, min(middle - number // 2, len(self._xs) - number))
        self._shown = range(start, start + number)
        self._again()
        return True

    # --- drawing ------------------------------------------------------------------------------------------------

    def drawing(self) -> Drawing | None:
        """Return the chart as it is on the screen."""
        if self._spec is None or self._table is None:
            return None
        size = (max(30, self.size.width), max(6, self.size.height))
        if self._drawn is None or self._drawn[0] != size:
            style = Style(color=not os.environ.get("NO_COLOR"), unicode=not ascii_only())
            drawn = draw(self._spec, self._table.columns, self._rows(), width=size[0], height=size[1], style=style)
            self._drawn = (size, drawn)
        return self._drawn[1]

    def _rows(self) -> Sequence[tuple[Any, ...]]:
        """Return the rows that the zoom shows."""
        if self._table is None or self._spec is None or len(self._shown) == len(self._xs):
            return self._table.rows if self._table else []
        shown = set(self._xs[self._shown.start : self._shown.stop])
        place = self._table.columns.index(self._spec.x)
        return [row for row in self._table.rows if row[place] in shown]

    def render_line(self, y: int) -> Strip:
        """Draw one line of it."""
        drawing = self.drawing()
        if drawing is None or y >= len(drawing.lines):
            return blank(self.size.width)
        line = drawing.lines[y]
        strip = fit((Segment(run.text, CHART.get(run.style, PLAIN)) for run in line), self.size.width)
        for cells in sorted((cells for line, cells in self._marks() if line == y), key=lambda cells: cells.start):
            parts = strip.divide([cells.start, cells.stop, self.size.width])
            strip = Strip.join([parts[0], parts[1].apply_style(CURSOR), *parts[2:]])
        return strip

    def _marks(self) -> list[Spot]:
        """Return the spots of the chart that stand for the cursor: a bar's name, a point, a place on the axis."""
        drawing = self.drawing()
        if self._at is None or self._at not in self._shown or drawing is None:
            return []
        value = self._xs[self._at]
        row = self._row if self._row is not None else self._first_with(value)
        return drawing.spots(value, self._y_of(row))

    def _first_with(self, value: Any) -> int:
        assert self._spec is not None and self._table is not None
        place = self._table.columns.index(self._spec.x)
        return next(n for n, row in enumerate(self._table.rows) if row[place] == value)

    def _y_of(self, row: int) -> Any:
        assert self._spec is not None and self._table is not None
        return self._table.rows[row][self._table.columns.index(self._spec.y)] if self._spec.y else None


def _in_order(values: list[Any]) -> list[Any]:
    if all(isinstance(value, (int, float)) for value in values) or all(isinstance(value, date) for value in values):
        return sorted(values)
    return values
