"""Questions about how files were loaded and whether they were touched, of a case whose events are in an engine."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from bench.scale_compare import compare
from tests.engines.conftest import ENGINES
from tests.playbooks.conftest import FLAT
from tests.playbooks.test_tampering import gateway, moved, ulid, uuid7
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.engines.registry import connect
from workbench.engines.segments import write_segments
from workbench.errors import PlaybookError
from workbench.ingest import load
from workbench.playbooks import Library, run
from workbench.playbooks.run import untranslatable

pytestmark = pytest.mark.slow

#: Each finds something in the log below.
FIND = (
    "id_gaps", "id_times", "impossible_values", "made_up_digits", "gaps", "duplicates", "what_was_loaded",
    "missing_columns", "file_times",
)  # fmt: skip
#: Spark takes seconds a question, and the others are asked of it over the sample case.
FOR_SPARK = ("made_up_digits",)
#: Go by the order of records in their file.
IN_ORDER = ("clock_jumps", "edited_stretches", "even_times", "repeated_stretches")


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with a log that somebody edited, and its segments beside it."""
    folder = tmp_path_factory.mktemp("touched")
    rows = gateway(1600)
    for number, row in enumerate(rows[:200]):
        row["trace_id"] = uuid7(row, number) if number % 2 else ulid(row)
    rows = rows[:1210] + rows[1230:] + rows[100:130]
    rows[50:60] = [moved(row, 9.5) for row in rows[50:60]]
    rows[700:] = [moved(row, 9) for row in rows[700:]]
    for number, row in enumerate(rows):
        row["bytes_out"] = 1000 + 10 * number
    rows[20]["client_ip"] = "300.1.2.3"
    (folder / "gateway.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "again.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows[100:300]))
    with Case.create(folder / "near.case") as near:
        load(near, [str(folder / "gateway.ndjson"), str(folder / "again.ndjson")], format=FLAT)
        write_segments(near, folder / "segments")
    return folder


@pytest.mark.parametrize("url", ENGINES)
def test_what_is_known_of_the_logs_is_asked_with_the_events(url: str, touched: Path, tmp_path: Path) -> None:
    different, rows = {}, {}
    with (
        Case.create(tmp_path / "far.case") as far,
        Case.open(touched / "near.case") as near,
        closing(connect(url)) as to,
    ):
        use(far, url)
        attach(far, str(touched / "segments"))
        for name in FOR_SPARK if to.dialect == "spark" else FIND:
            book = Library().get(name)
            assert untranslatable(far, book) is None
            rows[name], wrong = compare(near, far, book, to)
            if wrong:
                different[name] = wrong[:3]
    assert different == {} and all(rows.values()), rows


def test_what_goes_by_the_order_of_a_file_is_refused_before_it_runs(touched: Path, tmp_path: Path) -> None:
    with Case.create(tmp_path / "far.case") as far:
        use(far, "chdb://")
        attach(far, str(touched / "segments"))
        for name in IN_ORDER:
            with pytest.raises(PlaybookError, match="order of the records"):
                run(far, Library().get(name))
        with pytest.raises(PlaybookError, match="ClickHouse cannot answer rejects_by_reason"):
            run(far, Library().get("rejects_by_reason"))
