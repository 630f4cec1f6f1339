"""The commands of evidence and disclosure, as a person types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from bench.hostile_base import command, say
from tests.evidence.conftest import requests
from workbench.case import Case


@pytest.fixture
def place(case: Case) -> Path:
    case.tags.add("account", ["user-001"], "accepted", "asks alike")
    case.close()
    return case.folder.path


def test_log_verify_seal_and_replay(place: Path, tmp_path: Path) -> None:
    assert "untag" in say("log", place)
    told = json.loads(command("log", place, "--format", "json")[1])
    assert [one["seq"] for one in told] == list(range(1, len(told) + 1))
    head = say("seal", place, "-o", tmp_path / "s.seal").splitlines()[0]
    for arguments in (("--originals",), ("--head", head), ("--seal", tmp_path / "s.seal")):
        assert say("verify", place, *arguments).strip().endswith("is as it was recorded")
    assert "entries were removed" in say("verify", place, "--head", "f00", fails=True)
    assert "the same result" in say("replay", place, "1")
    assert "there is no run 77" in say("replay", place, "77", fails=True)


def test_export_redacted_with_a_preview_and_a_proof(place: Path, tmp_path: Path) -> None:
    assert "a keyed pseudonym" in say("export", place, "events", "--redact", "regulator", "--preview")
    assert "epsilon 1" in say("export", place, "totals", "--redact", "regulator", "-o", tmp_path / "t.csv")
    say("export", place, "accounts", "--redact", "regulator", "-o", tmp_path / "a.jsonl")
    first = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert first["account"].startswith("account-") and "user-0" not in (tmp_path / "a.jsonl").read_text()
    said = say("pseudonym", place, "account", "user-001", "--prove")
    assert "openssl" in said and said.splitlines()[0] in (tmp_path / "a.jsonl").read_text()
    for wrong in (("--preview",), (), ("--redact", "nobody", "-o", tmp_path / "x")):
        say("export", place, "events", *wrong, fails=True)


def test_bundle_report_and_their_check(place: Path, tmp_path: Path) -> None:
    say("bundle", place, "-o", tmp_path / "b.tar", "--tag", "accepted")
    assert "files are as they were packed" in say("verify", tmp_path / "b.tar")
    assert "left out" in say("bundle", place, "--redact", "counsel", "--preview")
    say("bundle", place, "-o", tmp_path / "c.tar", "--redact", "counsel")
    say("report", place, "-o", tmp_path / "r.html", "--redact", "counsel")
    say("bundle", place, fails=True)
    say("report", place, "-o", tmp_path / "r.txt", fails=True)
    say("verify", tmp_path / "r.html", fails=True)
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600


def test_corroborate_and_merge(place: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.ndjson"
    second.write_text("\n".join(json.dumps({"time": one["startTime"], **one}) for one in requests()[:40]))
    say("load", place, second)
    said = say("corroborate", place, "1", "3")
    assert "40 confirmed, 0 contradicted" in said
    rows = list(
        csv.DictReader(command("corroborate", place, "1", "3", "--by", "hour", "--format", "csv")[1].splitlines())
    )
    assert sum(int(row["confirmed"]) for row in rows) == 40
    account = str(requests()[0]["user"])
    assert "(100 %) are confirmed by 3" in say("explain", place, "account", account)
    say("report", place, "-o", tmp_path / "r.md")
    assert "100 %" in (tmp_path / "r.md").read_text()
    say("export", place, "tags", "-o", tmp_path / "t.csv")
    assert "brought in 0 tags" in say("merge", place, tmp_path / "t.csv")
    say("merge", place, place, fails=True)
    assert say("verify", place)
