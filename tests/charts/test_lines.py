"""Lines over time: what changes when, told apart by name, and silence that does not look like zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from workbench.charts import ChartSpec, Drawing, Style, draw

START = datetime(2026, 5, 6)
BLANK = " \u2800"


def chart(rows: Sequence[tuple[object, ...]], width: int = 80, height: int = 20, *, color: bool = False) -> Drawing:
    columns = ["moment", "requests", "model"]
    spec = ChartSpec("line", "moment", "requests", "model" if len(rows[0]) == 3 else None)
    return draw(spec, columns[: len(rows[0])], rows, width=width, height=height, style=Style(color, True))


def hourly(values: Sequence[float | None]) -> list[tuple[object, ...]]:
    return [(START + timedelta(hours=hour), value) for hour, value in enumerate(values)]


def plot_columns(drawing: Drawing) -> list[str]:
    """Return the cells of the plot, column by column, the axis left out."""
    text = ["".join(run.text for run in line) for line in drawing.lines]
    rows = [line[max(line.find("┤"), line.find("│")) + 1 :] for line in text if "┤" in line or "│" in line]
    return ["".join(cells) for cells in zip(*rows, strict=True)]


def test_axes_carry_the_columns_names_round_values_and_readable_times() -> None:
    text = chart(hourly([hour % 24 for hour in range(72)])).plain()
    assert text.startswith("requests ↑")
    assert "moment  2026-05-06 00:00 – 2026-05-08 23:00, every 1 h" in text
    assert " 20┤" in text or "20┤" in text
    assert "12:00" in text
    assert "05-07" in text


def test_labels_suit_the_span() -> None:
    def labels(step: timedelta) -> str:
        rows = [(START + step * count, count) for count in range(100)]
        return chart(rows).plain().splitlines()[-2]

    assert "00:00:30" in labels(timedelta(seconds=1))
    assert "01:00" in labels(timedelta(minutes=2))
    assert "06-08" in labels(timedelta(days=1))  # a Monday
    assert "2030" in labels(timedelta(days=30))


def test_a_stretch_without_rows_is_blank_while_zeros_are_drawn() -> None:
    gap = plot_columns(chart([*hourly([5] * 80)[:30], *hourly([5] * 80)[50:]]))
    zeros = plot_columns(chart(hourly([5] * 30 + [0] * 20 + [5] * 30)))
    middle = slice(len(gap) * 2 // 5, len(gap) * 3 // 5)
    assert all(set(column) <= set(BLANK) for column in gap[middle])
    assert all(set(column[-1:]).isdisjoint(BLANK) for column in zeros[middle])


def test_a_value_that_is_missing_breaks_the_line() -> None:
    drawn = plot_columns(chart(hourly([5] * 30 + [None] * 20 + [5] * 30)))
    assert set(drawn[len(drawn) // 2]) <= set(BLANK)


def test_a_lone_point_is_marked() -> None:
    assert "•" in chart(hourly([5])).plain()


def test_few_series_share_a_plot_with_a_key_in_colour() -> None:
    rows = [(*row, name) for name in ("atlas-3", "atlas-4") for row in hourly([1, 2, 3])]
    drawing = chart(rows, color=True)
    assert drawing.plain().splitlines()[0] == "requests ↑   ━━ atlas-3   ━━ atlas-4"
    assert {"series1", "series2"} <= {run.style for line in drawing.lines for run in line}


def test_without_colour_each_series_has_a_strip_beside_its_name_and_largest_value() -> None:
    rows = [(*row, name) for name, top in (("atlas-3", 9), ("atlas-4", 1200)) for row in hourly([0, top])]
    text = chart(rows, color=False).plain().splitlines()
    assert any(line.startswith("atlas-3") and "9┤" in line for line in text)
    assert any(line.startswith("atlas-4") and "1,200┤" in line for line in text)
    assert "each to its own scale" in text[0]


def test_the_smallest_series_of_too_many_are_summed_into_one() -> None:
    rows = [(*row, f"model-{size}") for size in range(12) for row in hourly([size, size])]
    text = chart(rows, height=24).plain()
    assert "other (6 summed)" in text
    assert "model-11" in text
    assert "model-0" not in text
    assert "15┤" in text  # 0 + 1 + 2 + 3 + 4 + 5


def test_a_spike_among_very_many_points_is_not_lost() -> None:
    values: list[float | None] = [1] * 100_000
    values[54_321] = 1000
    rows = [(START + timedelta(seconds=second), value) for second, value in enumerate(values)]
    drawn = plot_columns(chart(rows))
    tall = [place for place, column in enumerate(drawn) if not set(column[2:8]) <= set(BLANK)]
    assert len(tall) == 1
    assert abs(tall[0] / len(drawn) - 0.543) < 0.03


def test_names_and_numbers_serve_as_x_too() -> None:
    assert "week 2" in chart([(f"week {week}", week) for week in range(5)]).plain()
    assert "50" in chart([(count, count) for count in range(100)]).plain().splitlines()[-2]
