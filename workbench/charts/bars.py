"""Horizontal bars: a label, a bar in eighths of a cell, and the value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from workbench.charts.drawing import Drawn, Spot, Style, StyledRun
from workbench.charts.text import clean, cut, left, right
from workbench.charts.values import as_number, label, short_number

_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    value: float | None
    text: str
    times: int


def draw_bars(
    names: tuple[str, str],
    labels: Sequence[object],
    values: Sequence[object],
    width: int,
    height: int,
    style: Style,
    title: str = "",
) -> Drawn:
    """Draw a bar for each different pair of label and value, in the order given; the same pair again is counted."""
    counted = Counter(
        (clean(label(one), unicode=style.unicode), as_number(value), _text(value, style))
        for one, value in zip(labels, values, strict=True)
    )
    bars = [_Bar(*key, times) for key, times in counted.items()]
    room = height - 1
    shown = bars if len(bars) <= room else bars[: max(1, room - 1)]
    longest = max(map(cell_len, [names[0], *(bar.label for bar in shown)]))
    label_width = min(longest, max(8, width * 2 // 5))
    texts = [bar.text + (f" {'×' if style.unicode else 'x'}{bar.times}" if bar.times > 1 else "") for bar in shown]
    value_width = max(map(cell_len, texts))
    finite = [bar.value for bar in shown if bar.value is not None and math.isfinite(bar.value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    length = max(1, width - label_width - value_width - (3 if low < 0 else 2))
    below = _share(low, low, high) if low < 0 else 0.0
    zero = min(length - 1, max(1, round(below * length))) if low < 0 < high else length if low < 0 else 0
    lines = [_header(names, title, label_width, width, style)]
    for bar, text in zip(shown, texts, strict=True):
        negative = _bar(bar.value, low, zero, style, negative=True) if zero else ""
        positive = _bar(bar.value, high, length - zero, style, negative=False)
        axis = ("│" if style.unicode else "|") if zero and zero < length else ""
        drawn = right(negative, zero) + axis + positive
        lines.append(
            [
                StyledRun(left(cut(bar.label, label_width, unicode=style.unicode), label_width) + " ", "label"),
                StyledRun(left(drawn, length + 1) if zero else drawn, "bar"),
                StyledRun((" " if drawn else "") + text, "label"),
            ]
        )
    if rest := bars[len(shown) :]:
        numbers = [bar.value for bar in rest if bar.value is not None]
        span = f" ({short_number(min(numbers))} to {short_number(max(numbers))})" if numbers else ""
        lines.append([StyledRun(f"and {len(rest):,} more{span}", "muted")])

    def spots(x: object, y: object) -> list[Spot]:
        name = clean(label(x), unicode=style.unicode)
        same = [place for place, bar in enumerate(shown) if bar.label == name]
        of_value = [place for place in same if shown[place].value == as_number(y)]
        return [(1 + place, range(min(label_width, cell_len(name)))) for place in (of_value or same)[:1]]

    return Drawn(lines[:height], spots)


def _header(names: tuple[str, str], title: str, label_width: int, width: int, style: Style) -> list[StyledRun]:
    first = cut(names[0], label_width, unicode=style.unicode)
    return [
        StyledRun(
            left(first, label_width) + " " + cut(names[1], width - label_width - 1, unicode=style.unicode), "title"
        )
    ]


def _text(value: object, style: Style) -> str:
    found = as_number(value)
    if found is not None and not isinstance(value, (bool, str)):
        return short_number(found)
    return cut(clean("no value" if value is None else label(value), unicode=style.unicode), 12, unicode=style.unicode)


def _share(value: float, low: float, high: float) -> float:
    """Return how much of the whole length, below and above zero, a value takes."""
    return abs(value) / (high - low) if high > low else 0.0


def _bar(value: float | None, end: float, length: int, style: Style, *, negative: bool) -> str:
    """Return one bar on its side of zero; what is not zero shows at least as a sliver."""
    if value is None or value == 0 or (value < 0) != negative or length <= 0:
        return ""
    if math.isinf(value):
        arrow = ("◀" if negative else "▶") if style.unicode else ("<" if negative else ">")
        body = ("█" if style.unicode else "#") * (length - 1)
        return arrow + body if negative else body + arrow
    cells = min(1.0, abs(value) / abs(end)) * length if end else 0.0
    if not style.unicode:
        return "#" * round(cells) or "|"
    if negative:
        halves = round(cells * 2)
        return ("▐" if halves % 2 else "") + "█" * (halves // 2) or "▐"
    eighths = round(cells * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip() or "▏"
