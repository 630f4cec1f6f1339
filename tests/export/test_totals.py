"""Totals leave with noise that is calibrated, and what they spend is added up."""

from __future__ import annotations

import csv
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import ExportError
from workbench.evidence.runs import replay
from workbench.evidence.verify import verify
from workbench.export import export
from workbench.export.policy import load_policy
from workbench.export.totals import _noisy, spent


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as read:
        return list(csv.DictReader(read))


def test_the_owner_gets_exact_totals(case: Case, tmp_path: Path) -> None:
    done = export(case, "totals", tmp_path / "t.csv")
    assert done.run and replay(case, done.run).same
    found = rows(tmp_path / "t.csv")
    assert (found[0]["grouping"], found[0]["accounts"], found[0]["requests"]) == ("all", "12", "60")
    assert [(one["accounts"], one["requests"]) for one in found[1:]] == [("1", "5")] * 12
    export(case, "totals", tmp_path / "t.csv", tag="accepted")
    assert rows(tmp_path / "t.csv")[0]["accounts"] == "8"


def test_what_is_spent_adds_up_and_a_budget_ends_it(case: Case, tmp_path: Path) -> None:
    policy = replace(load_policy("public"), epsilon=0.4, budget=1.0)
    for number in (1, 2):
        done = export(case, "totals", tmp_path / "t.csv", policy=policy)
        assert done.epsilon == 0.4 and spent(case) == pytest.approx(0.4 * number)
    with pytest.raises(ExportError, match=r"this case has spent 0\.8"):
        export(case, "totals", tmp_path / "t.csv", policy=policy)
    assert spent(case) == pytest.approx(0.8)
    with pytest.raises(ExportError, match="says no epsilon"):
        export(case, "totals", tmp_path / "t.csv", policy=replace(policy, epsilon=None))
    assert list(verify(case))


def test_noise_differs_from_release_to_release_and_small_groups_are_not_named(case: Case, tmp_path: Path) -> None:
    policy = replace(load_policy("public"), epsilon=50.0, budget=1000.0, k=7, cap_requests=3)
    export(case, "totals", tmp_path / "one.csv", policy=policy)
    found = rows(tmp_path / "one.csv")
    assert len(found) == 13 and abs(int(found[0]["accounts"]) - 12) <= 3
    assert abs(int(found[0]["requests"]) - 36) <= 6, "at most three requests of an account are counted"
    assert {one["accounts"] for one in found[1:]} == {"(fewer than 7)"}
    weak = replace(policy, epsilon=0.1)
    seen = set()
    for _ in range(5):
        export(case, "totals", tmp_path / "two.csv", policy=weak)
        seen.add((tmp_path / "two.csv").read_bytes())
    assert len(seen) > 1


def test_noise_has_the_spread_that_is_promised() -> None:
    drawn = _noisy([100_000] * 4000, 50.0)
    assert abs(statistics.fmean(drawn) - 100_000) < 10
    assert 60 < statistics.pstdev(drawn) < 82  # scale times the square root of two
    within = sum(abs(one - 100_000) <= 150 for one in drawn) / len(drawn)
    assert 0.93 < within < 0.97
