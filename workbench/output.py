"""Writing results for people (a table) and for programs (CSV, JSON)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Literal, TextIO, cast

from workbench.csvfile import write_csv
from workbench.safetext import safe
from workbench.values import column_text, is_number, plain

#: A table for a person is measured before it is written, so it is held in memory, up to so many rows.
TABLE_ROWS = 10_000


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], how: str, out: TextIO | None = None) -> None:
    """Write rows as ``table``, ``csv`` or ``json`` to standard output."""
    out = out or sys.stdout
    if how != "table" and out.isatty():
        out = cast(TextIO, _Terminal(out))
    if how == "csv":
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
