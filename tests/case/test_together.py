"""Several people in one case at the same time: nothing is lost, and each sees what the others did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.evidence.verify import verify

pytestmark = pytest.mark.slow

PEOPLE, EACH = 8, 6
ROOT = Path(__file__).resolve().parents[2]

PERSON = """
import sys, time
from pathlib import Path
from workbench.case import Case
from workbench.ingest import load
me, folder, log, each = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
with Case.open(folder) as case:
    for number in range(each):
        case.tags.add("account", [f"{me}-{number}"], "suspect", f"note {number} of {me}")
        case.query("SELECT count(*) FROM event JOIN tag ON tag.id = event.account")
    case.tags.add("account", ["everybody"], f"seen-by-{me}")
    reports = load(case, [log])
    assert not reports[0].error, reports
    case.tags.remove("account", [f"{me}-0"], "suspect")
"""


def test_eight_processes_tag_note_and_load_and_nothing_is_lost(case: Case, tmp_path: Path) -> None:
    people = []
    for me in range(PEOPLE):
        log = tmp_path / f"log-{me}.ndjson"
        log.write_text(
            "\n".join(json.dumps({"time": f"2026-05-01T10:00:{n:02}Z", "user": f"{me}-{n}"}) for n in range(60))
        )
        command = [sys.executable, "-c", PERSON, str(me), str(case.folder.path), str(log), str(EACH)]
        env = {**os.environ, "WORKBENCH_USER": f"person {me}"}
        people.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    for one in people:
        assert one.stdout and one.stdout.readline() == "ready\n"
    for one in people:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in people:
        _, said = one.communicate()
        assert one.returncode == 0, said
    tags = {(tag.id, tag.tag): tag for tag in case.tags.all()}
    wanted = {(f"{me}-{number}", "suspect") for me in range(PEOPLE) for number in range(1, EACH)}
    wanted |= {("everybody", f"seen-by-{me}") for me in range(PEOPLE)}
    assert set(tags) == wanted
    assert tags["3-2", "suspect"].note == "note 2 of 3" and tags["3-2", "suspect"].tagged_by == "person 3"
    assert case.query("SELECT count(*), count(DISTINCT source), count(DISTINCT account) FROM event").rows == [
        (480, 8, 480)
    ]
    assert [row["state"] for row in case.ledger.rows("SELECT state FROM load")] == ["done"] * PEOPLE
    assert "audit chain" in {one.what for one in verify(case)}
    assert len(case.ledger.rows("SELECT 1 FROM audit")) == 1 + PEOPLE * (EACH + 3)


def test_each_sees_the_others_tags_at_once(case: Case) -> None:
    with Case.open(case.folder.path) as other:
        for number in range(5):
            case.tags.add("account", [f"u{number}"], "suspect")
            deadline = time.monotonic() + 1
            assert len(other.tags.all()) == number + 1
            assert other.query("SELECT count(*) FROM tag").rows == [(number + 1,)]
            assert time.monotonic() < deadline


def test_the_same_content_loaded_by_two_at_once_counts_once(case: Case, log: Path) -> None:
    command = [sys.executable, "-m", "workbench", "load", str(case.folder.path), str(log)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    said = [one.communicate()[0].decode() for one in both]
    assert sorted(one.returncode for one in both) == [0, 1], said
    assert any("the same content" in text or "brought in the content" in text for text in said), said
    assert case.query("SELECT count(*) FROM event").rows == [(50,)]
    assert list(verify(case))


def test_what_a_killed_process_left_is_swept_up_and_what_a_living_one_works_on_is_not(case: Case) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, living = (case.folder.tmp / f"derive-{pid}-abc" for pid in (gone.pid, os.getpid()))
    for work in (left, living):
        work.mkdir()
        (work / "part.parquet").write_bytes(b"half")
    with case.folder.workspace("derive") as work:
        assert not left.exists() and living.exists() and work.exists()
    assert living.exists() and not work.exists()
