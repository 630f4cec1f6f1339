"""Processes killed at random moments lose nothing that was confirmed (``./run bench faults`` kills hundreds)."""

from __future__ import annotations

import pytest

from bench.faults import ACTS, run

pytestmark = pytest.mark.slow


def test_whatever_is_killed_the_case_opens_verifies_and_has_every_confirmed_act() -> None:
    tallies = run(len(ACTS), seed=1)
    assert set(tallies) == set(ACTS)
    assert not [what for one in tallies.values() for what in one.lost]
