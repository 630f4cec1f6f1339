"""Scatter plots: one place for each pair of numbers, a heavier point where many fall together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from workbench.charts.drawing import Cell, Run, Style
from workbench.charts.frame import Frame, Layout, Panel, compose, tick_width, y_ticks
from workbench.charts.scale import Scale, log_scale, number_scale
from workbench.charts.values import kind, number

_POINTS = "·•●█"
_ASCII_POINTS = ".o@#"


def draw_scatter(
    names: tuple[str, str],
    xs: Sequence[object],
    ys: Sequence[object],
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> list[list[Run]]:
    """Draw y over x; an axis is logarithmic where its values spread over orders of magnitude."""
    pairs = [(x, y) for x, y in zip(map(number, xs), map(number, ys), strict=True) if _finite(x) and _finite(y)]
    points = [(x, y) for x, y in pairs if x is not None and y is not None]
    if not points:
        return []
    left_out = len(xs) - len(points)
    notes = [f"{left_out:,} rows without both numbers left out"] if left_out else []
    layout = Layout(height, notes=len(notes), legend=1 if height >= 8 else 0)
    tall = layout.plot
    x_axis = _axis([x for x, _ in points], kind(xs), most=max(2, width // 12))
    y_axis = _axis([y for _, y in points], kind(ys), most=max(1, min(8, tall // 2)))
    plot = max(1, width - 1 - tick_width(y_axis, tall))
    cells = Counter((round((1 - y_axis.place(y)) * (tall - 1)), round(x_axis.place(x) * (plot - 1))) for x, y in points)
    bounds = _bounds(max(cells.values()))
    glyphs = _POINTS if style.unicode else _ASCII_POINTS
    rows: list[list[Cell]] = [[(" ", "label")] * plot for _ in range(tall)]
    for (row, column), count in cells.items():
        level = max(place for place, bound in enumerate(bounds) if count >= bound)
        rows[row][column] = (glyphs[level], f"heat{level + 1}")
    legend = [_legend(bounds, glyphs)] if layout.legend else []
    frame = Frame(_named(names[0], x_axis, style), _named(names[1], y_axis, style), title, legend, notes)
    return compose(frame, [Panel(rows, y_ticks(y_axis, tall))], x_axis, layout, width, style)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _named(name: str, scale: Scale, style: Style) -> str:
    if scale.kind == "time":
        return f"{name}  {scale.range_text('–' if style.unicode else '-')}"
    return f"{name} (log scale)" if scale.kind == "log" else name


def _axis(values: Sequence[float], found: str, most: int) -> Scale:
    if found == "time":
        low, high = min(values), max(values)
        return Scale(low, high, "time") if low < high else Scale(low - 1, high + 1, "time")
    if log := log_scale(values):
        return log
    low, high = min(values), max(values)
    return number_scale(values, from_zero=low > 0 and low <= high / 2, most=most)


def _bounds(most: int) -> list[int]:
    """Return the smallest count of each level that occurs."""
    steps = (1, 2, 5, 20) if most < 200 else (1, 10, 100, 1000)
    return [step for step in steps if step <= most]


def _legend(bounds: Sequence[int], glyphs: str) -> list[Run]:
    line = [Run("rows in a place: ", "muted")]
    for level, bound in enumerate(bounds):
        last = level == len(bounds) - 1
        text = (
            f"{bound:,}+"
            if last and level
            else f"{bound:,}"
            if last or bounds[level + 1] == bound + 1
            else (
                f"{bound:,}–{bounds[level + 1] - 1:,}" if glyphs == _POINTS else f"{bound:,}-{bounds[level + 1] - 1:,}"
            )
        )
        line += [Run(glyphs[level], f"heat{level + 1}"), Run(f" {text}  ", "label")]
    return line
