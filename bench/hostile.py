"""``python -m bench hostile``: every hostile input and fault is tried, and its outcome put into docs/security.md."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from unittest import mock

from bench import hostile_faults, hostile_logs, hostile_playbooks
from bench.hostile_base import Threat
from bench.security_doc import write_table

TABLES = {
    "logs": ("hostile input", hostile_logs.THREATS),
    "playbooks": ("hostile playbook", hostile_playbooks.THREATS),
    "conditions": ("fault", hostile_faults.THREATS),
}


def attempt(threat: Threat) -> str:
    """Try one threat in a world of its own; returns the outcome."""
    with tempfile.TemporaryDirectory(prefix="workbench-hostile-") as place:
        folder = Path(place, "try")
        folder.mkdir()
        world = {"WORKBENCH_CONFIG": f"{place}/config", "WORKBENCH_STATE": f"{place}/state", "WORKBENCH_USER": "tester"}
        with mock.patch.dict(os.environ, world):
            return threat.run(folder)


def main(arguments: list[str]) -> int:
    """Try all, or those of the named tables; returns 1 where one does not hold."""
    failed = 0
    for mark in arguments or TABLES:
        said, threats = TABLES[mark]
        started, rows = time.monotonic(), []
        for threat in threats:
            try:
                outcome = attempt(threat)
            except Exception as error:
                failed += 1
                outcome = f"NOT HELD OFF: {type(error).__name__} {error}"
            rows.append((threat.name, threat.held_by, outcome))
        seconds = time.monotonic() - started
        header = (said, "what holds it off", "outcome")
        write_table(mark, header, rows, f"`./run bench hostile {mark}` ({len(rows)} tried, {seconds:.0f} s):")
    return 1 if failed else 0
