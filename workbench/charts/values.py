"""Values of a result as numbers to draw and as text to read: counts, measures, moments, names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1)
#: What is larger is drawn as infinite, and what is smaller than its inverse as zero: sums and spans stay finite.
_HUGE = 1e200
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"))


def number(value: object) -> float | None:
    """Return what is drawn for a value: a moment as seconds since 1970, None for what is no number.

    NaN is no number; infinities are kept.
    """
    if isinstance(value, datetime):
        return seconds(value)
    if isinstance(value, date):
        return seconds(datetime(value.year, value.month, value.day))
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        as_float = float(value)
    except OverflowError:
        return math.inf if isinstance(value, int) and value > 0 else -math.inf
    except ValueError:
        return None
    if math.isnan(as_float):
        return None
    return (
        math.copysign(math.inf, as_float) if abs(as_float) > _HUGE else 0.0 if abs(as_float) < 1 / _HUGE else as_float
    )


def seconds(moment: datetime) -> float:
    """Return seconds since 1970 in UTC."""
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            moment = moment.replace(tzinfo=None)
    return (moment - _EPOCH).total_seconds()


def moment(value: float) -> datetime:
    """Return the moment ``value`` seconds after 1970, the nearest one that can be written."""
    try:
        return _EPOCH + timedelta(seconds=value)
    except OverflowError:
        return datetime.max if value > 0 else datetime.min


def kind(values: Sequence[object]) -> str:
    """Return ``time``, ``number`` or ``name``: what all the values that are there can be drawn as."""
    there = [value for value in values if value is not None]
    if not there:
        return "name"
    if all(isinstance(value, date) for value in there):
        return "time"
    if any(isinstance(value, (date, str, bool)) for value in there):
        return "name"
    return "number" if any(number(value) is not None for value in there) else "name"


def human(value: float) -> str:
    """Return a number as a person writes it: ``3,400``, ``1.2 M``, ``0.025``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    size = abs(value)
    if size >= 1e15:
        return f"{value:.2e}"
    for scale, unit in _UNITS:
        if size >= scale:
            return f"{_short(value / scale)} {unit}"
    return _short(value)


def _short(value: float) -> str:
    """Three digits that count, and never an exponent for what a person writes without."""
    size = abs(value)
    if size >= 1000 or value == int(value):
        return f"{value:,.0f}"
    if size >= 0.001:
        return f"{value:.{max(0, 2 - math.floor(math.log10(size)))}f}".rstrip("0").rstrip(".")
    return f"{value:.2e}"


def label(value: object) -> str:
    """Return a value as the name of a bar, a series or a row."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return stamp(seconds(value))
    if isinstance(value, (float, Decimal)):
        found = number(value)
        return "NaN" if found is None else human(found)
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python writes
        return human(number(value) or 0.0)


def stamp(value: float) -> str:
    """Return a moment in full: date and time of day, seconds only where there are any."""
    at = moment(value)
    day = f"{at.year:04}-{at.month:02}-{at.day:02}"
    if at.second or at.microsecond:
        return f"{day} {at.hour:02}:{at.minute:02}:{at.second:02}"
    return f"{day} {at.hour:02}:{at.minute:02}"


def duration(span: float) -> str:
    """Return a length of time in one short word."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if span >= size:
            return f"{_short(span / size)} {unit}"
    return f"{_short(span * 1000)} ms"
