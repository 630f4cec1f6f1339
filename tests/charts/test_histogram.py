"""Histograms: how values are spread, with bins that a person would choose."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from workbench.charts import ChartSpec, Style, draw


def text(values: Sequence[object], height: int = 16, width: int = 80, *, unicode: bool = True) -> str:
    rows = [(value,) for value in values]
    spec = ChartSpec("histogram", "tokens", "")
    return draw(spec, ["tokens"], rows, width=width, height=height, style=Style(False, unicode)).plain()


def test_few_whole_numbers_have_a_bin_each() -> None:
    drawn = text([1, 1, 1, 2, 5])
    assert drawn.splitlines()[-1] == "5 rows, bins of 1, median 1, from 1 to 5"
    ground = next(line for line in drawn.splitlines() if " 0┤" in line or line.startswith("0┤"))
    assert len(ground.split("┤")[1].split()) == 3


def test_bins_are_round() -> None:
    spread = random.Random(5)
    assert "bins of 10," in text([spread.gauss(300, 60) for _ in range(5000)])


def test_values_over_orders_of_magnitude_get_a_log_axis_with_zero_on_it() -> None:
    spread = random.Random(5)
    drawn = text([int(spread.lognormvariate(4, 2)) for _ in range(5000)])
    assert "tokens (log scale)" in drawn
    labels = drawn.splitlines()[-3].split()
    assert labels[0] == "0"
    assert "10,000" in labels
    assert "log" not in text(range(10_000))


def test_a_single_value_far_away_is_still_seen() -> None:
    drawn = text([5] * 10_000 + [55])
    plot = [line for line in drawn.splitlines() if "┤" in line]
    assert plot[-1].rstrip()[-1] == "▁"


def test_times_are_counted_by_round_stretches() -> None:
    start = datetime(2026, 5, 6)
    drawn = text([start + timedelta(minutes=minute) for minute in range(0, 60 * 24 * 10, 7)])
    assert "bins of 12 h" in drawn or "bins of 1 d" in drawn
    assert "05-11" in drawn


def test_a_second_column_weighs_the_rows() -> None:
    rows = [(1, 100), (2, 300)]
    spec = ChartSpec("histogram", "tokens", "accounts")
    drawn = draw(spec, ["tokens", "accounts"], rows, width=60, height=14, style=Style(False, True)).plain()
    assert drawn.startswith("accounts ↑")
    assert "300┤" in drawn


def test_what_is_no_number_is_counted() -> None:
    assert "2 without a number left out" in text([1, 2, None, float("nan")], width=100)
