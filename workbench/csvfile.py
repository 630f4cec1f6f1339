"""CSV by RFC 4180: UTF-8, CRLF, quoted where needed; times in ISO 8601 UTC; no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TextIO

from workbench.values import iso, plain

#: What spreadsheets take for the start of a formula; a blank or a control character in front does not stop them.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_cell(value: object) -> object:
    """Return a value as it stands in a CSV: text that looks like a formula gets a leading apostrophe."""
    kind = type(value)
    if kind is str:
        return _text(str(value))
    if value is None:
        return ""
    if kind is int or kind is float:
        return value
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value)
        case list() | tuple() | dict():
            return _text(json.dumps(plain(value), ensure_ascii=False))
        case bytes():
            return _text(value.decode("utf-8", errors="backslashreplace"))
    return _text(str(value))


def _text(text: str) -> str:
    text = text.replace("\x00", "\\x00")
    if text[:1].isalnum():
        return text
    if text[:1] in ("\t", "\r", "\n") or text.lstrip(" \t\r\n\x0b\x0c\u00a0\ufeff").startswith(_FORMULA):
        return "'" + text
    return text


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a header and rows; returns how many rows."""
    writer = csv.writer(out, lineterminator="\r\n")
    # the one name that a SIEM insists on; no spreadsheet has a function of that name
    writer.writerow([name if name == "@timestamp" else csv_cell(name) for name in columns])
    number = 0
    for row in rows:
        writer.writerow(["" if value is None else csv_cell(value) for value in row])
        number += 1
    return number


def write_lines(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write each row as a JSON object on a line of its own; returns how many."""
    number = 0
    for row in rows:
        out.write(json.dumps(dict(zip(columns, map(plain, row), strict=True)), ensure_ascii=False) + "\n")
        number += 1
    return number
