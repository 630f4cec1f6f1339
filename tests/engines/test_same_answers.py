"""The same answers from every engine, row by row, over the same segments."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from bench.scale_compare import BY_HASH, compare
from tests.engines.conftest import ENGINES, table_of
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.engines.registry import connect
from workbench.playbooks import Library
from workbench.playbooks.run import untranslatable

pytestmark = pytest.mark.slow

#: Asked of Spark each time (``--thorough`` asks all): each has rows here, or uses something that others do not.
FOR_SPARK = {
    "address_rotation", "busy_addresses", "compare_periods", "error_bursts", "failed_logins", "first_last_seen",
    "hours_by_weekday", "key_from_new_network", "missing_columns", "near_duplicates", "network_shift",
    "prompt_templates", "rubric_grading", "scanners", "shared_clients", "shared_payment", "start_stop_together",
    "traffic_over_time", "what_was_loaded",
}  # fmt: skip


@pytest.mark.parametrize("url", ENGINES)
def test_playbooks_answer_the_same_row_by_row(
    url: str, sample_case_folder: Path, segments: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    rows, different, every = 0, {}, url == "chdb://" or pytestconfig.getoption("thorough")
    assert {book.name for book in Library().all()} > FOR_SPARK
    with Case.create(tmp_path / "far.case") as far, Case.open(sample_case_folder) as case:
        use(far, url)
        attach(far, table_of(segments, url))
        with closing(connect(url)) as remote:
            for book in Library().all():
                if book.name in BY_HASH or not (every or book.name in FOR_SPARK) or untranslatable(far, book):
                    continue
                number, wrong = compare(case, far, book, remote)
                rows += number
                if wrong:
                    different[book.name] = wrong[:3]
    assert different == {}
    assert rows > 100
