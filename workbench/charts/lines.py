"""Lines over time (or any order): several series, and stretches without data left empty."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rich.cells import cell_len

from workbench.charts.canvas import Canvas
from workbench.charts.drawing import Run, Style
from workbench.charts.frame import Frame, Layout, Panel, compose, tick_width, y_ticks
from workbench.charts.scale import Scale, number_scale
from workbench.charts.text import clean, cut
from workbench.charts.values import duration, kind, label, number

MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of x; None is a value that is missing."""

    name: str
    points: list[tuple[float, float | None]]

    @property
    def total(self) -> float:
        """How much there is of it."""
        return sum(abs(y) for _, y in self.points if y is not None)


def draw_lines(
    names: tuple[str, str],
    xs: Sequence[object],
    ys: Sequence[object],
    keys: Sequence[object] | None,
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> list[list[Run]]:
    """Draw all series in one plot by colour, or without colour each in a strip of its own."""
    axis, places = _x_axis(xs, style)
    series, left_out = _series(places, ys, keys, style)
    values = [y for one in series for _, y in one.points if y is not None]
    if not values:
        return []
    strips = len(series) > 1 and not style.color
    layout = Layout(height, notes=1 if left_out else 0)
    if strips:
        series = _fold(series, max(1, min(MOST_SERIES + 1, layout.plot)))
    else:
        series = _fold(series, MOST_SERIES)
    legend = [] if strips or len(series) == 1 else _legend(series, width, style, lines=1 if height < 16 else 2)
    layout = Layout(height, notes=layout.notes, legend=len(legend))
    values = [y for one in series for _, y in one.points if y is not None]
    whole = all(value == int(value) for value in values)
    step = _step(sorted({x for one in series for x, _ in one.points}))
    x_name = names[0]
    if axis.kind == "time":
        x_name += f"  {axis.range_text('–' if style.unicode else '-')}"
        x_name += f"  by {duration(step[0])}" if step and step[1] else ""
    frame = Frame(x_name, names[1], title, legend)
    if left_out:
        frame.notes.append(f"{left_out:,} values left out: they have no place on the axis")
    groups = [[one] for one in series] if strips else [series]
    tall = layout.plot // len(groups)
    scale = number_scale(values, from_zero=True, whole=whole, most=max(1, min(8, tall // 2)))
    name_width = min(max(cell_len(one.name) for one in series), width // 4) if strips else 0
    plot = width - 1 - tick_width(scale, tall) - (name_width + 1 if strips else 0)
    panels = []
    for number_of_group, group in enumerate(groups):
        canvas = Canvas(max(1, plot), tall, unicode=style.unicode)
        for place, one in enumerate(group):
            _trace(canvas, one, axis, scale, step, f"series{(number_of_group + place) % 6 + 1}")
        panel = Panel(canvas.rows(), y_ticks(scale, tall))
        if strips:
            panel.name = cut(group[0].name, name_width, unicode=style.unicode)
            panel.style = f"series{number_of_group % 6 + 1}"
        panels.append(panel)
    return compose(frame, panels, axis, layout, width, style)


def _x_axis(xs: Sequence[object], style: Style) -> tuple[Scale, list[float | None]]:
    found = kind(xs)
    if found == "name":
        texts = [clean(label(x), unicode=style.unicode) for x in xs]
        order = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        return Scale(0.0, float(max(1, len(order) - 1)), "name", tuple(order)), [float(order[text]) for text in texts]
    places = [number(x) for x in xs]
    finite = [place for place in places if place is not None and math.isfinite(place)]
    places = [place if place is not None and math.isfinite(place) else None for place in places]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if low == high:
        around = 1.0 if found == "time" else abs(low) / 2 or 1.0
        low, high = low - around, high + around
    return Scale(low, high, found), places


def _series(
    places: Sequence[float | None], ys: Sequence[object], keys: Sequence[object] | None, style: Style
) -> tuple[list[Series], int]:
    found: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    left_out = 0
    for row, (x, value) in enumerate(zip(places, ys, strict=True)):
        y = number(value)
        if x is None or (y is not None and not math.isfinite(y)):
            left_out += 1
            y = None
        if x is not None:
            found[clean(label(keys[row]), unicode=style.unicode) if keys is not None else ""].append((x, y))
    series = [Series(name, sorted(points, key=lambda point: point[0])) for name, points in found.items()]
    return [one for one in series if any(y is not None for _, y in one.points)], left_out


def _fold(series: list[Series], most: int) -> list[Series]:
    """Keep the largest series in their order and add the others up into one."""
    if len(series) <= most:
        return series
    kept = {id(one) for one in sorted(series, key=lambda one: one.total, reverse=True)[: most - 1]}
    sums: dict[float, float | None] = {}
    others = [one for one in series if id(one) not in kept]
    for one in others:
        for x, y in one.points:
            before = sums.get(x)
            sums[x] = before if y is None else y + (before or 0.0)
    other = Series(f"other ({len(others)} summed)", sorted(sums.items()))
    return [*(one for one in series if id(one) in kept), other]


def _step(xs: Sequence[float]) -> tuple[float, bool] | None:
    """Return the usual distance between points and whether the data keeps to it; None where there is none."""
    gaps = [after - before for before, after in zip(xs, xs[1:], strict=False) if after > before]
    if not gaps:
        return None
    usual = median(gaps)
    even = sum(abs(gap - usual) <= usual * 0.15 for gap in gaps) * 2 >= len(gaps)
    if even:
        return usual, True
    return (quantiles(gaps, n=10)[-1] * 3 if len(gaps) > 1 else usual), False


def _trace(canvas: Canvas, one: Series, axis: Scale, scale: Scale, step: tuple[float, bool] | None, style: str) -> None:
    """Draw the pieces of a series between its gaps; in a column of dots only from its lowest to its highest value."""
    widest = step[0] * 1.5 if step else math.inf
    pieces: list[list[tuple[int, int]]] = []
    last: float | None = None
    for x, y in one.points:
        if y is None:
            last = None
            continue
        dot = (round(axis.place(x) * (canvas.columns - 1)), round(scale.place(y) * (canvas.lines - 1)))
        if last is None or x - last > widest:
            pieces.append([])
        pieces[-1].append(dot)
        last = x
    point = "•" if canvas.unicode else "*"
    for piece in pieces:
        if len({column for column, _ in piece}) == 1:
            low, high = min(y for _, y in piece), max(y for _, y in piece)
            canvas.line(piece[0][0], low, piece[0][0], high, style)
            canvas.mark(piece[0][0], high, point, style)
            continue
        before: tuple[int, int] | None = None
        for column, (first, low, high, end) in _columns(piece).items():
            if before:
                canvas.line(*before, column, first, style)
            canvas.line(column, low, column, high, style)
            before = (column, end)


def _columns(piece: Sequence[tuple[int, int]]) -> dict[int, tuple[int, int, int, int]]:
    """Return first, lowest, highest and last dot of each column."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for column, y in piece:
        known = found.get(column)
        found[column] = (known[0], min(known[1], y), max(known[2], y), y) if known else (y, y, y, y)
    return found


def _legend(series: Sequence[Series], width: int, style: Style, lines: int) -> list[list[Run]]:
    """Return the names of the series behind a stroke in their colour, shortened until they fit."""
    stroke = "━━" if style.unicode else "--"
    for longest in range(max(cell_len(one.name) for one in series), 2, -1):
        rows: list[list[Run]] = [[]]
        used = 0
        for place, one in enumerate(series):
            name = cut(one.name, longest, unicode=style.unicode)
            size = 3 + cell_len(name) + 3
            if used and used + size - 3 > width:
                rows.append([])
                used = 0
            rows[-1] += [Run(f"{stroke} ", f"series{place % 6 + 1}"), Run(f"{name}   ", "label")]
            used += size
        if len(rows) <= lines:
            return rows
    return rows[:lines]
