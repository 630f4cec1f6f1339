"""Whatever a result holds, drawing it never fails and never leaves its box."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.examples import examples
from workbench.charts import ChartSpec, Drawing, Style, draw
from workbench.safetext import safe

COLUMNS = ("a", "b", "c")
KINDS = ("bar", "line", "histogram", "heatmap", "scatter")

numbers = st.one_of(
    st.integers(-5, 5),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.booleans(),
)
times = st.one_of(st.datetimes(), st.datetimes(timezones=st.just(UTC)), st.dates())
others = st.one_of(st.none(), st.text(max_size=12), st.timedeltas(), st.times(), st.binary(max_size=4), st.uuids())
anything = st.one_of(numbers, times, others, st.lists(st.text(max_size=3), max_size=2))
columns_of_a_kind = st.sampled_from([numbers, times, st.text(max_size=12), anything, st.one_of(st.none(), numbers)])


@st.composite
def tables(draw_from: st.DrawFn) -> list[tuple[object, ...]]:
    kinds = [draw_from(columns_of_a_kind) for _ in COLUMNS]
    return draw_from(st.lists(st.tuples(*kinds), max_size=30))


def assert_fits(drawing: Drawing, width: int, height: int, style: Style) -> None:
    assert 1 <= len(drawing.lines) <= height
    for line in drawing.lines:
        text = "".join(run.text for run in line)
        assert cell_len(text) <= width
        assert text == safe(text)
        assert style.unicode or text.isascii()
    assert drawing.plain().strip()


@examples(60, 400)
@given(
    st.sampled_from(KINDS), tables(), st.integers(30, 300), st.integers(6, 100), st.booleans(), st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_any_table_is_drawn_inside_its_box(
    kind: str, rows: list[tuple[object, ...]], width: int, height: int, color: bool, unicode: bool, third: bool
) -> None:
    spec = ChartSpec(kind, "a", "b", "c" if third else None, "c" if third else None)
    style = Style(color, unicode)
    assert_fits(draw(spec, COLUMNS, rows, width=width, height=height, style=style), width, height, style)


@examples(30, 200)
@given(st.sampled_from(KINDS), tables(), st.integers(1, 40), st.integers(1, 12), st.booleans())
def test_even_a_tiny_box_is_kept_to(
    kind: str, rows: list[tuple[object, ...]], width: int, height: int, unicode: bool
) -> None:
    style = Style(False, unicode)
    assert_fits(
        draw(ChartSpec(kind, "a", "b"), COLUMNS, rows, width=width, height=height, style=style), width, height, style
    )


EXTREMES = [
    float("inf"), float("-inf"), float("nan"), 1.7e308, -1.7e308, 5e-324, 0, -0.0, 10**400, Decimal("1e-400"),
    Decimal("1e500"), Decimal("sNaN"), True, None, datetime.max, datetime.min, date.max, time.max, timedelta.max,
    b"\xff", "\x1b[2J", UUID(int=0),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(30, 6), (80, 24), (300, 100)])
def test_extreme_values_of_every_type_are_drawn_or_said(kind: str, size: tuple[int, int]) -> None:
    style = Style(True, True)
    tables = [[(a, b, c) for a in EXTREMES for b in EXTREMES for c in EXTREMES[::7]], *([(v, v, v)] for v in EXTREMES)]
    tables += [[(a, b, b)] * 2 + [(b, a, a)] for a in EXTREMES for b in EXTREMES]
    for rows in tables:
        drawing = draw(ChartSpec(kind, "a", "b", "c", "c"), COLUMNS, rows, width=size[0], height=size[1], style=style)
        assert_fits(drawing, *size, style)
