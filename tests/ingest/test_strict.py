"""The quick ways come to the same as the exact one: strict reads of chunks, quick patterns of parts of a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.ingest.conftest import Loaded, load_bytes
from tests.ingest.hostile import json_file, pack
from workbench.case import Case
from workbench.ingest import chunks, fast_reader, reading

FEW = examples(6, 25, unhealthy=True)
#: Members that come late are not in the schema that the beginning of the file gives.
LATE = b'{"msg":"a","n":1}\n' * 20 + b'{"msg":"b","late":{"x":[1,null]}}\n' + b'{"n":null,"user":{"id":"u"}}\n' * 5


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with Case.create(tmp_path_factory.mktemp("strict") / "all.case") as made:
        yield made


def both_ways(case: Case, content: bytes, size: int, **options: Any) -> tuple[Loaded, Loaded]:
    """Load content whole and line by line, then in chunks that begin with this size, and refused ones in parts."""
    folder = case.folder.path.parent
    exactly = load_bytes(case, folder, content, **options)
    sizes = mock.patch.multiple(chunks, SIZE=size, FIRST=size, MOST=4 * size, PART=max(size // 2, 20))
    with mock.patch.object(reading, "SHORT", 10), sizes:
        return exactly, load_bytes(case, folder, content, **options)


def plain(loaded: Loaded) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """What of a load must be the same however it was read; a member that is null may be missing."""
    report = {
        name: value
        for name, value in loaded.report.as_dict().items()
        if name not in ("source", "seconds", "bytes", "sha256")
    }
    events = []
    for event in loaded.events:
        kept = {name: _number(value) for name, value in event.items() if name not in ("source", "event_id", "pairs")}
        kept["extra"] = json.dumps(sorted((k, repr(_number(v))) for k, v in event["extra"].items() if v is not None))
        events.append(kept)
    return report, events, [{k: v for k, v in one.items() if k != "source"} for one in loaded.rejects]


def _number(value: Any) -> Any:
    """The engine writes a large number with a fraction or exponent as text in two ways: 1e+16, 10000000000000000.0."""
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", value) else value


@FEW
@given(content=json_file(noise=1), size=st.sampled_from([40, 200, 1 << 20]), packing=st.sampled_from(["plain", "gzip"]))
@example(content=LATE, size=100, packing="plain")
@example(content=b'{"status":1e+16}\n', size=40, packing="plain")
@example(content=LATE, size=1 << 20, packing="plain")
@example(content=b'{"a":1}\nnull\n{"a":2}\n' * 3, size=20, packing="plain")
@example(content=b'{"user":"{\\"id\\":1}"}\n{"user":{"id":"x"}}\n{"user":"y"}\n', size=1 << 20, packing="plain")
@example(content=b'{"prompt":"[1]"}\n{"prompt":[{"role":"user","content":"q"}]}\n', size=1 << 20, packing="plain")
def test_json_in_chunks_is_as_exact(case: Case, content: bytes, size: int, packing: str) -> None:
    exactly, quickly = both_ways(case, pack(content, packing), size, format="ndjson")
    assert plain(exactly) == plain(quickly)


def test_clean_json_is_read_strictly(case: Case) -> None:
    """Else the tests above would compare the exact way with itself."""
    fast = fast_reader.FastJson
    with mock.patch.object(fast, "_read", autospec=True, side_effect=fast._read) as read:
        _, quickly = both_ways(case, LATE, 1 << 20, format="ndjson")
    assert read.call_count == 1
    assert [event["line"] for event in quickly.events] == list(range(1, 27))
    first = case.query("SELECT count(*) FROM event WHERE source = $s", {"s": quickly.report.source}).rows
    assert first == [(26,)]


FIELD = st.one_of(
    st.text(alphabet='ab "\\-=[]xé\t', max_size=6),
    st.sampled_from(
        ["-", "", "GET / HTTP/1.1", "POST /v1/x?q=1 HTTP/2", "\\x16\\x03", "curl/8", "a\\", "198.51.100.1"]
    ),
)


@st.composite
def access_line(draw: st.DrawFn) -> str:
    address = draw(st.sampled_from(["198.51.100.1", "2001:db8::1", "h.example", '"198.51.100.1"', "-"]))
    account = draw(st.sampled_from(["-", "ana", "Ana María", "", "x [y]"]))
    time = draw(st.sampled_from(["10/Oct/2026:13:55:36 -0700", "31/Feb/2026:13:55:36 +0000", "10/Oct/2026"]))
    tail = draw(st.sampled_from(["", ' "{}" "{}"', ' "{}" "{}" 0.004', ' "{}"', " {} {}"]))
    tail = tail.format(draw(FIELD), draw(FIELD))
    status = draw(st.sampled_from(["200 5", "- -", "404 -", "1000 5", "200"]))
    return f'{address} - {account} [{time}] "{draw(FIELD)}" {status}{tail}'


@FEW
@given(lines=st.lists(access_line(), max_size=8), ending=st.sampled_from(["\n", "\n", "\r\n"]))
def test_access_logs_in_chunks_are_as_exact(case: Case, lines: list[str], ending: str) -> None:
    content = "".join(line + ending for line in lines).encode()
    exactly, quickly = both_ways(case, content, 1 << 20, format="access_log")
    assert plain(exactly) == plain(quickly)


@FEW
@given(lines=st.lists(access_line(), max_size=8))
def test_quick_patterns_cut_as_the_whole_pattern_does(case: Case, lines: list[str]) -> None:
    from dataclasses import replace

    from workbench.formats import load_formats

    fmt = load_formats()["access_log"]
    content = "".join(line + "\n" for line in lines).encode()
    folder = case.folder.path.parent
    slowly = load_bytes(case, folder, content, format=replace(fmt, quick=()))
    assert plain(slowly) == plain(load_bytes(case, folder, content, format=fmt))
