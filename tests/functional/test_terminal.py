"""The installed command in a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.functional.conftest import COMMAND, Run
from workbench.case import Case

pytestmark = pytest.mark.slow

LINE = '203.0.113.{} - u{} [10/Oct/2026:13:{:02}:36 +0000] "GET /v1/models HTTP/1.1" 200 512 "-" "curl/8.5"\n'


class Terminal:
    """A screen of 80 by 24 with the command in it."""

    def __init__(self, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.process = pexpect.spawn(
            str(COMMAND),
            list(arguments),
            cwd=str(folder),
            dimensions=(24, 80),
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            timeout=60,
        )

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait(self, *wanted: str, seconds: float = 60) -> str:
        """Read until all these texts are on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if all(one in self.text() for one in wanted):
                return self.text()
            try:
                got = self.process.read_nonblocking(65536, timeout=0.2)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
            self.raw += got
            self._stream.feed(got)
        raise AssertionError(f"{wanted} did not appear:\n{self.text()}")

    def ends(self) -> int | None:
        """Wait for the end and return the exit code."""
        self.process.expect(pexpect.EOF, timeout=30)
        self.raw += self.process.before
        self.process.close()
        code: int | None = self.process.exitstatus
        return code


Start = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Start]:
    started: list[Terminal] = []

    def start(*arguments: str, env: dict[str, str] | None = None) -> Terminal:
        started.append(Terminal(tmp_path, *arguments, env=env))
        return started[-1]

    yield start
    for one in started:
        one.process.close(force=True)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_text("".join(LINE.format(n % 7, n % 5, n % 60) for n in range(300)) + "what is this\n")
    return path


@pytest.mark.usefixtures("log")
def test_logs_open_at_once_and_the_case_can_be_kept(terminal: Start, tmp_path: Path) -> None:
    ui = terminal("access.log")
    ui.wait("301 lines = 300 event lines + 1 reject", "GET /v1/models")
    ui.process.send("lt\r")
    ui.wait("tagged account u0 'suspect'")
    ui.process.send("q")
    ui.wait("Keep it as")
    ui.process.send("\r")
    assert ui.ends() == 0
    with Case.open(tmp_path / "access.case") as case:
        assert [(tag.kind, tag.id) for tag in case.tags.all()] == [("account", "u0")]
        assert case.info()["rejects"] == 1
    again = terminal("access.case")
    again.wait("1 of 300")
    again.process.send("q")
    assert again.ends() == 0


@pytest.mark.usefixtures("log")
def test_a_passing_case_without_tags_leaves_nothing(terminal: Start, tmp_path: Path) -> None:
    ui = terminal("access.log")
    ui.wait("GET /v1/models")
    ui.process.send("q")
    assert ui.ends() == 0
    assert not list((tmp_path / "state").glob("**/*.case"))


@pytest.mark.usefixtures("log")
def test_without_colour_and_utf8_it_still_reads(terminal: Start) -> None:
    ui = terminal("access.log", env={"NO_COLOR": "1"})
    ui.wait("GET /v1/models")
    assert b"\x1b[31m" not in ui.raw and b"\x1b[33m" not in ui.raw
    ui.process.send("?")
    ui.wait("On this screen")


def test_keys_that_arrive_together_are_not_mixed_up(workbench: Run, terminal: Start, log: Path, tmp_path: Path) -> None:
    workbench("new", "a.case")
    workbench("load", "a.case", str(log))
    ui = terminal("a.case")
    ui.wait("of 300")
    ui.process.send("3/u3\rt\x15two\x7f\x7f\x7fthree\tbecause\x7f\x7fse it is\r8")
    ui.wait("three", "because it is", "u3")
    ui.process.send("5/models\rnnq")
    assert ui.ends() == 0
    with Case.open(tmp_path / "a.case") as case:
        assert [(tag.id, tag.tag, tag.note) for tag in case.tags.all()] == [("u3", "three", "because it is")]


def test_a_confirmed_tag_survives_being_killed(workbench: Run, terminal: Start, log: Path, tmp_path: Path) -> None:
    workbench("new", "a.case")
    workbench("load", "a.case", str(log))
    for number in range(5):
        ui = terminal("a.case")
        ui.wait("of 300")
        ui.process.send(f"{'j' * number}lt\x15tag-{number}\r")
        ui.wait("tagged account u")
        ui.process.kill(signal.SIGKILL)
        ui.process.wait()
    with Case.open(tmp_path / "a.case") as case:
        assert {tag.tag for tag in case.tags.all()} == {f"tag-{number}" for number in range(5)}
        assert case.info()["events"] == 300


def test_without_a_terminal_it_says_what_to_do_instead(workbench: Run, log: Path) -> None:
    ran = workbench(str(log), check=False)
    assert ran.code == 2 and "workbench load" in ran.err
