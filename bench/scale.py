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
from collections.abc import Callable
from pathlib import Path

from bench.load_inputs import habits
from bench.report import machine, table
from workbench.case import Case
from workbench.detect import triage
from workbench.engines import register_engines
from workbench.engines.attachment import attach, use
from workbench.engines.segment_writer import SegmentFolder
from workbench.engines.segments import write_segments
from workbench.engines.store import EngineStore
from workbench.errors import WorkbenchError
from workbench.evidence.runs import run_query
from workbench.ingest import Loader
from workbench.playbooks import Library, run

QUESTIONS = ("who_asks_most", "new_addresses", "address_rotation", "shared_addresses")
SQL = "SELECT count(*) AS n, count(DISTINCT client_ip) AS addresses, sum(output_tokens) AS tokens FROM event"


def main(arguments: list[str]) -> int:
    """Make so many million requests, ask each engine, print the section."""
    options = argparse.ArgumentParser(prog="./run bench scale", description=__doc__)
    options.add_argument("--millions", type=float, nargs="+", default=[1.0, 3.0])
    options.add_argument("--engines", nargs="+", default=["duckdb", "chdb://", "local-cluster[2,1,1024]"])
    options.add_argument("--keep", type=Path, help="A folder to keep cases and segments in, and to find them in again.")
    given = options.parse_args(arguments)
    register_engines()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as scratch:
        os.environ["WORKBENCH_CONFIG"] = str(Path(scratch) / "config")
        for millions in given.millions:
            work = (given.keep or Path(scratch)).resolve() / f"{millions:g}"
            made = _make(work, int(millions * 1e6))
            rows += [_ask(work, engine, int(millions * 1e6), made) for engine in given.engines]
            if given.keep is None:
                shutil.rmtree(work)
    header = ("requests", "engine", "segments", "attach", "count all", *QUESTIONS, "triage", "moved to the laptop")
    print(f"{machine()}\n\n{table(header, rows)}")
    return 0


def _make(work: Path, requests: int) -> int:
    """Load requests into a case of its own and straight into segments; returns the segments' bytes."""
    segments = work / "segments"
    if not segments.is_dir():
        work.mkdir(parents=True, exist_ok=True)
        log = habits(work / "gateway.ndjson", requests)
        with Case.create(work / "near.case") as near:
            print(f"{requests:,} load: {_timed(lambda: Loader(near).load([str(log)]))}", flush=True)
            print(
                f"{requests:,} segments of a case: {_timed(lambda: write_segments(near, work / 'written'))}", flush=True
            )
        shutil.rmtree(work / "written")
        with Case.create(work / "straight.case") as far:
            use(far, "chdb://")
            straight = _timed(lambda: Loader(far, segment_writer=SegmentFolder(far, segments)).load([str(log)]))
            print(f"{requests:,} load straight into segments: {straight}", flush=True)
        log.unlink()
    return int(json.loads((segments / "manifest.json").read_text())["bytes"])


def _ask(work: Path, engine: str, requests: int, size: int) -> list[str]:
    told = [f"{requests:,}", engine, f"{size / 1e6:.1f} MB"]
    moved: list[int] = []
    if engine == "duckdb":
        with Case.open(work / "near.case") as near:
            shutil.rmtree(near.folder.derived)
            near.folder.ensure()
            told += ["–", *_questions(near, moved)]
        return [*told, f"{sum(moved) / 1e3:,.0f} kB"]
    place = work / "asking.case"
    shutil.rmtree(place, ignore_errors=True)
    with Case.create(place) as far:
        use(far, engine)
        told.append(_timed(lambda: attach(far, str(work / "segments"))))
        store = far.store
        assert isinstance(store, EngineStore)
        with store.connected() as remote:
            save = remote.save

            def counted(sql: str, folder: Path) -> None:
                save(sql, folder)
                moved.append(sum(one.stat().st_size for one in folder.iterdir()))

            remote.save = counted  # type: ignore[method-assign]
        told += _questions(far, moved)
    shutil.rmtree(place)
    return [*told, f"{sum(moved) / 1e3:,.0f} kB"]


def _questions(case: Case, moved: list[int]) -> list[str]:
    def count() -> None:
        found = run_query(case, SQL) if case.store.url else case.query(SQL)
        moved.append(len(json.dumps(found.rows, default=str)))

    def ask(name: str) -> Callable[[], None]:
        def asked() -> None:
            moved.append(len(json.dumps(run(case, Library().get(name)).table.rows, default=str)))

        return asked

    shown = [_timed(one) for one in (count, *map(ask, QUESTIONS), lambda: triage(case, top=10))]
    print(f"{case.store.url or 'duckdb'}: {', '.join(shown)}", flush=True)
    return shown


def _timed(what: Callable[[], object]) -> str:
    """Return how long something took, or why it gave no answer."""
    started = time.monotonic()
    try:
        what()
    except WorkbenchError as error:
        return f"after {time.monotonic() - started:.0f} s: {error}"
    return f"{time.monotonic() - started:.2f} s"
