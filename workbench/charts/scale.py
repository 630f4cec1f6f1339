"""Scales: where a value stands between the ends of an axis, and which round values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from rich.cells import cell_len

from workbench.charts.values import as_moment, seconds, short_number, stamp

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: Round lengths of time in seconds.
TIME_STEPS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30,
    _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE,
    _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY,
)  # fmt: skip
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 36000)

#: A double tells no more steps than this apart.
_DIGITS = 1e15

Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """From ``low`` to ``high``: of numbers, moments (``time``), places of ``names`` (``name``), or logarithmic.

    On a ``log`` scale with ``zero`` a value of zero stands below ``low``, the smallest above zero. Ticks are ``step``
    apart where that is set.
    """

    low: float
    high: float
    kind: str = "number"
    names: tuple[str, ...] = ()
    zero: bool = False
    step: float = 0.0

    def place(self, value: float) -> float:
        """Return where a value stands, from 0 at the low end to 1 at the high end."""
        if self.kind == "log":
            low, high = math.log10(self.low), math.log10(self.high)
            if self.zero:
                low -= max(0.3, (high - low) / 12)
            at = math.log10(value) if value > 0 else low
        else:
            low, high, at = self.low, self.high, value
        return min(1.0, max(0.0, (at - low) / (high - low))) if high > low else 0.5

    def ticks(self, most: int) -> list[list[Tick]]:
        """Return sets of ticks, the finest of at most ``most`` first."""
        makers = {"log": self._log_ticks, "time": self._time_ticks, "name": self._name_ticks}
        return [ticks for ticks in makers.get(self.kind, self._number_ticks)(most) if len(ticks) <= most]

    def _number_ticks(self, most: int) -> Iterator[list[Tick]]:
        for step in [self.step] if self.step else steps(self.low, self.high, most):
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last - first < 4 * most:
                yield [(count * step, short_number(_tidy(count * step, step))) for count in range(first, last + 1)]
        yield [(self.low, short_number(self.low)), (self.high, short_number(self.high))]

    def _log_ticks(self, most: int) -> Iterator[list[Tick]]:
        zero = [(0.0, "0")] if self.zero else []
        low, high = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for parts in ((1, 2, 5), (1, 3), (1,)):
            values = [part * 10.0**power for power in range(low, high + 1) for part in parts]
            yield zero + [(value, short_number(value)) for value in values if self.low <= value <= self.high]
        for stride in (2, 3, 6, 12, 48):
            values = [10.0**power for power in range(low, high + 1) if power % stride == 0]
            yield zero + [(value, short_number(value)) for value in values if self.low <= value <= self.high]

    def _name_ticks(self, most: int) -> Iterator[list[Tick]]:
        stride = 1
        while len(self.names) // stride > 1:
            yield [(float(at), self.names[at]) for at in range(0, len(self.names), stride)]
            stride += 1 if stride < 8 else stride // 4
        yield [(0.0, self.names[0])] if self.names else []

    def _time_ticks(self, most: int) -> Iterator[list[Tick]]:
        span = self.high - self.low
        for step in TIME_STEPS:
            if span / step <= 2 * most:
                start = 4 * _DAY if step >= 7 * _DAY else 0  # weeks begin on Mondays, 1970 did on a Thursday
                first, last = (self.low - start) / step, (self.high - start) / step
                values = [start + count * step for count in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)]
                yield [(value, _time_label(value, step)) for value in values]
        for months in _MONTH_STEPS:
            if span / (months * 30 * _DAY) <= 2 * most:
                yield [(value, _month_label(value, months)) for value in _months(self.low, self.high, months)]

    def described(self, name: str, values: Sequence[float], dash: str) -> list[str]:
        """Return the name of the axis with what must be known about it, then shorter."""
        if self.kind == "time":
            first, last = stamp(min(values)), stamp(max(values))
            if first == last:
                return [f"{name}  {first}", first, name]
            span = f"{first} {dash} {last[11:] if first[:10] == last[:10] else last}"
            return [f"{name}  {span}", span, f"{first[:10]} {dash} {last[:10]}", name]
        return [f"{name} (log scale)", f"{name} (log)", name] if self.kind == "log" else [name]


def steps(low: float, high: float, most: int) -> Iterator[float]:
    """Yield round steps (1, 2, 5 by powers of ten), the finest that makes at most ``most`` first."""
    span = high - low
    if span <= 0:
        return
    power = math.floor(math.log10(span / max(1, most)))
    for exponent in range(power, power + 4):
        for part in (1, 2, 5):
            step = part * 10.0**exponent
            if span / step <= most + 1e-9:
                yield step


def number_scale(values: Sequence[float], *, from_zero: bool, most: int = 5) -> Scale:
    """Return a scale that ends at round values and, ``from_zero``, holds zero. All-equal values get room around."""
    low, high = _ends(values, from_zero=from_zero)
    step = next(steps(low, high, most), 0.0)
    if not step or max(abs(low), abs(high)) / step > _DIGITS:
        return Scale(low, high)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def row_scale(values: Sequence[float], lines: int, dots: int, *, from_zero: bool) -> Scale:
    """Return a scale for an axis on the left of ``lines`` rows of ``dots`` dots, whose ticks fall on rows evenly."""
    low, high = _ends(values, from_zero=from_zero)
    whole = all(value == int(value) for value in values)
    least = 1 if lines < 4 else 2 if lines < 16 else 3
    for step in steps(low, high, lines):
        if (whole and step < 1) or max(abs(low), abs(high)) / step > _DIGITS:
            continue
        base = math.floor(low / step + 1e-9) * step
        rows = math.floor((lines * dots - 1) * step / ((high - base) * dots) + 1e-9)
        if rows >= least:
            return Scale(base, base + (lines * dots - 1) * step / (rows * dots), step=step)
    return Scale(low, high)


def _ends(values: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low < high:
        return low, high
    around = abs(low) / 2 or 1.0
    return (0.0, 1.0) if low == 0 else (low - around, high + around)


def _tidy(value: float, step: float) -> float:
    """Return a multiple of a step without the dust of floating point."""
    return round(value, max(0, 2 - math.floor(math.log10(step)))) if abs(value) < 1e15 and step > 1e-15 else value


def log_scale(values: Sequence[float]) -> Scale | None:
    """Return a log scale where values spread over orders of magnitude, None where a plain one serves.

    They do if the largest is a thousand times the smallest above zero and thirty times the median: an even spread
    from 1 to 10,000 is better read on a plain scale.
    """
    positive = [value for value in values if value > 0]
    if not positive or min(values) < 0:
        return None
    low, high = min(positive), max(positive)
    if high / 1000 < low or high / 30 < median(positive):
        return None
    return Scale(low, high, "log", zero=len(positive) < len(values))


def _time_label(value: float, step: float) -> str:
    at = as_moment(value)
    if step >= _DAY or (step >= _MINUTE and at.hour == at.minute == 0):
        return f"{at:%m-%d}"
    if step >= _MINUTE:
        return f"{at:%H:%M}"
    if step >= 1:
        return f"{at:%H:%M:%S}"
    return f"{at:%M:%S}.{round(at.microsecond / 1000):03}"


def _month_label(value: float, months: int) -> str:
    at = as_moment(value)
    return f"{at.year:04}" if months >= 12 else f"{at.year:04}-{at.month:02}"


def _months(low: float, high: float, stride: int) -> Iterator[float]:
    first = as_moment(low)
    count = -(-(first.year * 12 + first.month - 1) // stride) * stride
    while count // 12 <= 9999:
        if count >= 12:
            value = seconds(datetime(count // 12, count % 12 + 1, 1))
            if value > high:
                return
            if value >= low:
                yield value
        count += stride


def place_labels(scale: Scale, width: int, *, gap: int = 2) -> list[tuple[int, int, str]]:
    """Choose as many labels below an axis of ``width`` cells as stand apart.

    Returns (tick's cell, label's first cell, label) from left to right.
    """
    for ticks in scale.ticks(max(2, width // 6)):
        placed: list[tuple[int, int, str]] = []
        free = 0
        for value, text in ticks:
            at = round(scale.place(value) * (width - 1))
            size = cell_len(text)
            start = max(0, min(at - size // 2, width - size))
            if start < free or size > width:
                break
            placed.append((at, start, text))
            free = start + size + gap
        else:
            if placed:
                return placed
    return []
