"""Where in a chart a row of the result stands: what a cursor marks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from workbench.charts import ChartSpec, Style, draw
from workbench.charts.drawing import Drawing

START = datetime(2026, 5, 1)
SIZES = [(80, 20), (46, 9)]


def text_at(drawing: Drawing, line: int, cells: range) -> str:
    return "".join(run.text for run in drawing.lines[line])[cells.start : cells.stop]


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_bar_is_known_by_its_name_even_where_one_begins_like_another(size: tuple[int, int], unicode: bool) -> None:
    rows = [("ab", 5), ("a", 9), ("abc", 2)]
    drawing = draw(
        ChartSpec("bar", "x", "n"), ["x", "n"], rows, width=size[0], height=size[1], style=Style(True, unicode)
    )
    for place, (name, number) in enumerate(rows):
        ((line, cells),) = drawing.spots(name, number)
        assert line == 1 + place and text_at(drawing, line, cells) == name
    assert drawing.spots("b", 1) == []


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("color", [True, False])
def test_a_place_on_the_axis_stands_for_a_moment_of_a_line(unicode: bool, color: bool) -> None:
    rows = [(START + timedelta(hours=n), n % 7, "ab"[n % 2]) for n in range(48)]
    spec, style = ChartSpec("line", "ts", "n", "who"), Style(color, unicode)
    drawing = draw(spec, ["ts", "n", "who"], rows, width=80, height=20, style=style)
    spots = [drawing.spots(row[0], row[1]) for row in rows]
    lines, cells = {spot[0][0] for spot in spots}, [spot[0][1] for spot in spots]
    assert len(lines) == 1 and all(len(one) == 1 for one in cells)
    assert [one.start for one in cells] == sorted(one.start for one in cells)
    (axis,) = lines
    whole = "".join(run.text for run in drawing.lines[axis])
    assert whole[cells[0].start - 1] in "└+" and cells[-1].stop == len(whole.rstrip())
    assert drawing.spots(None, 1) == []


def test_names_along_an_axis_have_their_places() -> None:
    rows = [("mon", 1), ("tue", 5), ("wed", 2)]
    drawing = draw(ChartSpec("line", "day", "n"), ["day", "n"], rows, width=60, height=12, style=Style(True, True))
    starts = [drawing.spots(*row)[0][1].start for row in rows]
    assert starts == sorted(set(starts)) and drawing.spots("sun", 1) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_point_and_its_place_on_the_axis_stand_for_a_row_of_a_scatter_plot(size: tuple[int, int]) -> None:
    rows = [(10.0**n, 1000.0 - 3**n, f"p{n}") for n in range(6)]
    spec = ChartSpec("scatter", "a", "b")
    drawing = draw(spec, ["a", "b", "who"], rows, width=size[0], height=size[1], style=Style(True, True))
    for a, b, _ in rows:
        under, point = drawing.spots(a, b)
        assert under[1] == point[1] and point[0] < under[0]
        assert text_at(drawing, *point) in "•●■█"


@pytest.mark.parametrize(
    "values", [[n % 10 for n in range(100)], [1.5**n for n in range(40)], [n * 0.37 for n in range(99)]]
)
def test_a_bin_stands_for_each_value_of_a_histogram(values: list[float]) -> None:
    drawing = draw(ChartSpec("histogram", "n", ""), ["n"], [(one,) for one in values], width=80, height=16,
                   style=Style(True, True))  # fmt: skip
    for value in values:
        ((line, cells),) = drawing.spots(value, None)
        assert text_at(drawing, line - 1, cells).strip(" ") == text_at(drawing, line - 1, cells) != ""


def test_a_cell_and_its_column_stand_for_a_pair_of_a_heat_map() -> None:
    rows = [(hour, day, hour + 1) for day in ("Mon", "Tue") for hour in range(24)]
    spec = ChartSpec("heatmap", "hour", "day", value="n")
    drawing = draw(spec, ["hour", "day", "n"], rows, width=80, height=12, style=Style(True, True))
    for hour, day, _ in rows:
        label, *cells = drawing.spots(hour, day)
        assert cells and {one[1] for one in cells} == {label[1]} and all(one[0] < label[0] for one in cells)
        assert all(text_at(drawing, *one).strip() for one in cells)
    assert drawing.spots(99, "Mon") == []


def test_where_only_words_are_drawn_nothing_is_marked() -> None:
    drawing = draw(ChartSpec("bar", "x", "n"), ["x", "n"], [], width=80, height=12, style=Style(True, True))
    assert drawing.spots("a", 1) == []
