"""Asking a playbook: values are bound, strangers' files are held to one SELECT, what is missing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import PlaybookError, QueryError, UsageError
from workbench.playbooks import Library, missing_columns, run
from workbench.playbooks.model import Playbook, read_playbook

from .conftest import build

HEAD = "-- title: T\n-- question: Q\n-- why: W\n"


def book(body: str, head: str = HEAD) -> Playbook:
    return read_playbook(head + body, "mine", "own", "own/mine.sql")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    rows = [{"ts": f"2026-05-04T10:00:0{n}Z", "account": "ana", "path": "/x"} for n in range(5)]
    return build(tmp_path, rows)


def test_values_are_bound_and_never_become_sql(case: Case) -> None:
    text = "SET VARIABLE word = '';  -- text: a word\nSELECT getvariable('word') AS word, count(*) AS n FROM event"
    evil = "'); COPY event TO 'x.csv'; --"
    assert run(case, book(text), {"word": evil}).table.rows == [(evil, 5)]


def test_an_answer_is_written_down_with_its_values(case: Case) -> None:
    answer = run(case, book("SET VARIABLE top = 2;  -- integer: n\nSELECT line FROM event LIMIT getvariable('top')"))
    [(name, parameters, rows)] = [
        tuple(row) for row in case.ledger.rows("SELECT name, parameters, rows FROM run WHERE run = ?", answer.run)
    ]
    assert (name, parameters, rows) == ("mine", '{"top": 2}', 2)


def test_a_default_from_the_case_is_computed_and_can_be_replaced(case: Case) -> None:
    text = "SET VARIABLE n = (SELECT count(*) FROM event);  -- integer: n\nSELECT getvariable('n') AS n"
    answer = run(case, book(text))
    assert answer.table.rows == [(5,)] and answer.parameters == {"n": 5}
    assert run(case, book(text), {"n": "3"}).table.rows == [(3,)]


@pytest.mark.parametrize(
    "body",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; SET VARIABLE x = 2;  -- integer: hidden",
        "COPY event TO 'stolen.csv'",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH 'other.db'",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('../../../etc/passwd')",
        "SELEC 1",
        "SET VARIABLE x = (SELECT content FROM read_text('/etc/passwd'));  -- text: x\nSELECT 1",
        "SET VARIABLE x = (SELECT 1); DROP VIEW event; SELECT (1);  -- integer: x\nSELECT 1",
        "SET VARIABLE select = 1;  -- integer: a word of SQL\nSELECT 1",
    ],
)
def test_a_strangers_playbook_can_only_ask_the_case(case: Case, body: str) -> None:
    with pytest.raises((QueryError, PlaybookError)) as caught:
        run(case, book(body))
    assert "\n" not in str(caught.value)
    assert run(case, book("SELECT count(*) AS n FROM event")).table.rows == [(5,)]


def test_a_wrong_value_is_the_askers_fault(case: Case) -> None:
    with pytest.raises(UsageError):
        run(case, book("SET VARIABLE top = 2;  -- integer: n\nSELECT 1"), {"top": "2; SELECT 1"})


def test_an_entity_column_that_is_not_there_is_told(case: Case) -> None:
    with pytest.raises(PlaybookError, match=r"own/mine\.sql: its entity column 'who'"):
        run(case, book("SELECT account FROM event", HEAD + "-- entity: account who\n"))


def test_entities_of_an_answer(case: Case) -> None:
    answer = run(case, book("SELECT account AS who FROM event", HEAD + "-- entity: account who\n"))
    assert answer.entities() == ("account", ["ana"])
    with pytest.raises(PlaybookError, match="names no entity"):
        run(case, book("SELECT 1 AS one")).entities()


def test_what_a_case_lacks_is_named(case: Case) -> None:
    needing = book("SELECT 1", HEAD + "-- needs: account, prompt, status | outcome, path | prompt, extra.awsRegion\n")
    assert missing_columns(case, needing) == ["prompt", "status | outcome", "extra.awsRegion"]
    with pytest.raises(PlaybookError, match=r"fills prompt, status or outcome, extra\.awsRegion"):
        run(case, needing)


def test_a_case_without_prompts_says_so_and_can_be_asked_the_rest(case: Case) -> None:
    missing = {one.name: missing_columns(case, one) for one in Library().all()}
    assert missing["prompt_templates"] == ["prompt"]
    assert missing["shared_payment"] == ["payment_ref"]
    assert missing["network_owners"] == ["as_org | asn | country"]
    assert missing["who_asks_most"] == missing["gaps"] == missing["what_was_loaded"] == []


def test_an_empty_case_lists_what_can_be_asked(tmp_path: Path) -> None:
    with Case.create(tmp_path / "empty.case") as empty:
        for one in Library().all():
            if missing_columns(empty, one):
                with pytest.raises(PlaybookError, match="no log here fills"):
                    run(empty, one)
            else:
                assert run(empty, one).table.rows == []
