"""The SQL for comma, tab and otherwise separated rows under a header.

A quoted value may hold newlines: a line with an odd number of quotes, one of which begins or ends a value, opens or
closes one, so lines are joined until it is closed. A row with another number of values than the header is a reject.
"""

from __future__ import annotations

import csv
import re

from workbench.formats.model import Format
from workbench.ingest.record_sql import Parsing, join_lines, joined, not_null, object_of, values
from workbench.sqltext import literal

DELIMITERS = (",", "\t", ";", "|")


def sniff_header(lines: list[str]) -> tuple[tuple[str, ...], str] | None:
    """Return the header's names and the delimiter if these lines are rows under a header, else None.

    The header's values must be names, all different; the rows that follow must mostly have as many values.
    """
    if not lines:
        return None
    best: tuple[tuple[str, ...], str] | None = None
    for delimiter in DELIMITERS:
        header = split_row(lines[0], delimiter)
        names = tuple(name.strip() for name in header)
        if len(names) < 2 or len({name.lower() for name in names}) != len(names):
            continue
        if not all(re.fullmatch(r"[@_\w](?:[\w .,:@#/()\[\]%+-]{0,78}[\w)\]%])?", name) for name in names):
            continue
        if any(re.match(r"[-+]?\d", name) for name in names):
            continue
        rows = [split_row(line, delimiter) for line in lines[1:] if line.count('"') % 2 == 0]
        fitting = sum(len(row) == len(names) for row in rows)
        if rows and fitting < 0.8 * len(rows):
            continue
        if best is None or len(names) > len(best[0]):
            best = (names, delimiter)
    return best


def split_row(line: str, delimiter: str) -> list[str]:
    """Split one line of a CSV."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def spans_lines(fmt: Format) -> bool:
    """Say whether a row may span lines: not where a line of the log gives the names."""
    return fmt.quote and fmt.header is None and not fmt.names


def header_names(fmt: Format, line: str) -> tuple[str, ...] | None:
    """Return the names that a format's own header line gives, or None for another line."""
    found = re.match(fmt.header, line) if fmt.header else None
    if found is None:
        return None
    names = found[1].split("\t" if "\t" in found[1] else None)
    return tuple(name.strip() for name in names if name.strip())


def starting(parsing: Parsing, lines: str) -> str:
    """Return the lines with a column that says which begin a row."""
    delimiter = _pattern(parsing.delimiter)
    opens = literal(f'(?:^|{delimiter})"(?:[^"]|"")*$')
    closes = literal(f'^(?:[^"]|"")*"(?:{delimiter}|$)')
    odd = """(length(text) - length(replace(text, '"', ''))) % 2 = 1"""
    turns = f"{odd} AND (regexp_matches(text, {opens}) OR regexp_matches(text, {closes}))"
    before = """coalesce(sum(turns::INTEGER) OVER
        (PARTITION BY source ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)"""
    return f"""(SELECT * EXCLUDE (turns), {before} % 2 = 0 AS starts FROM (SELECT *, {turns} AS turns FROM {lines}))"""


def _pattern(delimiter: str) -> str:
    return r"\t" if delimiter == "\t" else re.escape(delimiter)


def parsed(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation; the header's own line must not be among ``lines``.

    Blank lines may be: they belong to a quoted value, or are left out.
    """
    names = parsing.header
    delimiter = _pattern(parsing.delimiter)
    cell = (
        f"{delimiter}[^{delimiter}]*"
        if not parsing.format.quote
        else f'{delimiter}(?:"(?:[^"]|"")*"|[^{delimiter}"][^{delimiter}]*)?'
    )
    if spans_lines(parsing.format):
        records = f"(FROM {join_lines(starting(parsing, lines))} WHERE lines > 1 OR NOT blank)"
    else:
        records = joined(parsing.format, f"(FROM {lines} WHERE NOT blank)")
    apart = literal(parsing.delimiter)
    unquoted = """list_transform(cells, lambda c: CASE WHEN c[2:2] = '"' AND right(c, 1) = '"' AND length(c) > 2
        THEN replace(c[3:-2], '""', '"') ELSE c[2:] END)"""
    short = literal(f" values, the header has {len(names)}")
    base = f"""(SELECT * EXCLUDE (cells), CASE WHEN array_to_string(cells, '') <> {apart} || text
            THEN 'a quote stands in the middle of a value'
        WHEN len(cells) <> {len(names)} THEN 'it has ' || len(cells) || {short}
        END AS reason,
        {unquoted} AS m
        FROM (SELECT *, regexp_extract_all({apart} || text, {literal(cell)}) AS cells FROM {records}))"""
    by_name = {name.lower(): index for index, name in enumerate(names, 1)}
    pieces: dict[str, str] = {}
    taken: set[str] = set()
    for field in parsing.format.fields:
        for source in field.source:
            if source.lower() in by_name:
                pieces[source] = not_null(parsing.format, f"m[{by_name[source.lower()]}]")
                if not field.match and not field.values:
                    taken.add(source.lower())
                    if not field.join:
                        break
    rest = {
        name: not_null(parsing.format, f"m[{index}]")
        for index, name in enumerate(names, 1)
        if name.lower() not in taken
    }
    return values(parsing, pieces, base, object_of(rest))
