"""The UI in a real pseudo-terminal: how soon it paints, answers and echoes, what it writes, what memory it takes."""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pexpect
import pyte

from bench import load_inputs, report

COMMAND = Path(sys.executable).with_name("workbench")
WIDTH, HEIGHT = 120, 40


class Terminal:
    """The program on a screen; counts the bytes it writes."""

    def __init__(self, case: Path, state: Path) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        self.written = 0
        env = {**os.environ, "TERM": "xterm-256color", "WORKBENCH_STATE": str(state), "WORKBENCH_CONFIG": str(state)}
        self.started = time.perf_counter()
        self.process = pexpect.spawn(str(COMMAND), [str(case)], dimensions=(HEIGHT, WIDTH), env=env, timeout=120)
        self.process.delaybeforesend = None

    def text(self) -> str:
        return "\n".join(self._screen.display)

    def read(self, seconds: float) -> bool:
        try:
            got = self.process.read_nonblocking(1 << 16, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.written += len(got)
        self._stream.feed(got)
        return True

    def until(self, ready: Callable[[str], bool], seconds: float = 120) -> float:
        """Read until the screen is so; returns the seconds since the last key (or the start)."""
        since, end = self.started, time.perf_counter() + seconds
        while not ready(self.text()):
            if time.perf_counter() > end:
                raise AssertionError(f"the screen did not come:\n{self.text()}")
            self.read(0.001)
        return time.perf_counter() - since

    def rest(self, quiet: float = 0.25) -> None:
        """Read until nothing more comes."""
        while self.read(quiet):
            pass

    def key(self, keys: str) -> None:
        self.started = time.perf_counter()
        self.process.send(keys)

    def memory(self) -> int:
        """Peak resident memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0

    def close(self) -> None:
        self.process.close(force=True)


def _row(name: str, values: list[float], unit: str = "ms", scale: float = 1000) -> list[str]:
    ordered = sorted(value * scale for value in values)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [name, f"{statistics.median(ordered):,.1f} {unit}", f"{high:,.1f} {unit}", str(len(ordered))]


def _at(text: str) -> str:
    """Return where the head says the cursor is."""
    found = re.search(r"([\d,]+) of [\d,]+\s*$", text.splitlines()[0] if text else "")
    return found[1] if found else ""


def measure(case: Path, state: Path, rounds: int) -> list[list[str]]:
    """Return rows of name, median, 95th percentile and number of trials."""
    rows = _starts(case, state, max(3, rounds // 10))
    ui = Terminal(case, state)
    ui.until(lambda text: "user-" in text)
    ui.key("!")
    ui.until(lambda text: len(re.findall(r" of ", text.splitlines()[0])) == 1)
    ui.rest()
    total = int(re.findall(r"of ([\d,]+)", ui.text().splitlines()[0])[-1].replace(",", ""))
    rows += _turns(ui, total, rounds)
    rows += _steps(ui, total, rounds)
    before = ui.written
    time.sleep(5)
    ui.rest(0.1)
    rows.append(["bytes in 5 s at rest", f"{ui.written - before:,} B", "", "1"])
    rows += _filters(ui, total, rounds)
    rows.append(["peak memory", f"{ui.memory() / 1e6:,.0f} MB", "", "1"])
    ui.close()
    return rows


def _starts(case: Path, state: Path, rounds: int) -> list[list[str]]:
    painted, listed = [], []
    for _ in range(rounds):
        ui = Terminal(case, state)
        painted.append(ui.until(lambda text: text.strip() != ""))
        listed.append(ui.until(lambda text: bool(_at(text)) and "user-" in text))
        ui.key("q")
        ui.process.expect(pexpect.EOF)
        ui.close()
    return [_row("start to first bytes", painted), _row("start to first rows of events", listed)]


def _turns(ui: Terminal, total: int, rounds: int) -> list[list[str]]:
    turns, written = [], []
    for number in range(rounds):
        target = f"{1 + (number * 7_919_993) % (total - 100):,}"
        ui.key(f"{target.replace(',', '')}G")
        ui.until(partial(_is_at, target))
        ui.rest(0.05)
        before = ui.written
        ui.key("\x1b[6~")
        turns.append(ui.until(partial(_has_left, _at(ui.text()))))
        ui.rest(0.05)
        written.append(float(ui.written - before))
    return [_row("page down, anywhere", turns), _row("bytes a page down", written, "B", 1)]


def _steps(ui: Terminal, total: int, rounds: int) -> list[list[str]]:
    steps, written = [], []
    ui.key(f"{total // 2}G")
    ui.until(partial(_is_at, f"{total // 2:,}"))
    ui.rest()
    for number in range(rounds):
        before = ui.written
        ui.key("kj"[number % 2])
        steps.append(ui.until(partial(_has_left, _at(ui.text()))))
        ui.rest(0.05)
        written.append(float(ui.written - before))
    return [_row("cursor step", steps), _row("bytes a cursor step", written, "B", 1)]


def _filters(ui: Terminal, total: int, rounds: int) -> list[list[str]]:
    filters: list[float] = []
    echoes: list[float] = []
    for number in range(max(5, rounds // 5)):
        name = f"account:user-{number * 37 % 25000}"
        ui.key(f"=\x15{name}\r")
        filters.append(ui.until(partial(_shows, f"{name} ")))
        ui.rest(0.05)
    ui.key("!")
    ui.until(partial(_shows, f" of {total:,}"))
    ui.rest()
    for attempt in range(rounds):
        # Each time another text, so that nothing is at hand already; as many keys as fit before the answer is there.
        ui.key(f"=\x15{attempt}tax\r")
        ui.until(lambda text: "tax" in text.splitlines()[0] or "counting" in text.splitlines()[0])
        while "counting" in ui.text().splitlines()[0] and len(echoes) < rounds:
            before = ui.written
            ui.key("j")
            while ui.written == before:
                ui.read(0.001)
            echoes.append(time.perf_counter() - ui.started)
            time.sleep(0.02)
            ui.rest(0.001)
        ui.key("\x1b")
        ui.rest(0.2)
        if len(echoes) >= rounds:
            break
    return [
        _row("filter by account to its first page", filters),
        _row("a key's echo while a filter reads all prompts", echoes),
    ]


def _is_at(row: str, text: str) -> bool:
    return _at(text) == row and "  ·  " not in text.splitlines()[10]


def _has_left(row: str, text: str) -> bool:
    return _at(text) not in ("", row)


def _shows(part: str, text: str) -> bool:
    head = text.splitlines()[0] if text else ""
    return part in head and _at(text) != ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench tui", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000, help="how many requests the case has")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--case", type=Path, help="measure this case instead of making one")
    parser.add_argument("--dry", action="store_true", help="print only, do not touch the document")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        case = options.case or _make(Path(scratch), options.events)
        rows = measure(case, Path(scratch) / "state", options.rounds)
    body = f"{report.machine()}\n\nTerminal {WIDTH}x{HEIGHT}, case of {options.events:,} events.\n\n"
    body += report.table(["what", "median", "95th percentile", "trials"], rows)
    if options.dry:
        print(body)
    else:
        report.write(f"The UI over {options.events:,} events", body)
    return 0


def _make(folder: Path, events: int) -> Path:
    from workbench.case import Case
    from workbench.ingest import load

    log = load_inputs.ndjson(folder / "requests.ndjson", events)
    case = Case.create(folder / "bench.case")
    load(case, [str(log)])
    case.close()
    log.unlink()
    # The UI opens where it was left: among the events.
    os.environ["WORKBENCH_STATE"] = str(folder / "state")
    from workbench.tui.view_state import ViewState

    memory = ViewState(folder / "bench.case")
    memory.keep("app", {"place": "events", "pins": []})
    memory.write()
    return folder / "bench.case"
