"""How long each shipped playbook takes on a large case, in wall and processor time, once its tables are derived."""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from bench import report
from workbench.case import Case
from workbench.errors import WorkbenchError
from workbench.playbooks import Library, missing_columns, run


def measure(case: Case, rounds: int) -> tuple[list[tuple[str, float, float, int]], list[str]]:
    """Return name, seconds, processor seconds and rows of each playbook, and the names of those that failed."""
    for table in ("session", "account"):
        case.query(f"SELECT count(*) FROM {table}")
    found, failed = [], []
    for book in Library(case.folder.path).all():
        if missing_columns(case, book):
            continue
        costs = []
        try:
            for _ in range(rounds):
                wall, cpu = time.perf_counter(), time.process_time()
                answer = run(case, book)
                costs.append((time.perf_counter() - wall, time.process_time() - cpu))
        except WorkbenchError as error:
            failed.append(f"{book.name}: {error}")
            continue
        best = min(costs)
        found.append((book.name, *best, len(answer.table.rows)))
        print(f"{book.name}: {best[0]:.2f} s, cpu {best[1]:.2f} s, {len(answer.table.rows):,} rows", flush=True)
    return found, failed


def main(arguments: list[str]) -> int:
    """Measure the playbooks of a case, print the table, write it to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="bench playbooks", description=__doc__)
    parser.add_argument("case", type=Path, help="a large case; its runs are written down in it")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is asked; its best counts")
    parser.add_argument("--dry", action="store_true", help="print only, do not touch the document")
    options = parser.parse_args(arguments)
    with Case.open(options.case) as case:
        found, failed = measure(case, options.rounds)
        events = int(case.query("SELECT count(*) FROM event").rows[0][0])
        asked = f"{events:,} events of {int(case.query('SELECT count(*) FROM account').rows[0][0]):,} accounts"
    slowest = sorted(found, key=lambda one: -one[1])
    median = statistics.median(one[1] for one in found)
    head = (
        f"{report.machine()}\n\n{len(found)} playbooks asked of {asked}: median {median:.2f} s, slowest "
        f"{slowest[0][1]:.1f} s; the twenty slowest:\n\n"
    )
    rows = [[f"`{name}`", f"{wall:.2f} s", f"{cpu:.2f} s", f"{n:,}"] for name, wall, cpu, n in slowest[:20]]
    body = head + report.table(["playbook", "seconds", "of processor", "rows"], rows)
    body += "".join(f"\n\n{line}" for line in failed)
    if options.dry:
        print(body)
    else:
        report.write("Playbooks", body)
    return 0
