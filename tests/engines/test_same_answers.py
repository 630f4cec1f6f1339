"""The same answers from every engine, row by row, over the same segments."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from bench.scale_compare import BY_HASH, compare
from tests.engines.conftest import ENGINES, table_of
from workbench.case import Case
from workbench.engines.ask import cannot
from workbench.engines.attached import attach, use
from workbench.engines.remote import connect
from workbench.playbooks import Library


@pytest.mark.parametrize("url", ENGINES)
def test_playbooks_answer_the_same_row_by_row(
    url: str, sample_case_folder: Path, segments: Path, tmp_path: Path
) -> None:
    rows, different = 0, {}
    with Case.create(tmp_path / "far.case") as far, Case.open(sample_case_folder) as case:
        use(far, url)
        attach(far, table_of(segments, url))
        with closing(connect(url)) as remote:
            for book in Library().all():
                if book.name in BY_HASH or cannot(far, book):
                    continue
                number, wrong = compare(case, far, book, remote)
                rows += number
                if wrong:
                    different[book.name] = wrong[:3]
    assert different == {}
    assert rows > 100
