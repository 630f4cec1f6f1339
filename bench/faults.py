"""``python -m bench faults``: processes killed (SIGKILL) at random moments of what they do to a case.

After each the case has to open, verify, and hold every act that was confirmed; exports and bundles are whole or not
there. ``--rounds`` says how many processes are killed in all; ``--write`` puts the table into docs/security.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from bench.security_doc import write_table
from workbench.case import Case
from workbench.evidence.verify import verify
from workbench.evidence.verify_bundle import verify_bundle

#: Lines of a log that is loaded.
LINES = 400
#: A case gets so many kills before a new one is made.
A_CASE = 20
#: Seconds within which a process is killed, where doing it once takes longer than a moment.
SPANS = {"load": 1.5, "bundle": 3.0, "export": 0.8}


def do_load(case: Case, folder: Path, me: str) -> str:
    from workbench.ingest import load

    log = folder / f"{me}.ndjson"
    told = [
        {"time": f"2026-05-01T10:{n // 60:02}:{n % 60:02}Z", "user": f"{me}-{n % 9}", "prompt": f"p {n}"}
        for n in range(LINES)
    ]
    log.write_text("\n".join(json.dumps(one) for one in told))
    [report] = load(case, [str(log)])
    assert not report.error, report.error
    return f"load {log} {LINES}"


def do_tag(case: Case, folder: Path, me: str) -> str:
    case.tags.add("account", [me], "killed", f"note of {me}")
    return f"tag {me}"


def do_export(case: Case, folder: Path, me: str) -> str:
    from workbench.export import export

    done = export(case, "events", folder / f"{me}.csv")
    return f"export {done.path} {done.rows}"


def do_bundle(case: Case, folder: Path, me: str) -> str:
    from workbench.export.bundle import bundle

    return f"bundle {bundle(case, folder / f'{me}.tar').path} 0"


def do_derive(case: Case, folder: Path, me: str) -> str:
    case.set_gap(random.randint(1, 600))
    case.query("SELECT count(*) FROM session")
    return f"derive {me}"


def do_seal(case: Case, folder: Path, me: str) -> str:
    from workbench.evidence.seal import seal

    return f"seal {seal(case).head}"


ACTS: dict[str, Callable[[Case, Path, str], str]] = {
    "load": do_load,
    "tag": do_tag,
    "export": do_export,
    "bundle": do_bundle,
    "derive": do_derive,
    "seal": do_seal,
}


def work(act: str, path: Path, folder: Path, me: str, confirm: Connection) -> None:
    """Do one thing again and again, and confirm each time after it was done."""
    os.environ["WORKBENCH_USER"] = "bench"
    with Case.open(path) as case:
        confirm.send("open")
        for number in range(10_000):
            confirm.send(ACTS[act](case, folder, f"{me}-{number}"))


@dataclass(slots=True)
class Tally:
    """What became of the kills of one kind of act."""

    kills: int = 0
    confirmed: int = 0
    lost: list[str] = field(default_factory=list)


def one_kill(act: str, path: Path, folder: Path, me: str, after: float) -> list[str]:
    """Start a process, kill it after a time, and return what it had confirmed."""
    context = multiprocessing.get_context("forkserver")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(act, path, folder, me, theirs))
    process.start()
    theirs.close()
    told: list[str] = []
    try:
        told.append(mine.recv())
        deadline = time.monotonic() + after
        while (left := deadline - time.monotonic()) > 0:
            if mine.poll(left):
                told.append(mine.recv())
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        while True:
            told.append(mine.recv())
    except EOFError:
        pass
    process.join()
    if process.exitcode != -signal.SIGKILL:
        raise SystemExit(f"{act} ended by itself ({process.exitcode}) after {told[-1:]}")
    return told[1:]


def check(path: Path, folder: Path, confirmed: Sequence[str]) -> list[str]:
    """Open and verify the case, and return what does not hold."""
    lost = []
    with Case.open(path) as case:
        list(verify(case))
        tags = {tag.id: tag.note for tag in case.tags.all(tag="killed")}
        sources = {source.path: source.events for source in case.sources()}
        heads = {row["hash"] for row in case.ledger.rows("SELECT hash FROM audit")}
        total = case.query("SELECT count(*) FROM event").rows[0][0]
    if total != sum(sources.values()) or total % LINES:
        lost.append(f"{total} events")
    holds: dict[str, Callable[[str, str], bool]] = {
        "tag": lambda what, _: tags.get(what) == f"note of {what}",
        "load": lambda what, events: sources.get(what) == int(events),
        "seal": lambda what, _: what in heads,
        "export": lambda what, _: Path(what).exists(),
        "bundle": lambda what, _: Path(what).exists(),
        "derive": lambda *_: True,
    }
    for one in confirmed:
        act, what, number, *_ = [*one.split(" "), ""]
        if not holds[act](what, number):
            lost.append(one)
    for file in folder.glob("*.csv"):
        with file.open(newline="") as read:
            rows = sum(1 for _ in csv.reader(read)) - 1
        if rows % LINES or not file.read_bytes().endswith(b"\r\n"):
            lost.append(f"half of {file.name}")
        file.unlink()
    for file in folder.glob("*.tar"):
        list(verify_bundle(file))
        file.unlink()
    return lost


def run(rounds: int, seed: int) -> dict[str, Tally]:
    """Kill so many processes; returns what became of them by act."""
    random.seed(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["workbench.case", "workbench.case.sandbox", "workbench.ingest", "workbench.export.bundle"]
    )
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    with tempfile.TemporaryDirectory(prefix="workbench-faults-") as place:
        confirmed: list[str] = []
        for number in range(rounds):
            folder = Path(place, str(number // A_CASE))
            path = folder / "killed.case"
            if number % A_CASE == 0:
                folder.mkdir()
                confirmed = []
                with Case.create(path) as case:
                    confirmed += [do_load(case, folder, "first"), do_tag(case, folder, "first-0")]
            act = list(ACTS)[number % len(ACTS)]
            told = one_kill(act, path, folder, f"k{number}", random.uniform(0, SPANS.get(act, 0.4)))
            lost = check(path, folder, [*confirmed, *told])
            confirmed += [one for one in told if one.split(" ")[0] in ("load", "tag", "seal")]
            tally = tallies[act]
            tally.kills += 1
            tally.confirmed += len(told)
            tally.lost += lost
    return tallies


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="bench faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    tallies = run(options.rounds, options.seed)
    rows = [
        (f"SIGKILL while it does: {act}", one.kills, one.confirmed, len(one.lost), "every case opened and verified")
        for act, one in tallies.items()
    ]
    lost = Counter(what for one in tallies.values() for what in one.lost)
    for what, number in lost.items():
        print(f"lost {number} times: {what}")
    said = f"`./run bench faults --rounds {options.rounds} --seed {options.seed}` ({time.monotonic() - started:.0f} s):"
    header = ("fault", "kills", "acts confirmed before", "confirmed acts lost, half files", "afterwards")
    if options.write:
        write_table("faults", header, rows, said)
    else:
        print(said)
        for row in rows:
            print(*row, sep="  ")
    return 1 if lost else 0
