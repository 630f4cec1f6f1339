"""The macros that playbooks share: the same everywhere, never changed, and nothing that only this program knows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.playbooks.conftest import Ask
from workbench.case import Case
from workbench.case.macros import macros, script
from workbench.case.statements import macros_called, tables_read
from workbench.case.views import DERIVED
from workbench.cli import cli
from workbench.engines.attachment import attach, use
from workbench.engines.segments import write_segments
from workbench.engines.translate import Untranslatable, parse_sql
from workbench.export.bundle import bundle
from workbench.playbooks import Library, run
from workbench.playbooks.model import read_playbook

#: The SHA-256 of each macro's text. A run of a playbook that calls one is evidence, and its recorded text does not hold
#: the macro: so a macro that was released stays as it is, and this list only grows.
RELEASED = {
    "wb_first_words": "ceae475d04e52ffa65368c80c845818d2d509d76923f9aa8306bb119cd346e40",
    "wb_prompts_matching": "c1cb498b10c5f78b2de89021b2d7a673f4ba6e28f56b861647c4a5bd17de5516",
}


def test_a_released_macro_is_never_changed() -> None:
    assert {name: hashlib.sha256(macro.text.encode()).hexdigest() for name, macro in macros().items()} == RELEASED


def test_each_macro_is_shared_by_playbooks_and_each_call_is_of_one() -> None:
    callers: dict[str, set[str]] = {name: set() for name in macros()}
    for book in Library().all():
        for macro in macros_called(book.text):
            callers[macro.name].add(book.name)
    assert {name: len(books) >= 2 for name, books in callers.items()} == dict.fromkeys(macros(), True)
    assert callers["wb_prompts_matching"] >= {"step_by_step", "rubric_grading", "known_texts", "safe_rewrites"}


def test_what_a_macro_reads_is_read_by_the_query_that_calls_it() -> None:
    assert tables_read("SELECT * FROM -- all\n wb_prompts_matching('x', 1, 1, 1, '', 1)") == {"event"}
    assert all(DERIVED.isdisjoint(tables_read(macro.body)) for macro in macros().values() if macro.table)


def test_a_persons_query_calls_them_too(service_case: Case) -> None:
    sql = "SELECT wb_first_words('Explain1 steps: of it', 2) AS words, wb_first_words('汉字汉字', 2) AS other"
    assert service_case.query(sql).rows == [("explain steps", "汉字汉字")]


def test_the_shell_has_them_after_the_case_was_opened_by_this_version(sample_case: Case) -> None:
    file = sample_case.folder.open_sql
    file.write_text("-- of an older version, without macros\n")
    folder = sample_case.folder.path
    sample_case.close()
    with Case.open(folder):
        text = file.read_text(encoding="utf-8")
    assert text.endswith(script()) and "CREATE OR REPLACE VIEW" in text


def test_a_playbook_is_shown_with_the_macros_that_it_calls() -> None:
    shown = CliRunner().invoke(cli, ["playbook", "show", "step_by_step"]).output
    assert "FROM wb_prompts_matching(" in shown and macros()["wb_prompts_matching"].text in shown
    assert "wb_first_words" not in shown


def test_a_bundle_holds_the_macros_of_its_playbooks_and_they_run_from_it(sample_case: Case, tmp_path: Path) -> None:
    import tarfile

    first = run(sample_case, Library().get("step_by_step"), {"min_percent": "1"})
    sample_case.tags.add("account", [first.table.rows[0][0]], "look", "")
    bundle(sample_case, tmp_path / "b.tar", tag="look")
    with tarfile.open(tmp_path / "b.tar") as bag:
        named = {name.rpartition("playbooks/")[2]: name for name in bag.getnames() if "/playbooks/" in name}
        texts = {name: (bag.extractfile(path) or pytest.fail(name)).read().decode() for name, path in named.items()}
    asked = next(text for name, text in texts.items() if name.endswith("-step_by_step.sql"))
    assert "wb_prompts_matching" in texts["macros.sql"]
    shell = duckdb.connect()
    shell.execute(
        "CREATE VIEW event AS SELECT 1 AS source, i AS line, 'ana' AS account, 'think step by step ' || i AS prompt, "
        "9 AS output_tokens, '1:' || i AS event_id FROM range(30) AS t(i)"
    )
    shell.execute(texts["macros.sql"])
    shell.execute(asked)
    assert [row[0] for row in shell.fetchall()] == ["ana"]


@pytest.mark.parametrize(
    "sql",
    ["SELECT wb_first_words(prompt) FROM event", "SELECT * FROM wb_prompts_matching(pattern := 'x', nothing := 1)"],
)
def test_a_call_with_other_arguments_is_refused_before_an_engine_is_asked(sql: str) -> None:
    with pytest.raises(Untranslatable, match="wants"):
        parse_sql(sql)


def test_a_macro_stands_in_the_place_of_its_call_for_other_engines() -> None:
    tree = parse_sql(
        "SELECT wb_first_words(left(prompt, 9), getvariable('n')) AS w FROM event, "
        "wb_prompts_matching('a', 1, min_percent := 2, min_matching := 3, only_account := '', every := 4) AS m"
    )
    text = tree.sql("duckdb")
    assert "wb_" not in text.replace("AS m", "") and "share >= 2" in text and "matching >= 3" in text
    assert "LEFT(LEFT(prompt, 9), 12)" in text


def test_a_default_that_uses_another_parameter_works_on_an_engine_too(service_case: Case, tmp_path: Path) -> None:
    text = (
        "-- title: A title\n-- question: What?\n-- why: So.\n"
        "SET VARIABLE model = (SELECT max(model) FROM event);  -- text: a model\n"
        "SET VARIABLE since = (SELECT min(ts) FROM event WHERE model = getvariable('model'));  -- time: from then on\n"
        "SELECT getvariable('model') AS model, min(ts) AS since, count(*) AS requests FROM event "
        "WHERE model = getvariable('model') AND ts >= getvariable('since');\n"
    )

    book = read_playbook(text, "own", "own", "own.sql")
    write_segments(service_case, tmp_path / "segments")
    with Case.create(tmp_path / "far.case") as far:
        use(far, "chdb://")
        attach(far, str(tmp_path / "segments"))
        near, there = run(service_case, book), run(far, book)
        assert there.parameters == near.parameters
        assert [str(value) for value in there.table.rows[0]] == [str(value) for value in near.table.rows[0]]
        for name in ("group_pivot", "new_model_pivot", "launch_rush"):
            shipped = Library().get(name)
            assert run(far, shipped).parameters == run(service_case, shipped).parameters


def test_playbooks_with_a_macro_answer_the_same_of_an_engine(service: Ask, service_case: Case, tmp_path: Path) -> None:
    write_segments(service_case, tmp_path / "segments")
    with Case.create(tmp_path / "far.case") as far:
        use(far, "chdb://")
        attach(far, str(tmp_path / "segments"))
        for book in Library().all():
            if macros_called(book.sql):
                there = run(far, book, {"min_prompts": "1"}) if "min_prompts" in book.bind({}) else run(far, book)
                near = service(book.name, **({"min_prompts": 1} if "min_prompts" in book.bind({}) else {}))
                names = [row[0] for row in there.table.rows]
                assert names == [row[there.table.columns[0]] for row in near], book.name
