"""Counts as one line of blocks."""

from __future__ import annotations

from workbench.charts import sparkline


def test_zero_is_blank_and_one_event_among_a_million_is_seen() -> None:
    assert sparkline([0, 1, 500_000, 1_000_000], 10) == " ▁▄█"


def test_more_counts_than_cells_are_joined_without_losing_any() -> None:
    counts = [0] * 1000
    counts[777] = 1
    line = sparkline(counts, 80)
    assert len(line) == 80
    assert line.strip() == "█"


def test_nothing_to_show_is_blank() -> None:
    assert sparkline([0, 0, 0], 80) == "   "
    assert sparkline([], 80) == ""
    assert sparkline([1, 2], 0) == ""


def test_ascii_tells_as_many_levels_apart() -> None:
    assert sparkline(range(9), 9, unicode=False) == " .:-=+*#@"
    assert sparkline([0, 1, 1_000_000], 10, unicode=False) == " .@"
