"""Segments for another engine: every event, a folder a day, hashed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from workbench.case import Case
from workbench.engines.segments import write_segments
from workbench.errors import ExportError
from workbench.evidence.records import lines_of


def test_segments_hold_every_event_of_the_case_by_day_with_the_hash_of_each(
    sample_case_folder: Path, segments: Path
) -> None:
    told = json.loads((segments / "manifest.json").read_text())
    with Case.open(sample_case_folder) as case:
        days = dict(case.query("SELECT coalesce(ts::DATE::VARCHAR, 'none'), count(*) FROM event GROUP BY 1").rows)
        ours = case.query("SELECT * FROM event ORDER BY source, line, item").rows
    written: dict[str, int] = {}
    for one in told["files"]:
        day = one["file"].split("/")[0].removeprefix("day=")
        written[day] = written.get(day, 0) + one["rows"]
        assert hashlib.sha256((segments / one["file"]).read_bytes()).hexdigest() == one["sha256"]
    assert written == days
    sql = f"SELECT * EXCLUDE (day) FROM read_parquet('{segments}/*/*.parquet') ORDER BY source, line, item"
    assert duckdb.connect().execute(sql).fetchall() == ours


def test_the_manifest_leads_from_an_event_to_a_line_of_a_hashed_log(sample_case: Case, segments: Path) -> None:
    told = json.loads((segments / "manifest.json").read_text())["sources"]
    assert [one["source"] for one in told] == [one.source for one in sample_case.sources()]
    assert all(one["lines"] == one["event_lines"] + one["rejects"] + one["skipped"] for one in told)
    events = f"read_parquet('{segments}/*/*.parquet')"
    sql = f"SELECT source, line, request_id FROM {events} WHERE format = 'litellm' LIMIT 1"
    ((source, line, request),) = duckdb.connect().execute(sql).fetchall()
    log = next(one for one in told if one["source"] == source)
    lines, sha256 = lines_of(log["origin"], [line])
    assert sha256 == log["sha256"] and request.encode() in lines[line]


def test_a_folder_that_is_there_is_not_touched(sample_case: Case, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(ExportError, match="exists already"):
        write_segments(sample_case, tmp_path / "there")


def test_a_case_without_events_gives_an_empty_manifest(tmp_path: Path) -> None:
    with Case.create(tmp_path / "empty.case") as case:
        assert write_segments(case, tmp_path / "out")["rows"] == 0
