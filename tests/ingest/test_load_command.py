"""The installed command: ``workbench load CASE FILE… --json`` is a contract that other programs build on."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

WORKBENCH = Path(sys.executable).with_name("workbench")
FIELDS = {
    "source", "path", "format", "sha256", "bytes", "lines", "event_lines", "events", "rejects", "skipped", "first",
    "last", "seconds", "error",
}  # fmt: skip
ACCESS = (
    '198.51.100.7 - ana [10/Oct/2026:13:55:36 +0200] "GET /a HTTP/1.1" 200 12 "-" "curl/8"\n'
    "this is no such line\n"
    "\n"
    '198.51.100.8 - - [10/Oct/2026:13:56:36 +0200] "GET /b HTTP/1.1" 404 9 "-" "curl/8"\n'
)


def run(*arguments: str | Path, stdin: bytes | None = None, code: int = 0) -> str:
    done = subprocess.run([WORKBENCH, *map(str, arguments)], input=stdin, capture_output=True, check=False)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout.decode()


def load(case: Path, *arguments: str | Path, stdin: bytes | None = None, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("load", case, *arguments, "--json", stdin=stdin, code=code).splitlines()]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    run("new", tmp_path / "c.case")
    return tmp_path / "c.case"


def test_a_source_is_accounted_for_with_all_fields(case: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(ACCESS)
    (report,) = load(case, log)
    assert set(report) >= FIELDS
    assert report["source"] == 1
    assert report["path"] == str(log)
    assert report["format"] == "access_log"
    assert report["sha256"] == hashlib.sha256(ACCESS.encode()).hexdigest()
    assert report["bytes"] == len(ACCESS.encode())
    assert [report[name] for name in ("lines", "event_lines", "events", "rejects", "skipped")] == [4, 2, 2, 1, 1]
    assert report["first"] == "2026-10-10T11:55:36.000000Z"
    assert report["last"] == "2026-10-10T11:56:36.000000Z"
    assert isinstance(report["seconds"], float)
    assert report["error"] is None
    rejects = json.loads(run("rejects", case, "--source", "1", "--format", "json"))
    assert [(one["line"], one["raw"]) for one in rejects] == [(2, "this is no such line")]
    assert rejects[0]["reason"]


def test_folders_globs_gzip_and_standard_input(case: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log.2").write_text('{"ts":1767225600,"user":"u1"}\n')
    (logs / "a.log.10.gz").write_bytes(gzip.compress(b'{"ts":1767225601,"user":"u2"}\n'))
    reports = load(case, logs, tmp_path / "*.case" / "nothing", "-", stdin=b"user,status\nana,200\n", code=1)
    by_path = {Path(one["path"]).name: one for one in reports}
    assert {name: by_path[name]["format"] for name in ("a.log.2", "a.log.10.gz", "(standard input)")} == {
        "a.log.2": "ndjson", "a.log.10.gz": "ndjson", "(standard input)": "csv",
    }  # fmt: skip
    assert by_path["nothing"]["error"] == "no file matches"
    assert by_path["nothing"]["source"] is None
    accounts = json.loads(run("sql", case, "SELECT account FROM event ORDER BY source", "--format", "json"))
    assert {one["account"] for one in accounts} == {"u1", "u2", "ana"}


def test_exit_codes(case: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(ACCESS)
    missing, good = load(case, tmp_path / "missing.log", log, code=1)
    assert missing["error"] == "there is no such file"
    assert good["error"] is None
    run("load", case, code=2)
    run("load", case, log, "--format", "no_such_format", code=2)
    run("load", case, log, "--tz", "Mars/Olympus", code=2)
    run("load", tmp_path / "none.case", log, code=1)


def test_the_same_content_is_refused_unless_again_is_said(case: Path, tmp_path: Path) -> None:
    log, copy = tmp_path / "access.log", tmp_path / "copy.log"
    log.write_text(ACCESS)
    copy.write_text(ACCESS)
    first, second = load(case, log, copy, code=1)
    assert first["source"] == 1
    assert second["source"] is None
    assert "the same content as" in second["error"]
    (third,) = load(case, log, code=1)
    assert "source 1" in third["error"]
    (again,) = load(case, log, "--again")
    assert again["source"] == 2
    assert len(json.loads(run("sql", case, "SELECT 1 FROM event", "--format", "json"))) == 4


def test_killing_a_load_leaves_the_case_as_it_was_and_a_note(case: Path, tmp_path: Path) -> None:
    log, pipe = tmp_path / "access.log", tmp_path / "pipe"
    log.write_text(ACCESS)
    load(case, log)
    before = run("sources", case, "--json")
    os.mkfifo(pipe)
    loading = subprocess.Popen([WORKBENCH, "load", case, pipe, "--json"], stdout=subprocess.DEVNULL)
    with pipe.open("wb", buffering=0) as feed:  # opens once the load reads
        feed.write(b'{"ts":1767225600,"user":"u1"}\n' * 50)
        time.sleep(0.2)
        loading.send_signal(signal.SIGKILL)
        loading.wait()
    info = json.loads(run("info", case, "--json"))
    assert run("sources", case, "--json") == before
    assert info["events"] == 2
    assert len(info["killed_loads"]) == 1
    assert "pipe" in info["killed_loads"][0]
    load(case, log, "--again")
    assert not list((case / "tmp").iterdir())


def test_show_gives_the_verbatim_record_of_an_unchanged_log_only(case: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(ACCESS)
    load(case, log)
    shown = run("show", case, "1:4")
    assert ACCESS.splitlines()[3] in shown
    assert hashlib.sha256(ACCESS.encode()).hexdigest() in shown
    assert json.loads(run("show", case, "1:1", "--json"))["raw"] == ACCESS.splitlines()[0]
    run("show", case, "1:2", code=1)
    run("show", case, "first", code=2)
    log.write_text(ACCESS.replace("/b", "/c"))
    assert "/c" not in run("show", case, "1:4", code=1)
    log.unlink()
    run("show", case, "1:4", code=1)
