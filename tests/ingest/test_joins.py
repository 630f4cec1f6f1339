"""Lines that are one event: parts of a cut line, records of one audit event, what compose puts in front; clocks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.ingest.conftest import load_bytes
from workbench.case import Case
from workbench.formats.directive import format_of
from workbench.ingest import load


def test_docker_joins_what_it_cut(case: Case, tmp_path: Path) -> None:
    def line(text: str) -> str:
        return json.dumps({"log": text, "stream": "stdout", "time": "2026-01-01T00:00:00Z"}, separators=(",", ":"))

    long = "x" * 16384
    content = "\n".join([line("a\n"), line(long), line(long), line("end\n"), line("no newline"), line("b\n")])
    found = load_bytes(case, tmp_path, content.encode())
    assert [event["message"] for event in found.events] == ["a\n", f"{long}{long}end\n", "no newline", "b\n"]
    assert [(event["line"], event["lines"]) for event in found.events] == [(1, 1), (2, 3), (5, 1), (6, 1)]
    assert found.report.rejects == 0


def test_an_audit_event_is_one_event(case: Case, tmp_path: Path) -> None:
    lines = [
        f"type={kind} msg=audit(1767225600.250:{serial}): pid={serial}"
        for serial, kinds in ((91, ("SYSCALL", "CWD", "PATH")), (92, ("USER_LOGIN",)), (93, ("SYSCALL", "PROCTITLE")))
        for kind in kinds
    ]
    found = load_bytes(case, tmp_path, "\n".join([*lines, "no audit line", lines[0]]).encode())
    assert [(event["trace_id"], event["lines"]) for event in found.events] == [
        ("91", 3),
        ("92", 1),
        ("93", 2),
        ("91", 1),
    ]
    assert [reject["raw"] for reject in found.rejects] == [b"no audit line"]
    assert found.report.lines == found.report.event_lines + found.report.rejects


def test_what_compose_puts_in_front_is_no_part_of_the_record(case: Case, tmp_path: Path) -> None:
    content = b'web-1  | {"ts":1767225600,"user":"ana"}\nweb-1  | starting\nweb-2  | {"ts":1767225601,"user":"bo"}\n'
    found = load_bytes(case, tmp_path, content)
    assert [event["account"] for event in found.events] == ["ana", "bo"]
    assert [reject["raw"] for reject in found.rejects] == [b"web-1  | starting"]


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(1767225600 + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def test_clocks_that_go_back_are_told(case: Case, tmp_path: Path) -> None:
    fmt = format_of("$time_iso8601 $status")
    steps = [0, 10, 5, 1000, 600, 601, 300, 301]
    found = load_bytes(case, tmp_path, "\n".join(f"{_clock(step)} 200" for step in steps).encode(), format=fmt)
    (told,) = found.report.warnings
    assert told.startswith("its times go back by more than 300 s 2 times, at most by 0:06:40")


def test_a_long_log_tells_of_its_clock_once(case: Case, tmp_path: Path) -> None:
    lines = [f"{_clock(step if step < 200_000 else step - 3600)} 200" for step in range(320_000)]
    found = load_bytes(case, tmp_path, "\n".join(lines).encode(), format=format_of("$time_iso8601 $status"))
    assert [one for one in found.report.warnings if "go back" in one] == [
        "its times go back by more than 300 s 1 time, at most by 0:59:59; they are kept so"
    ]


def test_half_a_character_at_the_end_is_told(case: Case, tmp_path: Path) -> None:
    found = load_bytes(case, tmp_path, "plain\nlines\n".encode("utf-16")[:-1])
    assert [event["message"] for event in found.events] == ["plain", "lines"]
    assert any("its last byte, 0x0a, is in no line" in one for one in found.report.warnings)


def test_few_lines_begin_a_record(case: Case, tmp_path: Path) -> None:
    trace = "\n".join(f"#{n} /app/x.php(3): y()" for n in range(90))
    content = f"[2026-01-02 11:19:06] local.ERROR: a\n{trace}\n\n[2026-01-02 11:19:07] local.INFO: b\n".encode()
    found = load_bytes(case, tmp_path, content)
    assert found.report.format == "laravel"
    assert [(event["line"], event["lines"]) for event in found.events] == [(1, 92), (93, 1)]


def test_bytes_that_are_no_text_inside_a_record(case: Case, tmp_path: Path) -> None:
    log = b"2026-01-01 10:00:00,000 ERROR a.B: \xff\r\n\tat x\n2026-02-30 10:00:01,000 INFO a.B: \xfe\n\tat y\n"
    found = load_bytes(case, tmp_path, log)
    assert [(event["line"], event["lines"]) for event in found.events] == [(1, 2)]
    assert [reject["raw"] for reject in found.rejects] == [b"2026-02-30 10:00:01,000 INFO a.B: \xfe\n\tat y"]


def test_many_files_of_one_long_line_are_recognised_in_little_memory(case: Case, tmp_path: Path) -> None:
    record = {"eventTime": "2026-01-01T00:00:00Z", "eventSource": "s3", "eventName": "Get", "sourceIPAddress": "::1"}
    folder = tmp_path / "trail"
    folder.mkdir()
    for number in range(40):
        line = json.dumps({"Records": [{**record, "n": number, "pad": "x" * 400}] * 500})
        (folder / f"{number}.json").write_text(line)
    reports = load(case, [str(folder)])
    assert {(one.format, one.events) for one in reports} == {("cloudtrail", 500)}
