"""The accounting identity and 'no value is lost', over generated hostile files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.ingest.conftest import Loaded, load_bytes
from tests.ingest.hostile import PACKINGS, csv_file, json_file, pack, physical_lines
from workbench.case import Case

FEW = examples(6, 25, unhealthy=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """One case for all examples: each looks at its own source only."""
    with Case.create(tmp_path_factory.mktemp("accounting") / "all.case") as case:
        yield case


def load_one(case: Case, content: bytes, **options: Any) -> Loaded:
    return load_bytes(case, case.folder.path.parent, content, **options)


def ending_stripped(line: bytes) -> bytes:
    return line.removesuffix(b"\r")


def is_blank(line: bytes) -> bool:
    return not line.decode("utf-8", errors="backslashreplace").strip()


def check_places(found: Loaded, lines: list[bytes]) -> None:
    """Every physical line is in exactly one of: an event, a reject, skipped; rejects are verbatim."""
    report = found.report
    assert report.error is None
    assert report.lines == len(lines)
    assert report.lines == report.event_lines + report.rejects + report.skipped
    of_events = [n for event in found.events for n in range(event["line"], event["line"] + event["lines"])]
    assert len(of_events) == len(set(of_events)) == report.event_lines
    of_rejects = set()
    for reject in found.rejects:
        span = range(reject["line"], reject["line"] + reject["lines"])
        of_rejects |= set(span)
        assert reject["reason"]
        if len(span) == 1 and reject["item"] == 0:
            assert reject["raw"] in (lines[span[0] - 1], ending_stripped(lines[span[0] - 1]))
    of_rejects -= set(of_events)
    assert len(of_rejects) == report.rejects
    assert not of_rejects & set(of_events)
    assert max([*of_events, *of_rejects], default=0) <= len(lines)


@FEW
@given(content=json_file(), packing=st.sampled_from(PACKINGS))
@example(content=b'{"a":1}\n\n{"b":2}{"c":3}\n', packing="plain")
@example(content=b'{"a":1}\r\n{"a":"\xff\\n"}\n{"a":NaN}', packing="plain")
@example(content=b'{"a":1}\n{"a":1,\n"b":2}\n', packing="plain")
@example(content=b"{\n\x00\n{\n", packing="plain")
@example(content=b"{\n\x00\n{}\n", packing="plain")
def test_every_line_of_hostile_json_is_accounted_for(shared: Case, content: bytes, packing: str) -> None:
    found = load_one(shared, pack(content, packing), format="ndjson")
    lines = physical_lines(content.removeprefix(b"\xef\xbb\xbf"))
    check_places(found, lines)
    skipped = set(range(1, len(lines) + 1))
    skipped -= {n for one in (*found.events, *found.rejects) for n in range(one["line"], one["line"] + one["lines"])}
    assert all(is_blank(lines[n - 1]) for n in skipped)


@FEW
@given(content=json_file(noise=0))
def test_no_value_of_a_json_record_is_lost(shared: Case, content: bytes) -> None:
    found = load_one(shared, content, format="ndjson")
    lines = physical_lines(content)
    check_places(found, lines)
    refused = {reject["line"]: reject["reason"] for reject in found.rejects}
    for number, line in enumerate(lines, 1):
        if number in refused:
            assert refused[number].startswith("the time is not one") or "\\ud" in line.decode()
    for event in found.events:
        for key, value in json.loads(lines[event["line"] - 1], object_pairs_hook=list):
            assert holds(event, key, value), (key, value, event)


def holds(event: dict[str, Any], key: str, value: Any) -> bool:
    """Say whether the event has this value: in ``extra`` under its key, or in a column."""
    if value is None or value == "":
        return True
    of_name = {"user": "account", "level": "severity", "msg": "message", "prompt": "prompt"}.get(key, key)
    for name, kept in event["pairs"]:
        if name == key and same(kept, value):
            return True
        if name == of_name and isinstance(kept, str) and (kept == str(value) or same(json_of(kept), value)):
            return True
    texts = {json.dumps(value), value if isinstance(value, str) else str(value).lower()}
    for name, is_ in event.items():
        if is_ is None or name in ("extra", "pairs", "source", "line", "item", "lines", "event_id"):
            continue
        if name == "ts" and is_ is not None and key in ("ts", "date"):
            return True
        if same(is_, value) or str(is_) in texts:
            return True
        if isinstance(is_, int | float) and isinstance(value, str) and float_of(value) == float(is_):
            return True
    got = event.get(of_name)
    return isinstance(got, str) and json_of(got) is not None and same(json_of(got), value)


def same(one: Any, other: Any) -> bool:
    """Compare JSON values; members as pairs or as an object, where a key that is there twice counts once."""
    if isinstance(one, dict):
        one = list(one.items())
    if isinstance(other, dict):
        other = list(other.items())
    if isinstance(one, list) and isinstance(other, list):
        if all(isinstance(item, list | tuple) and len(item) == 2 for item in [*one, *other]):
            pairs = {str(key): value for key, value in other}
            if {str(key) for key, _ in one} == set(pairs) and all(same(value, pairs[str(key)]) for key, value in one):
                return True
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        # 3.85984275349081e16 is the integer 38598427534908100, to which no float is equal.
        return isinstance(one, int | float) and isinstance(other, int | float) and float(one) == float(other)
    return bool(one == other)


def json_of(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=list)
    except ValueError:
        return None


def float_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@FEW
@given(made=csv_file(), packing=st.sampled_from(PACKINGS))
def test_quoted_newlines_keep_their_rows(shared: Case, made: tuple[bytes, list[list[str]]], packing: str) -> None:
    content, rows = made
    found = load_one(shared, pack(content, packing), format="csv")
    lines = physical_lines(content)
    assert found.report.lines == len(lines)
    assert found.report.lines == found.report.event_lines + found.report.rejects + found.report.skipped
    got = [[event["extra"].get(name) or "" for name in ("name", "note", "more")] for event in found.events]
    meant = [["" if cell in ("NULL", "null") else cell for cell in row] for row in rows]
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in got] == [
        [cell.replace("\r\n", "\n") for cell in row] for row in meant
    ]


@FEW
@given(content=st.binary(max_size=300))
def test_any_bytes_at_all_are_accounted_for(shared: Case, content: bytes) -> None:
    found = load_one(shared, content)
    report = found.report
    if report.error is None:
        assert report.lines == report.event_lines + report.rejects + report.skipped


@FEW
@given(content=json_file(), encoding=st.sampled_from(["utf-16-le", "utf-16-be"]))
@example(content=b"\xef\xbb\xbf{}\n", encoding="utf-16-le")  # a second mark is text, and kept
@example(content=b'\xef\xbb\xbf{"a":1}\r\n{}', encoding="utf-16-be")
def test_utf_16_is_read_as_its_text(shared: Case, content: bytes, encoding: str) -> None:
    text = content.decode("utf-8", errors="replace")
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
    found = load_one(shared, mark + text.encode(encoding), format="ndjson")
    check_places(found, physical_lines(text.encode()))


@FEW
@given(content=json_file(noise=1).filter(len), keep=st.floats(0.1, 0.95))
def test_of_a_truncated_gzip_what_is_readable_is_loaded(shared: Case, content: bytes, keep: float) -> None:
    packed = pack(content * 20, "gzip")
    found = load_one(shared, packed[: max(19, int(len(packed) * keep))], format="ndjson")
    assert found.report.error is not None
    assert "truncated" in found.report.error
    assert found.report.lines == found.report.event_lines + found.report.rejects + found.report.skipped
