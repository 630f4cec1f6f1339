"""Heat maps: when something happens, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts import ChartSpec, Drawing, Style, draw

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def chart(rows: Sequence[tuple[object, ...]], width: int = 80, height: int = 24, *, unicode: bool = True) -> Drawing:
    spec = ChartSpec("heatmap", "hour", "day", value="requests")
    return draw(spec, ["day", "hour", "requests"], rows, width=width, height=height, style=Style(False, unicode))


def week(levels: Sequence[object]) -> list[tuple[object, ...]]:
    return [(day, hour, levels[place]) for place, day in enumerate(DAYS[: len(levels)]) for hour in range(24)]


def test_hours_stand_under_their_columns_and_days_keep_their_order() -> None:
    text = chart(week([1, 2, 3, 4, 5, 6, 7])).plain().splitlines()
    assert text[0] == "requests by day (down) and hour (across)"
    assert [line.split()[0] for line in text[1:] if line[:3] in DAYS] == list(DAYS)
    assert next(line for line in text if "13" in line and "┤" not in line and "+" not in line).split() == [
        str(hour) for hour in range(24)
    ]


def test_levels_differ_by_their_character_and_the_scale_says_from_where() -> None:
    for unicode, shades in ((True, "·░▒▓█"), (False, ".:+%#")):
        text = chart(week([0, 10, 30, 60, 100]), unicode=unicode).plain()
        for day, shade in zip(DAYS, shades, strict=False):
            assert shade in next(line for line in text.splitlines() if line.startswith(day))
        assert text.splitlines()[-1].split()[:3] == ["requests", shades[0], "0"]
        assert "75+" in text.splitlines()[-1]


def test_no_row_is_not_zero() -> None:
    text = chart([("Mon", 0, 0), ("Mon", 2, 5), ("Tue", 1, 5)]).plain().splitlines()
    monday = next(line for line in text if line.startswith("Mon"))
    assert "·" in monday
    assert "·" not in next(line for line in text if line.startswith("Tue"))


def test_one_huge_value_does_not_flatten_the_others() -> None:
    text = chart(week([10, 40, 160, 100_000])).plain().splitlines()
    rows = {line[:3]: set(line[4:].strip()) for line in text if line[:3] in DAYS}
    assert rows["Mon"] != rows["Wed"] != rows["Thu"]


def test_more_than_fits_is_joined_across_and_counted_down() -> None:
    text = chart([(f"acct_{a}", hour, a) for a in range(50) for hour in range(300)], height=12).plain()
    assert "each column is the largest of 5" in text
    assert "and 43 more of day" in text


def test_pairs_that_occur_twice_are_added_up() -> None:
    assert "6+" in chart([("Mon", 0, 3), ("Mon", 0, 5)]).plain()
