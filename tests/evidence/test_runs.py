"""A run can be run again on the case as it was then, and says whether its answer is the same."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.evidence.conftest import Tamper, requests
from workbench.case import Case
from workbench.case.digest import Digest, is_ordered
from workbench.errors import EvidenceError, UsageError
from workbench.evidence.runs import record_triage, replay, run_query, stream_query
from workbench.ingest import load
from workbench.playbooks import Library, run


def test_a_run_says_what_was_asked_of_what_and_with_which_tools(case: Case) -> None:
    row = case.ledger.rows("SELECT * FROM run WHERE run = 1")[0]
    assert row["sql"].startswith("-- title:") and json.loads(row["parameters"])["top"] == 25
    assert row["rows"] == 12 and row["run_by"] == "tester" and "duckdb" in row["tools"]
    assert row["segments"] == case.ledger.rows("SELECT max(segment) AS n FROM segment")[0]["n"]
    assert len(row["result"]) == len(row["inputs"]) == 64


def test_a_replay_is_the_same_after_more_was_loaded_tagged_and_set(case: Case, tmp_path: Path) -> None:
    ask = "SELECT session, requests, tag FROM session LEFT JOIN tag ON tag.id = entity ORDER BY session"
    list(stream_query(case, ask)[1])
    later = tmp_path / "later.ndjson"
    later.write_text("\n".join(json.dumps({**one, "user": "user-001"}) for one in requests(3)))
    load(case, [str(later)])
    case.tags.add("account", ["user-001"], "worse")
    case.set_gap(1)
    now = case.query(ask).rows
    for number in (1, 2):
        found = replay(case, number)
        assert found.same, found.said
    assert len(now) > 12


def test_a_replay_says_when_the_answer_is_another(case: Case, tamper: Tamper) -> None:
    list(stream_query(case, "SELECT random() AS chance")[1])
    found = replay(case, 2)
    assert not found.same and "another result" in found.said


def test_parameters_are_replayed_as_they_were_bound(case: Case) -> None:
    library = Library(case.folder.path)
    answer = run(case, library.get("who_asks_most"), {"top": "3"})
    assert len(answer.table.rows) == 3 and replay(case, answer.run).same


def test_triage_is_a_run_too(sample_case: Case) -> None:
    from workbench.detect import triage

    number = record_triage(sample_case, triage(sample_case, top=10), top=10, seconds=0.0)
    assert replay(sample_case, number).same


def test_what_is_typed_in_the_ui_is_a_run_too(case: Case) -> None:
    sql = "SELECT event_id FROM event ORDER BY event_id"
    found = run_query(case, sql, 10, case.cursor(sql))
    assert found.cut and len(found.rows) == 10
    row = case.ledger.rows("SELECT sql, rows, cut FROM run WHERE run = 2")[0]
    assert tuple(row) == (sql, 10, 1) and replay(case, 2).same


def test_rows_that_were_not_read_are_not_compared(case: Case) -> None:
    columns, rows = stream_query(case, "SELECT event_id FROM event ORDER BY event_id")
    assert columns == ["event_id"] and next(rows)
    rows.close()  # type: ignore[attr-defined]
    row = case.ledger.rows("SELECT rows, cut FROM run WHERE run = 2")[0]
    assert (row["rows"], row["cut"]) == (1, 1) and replay(case, 2).same


def test_what_cannot_be_replayed_is_said(case: Case, tamper: Tamper) -> None:
    with pytest.raises(UsageError, match="there is no run 99"):
        replay(case, 99)
    case.runs.record("playbook", "old", "SELECT 1", {}, 1, 0.0)
    with pytest.raises(EvidenceError, match="without a hash"):
        replay(case, 2)
    tamper("UPDATE audit SET detail = '{}' WHERE action = 'run'")
    with pytest.raises(EvidenceError, match="was changed"):
        replay(case, 1)


def digest(rows: list[tuple[object, ...]], *, ordered: bool = False) -> tuple[str, str | None]:
    return Digest(["a"], ordered=ordered).of(rows).result()[:2]


def test_order_counts_only_where_it_was_asked_for() -> None:
    rows: list[tuple[object, ...]] = [(1,), (2,), (2,)]
    assert digest(rows) == digest(rows[::-1]) and digest(rows) != digest(rows[:2])
    one, other = digest(rows, ordered=True), digest(rows[::-1], ordered=True)
    assert one[0] == other[0] and one[1] != other[1]


def test_values_are_told_apart_and_sums_over_threads_are_not() -> None:
    values: list[object] = [1, "1", 1.5, True, None, "null", b"1x", datetime(2026, 1, 1), Decimal("2.5"), [1], {"a": 1}]
    hashes = [digest([(value,)]) for value in values]
    assert len(set(hashes)) == len(hashes)
    assert digest([(0.1 + 0.2,)]) == digest([(0.3,)]) and digest([(float("nan"),)]) == digest([(float("nan"),)])


def test_the_engine_says_whether_a_query_orders(case: Case) -> None:
    assert is_ordered(case.cursor(), "SELECT 1 ORDER BY ALL LIMIT 3")
    assert not is_ordered(case.cursor(), "WITH a AS (SELECT 1 AS b ORDER BY b) SELECT 'order by' FROM a")
