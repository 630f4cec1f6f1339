"""The commands that other programs build on: names, fields, exit codes, machine-readable forms."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functional.conftest import COMMAND, Run
from workbench.cli import cli

ACCESS = (
    '203.0.113.9 - ana [10/Oct/2026:13:55:36 +0000] "GET /v1/models HTTP/1.1" 200 512 "-" "curl/8.5"\n'
    '203.0.113.9 - ana [10/Oct/2026:13:56:36 +0000] "POST /v1/chat HTTP/1.1" 429 12 "-" "curl/8.5"\n'
    '198.51.100.4 - bo [10/Oct/2026:15:00:00 +0000] "GET /=cmd HTTP/1.1" 404 7 "-" "=HYPERLINK(1)"\n'
    "this is no access log line\n"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log and a case of it, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "access.log").write_text(ACCESS)
    for words in (["new", "a.case"], ["load", "a.case", "access.log"]):
        subprocess.run([COMMAND, *words], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def case(loaded: Path, tmp_path: Path) -> str:
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return "a.case"


def test_load_reports_one_object_a_source(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(ACCESS)
    workbench("new", "a.case")
    ran = workbench("load", "a.case", "access.log", "missing.log", "--json", check=False)
    assert ran.code == 1
    by_path = {one["path"]: one for one in map(json.loads, ran.out.splitlines())}
    good, bad = by_path["access.log"], by_path["missing.log"]
    fields = "source path format sha256 bytes lines event_lines events rejects skipped first last seconds error"
    assert set(fields.split()) <= set(good) & set(bad)
    assert (good["lines"], good["event_lines"], good["rejects"], good["skipped"]) == (4, 3, 1, 0)
    assert good["first"].startswith("2026-10-10T13:55:36") and good["format"] == "access_log"
    assert bad["error"] and bad["source"] is None


def test_standard_input_is_loaded(workbench: Run) -> None:
    workbench("new", "a.case")
    workbench("load", "a.case", "-", stdin=ACCESS.encode())
    info = json.loads(workbench("info", "a.case", "--json").out)
    assert (info["events"], info["rejects"]) == (3, 1)


def test_sources_and_rejects(workbench: Run, case: str) -> None:
    source = json.loads(workbench("sources", case, "--json").out)
    assert source["lines"] == source["event_lines"] + source["rejects"] + source["skipped"] == 4
    rejects = json.loads(workbench("rejects", case, "--source", "1", "--format", "json").out)
    assert [(one["line"], one["raw"]) for one in rejects] == [(4, "this is no access log line")]
    assert rejects[0]["reason"]


def test_sql_in_three_forms(workbench: Run, case: str) -> None:
    query = "SELECT account, count(*) AS n FROM event GROUP BY account ORDER BY account"
    assert json.loads(workbench("sql", case, query, "--format", "json").out) == [
        {"account": "ana", "n": 2},
        {"account": "bo", "n": 1},
    ]
    assert workbench("sql", case, query, "--format", "csv").out.splitlines() == ["account,n", "ana,2", "bo,1"]
    assert re.search(r"ana +2\n", workbench("sql", case, query).out)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("DELETE FROM tag", "not allowed"),
        ("COPY event TO 'out.csv'", "not allowed"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SELECT * FROM read_text('/etc/passwd')", "disabled"),
        ("SELECT nothing FROM event", "nothing"),
        ("", "empty"),
    ],
)
def test_sql_that_does_not_only_read_is_refused(workbench: Run, case: str, query: str, says: str) -> None:
    ran = workbench("sql", case, query, check=False)
    assert ran.code == 1 and says in ran.err and len(ran.err.splitlines()) == 1


def test_sessions_end_at_a_pause_and_can_be_chosen(workbench: Run, case: str) -> None:
    rows = json.loads(workbench("sessions", case, "--format", "json").out)
    fields = "session entity_kind entity first last requests addresses errors input_tokens output_tokens tags"
    assert list(rows[0]) == fields.split()
    assert [(row["entity"], row["requests"], row["errors"]) for row in rows] == [("ana", 2, 1), ("bo", 1, 1)]
    chosen = workbench("sessions", case, "--where", "requests > 1", "--format", "csv").out
    assert len(chosen.splitlines()) == 2
    assert workbench("sessions", case, "--where", "true) --", check=False).code == 1


def test_tags_are_given_listed_and_taken(workbench: Run, case: str) -> None:
    session = json.loads(workbench("sessions", case, "--format", "json").out)[0]["session"]
    assert "tagged" in workbench("tag", case, "session", session, "suspect", "--note", "two a minute").out
    workbench("tag", case, "account", "bo", "seen")
    tags = json.loads(workbench("tags", case, "--format", "json").out)
    assert [(one["kind"], one["id"], one["tag"], one["note"]) for one in tags] == [
        ("session", session, "suspect", "two a minute"),
        ("account", "bo", "seen", ""),
    ]
    assert tags[0]["tagged_by"] == "tester"
    workbench("untag", case, "account", "bo", "seen")
    assert workbench("untag", case, "account", "bo", "seen", check=False).code == 2
    missing = workbench("tag", case, "account", "nobody", "suspect", check=False)
    assert missing.code == 2 and "nobody" in missing.err


def test_an_export_is_a_safe_csv_that_leads_back_to_lines(workbench: Run, case: str, tmp_path: Path) -> None:
    workbench("tag", case, "account", "ana", "suspect", "--note", "=1+1")
    workbench("tag", case, "account", "bo", "other")
    workbench("export", case, "sessions", "--tag", "suspect", "-o", "out.csv")
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.count(b"\r\n") == 2 == raw.count(b"\n")
    row = next(csv.DictReader(io.StringIO(raw.decode())))
    assert row["entity"] == "ana" and row["first"] == "2026-10-10T13:55:36Z"
    assert row["tagged_as"] == "account" and row["sources"].endswith("access.log:1-2")
    workbench("export", case, "events", "--tag", "other", "-o", "events.csv")
    event = next(csv.DictReader(io.StringIO((tmp_path / "events.csv").read_text())))
    assert event["user_agent"] == "'=HYPERLINK(1)"
    assert (event["source"], event["line"], len(event["source_sha256"])) == ("1", "3", 64)
    workbench("export", case, "tags", "-o", "tags.csv")
    assert "'=1+1" in (tmp_path / "tags.csv").read_text()
    assert workbench("export", case, "sessions", "--tag", "none", "-o", "x.csv", check=False).code == 1
    assert not (tmp_path / "x.csv").exists()


def test_a_session_tag_fits_after_loading_again_and_after_other_logs(workbench: Run, case: str, tmp_path: Path) -> None:
    sessions = json.loads(workbench("sessions", case, "--format", "json").out)
    workbench("tag", case, "session", sessions[0]["session"], "suspect")
    (tmp_path / "later.log").write_text(ACCESS.replace("2026:13", "2026:23").replace("bo", "cy"))
    workbench("load", case, "later.log")
    again = json.loads(workbench("sessions", case, "--format", "json", "--where", "tags = 'suspect'").out)
    assert [(one["session"], one["first"]) for one in again] == [(sessions[0]["session"], sessions[0]["first"])]
    workbench("new", "b.case")
    workbench("load", "b.case", "access.log")
    reloaded = json.loads(workbench("sessions", "b.case", "--format", "json").out)
    assert [one["session"] for one in reloaded] == [one["session"] for one in sessions]


def test_the_gap_of_sessions_can_be_chosen(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(ACCESS.replace("13:56", "14:40"))
    for gap, sessions in (("30", 3), ("45", 2)):
        workbench("new", f"g{gap}.case", "--gap", gap)
        workbench("load", f"g{gap}.case", "access.log")
        assert len(workbench("sessions", f"g{gap}.case", "--format", "csv").out.splitlines()) == 1 + sessions


def test_playbooks_are_listed_shown_and_run(workbench: Run, case: str) -> None:
    listed = json.loads(workbench("playbook", "list", case, "--format", "json").out)
    by_name = {one["name"]: one for one in listed}
    assert by_name["who_asks_most"]["askable"] == "yes"
    assert by_name["prompt_templates"]["askable"].startswith("no: no log fills prompt")
    assert "Innocent" in workbench("playbook", "show", "who_asks_most").out
    rows = json.loads(workbench("playbook", "run", case, "who_asks_most", "--param", "top=1", "--format", "json").out)
    assert [(row["entity"], row["requests"]) for row in rows] == [("ana", 2)]
    lacking = workbench("playbook", "run", case, "prompt_templates", check=False)
    assert lacking.code == 1 and "prompt" in lacking.err
    wrong = workbench("playbook", "run", case, "who_asks_most", "--param", "top=many", check=False)
    assert wrong.code == 2 and "integer" in wrong.err


def test_charts_fit_the_width_and_have_no_escapes_in_a_pipe(workbench: Run, case: str) -> None:
    env = {"COLUMNS": "60", "LINES": "20"}
    drawn = workbench("playbook", "run", case, "who_asks_most", "--chart", env=env).out
    assert "ana" in drawn and "\x1b" not in drawn
    by_hand = workbench(
        "sql", case, "SELECT account, count(*) AS n FROM event GROUP BY ALL", "--chart", "bar x=account y=n", env=env
    )
    assert "ana" in by_hand.out and max(map(len, by_hand.out.splitlines())) <= 60


def test_every_command_has_an_example_in_its_help(workbench: Run) -> None:
    assert re.fullmatch(r"workbench, version \d+\.\d+\.\d+\n", workbench("--version").out)
    names = [*cli.commands, *(f"playbook {name}" for name in ("list", "show", "run"))]
    for name in names:
        assert "Example:" in workbench(*name.split(), "--help").out, name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_playbooks(workbench: Run, shell: str) -> None:
    assert "_WORKBENCH_COMPLETE" in workbench("completion", shell).out
    typed = "workbench playbook run a.case who_a"
    env = {
        "_WORKBENCH_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": "who_a" if shell == "fish" else "4",
    }
    assert "who_asks_most" in workbench(env=env).out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["info", "nowhere.case"], 1, "there is no case"),
        (["nowhere.log"], 2, "there is no file"),
        (["tag", "a.case", "planet", "x", "y"], 2, "planet"),
        (["load", "a.case"], 2, "FILES"),
        (["load", "a.case", "access.log", "--tz", "Mars/Base"], 2, "time zone"),
        (["load", "a.case", "access.log", "--format", "klingon"], 2, "klingon"),
        (["playbook", "run", "a.case", "who_ask_most"], 1, "who_asks_most"),
        (["sessions", "a.case", "--where", "requestz > 1"], 1, "requestz"),
        (["new", "a.case"], 1, "exists already"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    workbench: Run, case: str, arguments: list[str], code: int, says: str
) -> None:
    assert case
    ran = workbench(*arguments, check=False)
    assert ran.code == code and says in ran.err and ran.err.startswith("workbench: ")
    assert len(ran.err.splitlines()) == 1


def test_escapes_in_a_log_never_reach_the_terminal(workbench: Run, tmp_path: Path) -> None:
    evil = (
        '203.0.113.9 - \x1b[31mana\x07 [10/Oct/2026:13:55:36 +0000] "GET /\x9b2J HTTP/1.1" 200 5 "-" '
        '"\x1b]52;c;aGk=\x07"\n'
    )
    (tmp_path / "evil\x1b[0m.log").write_text(evil + "\x1b[2Jno line\n")
    workbench("new", "e.case")
    said = [
        workbench("load", "e.case", "evil\x1b[0m.log"),
        workbench("sources", "e.case"),
        workbench("rejects", "e.case"),
        workbench("sessions", "e.case"),
        workbench("sql", "e.case", "SELECT * FROM event"),
        workbench("playbook", "run", "e.case", "who_asks_most", "--chart"),
        workbench("info", "\x1b[2J.case", check=False),
    ]
    for ran in said:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", ran.out + ran.err)
