"""Writing results for people (a table) and for programs (CSV, JSON)."""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Literal, TextIO, cast

from workbench.safetext import safe

#: A table for a person is measured before it is written, so it is held in memory, up to so many rows.
TABLE_ROWS = 10_000


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


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], how: str, out: TextIO | None = None) -> None:
    """Write rows as ``table``, ``csv`` or ``json`` to standard output."""
    out = out or sys.stdout
    if how != "table" and out.isatty():
        out = cast(TextIO, _Terminal(out))
    if how == "csv":
        from workbench.export.csvfile import write_csv

        write_csv(out, columns, rows)
    elif how == "json":
        out.write("[")
        for number, row in enumerate(rows):
            item = dict(zip(columns, map(plain, row), strict=True))
            out.write((",\n " if number else "") + json.dumps(item, ensure_ascii=False))
        out.write("]\n")
    else:
        shown = list(islice(rows, TABLE_ROWS + 1))
        _table(columns, shown[:TABLE_ROWS], out)
        if len(shown) > TABLE_ROWS:
            sys.stderr.write(f"workbench: only the first {TABLE_ROWS:,} rows are shown; csv and json give all\n")


class _Terminal:
    """What csv and json write where a terminal reads it: log text may not draw there either."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write a text with everything in it made visible but the ends of lines."""
        return self._out.write("\n".join(map(safe, text.replace("\r\n", "\n").split("\n"))))


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], out: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=out, highlight=False, soft_wrap=False, width=None if out.isatty() else 10_000)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    shows = []
    for index, name in enumerate(columns):
        values = [row[index] for row in rows if row[index] is not None]
        shows.append(column_text(name, values))
        justify: Literal["right", "left"] = "right" if any(map(is_number, values)) else "left"
        table.add_column(Text(safe(name)), justify=justify, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text("" if value is None else show(value)) for show, value in zip(shows, row, strict=True)))
    console.print(table)
    if not rows:
        out.write("(no rows)\n")


def write_json_line(item: dict[str, Any], out: TextIO | None = None) -> None:
    """Write one object on one line."""
    (out or sys.stdout).write(json.dumps(plain(item), ensure_ascii=False) + "\n")


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
