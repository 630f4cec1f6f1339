"""The data area: every dot, mark and bar where it belongs, in its own style, whatever plotext does around it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.charts.canvas import UP, Canvas
from workbench.charts.drawing import Style

BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))


def canvas(width: int, height: int, *, unicode: bool = True) -> Canvas:
    return Canvas(width, height, Style(True, unicode))


def text(drawn: Canvas) -> list[str]:
    return ["".join(sign for sign, _ in row) for row in drawn.rows()]


def dots(drawn: Canvas) -> set[tuple[int, int]]:
    """Return the dots that are set, counted from the lower left corner."""
    return {
        (column * 2 + x, (drawn.height - 1 - line) * UP + y)
        for line, row in enumerate(text(drawn))
        for column, sign in enumerate(row)
        if sign != " "
        for x in (0, 1)
        for y in range(UP)
        if ord(sign) - 0x2800 & BITS[x][y]
    }


sizes = st.tuples(st.integers(1, 90), st.integers(1, 40))


@settings(max_examples=60, deadline=None)
@given(sizes, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8))
def test_a_line_passes_through_its_dots_without_a_break_and_never_strays(
    size: tuple[int, int], turns: list[tuple[float, float]]
) -> None:
    drawn = canvas(*size)
    path = [(round(x * (drawn.columns - 1)), round(y * (drawn.lines - 1))) for x, y in turns]
    if len(set(path)) == 1:
        return
    drawn.line(path, "series1")
    found = dots(drawn)
    assert set(path) <= found
    for x, y in found:
        assert min(_distance((x, y), *ends) for ends in pairwise(path)) <= 0.75
    reached = {path[0]}
    edge = reached
    while edge:
        edge = {(x + dx, y + dy) for x, y in edge for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & found - reached
        reached |= edge
    assert reached == found


def _distance(dot: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> float:
    (x, y), (x0, y0), (x1, y1) = dot, start, end
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = min(1.0, max(0.0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) if length else 0.0
    nearest = (x0 + along * (x1 - x0), y0 + along * (y1 - y0))
    return float(((x - nearest[0]) ** 2 + (y - nearest[1]) ** 2) ** 0.5)


def test_each_cell_has_the_style_of_what_was_drawn_there_last() -> None:
    drawn = canvas(6, 3)
    drawn.line([(0, 0), (11, 0)], "series1")
    drawn.line([(0, 11), (11, 11)], "series2")
    drawn.line([(4, 0), (4, 11)], "series3")
    drawn.mark(5, 1, "•", "bar")
    styles = [[style for _, style in row] for row in drawn.rows()]
    assert styles[0] == ["series2"] * 2 + ["series3"] + ["series2"] * 3
    assert styles[1] == ["label"] * 2 + ["series3"] + ["label"] * 2 + ["bar"]
    assert styles[2] == ["series1"] * 2 + ["series3"] + ["series1"] * 3


def test_a_dot_alone_and_a_mark_fill_their_cell() -> None:
    drawn = canvas(4, 2)
    drawn.line([(3, 5), (3, 5)], "series1")
    drawn.mark(3, 0, "█", "heat4")
    assert text(drawn) == [" •  ", "   █"]


def test_bars_stand_on_the_ground_in_eighths() -> None:
    drawn = canvas(6, 3)
    for column, eighths in enumerate((0, 1, 8, 12, 24)):
        drawn.bar(column, 1, eighths, "bar")
    assert text(drawn) == ["    █ ", "   ▄█ ", " ▁███ "]
    wide = canvas(6, 2)
    wide.bar(1, 4, 11, "bar")
    assert text(wide) == [" ▃▃▃▃ ", " ████ "]


def test_nothing_drawn_is_blank() -> None:
    assert text(canvas(5, 2)) == ["     "] * 2


def test_without_unicode_dots_become_punctuation_at_three_heights() -> None:
    drawn = canvas(4, 1, unicode=False)
    for column, height in enumerate((0, 1, 3)):
        drawn.line([(column, height), (column, height + (height == 1))], "series1")
    drawn.line([(3, 0), (3, 3)], "series1")
    assert text(drawn) == ["*-*|"]
    bars = canvas(4, 2, unicode=False)
    for column, eighths in enumerate((3, 5, 8, 14)):
        bars.bar(column, 1, eighths, "bar")
    assert text(bars) == ["   :", ".:##"]


def test_the_terminal_of_the_process_does_not_limit_the_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    monkeypatch.setenv("LINES", "4")
    drawn = canvas(300, 100)
    drawn.line([(0, 0), (599, 399)], "series1")
    assert {len(line) for line in text(drawn)} == {300}
    assert dots(drawn) >= {(0, 0), (599, 399)}
