"""Engines beyond one machine: time and bytes moved as the data grow, the same questions over the same segments.

The table is printed; docs/scale.md holds one and what follows from it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from bench.load_inputs import ndjson
from bench.report import machine, table
from workbench.case import Case
from workbench.engines.ask import query
from workbench.engines.attached import attach, use
from workbench.engines.segments import write_segments
from workbench.ingest import load
from workbench.playbooks import Library, run

QUESTIONS = ("who_asks_most", "shared_addresses", "new_addresses", "address_rotation")
SQL = "SELECT count(*) AS n, count(DISTINCT client_ip) AS addresses, sum(output_tokens) AS tokens FROM event"


def main(arguments: list[str]) -> int:
    """Make so many million requests, ask each engine, write the section."""
    options = argparse.ArgumentParser(prog="./run bench scale", description=__doc__)
    options.add_argument("--millions", type=float, nargs="+", default=[1.0, 3.0])
    options.add_argument("--engines", nargs="+", default=["duckdb", "chdb://", "local-cluster[2,1,1024]"])
    given = options.parse_args(arguments)
    rows: list[list[str]] = []
    for millions in given.millions:
        with tempfile.TemporaryDirectory(prefix="bench-scale-") as work:
            rows += _one(Path(work), int(millions * 1e6), given.engines)
    header = ("requests", "engine", "segments", "attach", "count all", *QUESTIONS, "moved to the laptop")
    print(f"{machine()}\n\n{table(header, rows)}")
    return 0


def _one(work: Path, requests: int, engines: list[str]) -> list[list[str]]:
    os.environ["WORKBENCH_CONFIG"] = str(work / "config")
    log = ndjson(work / "gateway.ndjson", requests)
    rows = []
    with Case.create(work / "near.case") as near:
        load(near, [str(log)])
        log.unlink()
        manifest = write_segments(near, work / "segments")
        for engine in engines:
            if engine == "duckdb":
                rows.append(_ask(near, engine, requests, manifest["bytes"], "–"))
                continue
            with Case.create(work / f"{engine.partition(':')[0]}.case") as far:
                use(far, engine)
                started = time.monotonic()
                attach(far, str(work / "segments"))
                rows.append(_ask(far, engine, requests, manifest["bytes"], f"{time.monotonic() - started:.1f} s"))
            shutil.rmtree(far.folder.path)
    return rows


def _ask(case: Case, engine: str, requests: int, size: int, attached: str) -> list[str]:
    times, moved = [], 0
    started = time.monotonic()
    found = query(case, SQL) if case.remote else case.query(SQL)
    times.append(time.monotonic() - started)
    moved += len(json.dumps(found.rows, default=str))
    for name in QUESTIONS:
        started = time.monotonic()
        answer = run(case, Library().get(name))
        times.append(time.monotonic() - started)
        moved += len(json.dumps(answer.table.rows, default=str))
    print(f"{requests:,} {engine}: {', '.join(f'{one:.2f}' for one in times)}", flush=True)
    shown = [f"{one:.2f} s" for one in times]
    return [f"{requests:,}", engine, f"{size / 1e6:.1f} MB", attached, *shown, f"{moved / 1e3:.0f} kB"]
