"""``python -m bench together``: eight processes tag, note and load in one case for a minute, and a ninth looks on.

Nothing may be lost, the chain has to be whole, and each tag has to be seen by another process within a second.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bench.security_doc import write_table
from workbench.case import Case
from workbench.evidence.verify import verify

#: Between two loads of a process it tags so often.
TAGS = 20


def work(path: Path, folder: Path, me: str, seconds: float, tell: Connection) -> None:
    """Tag, note and load until the time is over; tell what was confirmed, and when."""
    from workbench.ingest import load

    os.environ["WORKBENCH_USER"] = me
    tags: dict[str, float] = {}
    loaded = 0
    end = time.monotonic() + seconds
    with Case.open(path) as case:
        while time.monotonic() < end:
            for _ in range(TAGS):
                one = f"{me}-{len(tags)}"
                case.tags.add("account", [one], "suspect", f"note of {one}")
                tags[one] = time.monotonic()
            log = folder / f"{me}-{loaded}.ndjson"
            log.write_text(
                "\n".join(json.dumps({"time": "2026-05-01T10:00:00Z", "user": f"{log.stem}-{n}"}) for n in range(100))
            )
            [report] = load(case, [str(log)])
            assert not report.error, report.error
            loaded += 1
    tell.send((tags, loaded))


def look(path: Path, tell: Connection) -> None:
    """Note when each tag is first seen, until told to stop."""
    seen: dict[str, float] = {}
    with Case.open(path) as case:
        while not tell.poll(0.05):
            now = time.monotonic()
            for (one,) in case.query("SELECT id FROM tag").rows:
                seen.setdefault(one, now)
    tell.send(seen)


def run(people: int, seconds: float) -> tuple[int, int, float]:
    """Return how many tags and loads were confirmed, and the longest time until another process saw a tag.

    Raises AssertionError where anything was lost.
    """
    context = multiprocessing.get_context("forkserver")
    with tempfile.TemporaryDirectory(prefix="workbench-together-") as place:
        folder, path = Path(place), Path(place, "a.case")
        Case.create(path).close()
        mine, theirs = context.Pipe()
        looker = context.Process(target=look, args=(path, theirs))
        looker.start()
        pipes, processes = [], []
        for number in range(people):
            receive, send = context.Pipe(duplex=False)
            process = context.Process(target=work, args=(path, folder, f"p{number}", seconds, send))
            process.start()
            pipes.append(receive)
            processes.append(process)
        told = [pipe.recv() for pipe in pipes]
        for process in processes:
            process.join()
        time.sleep(1)
        mine.send("stop")
        seen: dict[str, float] = mine.recv()
        looker.join()
        tags = {one: moment for confirmed, _ in told for one, moment in confirmed.items()}
        loads = sum(loaded for _, loaded in told)
        with Case.open(path) as case:
            list(verify(case))
            assert {tag.id: tag.note for tag in case.tags.all()} == {one: f"note of {one}" for one in tags}
            found = case.query("SELECT count(*), count(DISTINCT source), count(DISTINCT account) FROM event").rows
            assert found == [(100 * loads, loads, 100 * loads)], found
    return len(tags), loads, max(seen[one] - moment for one, moment in tags.items())


def main(arguments: list[str]) -> int:
    """Run it; returns 1 where a tag took longer than a second to be seen."""
    parser = argparse.ArgumentParser(prog="bench together", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    options = parser.parse_args(arguments)
    tags, loads, longest = run(options.people, options.seconds)
    said = f"`./run bench together --people {options.people} --seconds {options.seconds:.0f}`:"
    header = (
        "processes",
        "tags with notes confirmed",
        "loads confirmed",
        "lost",
        "longest until another process saw a tag",
    )
    rows = [(options.people, tags, loads, 0, f"{longest:.2f} s")]
    if options.write:
        write_table("together", header, rows, said)
    else:
        print(said, *rows[0])
    return 0 if longest < 1 else 1
