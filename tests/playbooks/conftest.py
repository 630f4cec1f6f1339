"""Small cases for playbooks: rows of normalised columns, written as a log and loaded in the ordinary way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workbench.case import Case
from workbench.case.fields import NORMALISED_NAMES
from workbench.formats.model import parse
from workbench.ingest import load
from workbench.playbooks import Library, run

Row = dict[str, Any]
Ask = Callable[..., list[Row]]

#: A format whose fields bear the columns' own names, so that a test can fill any column.
FLAT = parse(
    'name = "flat"\nkind = "json"\n[fields]\n' + "".join(f'{name} = "{name}"\n' for name in NORMALISED_NAMES), "flat"
)
START = datetime(2026, 5, 4)  # a Monday


def at(day: float = 0, hour: float = 0, minute: float = 0, second: float = 0) -> str:
    """Return a time as text, counted from Monday 4 May 2026, 00:00 UTC."""
    return (START + timedelta(days=day, hours=hour, minutes=minute, seconds=second)).isoformat() + "Z"


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write rows as one JSON object a line."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def make_case(own_world: None, tmp_path: Path) -> Iterator[Callable[[Sequence[Mapping[str, object]]], Case]]:
    """Give a function that loads rows into a new case."""
    opened: list[Case] = []

    def make(rows: Sequence[Mapping[str, object]]) -> Case:
        number = len(opened)
        case = Case.create(tmp_path / f"small{number}.case")
        opened.append(case)
        reports = load(case, [str(write_rows(tmp_path / f"rows{number}.ndjson", rows))], format=FLAT)
        assert [(one.error, one.rejects, one.events) for one in reports] == [(None, 0, len(rows))]
        return case

    yield make
    for case in opened:
        case.close()


@pytest.fixture
def ask(make_case: Callable[[Sequence[Mapping[str, object]]], Case]) -> Ask:
    """Give a function that asks a playbook of rows: ``ask(rows, "who_asks_most", top=5)`` returns the answer's rows."""

    def put(rows: Sequence[Mapping[str, object]] | Case, name: str, **given: object) -> list[Row]:
        case = rows if isinstance(rows, Case) else make_case(rows)
        texts = {key: str(value) for key, value in given.items()}
        table = run(case, Library(case.folder.path).get(name), texts).table
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    return put


def column(rows: Sequence[Row], name: str) -> list[Any]:
    """Return one column of an answer."""
    return [row[name] for row in rows]
