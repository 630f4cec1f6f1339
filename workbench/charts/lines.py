"""Lines over time (or any order): several series, and stretches without data left empty."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

from workbench.charts.canvas import UP, Canvas, Place
from workbench.charts.drawing import Cell, Drawn, Spot, Style, StyledRun, nowhere
from workbench.charts.frame import ChartFrame, Panel, y_ticks
from workbench.charts.scale import Scale, row_scale
from workbench.charts.series import Series, Spacing, collect, fold, line_parts, place_of, spacing, x_axis
from workbench.charts.text import cut
from workbench.charts.values import axis_duration, short_number
from workbench.words import counted

#: More lines than this in one plot hide each other: each then has a strip of its own.
_TOGETHER = 4
_MOST_STRIPS = 7
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = " .:#"


def draw_lines(
    names: tuple[str, str],
    xs: Sequence[object],
    ys: Sequence[object],
    keys: Sequence[object] | None,
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> Drawn:
    """Draw few series in one plot by colour; many, or without colour, each in a strip of its own."""
    axis, places = x_axis(xs, style)
    series, left_out = collect(places, ys, keys, style)
    if not series:
        return Drawn([], nowhere)
    gaps = spacing(series)
    x_names = axis.described(names[0], [x for one in series for x, _ in one.points], "–" if style.unicode else "-")
    if axis.kind == "time" and gaps and gaps.even:
        x_names.insert(0, f"{x_names[0]}, every {axis_duration(gaps.usual)}")
    notes = [f"{counted(left_out, 'value')} left out, having no place on the axes"] if left_out else []
    apart = len(series) > 1 and (not style.color or len(series) > _TOGETHER)
    key = [] if apart or len(series) == 1 else _key(series, style)
    frame = ChartFrame(
        width, height, style, x_names, names[1], title or ("each to its own scale" if apart else ""), key, notes
    )

    def spots(x: object, y: object) -> list[Spot]:
        del y
        place = place_of(axis, x, style)
        return [] if place is None else [frame.under(round(axis.place(place) * (frame.axis[2] - 1)))]

    if apart:
        return Drawn(_strips(frame, series, axis, gaps), spots)
    scale = row_scale([y for one in series for y in one.values], frame.lines, UP, from_zero=True)
    ticks = y_ticks(scale, frame.lines, UP)
    canvas = Canvas(frame.columns(list(ticks.values())), frame.lines, style)
    styles = {one.name: f"series{place % 6 + 1}" for place, one in enumerate(series)}
    for one in sorted(series, key=lambda one: max(one.values), reverse=True):
        _trace(canvas, one, axis, scale, gaps, styles[one.name])
    return Drawn(frame.compose([Panel(canvas.rows(), ticks)], axis), spots)


def _key(series: Sequence[Series], style: Style) -> list[tuple[str, str, str]]:
    stroke = "━━" if style.unicode else "--"
    return [(stroke, f"series{place % 6 + 1}", one.name) for place, one in enumerate(series)]


def _trace(canvas: Canvas, one: Series, axis: Scale, scale: Scale, gaps: Spacing | None, style: str) -> None:
    """Draw a series; in a column of dots only from its lowest to its highest value, so that any number is quick."""
    for piece in line_parts(one, gaps.widest if gaps else math.inf):
        columns: dict[int, tuple[int, int, int, int]] = {}
        for x, value in piece:
            column, y = round(axis.place(x) * (canvas.columns - 1)), round(scale.place(value) * (canvas.lines - 1))
            known = columns.get(column)
            columns[column] = (known[0], min(known[1], y), max(known[2], y), y) if known else (y, y, y, y)
        path: list[Place] = []
        for column, (first, low, high, last) in columns.items():
            path += [(column, y) for y in ((first, low, high, last) if first <= last else (first, high, low, last))]
        canvas.line(path, style)


def _strips(frame: ChartFrame, series: list[Series], axis: Scale, gaps: Spacing | None) -> list[list[StyledRun]]:
    """Draw each series in a strip of its own, as tall as there is room, up to its own largest value."""
    most = frame.lines if frame.lines < 8 else frame.lines // 2
    series = fold(series, max(1, min(_MOST_STRIPS, most)))
    tall = frame.lines // len(series)
    names = min(max(cell_len(one.name) for one in series), frame.width // 4)
    tops = {one.name: short_number(max(one.values)) for one in series}
    plot = frame.columns([*tops.values(), *(short_number(min(0.0, *one.values)) for one in series)], names)
    panels = []
    for place, strip in enumerate(series):
        style = f"series{place % 6 + 1}"
        low = min(0.0, *strip.values)
        ticks = {tall - 1: short_number(low), 0: tops[strip.name]}
        if low < 0:
            canvas = Canvas(plot, tall, frame.style)
            _trace(canvas, strip, axis, Scale(low, max(0.0, *strip.values)), gaps, style)
            rows = canvas.rows()
        else:
            rows = _area(strip, axis, gaps, plot, tall, frame.style, style)
        panels.append(Panel(rows, ticks, cut(strip.name, names, unicode=frame.style.unicode), style))
    return frame.compose(panels, axis)


def _area(
    strip: Series, axis: Scale, gaps: Spacing | None, width: int, tall: int, style: Style, color: str
) -> list[list[Cell]]:
    """Return cells filled up to the largest value of each column; zero is a line at the bottom, nothing is blank."""
    tops: dict[int, float] = {}
    for piece in line_parts(strip, gaps.widest if gaps else math.inf):
        columns = [round(axis.place(x) * (width - 1)) for x, _ in piece]
        last = axis.place(piece[-1][0] + gaps.usual) * (width - 1) if gaps and gaps.even else 0
        for (_, y), start, end in zip(piece, columns, [*columns[1:], math.floor(last)], strict=True):
            for column in range(start, max(start + 1, end)):
                tops[column] = max(y, tops.get(column, 0.0))
    blocks = _BLOCKS if style.unicode else _ASCII_BLOCKS
    parts = len(blocks) - 1
    largest = max(strip.values) or 1.0
    least = 2 if style.unicode else 1
    rows: list[list[Cell]] = [[(" ", color)] * width for _ in range(tall)]
    for column, top in tops.items():
        filled = max(least, round(top / largest * tall * parts)) if top else 0
        for line in range(tall):
            part = min(parts, max(0, filled - (tall - 1 - line) * parts))
            rows[line][column] = (blocks[part], color)
        if not top:
            rows[-1][column] = ("▁" if style.unicode else "_", "axis")
    return rows
