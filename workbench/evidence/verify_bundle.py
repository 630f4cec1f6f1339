"""Checking a bundle: its bag, and that its audit chain is whole and ends in the head it names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.case.state import State
from workbench.errors import EvidenceError
from workbench.evidence.bag import Bag, open_bag
from workbench.evidence.chain import FIELDS, Entry, checked_entries, state_of
from workbench.evidence.verify import Check
from workbench.words import counted


def verify_bundle(file: Path, *, heads: Sequence[str] = ()) -> Iterator[Check]:
    """Check a bundle and yield what fits; raises EvidenceError naming the first thing that does not."""
    with open_bag(file) as bag:
        yield Check("package", f"{bag.check():,} files are as they were packed")
        if "data/audit.jsonl" not in bag.paths:
            yield Check("audit chain", "withheld; its head is in head.json", _unchecked(heads))
            return
        chain = list(checked_entries(_entries(bag)))
        head = json.loads(bag.text("data/head.json")).get("head")
        if (chain[-1].hash if chain else "") != head:
            raise EvidenceError(f"audit chain: it does not end in the head {head} that head.json names")
        known = {one.hash for one in chain}
        for one in heads:
            if one.lower() not in known:
                raise EvidenceError(f"audit chain: the head {one} that was written down earlier is not in it")
        yield Check("audit chain", f"{counted(len(chain), 'entry')}, head {head}")
        state = state_of(chain)
        yield _runs(bag, state)
        if "data/engine.json" in bag.paths:
            yield _engine(bag, state)


def _unchecked(heads: Sequence[str]) -> tuple[str, ...]:
    return ("the earlier heads cannot be looked for, because the chain was withheld",) if heads else ()


def _entries(bag: Bag) -> Iterator[Entry]:
    for number, line in enumerate(bag.text("data/audit.jsonl").splitlines(), start=1):
        try:
            told = json.loads(line)
            yield Entry(*(told[name] for name in FIELDS))
        except (ValueError, KeyError, TypeError) as error:
            raise EvidenceError(f"audit chain: line {number} of audit.jsonl is no entry") from error


def _engine(bag: Bag, state: State) -> Check:
    """Whence the events came against what the chain says of the table that the case was attached to."""
    described = json.loads(bag.text("data/engine.json"))
    chained = json.loads(state.settings.get("engine_table", "{}"))
    same = {"url": "url", "table": "table", "snapshot": "snapshot", "table_sha256": "sha256",
            "manifest_sha256": "manifest_sha256", "table_rows": "rows", "map": "map"}  # fmt: skip
    for name, as_ in same.items():
        if described.get(name) != chained.get(as_):
            raise EvidenceError(f"engine.json says another {name} than the audit chain: {described.get(name)}")
    table = f"{described['table']}, which is as the audit chain says"
    return Check(
        "engine", f"{described['part_rows']:,} of {described['table_rows']:,} events were brought here from {table}"
    )


def _runs(bag: Bag, state: State) -> Check:
    number = 0
    for line in bag.text("data/runs.jsonl").splitlines():
        told = json.loads(line)
        entry = state.runs.get(told["run"])
        if entry is None or entry.get("result", told["result"]) != told["result"]:
            raise EvidenceError(f"run {told['run']} of runs.jsonl is not what the audit chain says")
        number += 1
    return Check("runs", f"{number:,} are as the audit chain says")
