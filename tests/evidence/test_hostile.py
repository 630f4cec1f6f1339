"""Hostile logs, hostile playbooks, and faults of disk, clock and processes: each is held off as docs/security.md says.

The threats are those whose outcomes ``python -m bench hostile`` writes into that document.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import hostile_faults, hostile_logs, hostile_playbooks
from bench.hostile_base import Threat

pytestmark = pytest.mark.slow

THREATS = [*hostile_logs.THREATS, *hostile_playbooks.THREATS, *hostile_faults.THREATS]


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat.name)
def test_it_is_held_off(threat: Threat, tmp_path: Path) -> None:
    folder = tmp_path / "try"
    folder.mkdir()
    assert threat.run(folder)


def test_at_least_forty_ways_out_of_the_sandbox_are_tried() -> None:
    ways = (hostile_playbooks.READS, hostile_playbooks.NETWORK, hostile_playbooks.WRITES, hostile_playbooks.SETTINGS)
    assert len({sql for statements in ways for sql in statements}) >= 70


def test_the_document_has_every_threat() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    assert "NOT HELD OFF" not in document
    for threat in THREATS:
        assert threat.name.replace("<", "&lt;") in document, f"run python -m bench hostile: {threat.name}"
