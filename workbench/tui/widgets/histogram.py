"""The strip above the events: how many there are over time, where in it one is, and what stands out."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from workbench.case.browse import EventIndex, Histogram
from workbench.charts import sparkline
from workbench.tui.ascii_filter import ascii_only
from workbench.tui.style import CURSOR, MUTED, PLAIN, SPIKE
from workbench.tui.widgets.strips import blank, fit
from workbench.words import counted

_NOTHING = Histogram([], datetime(1970, 1, 1), timedelta(0))


class HistogramStrip(Widget):
    """Two lines: the counts as blocks with the cursor's place marked, and the span with the width of a bin."""

    DEFAULT_CSS = "HistogramStrip { height: 2; }"

    def __init__(self, hint: str = "") -> None:
        """``hint`` says how to get to what stands out, where there is room for it."""
        super().__init__(id="histogram")
        self._hint = hint
        self._index: EventIndex | None = None
        self._at: datetime | None = None
        self._from: datetime | None = None
        self.histogram = _NOTHING

    def show(self, index: EventIndex) -> None:
        """Show another filter's events."""
        self._index = index
        self._count()

    def on_resize(self, _: events.Resize) -> None:
        """As many bins as there are columns."""
        self._count()

    def _count(self) -> None:
        self.histogram = self._index.histogram(self.size.width) if self._index else _NOTHING
        self.refresh()

    def mark(self, moment: datetime | None) -> None:
        """Mark where the cursor is."""
        before, self._at = self._at, moment
        if moment != before:
            places = [None if at is None else self.histogram.place(at) for at in (before, moment)]
            if places[0] != places[1]:
                self.refresh()

    def brush(self, start: datetime | None) -> None:
        """Mark all from a time to the cursor; None ends it."""
        self._from = start
        self.refresh()

    def _marked(self) -> range:
        """Return the bins under the cursor, or under the brush."""
        if self._at is None:
            return range(0)
        here = self.histogram.place(self._at)
        start = here if self._from is None else self.histogram.place(self._from)
        return range(min(start, here), max(start, here) + 1)

    def render_line(self, y: int) -> Strip:
        """Draw the blocks or the scale."""
        width, shown = self.size.width, self.histogram
        if not shown.counts:
            return blank(width)
        if y == 0:
            bars = sparkline(shown.counts, len(shown.counts), not ascii_only()).ljust(width)[:width]
            standing = {place for low, high in shown.spikes() for place in range(low, high + 1)}
            marked = self._marked()
            parts = []
            for place, bar in enumerate(bars):
                style = CURSOR if place in marked else SPIKE if place in standing else PLAIN
                parts.append(Segment(bar, style))
            return fit(Segment.simplify(parts), width)
        first, last = f"{shown.start:%Y-%m-%d %H:%M}", f"{shown.start + shown.step * len(shown.counts):%Y-%m-%d %H:%M}"
        spikes = len(shown.spikes())
        scale = f" bin {human(shown.step)}" + (f", {counted(spikes, 'spike')} " if spikes else " ")
        room = max(0, width - len(first) - len(last) - 2)
        if spikes and self._hint and len(scale) + len(self._hint) + 2 <= room:
            scale = f"{scale.rstrip()}: {self._hint} "
        middle = scale.center(room, "─")
        line = [Segment(first, PLAIN), Segment(f" {middle} ", MUTED), Segment(last, PLAIN)]
        return fit(line, width)


def human(span: timedelta) -> str:
    """Return a length of time in one short word."""
    seconds = span.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"
