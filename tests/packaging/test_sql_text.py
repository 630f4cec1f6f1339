"""What enters SQL: no value and no path is pasted between quotes; `workbench/sqltext.py` writes literals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SQL = re.compile(r"\b(SELECT|FROM|WHERE|COPY|INSERT|DELETE|UPDATE|CREATE|JOIN|WHEN)\b")


def pasted(source: str) -> Iterator[str]:
    """Yield the SQL f-strings of a module in which a value stands between quotes."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        text = "".join(map(_text, node.values))
        if _SQL.search(text) and any("\0" in literal for literal in text.split("'")[1::2]):
            yield f"line {node.lineno}: {text.replace(chr(0), '{…}')[:90]}"


def _text(part: ast.expr) -> str:
    """Return a part of an f-string; a value is a NUL, a constant of the module is a blank."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    return " " if isinstance(value, ast.Name) and value.id.isupper() else "\0"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("f\"SELECT * FROM '{path}'\"", True),
        ("f\"COPY t TO '{folder}/x.parquet'\"", True),
        ("f\"SELECT 'a', {name} FROM t WHERE b = 'c'\"", False),
        ('f"SELECT * FROM {parquet(path)}"', False),
        ("f\"no such file '{path}'\"", False),
    ],
)
def test_a_value_between_quotes_is_seen(source: str, caught: bool) -> None:
    assert bool(list(pasted(source))) is caught


def test_no_value_is_pasted_between_quotes() -> None:
    found = [
        f"{file.relative_to(ROOT)} {line}"
        for file in sorted((ROOT / "workbench").rglob("*.py"))
        for line in pasted(file.read_text(encoding="utf-8"))
    ]
    assert found == []
