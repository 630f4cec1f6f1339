"""A chart drawn to the space that there is."""

from __future__ import annotations

import os

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from workbench.case.engine import Table
from workbench.charts import ChartSpec, Drawing, Style, draw
from workbench.tui.plain import ascii_only
from workbench.tui.style import CHART, PLAIN
from workbench.tui.widgets.strips import blank, fit


class ChartView(Widget):
    """Draws a result as a chart, anew when its size changes."""

    DEFAULT_CSS = "ChartView { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._spec: ChartSpec | None = None
        self._table: Table | None = None
        self._drawn: tuple[tuple[int, int], Drawing] | None = None

    def show(self, spec: ChartSpec | None, table: Table) -> None:
        """Draw another result."""
        self._spec, self._table, self._drawn = spec, table, None
        self.refresh()

    def drawing(self) -> Drawing | None:
        """Return the chart as it is on the screen."""
        if self._spec is None or self._table is None:
            return None
        size = (max(30, self.size.width), max(6, self.size.height))
        if self._drawn is None or self._drawn[0] != size:
            style = Style(color=not os.environ.get("NO_COLOR"), unicode=not ascii_only())
            drawn = draw(self._spec, self._table.columns, self._table.rows, width=size[0], height=size[1], style=style)
            self._drawn = (size, drawn)
        return self._drawn[1]

    def render_line(self, y: int) -> Strip:
        """Draw one line of it."""
        drawing = self.drawing()
        if drawing is None or y >= len(drawing.lines):
            return blank(self.size.width)
        runs = (Segment(run.text, CHART.get(run.style, PLAIN)) for run in drawing.lines[y])
        return fit(runs, self.size.width)
