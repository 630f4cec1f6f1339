"""A Spark worker that dies while it answers: the answer is the same, a little later."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.conftest import SPARK, table_of
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.evidence.runs import run_query

pytestmark = pytest.mark.slow

#: Some seconds of work, in many tasks.
ASKED = """SELECT count(*) AS n FROM (SELECT line FROM event WHERE line <= 1500 GROUP BY line) AS a,
    (SELECT line FROM event WHERE line <= 1500 GROUP BY line) AS b WHERE (a.line * b.line) % 7 = 3"""


def workers() -> Iterator[int]:
    """Yield the worker processes of this process' own Spark."""
    parents, commands = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(entry.name)] = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # gone meanwhile
    for process, command in commands.items():
        above = process
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() and b"CoarseGrainedExecutorBackend" in command and b"java" in command.split(b"\0")[0]:
            yield process


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers as Linux shows processes")
@pytest.mark.parametrize("url", SPARK)
def test_a_question_survives_the_loss_of_a_worker(url: str, segments: Path, tmp_path: Path) -> None:
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, table_of(segments, url))
        before = run_query(far, ASKED).rows
        killed = list(workers())
        assert len(killed) == 2
        timer = threading.Timer(0.3, os.kill, (killed[0], signal.SIGKILL))
        timer.start()
        assert run_query(far, ASKED).rows == before
        timer.join()
        assert run_query(far, "SELECT count(*) AS n FROM event").rows[0][0] > 30_000
        assert killed[0] not in set(workers())
