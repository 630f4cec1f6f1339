"""A job stops what runs on the connection that it watches, and nothing of a connection that is closed or another's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import duckdb
import pytest

from workbench.case import Case
from workbench.errors import QueryCancelled
from workbench.tui.job import Job

#: Takes minutes.
LONG = "SELECT count(*) FROM range(100_000_000) AS a, range(100_000) AS b WHERE a.range * b.range % 7 = 1"


def test_no_progress_is_known_of_a_connection_that_its_owner_closed(sample_case: Case) -> None:
    job = Job("asking", sample_case)
    with duckdb.connect() as connection, job.watch(connection):
        connection.close()
        assert job.progress == ""
        job.cancel()
    assert job.cancelled and job.progress == ""


def test_a_jobs_own_connection_is_stopped_after_another_was_watched_and_given_back(sample_case: Case) -> None:
    job = Job("asking", sample_case)
    own = job.cursor()
    with duckdb.connect() as other, job.watch(other):
        other.execute("SELECT 1")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(own.execute, LONG)
        while not running.done():
            job.cancel()
            wait([running], 0.05)
        with pytest.raises(duckdb.InterruptException):
            running.result()
    with pytest.raises(QueryCancelled), job.watch(own):
        raise AssertionError("a job that was stopped starts nothing more")
    job.ended()
    with sample_case.store.watched() as lent:
        assert lent is own and lent.execute("SELECT 1").fetchone() == (1,)
