"""The strip above the events: how many there are over time, and where in it one is."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from workbench.case.browse import EventIndex
from workbench.charts import sparkline
from workbench.tui.style import CURSOR, MUTED, PLAIN


class Histogram(Widget):
    """Two lines: the counts as blocks with the cursor's place marked, and the span with the width of a bin."""

    DEFAULT_CSS = "Histogram { height: 2; }"

    def __init__(self) -> None:
        super().__init__(id="histogram")
        self._index: EventIndex | None = None
        self._at: datetime | None = None

    def show(self, index: EventIndex) -> None:
        """Show another filter's events."""
        self._index = index
        self.refresh()

    def mark(self, moment: datetime | None) -> None:
        """Mark where the cursor is."""
        if moment != self._at:
            self._at = moment
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the blocks or the scale."""
        width = self.size.width
        if self._index is None or self._index.span is None:
            return Strip.blank(width)
        counts, start, step = self._index.histogram(width)
        if y == 0:
            bars = sparkline(counts, len(counts)).ljust(width)[:width]
            if self._at is None or not step:
                return Strip([Segment(bars)])
            place = max(0, min(int((self._at - start) / step), len(counts) - 1))
            return Strip([Segment(bars[:place]), Segment(bars[place] or " ", CURSOR), Segment(bars[place + 1 :])])
        first, last = f"{start:%Y-%m-%d %H:%M}", f"{start + step * len(counts):%Y-%m-%d %H:%M}"
        middle = f" bin {human(step)} ".center(max(0, width - len(first) - len(last)), "─")
        return Strip([Segment(first, PLAIN), Segment(middle, MUTED), Segment(last, PLAIN)]).adjust_cell_length(width)


def human(span: timedelta) -> str:
    """Return a length of time in one short word."""
    seconds = span.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"
