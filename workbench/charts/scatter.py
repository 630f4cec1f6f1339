"""Scatter plots: a point for each pair of numbers, heavier where many fall together, named where it stands apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from rich.cells import cell_len

from workbench.charts.canvas import Canvas
from workbench.charts.drawing import Cell, Drawn, Spot, Style, nowhere
from workbench.charts.frame import ChartFrame, Panel, y_ticks
from workbench.charts.scale import Scale, log_scale, number_scale, row_scale
from workbench.charts.text import clean, cut
from workbench.charts.values import as_number, kind, label
from workbench.words import counted

_POINTS = "•●■█"
_ASCII_POINTS = ".o@#"
_STYLES = ("bar", "series4", "heat3", "heat4")
_LONGEST_NAME = 24

Place = tuple[int, int]


def draw_scatter(
    names: tuple[str, str],
    xs: Sequence[object],
    ys: Sequence[object],
    who: Sequence[object] | None,
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> Drawn:
    """Draw y over x; an axis is logarithmic where its values spread over orders of magnitude.

    ``who`` names the rows: points that stand apart are labelled with it where there is room.
    """
    rows, x_values, y_values = [], [], []
    for row, (x, y) in enumerate(zip(map(as_number, xs), map(as_number, ys), strict=True)):
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y):
            rows.append(row)
            x_values.append(x)
            y_values.append(y)
    if not rows:
        return Drawn([], nowhere)
    left_out = len(xs) - len(rows)
    dash = "–" if style.unicode else "-"
    x_axis = _axis(x_values, kind(xs)) or number_scale(
        x_values, from_zero=_near_zero(x_values), most=max(2, width // 12)
    )
    y_axis = _axis(y_values, kind(ys))
    notes = [f"{counted(left_out, 'row')} without both numbers left out"] if left_out else []
    y_name = (y_axis.described(names[1], y_values, dash) if y_axis else [names[1]])[0]
    bounds = _bounds(len(rows))
    glyphs = _POINTS if style.unicode else _ASCII_POINTS
    key = _key(bounds, glyphs, dash)
    frame = ChartFrame(width, height, style, x_axis.described(names[0], x_values, dash), y_name, title, key, notes)
    tall = frame.lines
    y_axis = y_axis or row_scale(y_values, tall, 1, from_zero=_near_zero(y_values))
    ticks = y_ticks(y_axis, tall, 1)
    plot = frame.columns(list(ticks.values()))
    places: dict[Place, list[int]] = defaultdict(list)
    for row, x, y in zip(rows, x_values, y_values, strict=True):
        places[tall - 1 - round(y_axis.place(y) * (tall - 1)), round(x_axis.place(x) * (plot - 1))].append(row)
    canvas = Canvas(plot, tall, style)
    for (line, column), inside in places.items():
        level = max(place for place, bound in enumerate(bounds) if len(inside) >= bound)
        canvas.mark(column, tall - 1 - line, glyphs[level], _STYLES[level])
    cells = canvas.rows()
    if who is not None and tall >= 4:
        _name_outliers(cells, places, who, style)
    upwards = y_axis

    def spots(x: object, y: object) -> list[Spot]:
        across, up = as_number(x), as_number(y)
        if across is None or not math.isfinite(across):
            return []
        under = frame.under(round(x_axis.place(across) * (plot - 1)))
        if up is None or not math.isfinite(up):
            return [under]
        return [under, (len(frame.heading) + tall - 1 - round(upwards.place(up) * (tall - 1)), under[1])]

    return Drawn(frame.compose([Panel(cells, ticks)], x_axis), spots)


def _axis(values: Sequence[float], found: str) -> Scale | None:
    """Return the scale of moments or of values over orders of magnitude."""
    if found == "time":
        low, high = min(values), max(values)
        return Scale(low, high, "time") if low < high else Scale(low - 1800, high + 1800, "time")
    return log_scale(values)


def _near_zero(values: Sequence[float]) -> bool:
    return 0 <= min(values) <= max(values) / 2


def _bounds(rows: int) -> list[int]:
    """Return the smallest count of each level that so many rows can reach."""
    return [bound for bound in ((1, 2, 5, 20) if rows < 2000 else (1, 10, 100, 1000)) if bound <= rows]


def _key(bounds: Sequence[int], glyphs: str, dash: str) -> list[tuple[str, str, str]]:
    ends = [f"{dash}{after - 1:,}" if after - 1 > bound else "" for bound, after in pairwise(bounds)]
    ends.append("+" if len(bounds) > 1 else "")
    texts = [f"{bound:,}{end}" for bound, end in zip(bounds, ends, strict=True)]
    texts[-1] += " rows" if len(bounds) > 1 else " row"
    return [(glyphs[level], _STYLES[level], text) for level, text in enumerate(texts)]


def _name_outliers(
    cells: list[list[Cell]], places: Mapping[Place, Sequence[int]], who: Sequence[object], style: Style
) -> None:
    """Write names beside the points farthest from the middle of all, where nothing is covered."""
    tall, plot = len(cells), len(cells[0])
    middle_line = median(line for (line, _), inside in places.items() for _ in inside)
    middle_column = median(column for (_, column), inside in places.items() for _ in inside)

    def distance(place: Place) -> float:
        return abs(place[0] - middle_line) / tall + abs(place[1] - middle_column) / plot

    named = 0
    for line, column in sorted(places, key=distance, reverse=True):
        inside = places[line, column]
        if named >= max(2, tall // 3):
            return
        more = f" +{len(inside) - 1:,}" if len(inside) > 1 else ""
        name = cut(clean(label(who[inside[0]]), unicode=style.unicode), _LONGEST_NAME, unicode=style.unicode) + more
        size = cell_len(name)
        for start in (column + 2, column - 1 - size):
            far = (start, start + size + 3) if start > column else (max(0, start - 3), start + size)
            around = cells[line][slice(*far)]
            if start < 0 or start + size > plot or any(text != " " for text, _ in around):
                continue
            cells[line][start : start + size] = [(name, "label"), *[("", "label")] * (size - 1)]
            named += 1
            break
