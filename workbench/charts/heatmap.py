"""Heat maps: a shade for each pair of x and y, told apart by density as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from rich.cells import cell_len

from workbench.charts.drawing import Cell, Drawn, Spot, Style, StyledRun, nowhere, runs
from workbench.charts.text import clean, cut, head, right
from workbench.charts.values import as_number, kind, label, short_number

_SHADES = "·░▒▓█"
_ASCII_SHADES = ".:+%#"


def draw_heatmap(
    names: tuple[str, str, str],
    xs: Sequence[object],
    ys: Sequence[object],
    values: Sequence[object],
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> Drawn:
    """Draw x by y; a pair without a row stays blank, pairs that occur twice are added up."""
    columns, rows = _order(xs, style), _order(ys, style)
    sums: dict[tuple[int, int], float] = {}
    for x, y, value in zip(_keys(xs, style), _keys(ys, style), values, strict=True):
        found = as_number(value)
        if found is not None and math.isfinite(found):
            sums[columns[x], rows[y]] = sums.get((columns[x], rows[y]), 0.0) + found
    if not sums:
        return Drawn([], nowhere)
    row_names = list(rows)
    room = max(1, height - 4)
    shown = len(row_names) if len(row_names) <= room else max(1, room - 1)
    gutter = min(max(map(cell_len, row_names[:shown])), max(6, width // 3))
    plot = max(1, width - gutter - 1)
    joined = math.ceil(len(columns) / plot)
    count = math.ceil(len(columns) / joined)
    cell = max(1, min(8, plot // count))
    tall = max(1, min(3, room // max(1, shown), (cell + 1) // 2))
    cells: dict[tuple[int, int], float] = {}
    for (column, row_place), total in sums.items():
        cells[column // joined, row_place] = max(total, cells.get((column // joined, row_place), -math.inf))
    bounds = _bounds(list(cells.values()))
    shades = _SHADES if style.unicode else _ASCII_SHADES
    lines = [_heading(names, title, joined, width, style)]
    for place in range(shown):
        row: list[Cell] = []
        for across in range(count):
            level = _level(cells.get((across, place)), bounds)
            row += [(" ", "heat0")] * cell if level is None else _cell(shades[level], cell, level)
        name = cut(row_names[place], gutter, unicode=style.unicode)
        for line in range(tall):
            shown_name = right(name if line == (tall - 1) // 2 else "", gutter)
            lines.append([StyledRun(shown_name + " ", "label"), *runs(row)])
    lines.append([StyledRun(" " * (gutter + 1) + _x_labels(list(columns), joined, cell, count), "label")])
    if len(row_names) > shown:
        lines.append([StyledRun(f"and {len(row_names) - shown:,} more of {names[1]}", "muted")])
    lines.append(_legend(names[2], bounds, shades, width, style))

    def spots(x: object, y: object) -> list[Spot]:
        column, row = columns.get(_keys([x], style)[0]), rows.get(_keys([y], style)[0])
        if column is None:
            return []
        across = range(start := gutter + 1 + column // joined * cell, start + cell)
        found = [(1 + shown * tall, across)]
        if row is not None and row < shown:
            found += [(1 + row * tall + line, across) for line in range(tall)]
        return found

    return Drawn(lines[:height], spots)


def _keys(values: Sequence[object], style: Style) -> list[str]:
    return [clean(label(value), unicode=style.unicode) for value in values]


def _order(values: Sequence[object], style: Style) -> dict[str, int]:
    """Return the places of names: numbers and times in their order, anything else as it comes."""
    names = dict(zip(_keys(values, style), values, strict=True))
    if kind(values) != "name":
        ordered = sorted(names, key=lambda name: (as_number(names[name]) is None, as_number(names[name]) or 0.0))
        return {name: place for place, name in enumerate(ordered)}
    return {name: place for place, name in enumerate(names)}


def _bounds(values: Sequence[float]) -> list[float]:
    """Return the lowest value of each of the five levels; the first level is zero where there is nothing below.

    The levels grow by a factor where few values are far above the others, which would otherwise all look the same.
    """
    low, high = min(values), max(values)
    if low >= 0:
        positive = [value for value in values if value > 0]
        if not positive:
            return [0.0] + [math.inf] * 4
        least = min(positive)
        if high > 4 * median(positive):
            return [0.0, *(least * (high / least) ** (part / 4) for part in range(4))]
        parts = [high * part / 4 for part in (1, 2, 3)]
        return [0.0, min(least, parts[0]), *parts]
    return [low + (high - low) / 5 * part for part in range(5)]


def _level(value: float | None, bounds: Sequence[float]) -> int | None:
    if value is None:
        return None
    return max(level for level, bound in enumerate(bounds) if level == 0 or value >= bound)


def _cell(shade: str, width: int, level: int) -> list[Cell]:
    """Return the cells of one pair: all shaded, the lowest level only dotted."""
    if level == 0:
        return [(" ", "heat0")] * ((width - 1) // 2) + [(shade, "heat0")] + [(" ", "heat0")] * (width // 2)
    return [(shade, f"heat{level}")] * width


def _x_labels(names: Sequence[str], joined: int, cell: int, count: int) -> str:
    """Return labels under their columns, every so many that they stand apart."""
    for stride in (1, 2, 3, 4, 6, 8, 12, 16, 24, 48, 96):
        line = ""
        for place in range(0, count, stride):
            text = names[place * joined]
            start = place * cell + max(0, (cell - cell_len(text)) // 2)
            if start + cell_len(text) > count * cell + 1:
                continue
            if line and start < cell_len(line) + 1:
                break
            line += " " * (start - cell_len(line)) + text
        else:
            if line:
                return line
    return head(names[0], count * cell)


def _heading(names: tuple[str, str, str], title: str, joined: int, width: int, style: Style) -> list[StyledRun]:
    text = f"{names[2]} by {names[1]} (down) and {names[0]} (across)"
    if joined > 1:
        text += f"; each column is the largest of {joined}"
    if title:
        text += f"   {title}"
    return [StyledRun(cut(text, width, unicode=style.unicode), "title")]


def _legend(name: str, bounds: Sequence[float], shades: str, width: int, style: Style) -> list[StyledRun]:
    """Return the scale: each shade with the lowest value that has it."""
    texts = ["0" if bound == 0 else f"{short_number(_rounded(bound))}+" for bound in bounds]
    levels = [
        level for level, bound in enumerate(bounds) if math.isfinite(bound) and texts[level] not in texts[level + 1 :]
    ]
    line: list[StyledRun] = []
    for first, swatch, gap in ((cut(name, width // 3, unicode=style.unicode), 2, "  "), ("", 2, "  "), ("", 1, " ")):
        line = [StyledRun(first, "label")]
        for level in levels:
            sign = shades[level] * (swatch if level else 1)
            line += [StyledRun(gap if len(line) > 1 or first else "", "label"), StyledRun(sign, f"heat{level}")]
            line.append(StyledRun(f" {texts[level]}", "label"))
        if sum(cell_len(run.text) for run in line) <= width:
            break
    return line


def _rounded(bound: float) -> float:
    return float(math.ceil(bound)) if 10 <= abs(bound) < 1e15 else bound
