"""Spark Connect: a server of its own, a token, and what is said when it is gone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.engines.attachment import use
from workbench.playbooks import Library, run

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark wants Java"),
    pytest.mark.xdist_group("connect"),
    pytest.mark.thorough,
]
TOKEN = "a-token-of-the-tests"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A Connect server on this machine, which wants a token; and its URL."""
    found = importlib.util.find_spec("pyspark")
    assert found is not None and found.origin is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.authenticate.token": TOKEN,
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
    }
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    started = subprocess.Popen(
        [Path(found.origin).parent / "bin/spark-submit", "--master", "local[2]", "--class", SERVER, *given,
         "spark-internal"],
        cwd=tmp_path, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert started.poll() is None
            time.sleep(0.1)
        yield started, f"sc://localhost:{port}"
    finally:
        started.kill()
        started.wait()


def typed(*words: object, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, "WORKBENCH_ENGINE_TOKEN": token},
    )  # fmt: skip


def test_a_case_over_connect_answers_and_says_in_a_line_when_the_server_is_gone(
    server: tuple[subprocess.Popen[bytes], str], segments: Path, sample_case: Case, tmp_path: Path
) -> None:
    process, url = server
    far = tmp_path / "far.case"
    with Case.create(far) as case:
        use(case, url)
    refused = typed("attach", far, segments, token="another")
    assert refused.returncode == 1 and "refuses these credentials" in refused.stderr
    attached = typed("attach", far, segments)
    assert attached.returncode == 0 and "events from" in attached.stdout, attached.stderr
    told = typed("playbook", "run", far, "scanners", "--format", "csv")
    ours = run(sample_case, Library().get("scanners")).table
    assert told.returncode == 0 and len(told.stdout.splitlines()) == len(ours.rows) + 1, told.stderr
    with Case.open(far) as case:
        case.tags.add("account", ["usr-1"], "suspect", "why")
    process.kill()
    process.wait()
    gone = typed("sql", far, "SELECT count(*) AS n FROM event")
    assert gone.returncode == 1 and "does not answer" in gone.stderr and len(gone.stderr.splitlines()) == 1
    with Case.open(far) as case:
        assert [one.id for one in case.tags.all()] == ["usr-1"]
    assert TOKEN not in "".join(one.read_bytes().decode(errors="replace") for one in far.rglob("*") if one.is_file())
