"""Tagged things for other programs: what a timeline and a SIEM can read, redacted like any export."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import ExportError, UsageError
from workbench.export.interop import share
from workbench.export.policy import load_policy

pytestmark = pytest.mark.slow


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_timesketch_lines_have_what_it_asks_for(case: Case, tmp_path: Path) -> None:
    done = share(case, "timesketch", tmp_path / "a.jsonl", tag="accepted")
    told = lines(done.path)
    assert len([one for one in told if one["timestamp_desc"] != "Finding Begins"]) == 8 * 5 + 9
    assert len(told) == done.rows
    assert all(one["message"] and str(one["datetime"]).endswith("Z") and one["timestamp_desc"] for one in told)
    assert {tuple(one["tag"]) for one in told if one["timestamp_desc"] == "Tagged"} == {("accepted",)}  # type: ignore[arg-type]
    assert share(case, "timesketch", tmp_path / "b.jsonl", tag="accepted").sha256 == done.sha256
    last = case.ledger.rows("SELECT action, detail FROM audit WHERE action = 'export' ORDER BY seq DESC LIMIT 1")[0]
    assert json.loads(last["detail"])["sha256"] == done.sha256


def test_timesketch_gets_the_reasons_of_what_was_accepted(sample_case: Case, tmp_path: Path) -> None:
    from workbench.detect import triage

    first, second = (one.entity for one in triage(sample_case, top=2).rows)
    sample_case.tags.add("account", [first], "accepted", "fills templates")
    sample_case.tags.add("account", [second], "suspect")
    share(sample_case, "timesketch", tmp_path / "a.jsonl")
    (found,) = (one for one in lines(tmp_path / "a.jsonl") if one["timestamp_desc"] == "Finding Begins")
    assert found["id"] == first and found["reasons"] and found["innocent"] and found["tag"] == ["accepted"]
    share(sample_case, "timesketch", tmp_path / "b.jsonl", tag="suspect")
    assert "Finding Begins" not in (tmp_path / "b.jsonl").read_text()
    share(sample_case, "timesketch", tmp_path / "c.jsonl", policy=load_policy("regulator"))
    text = (tmp_path / "c.jsonl").read_text()
    assert "Finding Begins" in text and first not in text


def test_a_siem_gets_names_of_ecs(case: Case, tmp_path: Path) -> None:
    share(case, "siem", tmp_path / "a.csv", tag="accepted")
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert {row["user.id"] for row in rows} >= {"acct-amber", "acct-hazel"}
    assert rows[0]["@timestamp"].endswith("Z") and rows[0]["log.origin.file.line"] == "1"


@pytest.mark.parametrize(("form", "name"), [("timesketch", "a.jsonl"), ("siem", "a.csv")])
def test_a_policy_holds(case: Case, tmp_path: Path, form: str, name: str) -> None:
    share(case, form, tmp_path / name, policy=load_policy("regulator"))
    text = (tmp_path / name).read_text()
    for secret in ("acct-", "203.0.113.1", "whistle", "hidden-host", "sk-hash", "answer-for", "req-0"):
        assert secret not in text


def test_times_that_a_policy_cut_are_whole_for_timesketch(case: Case, tmp_path: Path) -> None:
    share(case, "timesketch", tmp_path / "a.jsonl", policy=load_policy("regulator"))
    assert {len(str(one["datetime"])) for one in lines(tmp_path / "a.jsonl")} == {20}


def test_what_cannot_be_written_is_said(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"as \.jsonl"):
        share(case, "timesketch", tmp_path / "a.csv")
    with pytest.raises(ExportError, match="nothing is tagged 'absent'"):
        share(case, "siem", tmp_path / "a.csv", tag="absent")
    with pytest.raises(ExportError, match="does not let events leave"):
        share(case, "siem", tmp_path / "a.csv", policy=load_policy("public"))
