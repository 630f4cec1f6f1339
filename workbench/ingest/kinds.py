"""How lines of each kind of format become records: the one place that knows all kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.ingest import csv_sql, json_sql, record_sql
from workbench.ingest.record_sql import Parsing

_PARSED: Mapping[str, Callable[[Parsing, str], str]] = {
    "json": json_sql.parsed_json,
    "regex": record_sql.parsed_lines,
    "csv": csv_sql.parsed_csv,
    "text": record_sql.parsed_text,
}


def parsed(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation over a relation of lines (see ``lines.LineWriter``)."""
    return _PARSED[parsing.format.kind](parsing, lines)


def starting(parsing: Parsing, lines: str) -> str | None:
    """Return these lines with a column ``starts``, or None where every line is a record of its own."""
    if parsing.format.kind == "csv":
        return csv_sql.csv_starting(parsing, lines) if csv_sql.spans_lines(parsing.format) else None
    return record_sql.record_starting(parsing.format, lines) if parsing.format.spans else None
