"""Bars: who has how much, in figures and at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from workbench.charts import ChartSpec, Style, draw

SPEC = ChartSpec("bar", "account", "requests")


def lines(
    rows: Sequence[tuple[object, object]], width: int = 60, height: int = 20, *, unicode: bool = True
) -> list[str]:
    drawing = draw(SPEC, ["account", "requests"], rows, width=width, height=height, style=Style(False, unicode))
    return drawing.plain().splitlines()


def test_every_row_shows_its_label_its_bar_and_its_exact_value_in_the_order_given() -> None:
    header, first, second = lines([("acct_1", 1500), ("acct_2", 3000)])
    assert header.split() == ["account", "requests"]
    assert first.split()[0] == "acct_1"
    assert first.endswith(" 1,500")
    assert second.endswith(" 3,000")
    assert second.count("█") in (2 * first.count("█"), 2 * first.count("█") + 1)
    assert cell_len(second) == 60


def test_a_bar_is_measured_in_eighths_and_the_smallest_is_still_seen() -> None:
    _, full, part, tiny, zero = lines([("a", 1000), ("b", 520), ("c", 0.001), ("d", 0)])
    assert any(eighth in part for eighth in "▏▎▍▌▋▊▉")
    assert tiny == "c       ▏ 0.001"
    assert zero == "d       0"
    assert full.count("█") == full.strip().count("█") > 40


def test_rows_without_room_are_counted_with_their_range() -> None:
    drawn = lines([(f"acct_{count}", count) for count in range(50, 0, -1)], height=10)
    assert len(drawn) == 10
    assert drawn[-1] == "and 42 more (1 to 42)"


def test_negative_values_go_left_of_a_common_zero() -> None:
    _, up, down = lines([("up", 10), ("down", -5)])
    zero = up.index("│")
    assert down.index("│") == zero
    assert up[zero + 1] == "█"
    assert down[zero - 1] == "█"
    assert down.endswith("-5")


def test_what_is_missing_or_endless_is_said_and_not_measured() -> None:
    drawn = lines([("none", None), ("nan", float("nan")), ("inf", float("inf")), ("two", 2), ("word", "n/a")])
    assert drawn[1] == "none    no value"
    assert drawn[2] == "nan     NaN"
    assert drawn[3].endswith("▶ inf")
    assert drawn[5] == "word    n/a"


def test_the_same_row_again_is_counted_not_repeated() -> None:
    assert lines([("cohort", 14)] * 3)[1:] == [lines([("cohort", 14)] * 3)[1]]
    assert lines([("cohort", 14)] * 3)[1].endswith(" 14 ×3")


def test_long_and_wide_labels_are_cut_so_that_bars_stay_aligned() -> None:
    drawn = lines([("请求" * 30, 1), ("e\u0301" * 50, 1), ("x" * 99, 1), ("short", 1)])
    starts = {cell_len(line[: line.index("█")]) for line in drawn[1:]}
    assert len(starts) == 1
    assert sum("…" in line for line in drawn) == 3


def test_large_numbers_are_written_as_people_write_them() -> None:
    values = {1_234_567: "1.23 M", 28_800_000: "28.8 M", 999_999: "999,999", 4_510_000_000: "4.51 G", 0.025: "0.025"}
    for value, text in values.items():
        assert lines([("a", value)])[1].endswith(f" {text}")


def test_ascii_is_ascii() -> None:
    drawn = lines([("größe", 10), ("b", -3), ("c", 0.01)], unicode=False)
    assert all(line.isascii() for line in drawn)
    assert "gr\\xf6" in drawn[1]
    assert "###" in drawn[1]
