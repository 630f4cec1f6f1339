"""Histograms: how often values of each size occur."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import median_low, quantiles

from workbench.charts.canvas import Canvas
from workbench.charts.drawing import Drawn, Spot, Style, nowhere
from workbench.charts.frame import ChartFrame, Panel, y_ticks
from workbench.charts.scale import TIME_STEPS, Scale, log_scale, row_scale, steps
from workbench.charts.values import as_number, axis_duration, kind, short_number, stamp
from workbench.words import counted


def draw_histogram(
    names: tuple[str, str],
    xs: Sequence[object],
    weights: Sequence[object] | None,
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> Drawn:
    """Draw counts by bins of x (``weights``: how often each row counts). Returns no lines if there are no numbers."""
    pairs = []
    for row, x in enumerate(xs):
        value, weight = as_number(x), as_number(weights[row]) if weights is not None else 1.0
        if value is not None and weight is not None and math.isfinite(value) and 0 < weight < math.inf:
            pairs.append((value, weight))
    if not pairs:
        return Drawn([], nowhere)
    left_out = len(xs) - len(pairs)
    values = [value for value, _ in pairs]
    time = kind(xs) == "time"
    edges, log = _edges(values, max(4, width - 10), time=time)
    counts = [0.0] * (len(edges) - 1)
    for value, weight in pairs:
        counts[_bin(edges, value)] += weight
    what = names[1] if weights is not None else "rows"
    x_names = [f"{names[0]} (log scale)", names[0]] if log else [names[0]]
    note = _summary(pairs, edges, left_out, log=log, time=time)
    frame = ChartFrame(width, height, style, x_names, what, title, notes=[note])
    tall = frame.lines
    scale = row_scale(counts, tall, 8, from_zero=True)
    ticks = y_ticks(scale, tall, 8)
    plot = frame.columns(list(ticks.values()))
    each = max(1, plot // len(counts))
    gap = 1 if each >= 4 else 0
    canvas = Canvas(plot, tall, style)
    for place, count in enumerate(counts):
        if count:
            canvas.bar(place * each, each - gap, round(scale.place(count) * (8 * tall - 1)) + 1, "bar")

    def spots(x: object, y: object) -> list[Spot]:
        del y
        value = as_number(x)
        return [] if value is None else [frame.under(_bin(edges, value) * each, each - gap)]

    axis = _axis(edges, log, each * len(counts), plot, time=time)
    return Drawn(frame.compose([Panel(canvas.rows(), ticks)], axis), spots)


def _bin(edges: Sequence[float], value: float) -> int:
    """Return the number of the bin that a value falls into."""
    return min(len(edges) - 2, max(0, bisect_right(edges, value) - 1))


def _edges(values: Sequence[float], room: int, *, time: bool) -> tuple[list[float], bool]:
    """Return the bins' edges, and whether they grow by factors (Freedman and Diaconis 1981 for their number)."""
    low, high = min(values), max(values)
    most = max(4, min(room, 60))
    whole = not time and all(value == int(value) for value in values)
    if low == high:
        around = 0.5 if whole and abs(low) < 1e15 else abs(low) / 2 or 0.5
        return [low - around, low + around], False
    if not time and (log := log_scale(values)):
        first, last = math.floor(math.log10(log.low)), math.ceil(math.log10(log.high * (1 + 1e-9)))
        parts = next(
            (
                parts
                for parts in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
                if (last - first) * len(parts) <= min(most, 40)
            ),
            (1,),
        )
        edges = [part * 10.0**power for power in range(first, last) for part in parts] + [10.0**last]
        if whole:
            edges = [edge for edge in edges if edge >= 1 and edge == int(edge)]
        start, end = bisect_right(edges, log.low) - 1, bisect_right(edges, log.high) + 1
        return ([0.0] if log.zero else []) + edges[max(0, start) : end], True
    if whole and high - low < most:
        return [low + place - 0.5 for place in range(int(high - low) + 2)], False
    quarters = quantiles(values, n=4) if len(values) > 1 else [low, low, high]
    size = 2 * (quarters[2] - quarters[0]) / len(values) ** (1 / 3)
    span = high - low
    wanted = min(most, max(8, math.ceil(span / size) if size > 0 and math.isfinite(span / size) else 20))
    step = next(steps(low, high, wanted), None)
    if time:
        step = next((round_one for round_one in TIME_STEPS if (high - low) / round_one <= wanted), step)
    if step is None or max(abs(low), abs(high)) / step > 1e15:
        return [low, (low + high) / 2, high], False
    if whole:
        step = max(1.0, step)
    first = math.floor(low / step)
    return [(first + place) * step for place in range(math.floor(high / step) - first + 2)], False


def _axis(edges: Sequence[float], log: bool, used: int, plot: int, *, time: bool) -> Scale:
    """Return a scale whose places are those of the bins' edges, in cells."""
    if not log:
        low, high = edges[0], edges[-1]
        return Scale(low, low + (high - low) * max(1, plot - 1) / max(1, used), "time" if time else "number")
    return Bins(low=0.0, high=max(1, plot - 1) * (len(edges) - 1) / max(1, used), names=tuple(map(short_number, edges)))


class Bins(Scale):
    """Bins of the same width whatever they hold: the axis is labelled with their edges."""

    def ticks(self, most: int) -> list[list[tuple[float, str]]]:
        """Return every edge, then every second one, and so on."""
        numbered = [(float(place), text) for place, text in enumerate(self.names) if place <= self.high]
        return [numbered[::stride] for stride in range(1, len(numbered) + 1)]


def _summary(
    pairs: Sequence[tuple[float, float]], edges: Sequence[float], left_out: int, *, log: bool, time: bool
) -> str:
    """Return what the picture cannot show exactly."""
    values = sorted(value for value, _ in pairs)
    minutes = time and values[-1] - values[0] > 3600

    def show(value: float) -> str:
        return stamp(value - value % 60 if minutes else value) if time else short_number(value)

    parts = [counted(len(values), "row")]
    if not log:
        parts.append(f"bins of {(axis_duration if time else short_number)(edges[1] - edges[0])}")
    parts += [f"median {show(median_low(values))}", f"from {show(values[0])} to {show(values[-1])}"]
    if left_out:
        parts.append(f"{left_out:,} without a number left out")
    return ", ".join(parts)
