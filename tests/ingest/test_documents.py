"""JSON over many lines: each record is an event with its own lines, whatever prints it; what is around is skipped."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.conftest import load_bytes
from workbench.case import Case
from workbench.ingest import load

RECORDS: list[dict[str, Any]] = [
    {"ts": 1767225600 + n, "user": f"u{n}", "messages": [{"role": "user", "content": '}] \\" \n ,{'}, {"x": []}]}
    for n in range(4)
]


def tight(value: Any, indent: int = 0) -> str:
    """Print as Jackson does: a list's brackets on the line of its objects' braces."""
    pad = " " * indent
    if isinstance(value, dict):
        members = (f"{pad}  {json.dumps(key)} : {tight(item, indent + 2)}" for key, item in value.items())
        return "{\n" + ",\n".join(members) + f"\n{pad}}}"
    if isinstance(value, list):
        return "[ " + ", ".join(tight(item, indent) for item in value) + " ]"
    return json.dumps(value)


LAYOUTS = {
    "list": json.dumps(RECORDS, indent=2),
    "tabs": json.dumps(RECORDS, indent="\t"),
    "tight": tight(RECORDS),
    "a record a line": "[\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
    "brackets on the records' lines": "[" + ",\n".join(map(json.dumps, RECORDS)) + "]",
    "commas in front": "[\n  " + "\n  ,".join(map(json.dumps, RECORDS)) + "\n]",
    "one after the other": "\n".join(json.dumps(one, indent=4) for one in RECORDS),
    "blank lines between": "\n\n".join(json.dumps(one, indent=4) for one in RECORDS) + "\n",
    "inside an object": json.dumps({"@odata.context": "x", "value": RECORDS, "nextLink": "y"}, indent=2),
    "tight inside an object": tight({"value": RECORDS}),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_each_record_is_an_event_of_its_own_lines(case: Case, tmp_path: Path, name: str, ending: str) -> None:
    content = LAYOUTS[name].replace("\n", ending).encode()
    found = load_bytes(case, tmp_path, content)
    assert found.report.format == "ndjson"
    assert [event["account"] for event in found.events] == ["u0", "u1", "u2", "u3"]
    report = found.report
    assert report.lines == report.event_lines + report.skipped == len(content.splitlines())
    places = [(event["line"], event["line"] + event["lines"]) for event in found.events]
    lines = content.decode().splitlines()
    for number, (first, end) in enumerate(places):
        assert f'"u{number}"' in "".join(lines[first - 1 : end - 1])
    assert all(one[1] <= other[0] for one, other in pairwise(places))


def test_records_inside_their_list_keep_their_format(case: Case, tmp_path: Path) -> None:
    record = {"eventTime": "2026-01-01T00:00:00Z", "eventSource": "s3", "eventName": "Get", "sourceIPAddress": "::1"}
    twice = "\n".join([json.dumps({"Records": [record, record]}, indent=4)] * 2)
    found = load_bytes(case, tmp_path, twice.encode())
    assert (found.report.format, found.report.events, found.report.rejects) == ("cloudtrail", 4, 0)
    assert [event["line"] for event in found.events] == [3, 9, 19, 25]


@pytest.mark.parametrize(
    ("old", "new"), [('"user": "u2"', '"user": u2'), ('    "user": "u2"', 'junk\n    "user": "u2"'), ('"u2"', '"u2')]
)
def test_a_broken_record_is_a_reject_and_costs_no_other(case: Case, tmp_path: Path, old: str, new: str) -> None:
    found = load_bytes(case, tmp_path, json.dumps(RECORDS, indent=2).replace(old, new).encode())
    assert [event["account"] for event in found.events] == ["u0", "u1", "u3"]
    (reject,) = found.rejects
    assert new.encode() in reject["raw"]
    report = found.report
    assert report.lines == report.event_lines + report.rejects + report.skipped


def test_a_document_that_ends_midway(case: Case, tmp_path: Path) -> None:
    found = load_bytes(case, tmp_path, json.dumps(RECORDS, indent=2)[:-40].encode())
    assert (found.report.events, len(found.rejects)) == (3, 1)


def test_a_record_that_was_cut_is_no_event(case: Case, tmp_path: Path) -> None:
    content = '[\n  {\n    "ts": 1767225600,\n    "user": "a"\n  },\n  {\n    "ts": 1767225601'
    found = load_bytes(case, tmp_path, content.encode())
    assert ([event["account"] for event in found.events], len(found.rejects)) == (["a"], 1)


def test_a_long_document_is_cut_between_records(case: Case, tmp_path: Path) -> None:
    many = [{**RECORDS[n % 4], "n": n, "pad": "x" * 4000} for n in range(2500)]
    found = load_bytes(case, tmp_path, json.dumps(many, indent=1).encode())
    assert (found.report.events, found.report.rejects, found.report.skipped) == (2500, 0, 2)
    assert [event["extra"]["n"] for event in found.events] == list(range(2500))


def test_blank_lines_inside_a_record_are_part_of_it(case: Case, tmp_path: Path) -> None:
    log = b"2026-01-01 10:00:00,000 ERROR a.B: failed\n\n\tat x\n\n2026-01-01 10:00:01,000 INFO a.B: on\n"
    found = load_bytes(case, tmp_path, log)
    assert [(event["line"], event["lines"]) for event in found.events] == [(1, 4), (5, 1)]
    assert found.report.rejects == 0


def test_files_with_and_without_a_list_are_read_together(case: Case, tmp_path: Path) -> None:
    record = {
        "category": "ApplicationGatewayAccessLog",
        "time": "2026-01-01T00:00:00Z",
        "properties": {"clientIP": "198.51.100.7", "requestUri": "/"},
    }
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(record))
    (folder / "b.json").write_text(json.dumps({"records": [record, record]}))
    (folder / "c.json").write_text(json.dumps({"records": [record, record]}, indent=2))
    reports = load(case, [str(folder)])
    assert [(one.format, one.events, one.rejects) for one in reports] == [
        ("azure_appgw", 1, 0),
        ("azure_appgw", 2, 0),
        ("azure_appgw", 2, 0),
    ]
