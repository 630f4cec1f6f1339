"""Series of points out of a result: sorted, folded where there are too many, with their gaps found."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

from workbench.charts.drawing import Style
from workbench.charts.scale import Scale
from workbench.charts.text import clean
from workbench.charts.values import kind, label, number

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of x; y is None where the data says that there is no value."""

    name: str
    points: list[tuple[float, float | None]]

    @property
    def values(self) -> list[float]:
        """The values that are there."""
        return [y for _, y in self.points if y is not None]


@dataclass(frozen=True, slots=True)
class Spacing:
    """The usual distance of neighbouring points, whether the data keeps to it, and what is more than a gap."""

    usual: float
    even: bool
    widest: float


def x_axis(xs: Sequence[object], style: Style) -> tuple[Scale, list[float | None]]:
    """Return the axis of x, and the place of each value on it: of names the order in which they come."""
    axis = kind(xs)
    if axis == "name":
        texts = [clean(label(x), unicode=style.unicode) for x in xs]
        order = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        return Scale(0.0, float(max(1, len(order) - 1)), "name", tuple(order)), [float(order[text]) for text in texts]
    numbers = [number(x) for x in xs]
    places = [place if place is not None and math.isfinite(place) else None for place in numbers]
    finite = [place for place in places if place is not None]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if low == high:
        around = 1800.0 if axis == "time" else abs(low) / 2 or 1.0
        low, high = low - around, high + around
    return Scale(low, high, axis), places


def place_of(axis: Scale, x: object, style: Style) -> float | None:
    """Return the place on an axis of one value, or None where it has none."""
    if axis.kind == "name":
        text = clean(label(x), unicode=style.unicode)
        return float(axis.names.index(text)) if text in axis.names else None
    place = number(x)
    return place if place is not None and math.isfinite(place) else None


def collect(
    places: Sequence[float | None], ys: Sequence[object], keys: Sequence[object] | None, style: Style
) -> tuple[list[Series], int]:
    """Return the series in the order in which they first come, and how many values have no place on the axes."""
    by_series: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    left_out = 0
    for row, (x, value) in enumerate(zip(places, ys, strict=True)):
        y = number(value)
        if x is None or (y is not None and not math.isfinite(y)):
            left_out += 1
            y = None
        if x is not None:
            by_series[clean(label(keys[row]), unicode=style.unicode) if keys is not None else ""].append((x, y))
    series = [Series(name, sorted(points, key=lambda point: point[0])) for name, points in by_series.items()]
    return [one for one in series if one.values], left_out


def fold(series: list[Series], most: int) -> list[Series]:
    """Keep the largest series in their order, and add the others up into one."""
    if len(series) <= most:
        return series
    by_size = sorted(series, key=lambda one: sum(map(abs, one.values)), reverse=True)
    kept = {one.name for one in by_size[: most - 1]}
    sums: dict[float, float | None] = {}
    for one in by_size[most - 1 :]:
        for x, y in one.points:
            before = sums.get(x)
            sums[x] = before if y is None else y + (before or 0.0)
    other = Series(f"other ({len(series) - most + 1} summed)", sorted(sums.items()))
    return [*(one for one in series if one.name in kept), other]


def spacing(series: Sequence[Series]) -> Spacing | None:
    """Return how the points of all series together follow each other; None if there is one place only."""
    xs = sorted({x for one in series for x, _ in one.points})
    gaps = [after - before for before, after in pairwise(xs)]
    if not gaps:
        return None
    usual = median(gaps)
    even = sum(abs(gap - usual) <= usual * 0.15 for gap in gaps) * 2 >= len(gaps)
    if even:
        return Spacing(usual, True, usual * 1.5)
    return Spacing(usual, False, quantiles(gaps, n=10)[-1] * 3 if len(gaps) > 1 else usual)


def pieces(line: Series, widest: float) -> list[list[Point]]:
    """Return the stretches of a series in which no point is missing."""
    parts: list[list[Point]] = []
    last: float | None = None
    for x, y in line.points:
        if y is None:
            last = None
            continue
        if last is None or x - last > widest:
            parts.append([])
        parts[-1].append((x, y))
        last = x
    return parts
