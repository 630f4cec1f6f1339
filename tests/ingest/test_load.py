"""Loading as a caller of the package sees it: odd files, times, zones, failures, real logs where they are at hand."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from tests.ingest.conftest import load_bytes
from workbench.case import Case
from workbench.errors import QueryCancelled, UsageError
from workbench.ingest import Loader, Progress, load

REAL_LOGS = Path(os.environ.get("WORKBENCH_REAL_LOGS", Path(__file__).parents[2].parent / "shared" / "real_logs"))


def test_an_empty_file_is_a_source_without_lines(case: Case, tmp_path: Path) -> None:
    report = load_bytes(case, tmp_path, b"").report
    assert (report.source, report.lines, report.events, report.error) == (1, 0, 0, None)


def test_zone_less_times_take_the_zone_given_else_utc_with_a_warning(case: Case, tmp_path: Path) -> None:
    line = b"2026-07-01 12:00:00 something\n"
    warned = load_bytes(case, tmp_path, line)
    assert warned.events[0]["ts"] == datetime(2026, 7, 1, 12)
    assert any("no zone" in text for text in warned.report.warnings)
    told = load_bytes(case, tmp_path, line, tz="Europe/Berlin")
    assert told.events[0]["ts"] == datetime(2026, 7, 1, 10)
    assert not told.report.warnings


def test_year_less_times_roll_back_over_new_year(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "messages"
    file.write_text("Dec 31 23:59:59 h cron[1]: last\nJan  1 00:00:01 h cron[1]: first\n")
    os.utime(file, (1767229200, 1767229200))  # 2026-01-01T01:00:00Z
    load(case, [str(file)])
    rows = case.query("SELECT ts FROM event ORDER BY line").rows
    assert rows == [(datetime(2025, 12, 31, 23, 59, 59),), (datetime(2026, 1, 1, 0, 0, 1),)]


@pytest.mark.parametrize("factor", [1, 1000, 1_000_000, 1_000_000_000])
def test_epochs_of_every_unit_are_told_apart(case: Case, tmp_path: Path, factor: int) -> None:
    found = load_bytes(case, tmp_path, json.dumps({"ts": 1767225600 * factor}).encode())
    assert found.events[0]["ts"] == datetime(2026, 1, 1)


def test_bytes_that_are_not_utf8_stay_recoverable(case: Case, tmp_path: Path) -> None:
    found = load_bytes(case, tmp_path, b"a \xff line\nand {\x00}\n", format="access_log")
    assert [one["raw"] for one in found.rejects] == [b"a \xff line", b"and {\x00}"]
    plain = load_bytes(case, tmp_path, b"a \xff line\n")
    assert plain.events[0]["message"] == "a \\xff line"


def test_a_very_long_line_is_one_line(case: Case, tmp_path: Path) -> None:
    found = load_bytes(case, tmp_path, b'{"msg":"' + b"x" * 40_000_000 + b'"}\n{"msg":"short"}\n')
    assert (found.report.lines, found.report.events) == (2, 2)
    assert len(found.events[0]["message"]) == 40_000_000


def test_the_same_key_with_other_types_loses_nothing(case: Case, tmp_path: Path) -> None:
    found = load_bytes(
        case, tmp_path, b'{"status":200}\n{"status":"teapot"}\n{"status":[1]}\n{"Status":5,"status":404}\n'
    )
    assert [event["status"] for event in found.events] == [200, None, None, 404]
    assert [event["extra"] for event in found.events] == [{}, {"status": "teapot"}, {"status": "[1]"}, {"Status": 5}]


def test_a_device_and_a_missing_file_do_not_stop_the_others(case: Case, tmp_path: Path) -> None:
    (tmp_path / "good").write_text("hello\n")
    reports = load(case, ["/dev/null", str(tmp_path / "missing"), str(tmp_path / "good")])
    by_name = {Path(one.path).name: one for one in reports}
    assert by_name["null"].error == "it is a device or a socket, not a log"
    assert by_name["missing"].error == "there is no such file"
    assert by_name["good"].events == 1
    assert len(case.sources()) == 1


def test_a_wrong_zone_is_wrong_usage(case: Case) -> None:
    with pytest.raises(UsageError, match="is not a time zone"):
        load(case, ["x"], tz="Nowhere/At all")


def test_a_cancelled_load_leaves_the_case_as_it_was(case: Case, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"line of {name}\n")

    def stop_at_the_second(progress: Progress) -> None:
        if progress.number == 2:
            loader.cancel()

    loader = Loader(case, on_progress=stop_at_the_second)
    with pytest.raises(QueryCancelled):
        loader.load([str(tmp_path / "a"), str(tmp_path / "b")])
    assert case.sources() == []
    assert case.query("SELECT count(*) FROM event").rows == [(0,)]
    assert not list(case.folder.tmp.iterdir())
    assert case.ledger.rows("SELECT count(*) AS n FROM audit WHERE action = 'load cancelled'")[0]["n"] == 1


def test_real_logs_load_with_every_line_accounted_for(case: Case) -> None:
    """Where real logs are at hand (WORKBENCH_REAL_LOGS or beside the project)."""
    files = [str(file) for file in sorted(REAL_LOGS.rglob("*")) if file.is_file()]
    for report in load(case, files) if files else []:
        assert report.lines == report.event_lines + report.rejects + report.skipped, report
        assert report.error is None or "the same content as" in report.error, report
