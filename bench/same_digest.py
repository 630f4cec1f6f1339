"""Digests of results: of a table (by column and by row), of a text (by line), of a file; and what differs between two.

A table's digest does not depend on the order of its rows. Floats are rounded to nine digits after the point, below 1 to
nine significant ones: the last digits of a sum depend on the order in which its parts came.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

#: Hexadecimal digits that are kept of the digest of a column or row.
SHORT = 12
#: Characters that are shown around the first difference of two lines, and of a row's label.
SHOWN = 60
#: A smaller figure is what a difference of equal numbers leaves.
NOTHING = 1e-12
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Item:
    """A result: equal results have equal digests; the other fields find what differs where they have not.

    ``columns`` are names with the digest of their values in any order; ``rows`` are pairs of a label and a digest;
    ``lines`` are those of a text.
    """

    digest: str
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def rounded(value: object) -> object:
    """Return a value as JSON has it, floats rounded, the keys of objects in order."""
    match value:
        case float():
            return _rounded_float(value)
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(key): rounded(value[key]) for key in sorted(value, key=str)}
        case list() | tuple():
            return [rounded(member) for member in value]
    return str(value)


def _rounded_float(value: float) -> object:
    if not math.isfinite(value):
        return str(value)
    if abs(value) < NOTHING:
        return 0.0
    return round(value, DIGITS) if abs(value) >= 1 else float(f"{value:.{DIGITS}g}")


def table_item(
    columns: Sequence[str], rows: Iterable[Sequence[object]], key: Sequence[str] = (), content: bytes = b""
) -> Item:
    """Return the item of a table; the columns named by ``key`` (else the first) are the label of a row.

    ``content`` is what the table was read from where its bytes have to be equal too.
    """
    label = [columns.index(name) for name in key] or [0]
    values: list[list[str]] = [[] for _ in columns]
    labelled = []
    for row in rows:
        cells = [_dumps(rounded(value)) for value in row]
        for column, cell in zip(values, cells, strict=True):
            column.append(cell)
        labelled.append((" ".join(cells[at].strip('"') for at in label if cells)[:SHOWN], _digest("\n".join(cells))))
    labelled.sort()
    digests = {name: _digest("\n".join(sorted(cells))) for name, cells in zip(columns, values, strict=True)}
    whole = hashlib.sha256(_dumps([list(columns), sorted(digest for _, digest in labelled)]).encode() + content)
    return Item(whole.hexdigest(), columns=digests, rows=labelled)


def text_item(text: str) -> Item:
    """Return the item of a text, with its lines."""
    return Item(hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest(), lines=text.splitlines())


def bytes_item(content: bytes) -> Item:
    """Return the item of a file of which only its bytes matter."""
    return Item(hashlib.sha256(content).hexdigest())


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]


def difference(before: Item | None, after: Item | None) -> str:
    """Say where two items differ: the columns, the first row or line; nothing where they are equal."""
    if before is None or after is None:
        return "only in the second file" if before is None else "only in the first file"
    if before.digest == after.digest:
        return ""
    if before.lines or after.lines:
        return _lines_difference(before.lines, after.lines)
    return "; ".join([*_columns_difference(before.columns, after.columns), *_rows_difference(before, after)]) or (
        "every row is equal, but their order or the bytes of the file differ" if before.rows else "the bytes differ"
    )


def _columns_difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Say which columns differ; one that vanished while another with its values came was renamed."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    texts = []
    for name in list(gone):
        renamed = next((other for other in new if after[other] == before[name]), None)
        if renamed is not None:
            texts.append(f"column {name} is called {renamed}, with equal values")
            gone.remove(name)
            new.remove(renamed)
    if gone:
        texts.append(f"without column {', '.join(gone)}")
    if new:
        texts.append(f"with a new column {', '.join(new)}")
    differing = [name for name in before if name in after and before[name] != after[name]]
    if differing:
        others = f" (and {', '.join(differing[1:])})" if differing[1:] else ""
        texts.append(f"values of column {differing[0]}{others} differ")
    if not texts and list(before) != list(after):
        texts.append(f"the columns are in another order: {', '.join(after)}")
    return texts


def _rows_difference(before: Item, after: Item) -> list[str]:
    texts = []
    if len(before.rows) != len(after.rows):
        texts.append(f"{len(before.rows):,} rows became {len(after.rows):,}")
    if list(before.columns) != list(after.columns):
        return texts
    left = Counter(digest for _, digest in after.rows)
    differing = []
    for label, digest in before.rows:
        if left[digest]:
            left[digest] -= 1
        else:
            differing.append(label)
    if differing:
        texts.append(f"{len(differing):,} of {len(before.rows):,} rows differ, the first is {_first(differing)!r}")
    elif added := [label for label, digest in after.rows if left[digest]]:
        texts.append(f"the first new row is {_first(added)!r}")
    return texts


def _first(labels: Sequence[str]) -> str:
    """Return the label that comes first, numbers in it by their value."""
    return min(labels, key=lambda label: re.sub(r"\d+", lambda digits: digits[0].zfill(20), label))


def _lines_difference(before: Sequence[str], after: Sequence[str]) -> str:
    for number, (first, second) in enumerate(zip(before, after, strict=False), start=1):
        if first != second:
            at = next(
                (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
                min(len(first), len(second)),
            )
            start = max(0, at - SHOWN // 2)
            return f"line {number}: {first[start : start + SHOWN]!r} became {second[start : start + SHOWN]!r}"
    if len(before) != len(after):
        longer = before if len(before) > len(after) else after
        return f"{len(before):,} lines became {len(after):,}: {longer[min(len(before), len(after))][:SHOWN]!r}"
    return "only the ends of lines differ"


def save(file: Path, about: Mapping[str, str], items: Mapping[str, Item]) -> None:
    """Write items to a JSON file."""
    data = {
        "about": dict(about),
        "items": {
            name: {
                "digest": item.digest, "columns": item.columns, "rows": item.rows, "lines": item.lines,
            }
            for name, item in items.items()
        },
    }  # fmt: skip
    file.write_text(json.dumps(data, indent=0, ensure_ascii=False) + "\n", encoding="utf-8", errors="backslashreplace")


def read(file: Path) -> tuple[dict[str, str], dict[str, Item]]:
    """Return what a JSON file of items is about, and the items by name. Raises SystemExit where it is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        items = {
            name: Item(item["digest"], item["columns"], [(label, digest) for label, digest in item["rows"]],
                       item["lines"])
            for name, item in data["items"].items()
        }  # fmt: skip
        return data["about"], items
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(
            f"{file} is not a file of digests ({error}); ./run bench same write {file} makes one"
        ) from error
