"""The program in a real terminal, and in tmux where there is one, at the end of a slow line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from workbench.case import Case
from workbench.tui.view_state import ViewState

pytestmark = pytest.mark.slow

COMMAND = str(Path(sys.executable).with_name("workbench"))
WIDTH, HEIGHT = 80, 24
#: Bytes that come through the line at a time, fifty times a second: about a 256 kbit/s line.
SLICE = 640


class Line:
    """A terminal at the far end of a slow line; counts what comes through it."""

    def __init__(self, command: list[str], own: int = 0) -> None:
        """``own`` is how many bytes a multiplexer may write of itself."""
        self.own = own
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = 0
        self.raw = b""
        self.process = pexpect.spawn(command[0], command[1:], dimensions=(HEIGHT, WIDTH), timeout=60)
        self.process.delaybeforesend = None

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self._screen.display]

    def send(self, keys: str) -> None:
        self.process.send(keys)

    def tick(self) -> bool:
        """Let one slice through; False where nothing came."""
        time.sleep(0.02)
        try:
            got = self.process.read_nonblocking(SLICE, timeout=0)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.bytes += len(got)
        self.raw += got
        self._stream.feed(got)
        return True

    def until(self, ready: Callable[[list[str]], bool]) -> None:
        """Wait for the screen; fails with what it shows instead."""
        end = time.monotonic() + 30
        while not ready(self.rows):
            assert time.monotonic() < end, "\n".join(self.rows)
            self.tick()

    def rest(self) -> None:
        """Wait until nothing has come for half a second."""
        quiet = 0
        while quiet < 25:
            quiet = 0 if self.tick() else quiet + 1


def shows(*texts: str) -> Callable[[list[str]], bool]:
    return lambda rows: all(text in "\n".join(rows) for text in texts)


@pytest.fixture(params=["plain", *(["tmux"] if shutil.which("tmux") else [])])
def line(
    request: pytest.FixtureRequest, sample_case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Line]:
    """The sample case, opened at the other end of a slow line."""
    case = tmp_path / "sample.case"
    shutil.copytree(sample_case_folder, case)
    monkeypatch.setenv("TERM", "xterm-256color")
    socket = str(tmp_path / "tmux.sock")
    inside = [COMMAND, str(case)]
    if request.param == "tmux":
        inside = ["tmux", "-S", socket, "-f", os.devnull, "-u", "new-session", "-x", "80", "-y", "24", *inside]
        inside = [*inside, ";", "set", "status", "off"]
    opened = Line(inside, own=32 if request.param == "tmux" else 0)
    yield opened
    opened.process.close(force=True)
    if request.param == "tmux":
        pexpect.run(f"tmux -S {socket} kill-server")


def test_an_investigation_over_a_slow_line(line: Line) -> None:
    line.until(shows("? help"))
    line.send("5")
    line.until(shows("of 33,057"))
    line.rest()
    before = line.bytes
    for _ in range(5):  # typed ahead of what the line can show
        line.send("\x1b[6~")
    line.rest()
    assert line.bytes - before <= 5 * 8192
    turned = line.rows
    line.send("\x1b[5~")
    line.rest()
    assert line.rows != turned
    before = line.bytes
    line.send("j")
    line.rest()
    assert line.bytes - before <= 1024
    before = line.bytes
    line.rest()
    assert line.bytes - before <= line.own, "it writes while nobody does anything"
    line.send("=account:usr_h4fmh4ptpe\r")
    line.until(shows("account:usr_h4fmh4ptpe", "of 33,057"))
    line.rest()
    assert "of 802 of 33,057" in line.rows[0]


def test_the_terminal_is_left_as_it_was(line: Line) -> None:
    line.until(shows("? help"))
    line.send("q")
    line.process.expect(pexpect.EOF)
    left = line.raw + (line.process.before or b"")
    assert left.rfind(b"\x1b[?1049l") > left.rfind(b"\x1b[?1049h") >= 0
    assert left.rfind(b"\x1b[?25h") > left.rfind(b"\x1b[?25l")


def test_everything_is_where_it_was_after_the_connection_dropped(
    sample_case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    case = tmp_path / "sample.case"
    shutil.copytree(sample_case_folder, case)
    with Case.open(case) as opened:
        sql = "SELECT ts FROM event WHERE account = 'usr_h4fmh4ptpe' ORDER BY ts, source, line, item LIMIT 1 OFFSET 49"
        fiftieth = opened.query(sql).rows[0][0].isoformat()
    first = Line([COMMAND, str(case)])
    first.until(shows("? help"))
    first.send("5")
    first.until(shows("of 33,057"))
    first.send("=account:usr_h4fmh4ptpe\r")
    first.until(shows("of 802 of 33,057"))
    first.send("50G")
    first.until(lambda _: ViewState(case).get("events").get("at", [""])[0] == fiftieth)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.close(force=True)
    again = Line([COMMAND, str(case)])
    again.until(shows("account:usr_h4fmh4ptpe", "50 of 802"))
    again.process.close(force=True)


def test_without_arguments_the_sample_case_is_offered_with_its_tour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)
    first = Line([COMMAND])
    first.until(shows("Nothing to open was named", "take a tour of three minutes? [Y/n]"))
    first.send("\r")
    first.until(shows("sample ▸ triage", "flagged at fdr", "tour 1/"))
    first.send("j")
    first.until(shows("tour 2/", "2 of 240"))
    first.send("q")
    first.process.expect(pexpect.EOF)
    first.process.close()
    assert first.process.exitstatus == 0
    declined = Line([COMMAND])
    declined.until(shows("[Y/n]"))
    declined.send("n\r")
    declined.process.expect(pexpect.EOF)
    declined.process.close()
    assert declined.process.exitstatus == 0 and list(tmp_path.glob("*.case")) == []


def test_without_arguments_or_a_terminal_only_the_help_is_printed() -> None:
    done = subprocess.run([COMMAND], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Commands:" in done.stdout and "tour of three minutes" not in done.stdout
