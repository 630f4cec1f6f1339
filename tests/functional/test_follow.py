"""Following with the installed command: killed at any moment it goes on exactly, and Ctrl-C ends it cleanly."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.functional.conftest import COMMAND, Run
from workbench.case import Case

pytestmark = pytest.mark.slow


def _line(number: int) -> bytes:
    return f'192.0.2.1 - - [01/May/2026:00:00:00 +0000] "GET /{number} HTTP/1.1" 200 5 "-" "x"\n'.encode()


def _start(case: Path, log: Path) -> subprocess.Popen[bytes]:
    command = [str(COMMAND), "follow", str(case), str(log), "--every", "0.1"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _numbers(case: Path) -> list[int]:
    with Case.open(case) as opened:
        return [row[0] for row in opened.query("SELECT path[2:]::INTEGER FROM event ORDER BY 1").rows]


def test_a_follow_that_is_killed_again_and_again_has_each_line_once(tmp_path: Path, workbench: Run) -> None:
    case, log = tmp_path / "a.case", tmp_path / "access.log"
    workbench("new", case)
    log.touch()
    dice, number = random.Random(7), 0

    def write_until(end: float) -> None:
        nonlocal number
        while time.monotonic() < end:
            number += 1
            with log.open("ab") as file:
                file.write(_line(number))
            time.sleep(0.01)

    for turn in range(4):
        before, patience = len(_numbers(case)), time.monotonic() + 60
        running = _start(case, log)
        while len(_numbers(case)) == before and time.monotonic() < patience:  # a start takes its time
            write_until(time.monotonic() + 0.2)
        write_until(time.monotonic() + dice.random())
        if turn == 2:
            log.rename(log.with_name("access.log.1"))
            log.touch()
        running.send_signal(signal.SIGKILL)
        running.communicate()
    done = workbench("follow", case, log, "--once")
    assert "rejects" in done.out
    assert _numbers(case) == list(range(1, number + 1))
    workbench("verify", case)


def test_ctrl_c_ends_it_cleanly(tmp_path: Path, workbench: Run) -> None:
    case, log = tmp_path / "a.case", tmp_path / "access.log"
    workbench("new", case)
    log.write_bytes(b"".join(_line(number) for number in range(1, 101)))
    running = _start(case, log)
    until = time.monotonic() + 30
    while time.monotonic() < until and len(_numbers(case)) < 100:
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 0 and b"Traceback" not in err
    assert out.startswith(b"100 lines, 100 events, 0 rejects")
    assert _numbers(case) == list(range(1, 101))
