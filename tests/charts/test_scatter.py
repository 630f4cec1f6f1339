"""Scatter plots: two numbers of each account against each other, those that stand apart by name."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts import ChartSpec, Drawing, Style, draw


def chart(rows: Sequence[tuple[object, ...]], width: int = 80, height: int = 24, *, unicode: bool = True) -> Drawing:
    spec = ChartSpec("scatter", "addresses", "requests")
    columns = ["account", "addresses", "requests"]
    return draw(spec, columns, rows, width=width, height=height, style=Style(False, unicode))


def test_where_more_rows_fall_together_the_point_is_heavier() -> None:
    rows = [("a", 1, 1)] + [("b", 2, 2)] * 3 + [("c", 3, 3)] * 10 + [("d", 4, 4)] * 50
    for unicode, glyphs in ((True, "•●■█"), (False, ".o@#")):
        text = chart(rows, unicode=unicode).plain().splitlines()
        assert all(any(glyph in line for line in text[1:]) for glyph in glyphs)
        assert all(glyph in text[0] for glyph in glyphs)
        assert "20+ rows" in text[0]


def test_the_point_that_stands_apart_is_named() -> None:
    rows: list[tuple[object, ...]] = [(f"acct_{count}", count % 5, count % 7) for count in range(50)]
    text = chart([*rows, ("acct_far", 90, 80)]).plain()
    assert "acct_far •" in text or "• acct_far" in text


def test_a_name_stands_for_all_at_its_place() -> None:
    text = chart([("acct_1", 1, 1), ("acct_2", 1, 1), ("acct_3", 9, 9)]).plain()
    assert "acct_1 +1" in text


def test_each_axis_is_logarithmic_only_where_its_values_need_it() -> None:
    rows = [(f"a{power}", count, 10**power) for count, power in enumerate((0, 0, 1, 1, 1, 2, 2, 3, 6))]
    text = chart(rows).plain().splitlines()
    assert text[0].startswith("requests (log scale) ↑")
    assert text[-1].strip() == "addresses"
    assert any(line.strip().startswith("10,000┤") or line.strip().startswith("1 M┤") for line in text)


def test_rows_without_both_numbers_are_counted() -> None:
    assert "2 rows without both numbers left out" in chart([("a", 1, None), ("b", None, 1), ("c", 1, 1)]).plain()


def test_all_equal_values_make_one_point() -> None:
    text = chart([("a", 5, 5)] * 3, height=12).plain()
    assert sum(line.count("●") for line in text.splitlines()[1:]) == 1
