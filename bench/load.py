"""Loading against what the machine can do: the engine's own reading of the same files, and other log tools.

Every side is a process of its own, so that each starts cold and its memory is its own; the sides take turns, and the
best of the rounds counts. ``cpu`` is processor time of the whole process, which others on the machine disturb less.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import load_inputs
from bench.report import machine, table, write

_WORKBENCH = [sys.executable, "-m", "workbench"]
_COPY = """
import duckdb, sys
connection = duckdb.connect()
connection.execute(sys.argv[1])
"""
_JSON = "read_json('{file}', columns = {columns}, format = 'newline_delimited')"
_CSV = (
    "read_csv('{file}', columns = {columns}, delim = ' ', quote = '\"', escape = '\"', header = false, "
    "auto_detect = false, timestampformat = '[%d/%b/%Y:%H:%M:%S', nullstr = '-')"
)


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds, and the most memory in MiB, of one process."""

    wall: float
    cpu: float
    memory: int


_NOTHING = Cost(0, 0, 0)


def timed(command: Sequence[str], before: Callable[[], None] = lambda: None) -> Cost:
    """Run a command once, without its output; ``before`` is not counted."""
    before()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:4]} failed: {errors.decode()[-500:]}")
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10)


def best(sides: dict[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """Let the sides take turns and return the least of each."""
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            found[name].append(run())
    return {
        name: Cost(min(c.wall for c in costs), min(c.cpu for c in costs), max(c.memory for c in costs))
        for name, costs in found.items()
    }


class Bench:
    """The measurements in a scratch folder; ``rows`` are the lines of the table."""

    def __init__(self, folder: Path, requests: int, rounds: int) -> None:
        self.folder, self.requests, self.rounds = folder, requests, rounds
        self.rows: list[list[str]] = []

    def load(self, *files: Path) -> Callable[[], Cost]:
        """Return a side: loading into a new case."""
        case = self.folder / "bench.case"

        def new() -> None:
            shutil.rmtree(case, ignore_errors=True)
            subprocess.run([*_WORKBENCH, "new", str(case)], check=True, capture_output=True)

        return lambda: timed([*_WORKBENCH, "load", str(case), *map(str, files), "--json"], new)

    def copy(self, reader: str, columns: dict[str, str], file: Path) -> Callable[[], Cost]:
        """Return a side: the engine's own reading of the same file, written to Parquet."""
        types = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items()) + "}"
        source = reader.format(file=file, columns=types)
        sql = f"COPY (FROM {source}) TO '{self.folder / 'own.parquet'}' (FORMAT parquet)"
        return lambda: timed([sys.executable, "-c", _COPY, sql])

    def compare(self, what: str, ours: Cost, theirs: Cost, target: str, added: Cost = _NOTHING) -> None:
        """Add a line: our cost, theirs (``added`` on top), the ratio and what was aimed at."""
        limit = Cost(theirs.wall + added.wall, theirs.cpu + added.cpu, theirs.memory)
        self.rows.append(
            [what, f"{ours.wall:.2f} s", f"{limit.wall:.2f} s", f"{ours.wall / limit.wall:.2f}",
             f"{ours.cpu / limit.cpu:.2f}", target, f"{ours.memory} MiB"]
        )  # fmt: skip

    def formats(self) -> None:
        """NDJSON and combined logs, plain and packed."""
        llm = load_inputs.ndjson(self.folder / "llm.ndjson", self.requests)
        access = load_inputs.access_log(self.folder / "access.log", self.requests)
        packed = load_inputs.gzipped(llm)
        sides = {
            "ndjson": self.load(llm),
            "own ndjson": self.copy(_JSON, load_inputs.LLM_COLUMNS, llm),
            "access": self.load(access),
            "own access": self.copy(_CSV, load_inputs.ACCESS_COLUMNS, access),
            "gzip": self.load(packed),
            "gunzip": lambda: timed(["gzip", "-dc", str(packed)]),
        }
        zst = load_inputs.zstandard(llm)
        if zst is not None and importlib.util.find_spec("zstandard"):
            sides |= {"zstd": self.load(zst), "unzstd": lambda: timed(["zstd", "-dcq", str(zst)])}
        cost = best(sides, self.rounds)
        size = f"{self.requests / 1e6:g} M"
        self.compare(f"NDJSON, {size} requests", cost["ndjson"], cost["own ndjson"], "≤ 2.0")
        self.compare(f"combined log, {size} requests", cost["access"], cost["own access"], "≤ 2.0")
        for name, unpack in (("gzip", "gunzip"), ("zstd", "unzstd")):
            if name in cost:
                what = f"the NDJSON in {name}, against {unpack} plus loading it plain"
                self.compare(what, cost[name], cost[unpack], "≤ 1.3", cost["ndjson"])
        for file in (llm, packed, *([zst] if zst else [])):
            file.unlink()
        self.others(access)

    def others(self, access: Path) -> None:
        """From start to the answer of 'requests by address', against lnav and GoAccess where they are installed."""
        case = self.folder / "bench.case"
        ask = [*_WORKBENCH, "sql", str(case), _BY_ADDRESS.format(table="event", address="client_ip")]
        ours = best({"load": self.load(access), "ask": lambda: timed(ask)}, self.rounds)
        first = Cost(ours["load"].wall + ours["ask"].wall, ours["load"].cpu + ours["ask"].cpu, ours["load"].memory)
        question = ";" + _BY_ADDRESS.format(table="access_log", address="c_ip")
        tools = {
            "lnav": ["lnav", "-n", "-c", question, str(access)],
            "goaccess": ["goaccess", str(access), "--log-format=COMBINED", "-o", str(self.folder / "report.json")],
        }
        for name, command in tools.items():
            if shutil.which(name) is None:
                continue
            cost = timed(command)
            aim = {"lnav": "≤ 0.5, ≤ 0.02", "goaccess": "≤ 0.067, ≤ 0.02"}[name]
            self.rows.append(
                [f"requests by address from the start, against {name}; the second question", f"{first.wall:.2f} s",
                 f"{cost.wall:.2f} s", f"{first.wall / cost.wall:.3f}; {ours['ask'].wall / cost.wall:.3f}",
                 f"{first.cpu / cost.cpu:.3f}", aim, f"{first.memory} MiB"]
            )  # fmt: skip

    def small(self, number: int) -> None:
        """A folder of small files."""
        cost = self.load(load_inputs.small_files(self.folder / "small", number))()
        each = 1000 * cost.wall / number
        self.rows.append(
            [f"a folder of {number:,} small files", f"{cost.wall:.2f} s", "", f"{each:.2f} ms a file",
             f"{1000 * cost.cpu / number:.2f} ms", "≤ 5 ms a file", f"{cost.memory} MiB"]
        )  # fmt: skip

    def large(self, requests: int) -> None:
        """One file of the size of the largest public case."""
        llm = load_inputs.ndjson(self.folder / "large.ndjson", requests)
        cost = self.load(llm)()
        size = llm.stat().st_size
        self.rows.append(
            [f"NDJSON, {requests / 1e6:g} M requests, {size / 1e9:.1f} GB, in one command", f"{cost.wall:.0f} s", "",
             f"{size / 1e6 / cost.wall:.0f} MB/s", f"{cost.cpu:.0f} s", "≤ 2 GiB", f"{cost.memory} MiB"]
        )  # fmt: skip
        llm.unlink()


_BY_ADDRESS = "SELECT {address}, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"


def main(arguments: list[str]) -> None:
    """Measure, print the table, write it to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="./run bench load", description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000_000, help="requests in each log")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs; its best counts")
    parser.add_argument("--small", type=int, default=10_000, metavar="FILES", help="how many small files; 0 for none")
    parser.add_argument("--large", type=int, default=0, metavar="REQUESTS", help="also one log of, say, 28800000")
    parser.add_argument("--scratch", type=Path, help="where to make the logs (default: the temporary folder)")
    chosen = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", dir=chosen.scratch) as folder:
        bench = Bench(Path(folder), chosen.requests, chosen.rounds)
        if chosen.requests:
            bench.formats()
        if chosen.small:
            bench.small(chosen.small)
        if chosen.large:
            bench.large(chosen.large)
    header = ["what", "workbench", "the other side", "ratio", "ratio of cpu", "aim", "most memory"]
    said = f"`./run bench load {' '.join(arguments)}`".replace(" `", "`")
    about = (
        "Loading includes the start of Python, SHA-256, the accounting of every line, the segment and its hash, and "
        "the ledger. The other side is DuckDB's own `COPY (FROM read_json(given columns)) TO parquet`, and its typed "
        "space-separated `read_csv` for the combined log, each in a process of its own too. Ratios of wall time on a "
        "machine that does other things vary; the ratio of processor time varies less."
    )
    write("Loading", f"{said}\n\n{machine()}\n\n{table(header, bench.rows)}\n\n{about}")
