"""How soon a command answers: its help, and a question of a case before the engine's own time for it."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import load_inputs, report

COMMAND = Path(sys.executable).with_name("workbench")
QUERY = "SELECT count(*), count(DISTINCT client_ip) FROM event"


def timed(*arguments: str) -> float:
    """Return the seconds that a command takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def engine(case: Path) -> float:
    """Return the seconds that the engine takes for the query in a process that has the case open."""
    from workbench.case import Case

    with Case.open(case) as opened:
        opened.query("SELECT 1")
        started = time.perf_counter()
        opened.query(QUERY)
        return time.perf_counter() - started


def row(name: str, values: list[float], limit: str) -> list[str]:
    """Return a row of the table: median and worst in seconds, and what was aimed at."""
    return [name, f"{statistics.median(values):.3f} s", f"{max(values):.3f} s", limit, str(len(values))]


def main(arguments: list[str]) -> int:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(prog="bench start", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000, help="how many requests the case has")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--dry", action="store_true", help="print only, do not touch the document")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        case = Path(scratch) / "bench.case"
        log = load_inputs.ndjson(Path(scratch) / "requests.ndjson", options.events)
        timed("new", str(case))
        timed("load", str(case), str(log))
        own = statistics.median(engine(case) for _ in range(5))
        rounds = range(options.rounds)
        rows = [
            row("`workbench --help`", [timed("--help") for _ in rounds], "0.15 s"),
            row("`workbench sql CASE QUERY`, engine's time taken off",
                [timed("sql", str(case), QUERY) - own for _ in rounds], "0.5 s"),
        ]  # fmt: skip
    said = f"Case of {options.events:,} events; the engine's own time for the query is {own:.3f} s."
    body = f"{report.machine()}\n\n{said}\n\n"
    body += report.table(["what", "median", "worst", "aim", "trials"], rows)
    if options.dry:
        print(body)
    else:
        report.write("Start", body)
    return 0
