"""Values as text: for programs (JSON's own types), and for people (one safe line)."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from workbench.safetext import safe


def plain(value: object) -> Any:
    """Return a value as JSON has it: times as ISO 8601 in UTC, bytes as text where they are, else base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return float(value)
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                return {"base64": base64.b64encode(value).decode("ascii")}
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return str(value)


def iso(value: datetime) -> str:
    """Return a UTC time as ISO 8601 with a Z."""
    return value.replace(tzinfo=None).isoformat() + "Z"


def cell(value: object) -> str:
    """Return a value as one safe line for a person."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
        case datetime():
            return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
        case timedelta():
            return duration(value)
        case bytes():
            return safe(value.decode("utf-8", errors="backslashreplace"))
        case list() | tuple():
            return safe(", ".join(cell(item) for item in value))
        case dict():
            return safe(json.dumps(plain(value), ensure_ascii=False))
    return safe(value)


#: Columns of numbers that name something rather than count it.
_NAMES = frozenset({"status", "pid", "source", "line", "item", "asn", "port", "year", "hour", "run", "seq"})


def is_number(value: object) -> bool:
    """Say whether a value counts or measures something."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def column_text(name: str, values: Sequence[object]) -> Callable[[object], str]:
    """Return how a column's values are shown, given some of them: alike, so that the eye can run down them."""
    kinds = {type(value) for value in values}
    if kinds == {datetime}:
        whole = not any(isinstance(value, datetime) and value.microsecond for value in values)
        return _seconds if whole else _milliseconds
    if kinds == {int} and name not in _NAMES:
        return _grouped
    return cell


def _seconds(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) and not value.microsecond else cell(value)


def _milliseconds(value: object) -> str:
    return value.isoformat(sep=" ", timespec="milliseconds") if isinstance(value, datetime) else cell(value)


def short_time(value: object) -> str:
    """Return a time without its year, for lists within one."""
    return f"{value:%m-%d %H:%M:%S}.{value.microsecond // 1000:03}" if isinstance(value, datetime) else cell(value)


def _grouped(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else cell(value)


def duration(value: timedelta) -> str:
    """Return a length of time as people say it: ``26 m 15 s``."""
    seconds = value.total_seconds()
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        return f"{sign}{seconds:.3g} s"
    days, hours = divmod(int(seconds) // 3600, 24)
    minutes, rest = int(seconds) // 60 % 60, int(seconds) % 60
    if days:
        return f"{sign}{days} d {hours} h"
    return f"{sign}{hours} h {minutes:02} m" if hours else f"{sign}{minutes} m {rest:02} s"


def count(number: int | None) -> str:
    """Return a count as people read it."""
    return "?" if number is None else f"{number:,}"


def size(number: int | None) -> str:
    """Return a size in bytes as people read it."""
    if number is None:
        return "?"
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    return ""
