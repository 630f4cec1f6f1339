"""``python -m bench same``: do two checkouts give the same results? Write the digests in each, then compare them.

``write FILE`` makes the sample case and small cases of seeds of ``bench detect``, and digests

- the tables that triage judges by (the sample's by each kind of entity), its rows, reasons and notes;
- the answer of each playbook on the sample, or the reason why it cannot be asked;
- the files of a bundle of the sample with fixed tags, whole and redacted, and its exports;
- the sample's tables of sessions and accounts, explanations and a comparison.

``compare BEFORE AFTER`` says of each whether it is equal, else what differs first, and ends with 1 where anything does.

All is asked of the command line and read from the documented files of a case, so it holds while modules move. The logs'
times, the tags' times, the user and the key of pseudonyms are fixed, and the engine runs with one thread: with several,
the last digits of sums vary, and so does which of several equally good values is taken, which a playbook
(``class_with_deadline``) and the examples in ``shared`` show. Masked is what remains of the moment and the version:

- in a bundle: the times and hashes in audit.jsonl, head.json and runs.jsonl, loaded_at in sources.csv, the version in
  README.md, report.html and bag-info.txt, there also the size in bytes, and in the manifests the sums of these files;
- in STIX the times when the case was made and loaded, and the ids, which depend on them (references are compared);
- ``loaded_at`` in the playbook ``file_times``, and the hash of its answer in runs.jsonl and audit.jsonl;
- of derived tables the hash of the code in their names and the SHA-256 of their bytes: their rows are compared instead.

All other files of a bundle are compared byte by byte. Floats of tables are rounded to nine digits (same_digest.py).
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from bench.same_cases import sample_items, seed_items
from bench.same_digest import Item, difference, read, save


def write(file: Path, seeds: int, first: int, keep: Path | None) -> int:
    """Write the digests of this checkout's results; ``keep`` is a folder for the cases. Returns the exit code."""
    started = time.monotonic()
    folder = keep or Path(tempfile.mkdtemp(prefix="bench-same-"))
    items: dict[str, Item] = {}
    try:
        for name, item in _all_items(folder, range(first, first + seeds), keep=keep is not None):
            items[name] = item
            print(f"{time.monotonic() - started:6.1f} s  {name}", file=sys.stderr, flush=True)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    about = {"python": platform.python_version(), **{name: version(name) for name in ("duckdb", "polars")}}
    save(file, about, items)
    print(f"{len(items):,} digests in {file}, {time.monotonic() - started:.0f} s")
    return 0


def _all_items(folder: Path, seeds: range, *, keep: bool) -> Iterator[tuple[str, Item]]:
    yield from sample_items(folder / "sample")
    for seed in seeds:
        place = folder / f"seed-{seed}"
        yield from seed_items(place, seed)
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def compare(first: Path, second: Path) -> int:
    """Print what is equal and what is not. Returns 1 where anything differs, else 0."""
    (about, before), (other, after) = read(first), read(second)
    for name in sorted({*about, *other}):
        if about.get(name) != other.get(name):
            print(f"note: {name} {about.get(name)} became {other.get(name)}", file=sys.stderr)
    differing = 0
    for name in dict.fromkeys(chain(before, after)):
        text = difference(before.get(name), after.get(name))
        differing += bool(text)
        print(f"{name}: {f'DIFFERENT: {text}' if text else 'equal'}")
    print(f"{len({*before, *after}) - differing:,} equal, {differing:,} different")
    return 1 if differing else 0


def main(arguments: list[str]) -> int:
    """Write or compare digests; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bench same", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="write the digests of this checkout's results")
    writing.add_argument("file", type=Path)
    writing.add_argument("--seeds", type=int, default=10, help="number of seeds [default: 10]")
    writing.add_argument("--first", type=int, default=100, help="first seed [default: 100]")
    writing.add_argument("--keep", type=Path, help="keep the cases in this new folder, to look at what differs")
    comparing = commands.add_parser("compare", help="compare two files of digests")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "compare":
        return compare(options.before, options.after)
    return write(options.file.resolve(), options.seeds, options.first, options.keep and options.keep.resolve())
