"""A question that runs in an engine is stopped there by whoever asked it; others go on, and the next is answered."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engines.conftest import ENGINES, table_of
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.errors import QueryCancelled
from workbench.evidence.runs import run_query
from workbench.tui.job import Job

pytestmark = pytest.mark.slow

#: Takes minutes on any engine.
LONG = "SELECT count(*) AS n FROM event AS a, event AS b, event AS c WHERE a.path || b.path <> c.path"


@pytest.mark.parametrize("url", ENGINES)
def test_what_is_stopped_ends_in_the_engine_and_what_waited_behind_it_is_answered(
    url: str, segments: Path, tmp_path: Path
) -> None:
    with Case.create(tmp_path / "far.case") as far, ThreadPoolExecutor(3) as pool:
        use(far, url)
        attach(far, table_of(segments, url))
        stopped_in_the_engine(far, pool)


def stopped_in_the_engine(far: Case, pool: ThreadPoolExecutor) -> None:
    long, next_one, given_up = (Job(name, far) for name in ("long", "next", "given up"))
    running = threading.Event()

    def work(job: Job, sql: str) -> int:
        job.started()
        try:
            running.set()
            return int(run_query(far, sql).rows[0][0])
        finally:
            job.ended()

    first = pool.submit(work, long, LONG)
    assert running.wait(10)
    time.sleep(2)
    others = [pool.submit(work, job, "SELECT count(*) AS n FROM event") for job in (next_one, given_up)]
    given_up.cancel()
    with pytest.raises(QueryCancelled):
        others[1].result(30)
    assert not first.done()
    long.cancel()
    with pytest.raises(QueryCancelled):
        first.result(30)
    assert others[0].result(60) > 30_000
    assert pool.submit(work, Job("again", far), "SELECT count(*) AS n FROM event").result(60) > 30_000
