"""Every shipped playbook: complete, its columns where its header says, the same answer in the plain DuckDB shell."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from workbench.case import Case
from workbench.playbooks import Library, Playbook, missing_columns, run
from workbench.playbooks.library import shipped_folder

BOOKS = Library().all()
GROUPS = {
    "access", "attribution", "coordination", "evasion", "extraction", "forensics", "innocence", "pivots", "quality",
    "tampering",
}  # fmt: skip
#: Names that findings, docs and other programs cite.
CITED = {
    "who_asks_most", "shared_addresses", "busy_addresses", "shared_payment", "prompt_templates", "shared_templates",
    "shared_keys", "in_step",
    "step_by_step", "around_the_clock", "start_stop_together", "traffic_over_time", "hours_by_weekday",
    "new_model_pivot", "new_addresses", "failed_logins", "scanners", "error_bursts", "gaps", "what_was_loaded",
}  # fmt: skip


@pytest.fixture(scope="module")
def case(sample_case_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A copy of the sample case that playbooks may write their runs into."""
    copy = tmp_path_factory.mktemp("shipped") / "sample.case"
    shutil.copytree(sample_case_folder, copy)
    with Case.open(copy) as opened:
        yield opened


def test_there_are_enough_and_none_is_broken() -> None:
    assert Library().broken == {}
    assert len(BOOKS) >= 35
    assert {book.group for book in BOOKS} == GROUPS
    assert {book.name for book in BOOKS} >= CITED
    assert len(BOOKS) == len(list(shipped_folder("queries").glob("**/*.sql")))


def test_the_documentation_lists_each_with_its_question() -> None:
    text = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and line.count("|") >= 5}
    assert {book.name for book in BOOKS} <= listed
    assert [book.name for book in BOOKS if f"| `{book.name}` | {book.question} |" not in text] == []


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_header_is_complete(book: Playbook) -> None:
    assert book.question.endswith("?") or "?" in book.question
    assert len(book.title) <= 60
    assert book.innocent, "whoever is named must be given an innocent explanation"
    for parameter in book.parameters:
        assert f"getvariable('{parameter.name}')" in book.text, f"{parameter.name} is never used"
        assert parameter.about
    for line in book.text.splitlines():
        assert line == line.rstrip()


def in_shell(book: Playbook) -> duckdb.DuckDBPyConnection:
    """Run the file as a person would: open.sql, then the file, in the case folder."""
    shell = duckdb.connect()
    shell.execute(Path("open.sql").read_text(encoding="utf-8"))
    for statement in shell.extract_statements(book.text):
        shell.execute(statement)
    return shell


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_runs_on_the_sample_and_in_the_plain_shell(book: Playbook, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.folder.path)
    shell = in_shell(book)
    columns = [item[0] for item in shell.description or []]
    if book.entity is not None:
        assert book.entity[1] in columns
    if book.chart is not None:
        chart = book.chart
        named = [chart.x, chart.y, chart.series, chart.value]
        assert [name for name in named if name and name not in columns] == []
    assert len(set(columns)) == len(columns)
    rows = shell.fetchall()
    if not missing_columns(case, book):
        answer = run(case, book)
        assert answer.table.columns == columns
        assert sorted(str(row[0]) for row in answer.table.rows) == sorted(str(row[0]) for row in rows)
