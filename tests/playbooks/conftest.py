"""Small cases for playbooks: rows of normalised columns, written as a log and loaded in the ordinary way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from workbench.case import Case
from workbench.case.fields import NORMALISED_NAMES
from workbench.formats.model import parse_format
from workbench.ingest import load
from workbench.playbooks import Library, run

from .actors import all_rows

Row = dict[str, Any]
Ask = Callable[..., list[Row]]

#: A format whose fields bear the columns' own names, so that a test can fill any column.
FLAT = parse_format(
    'name = "flat"\nkind = "json"\n[fields]\n' + "".join(f'{name} = "{name}"\n' for name in NORMALISED_NAMES), "flat"
)


def build(folder: Path, *logs: Sequence[Mapping[str, object]]) -> Case:
    """Make a case of logs given as rows."""
    folder.mkdir(parents=True, exist_ok=True)
    case = Case.create(folder / "small.case")
    for number, rows in enumerate(logs):
        path = folder / f"rows{number}.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        reports = load(case, [str(path)], format=FLAT)
        assert [(one.error, one.rejects, one.events) for one in reports] == [(None, 0, len(rows))]
    return case


def answer(case: Case, name: str, **given: object) -> list[Row]:
    """Ask a playbook and return its rows as dictionaries."""
    table = run(case, Library(case.folder.path).get(name), {key: str(value) for key, value in given.items()}).table
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.fixture(scope="session")
def service_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The small service of ``actors``, loaded once; playbooks only read it."""
    with build(tmp_path_factory.mktemp("service"), all_rows()) as case:
        yield case


@pytest.fixture
def service(service_case: Case) -> Ask:
    """Ask a playbook of the small service: ``service("who_asks_most", top=5)``."""
    return lambda name, **given: answer(service_case, name, **given)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Ask a playbook of rows made for the purpose: ``ask(rows, "scanners")``; ``[rows, rows]`` are two logs."""
    opened: list[Case] = []

    def put(rows: Sequence[Any], name: str, **given: object) -> list[Row]:
        logs = rows if rows and not isinstance(rows[0], Mapping) else [rows]
        opened.append(build(tmp_path / f"case{len(opened)}", *logs))
        return answer(opened[-1], name, **given)

    yield put
    for case in opened:
        case.close()
