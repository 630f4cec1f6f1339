"""What every chart keeps to: words where there is nothing, nothing out of data that acts, styles apart from text."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from workbench.charts import ChartSpec, Style, draw

KINDS = ("bar", "line", "histogram", "heatmap", "scatter")
HOSTILE = "\x1b[31mred\x1b]0;owned\x07\r\n\u202egnp.exe\x9b2J[link=file:///]x[/]\u200d\ufe0f"
COLUMNS = ("moment", "requests", "account", "hour")
ROWS = [
    (
        datetime(2026, 5, 6) + timedelta(hours=hour),
        hour * 37 % 101 + 400 * (hour == 50) + 20 * account,
        f"acct_{account}",
        hour % 24,
    )
    for hour in range(96)
    for account in range(3)
]
SPECS = {
    "bar": ChartSpec("bar", "account", "requests"),
    "line": ChartSpec("line", "moment", "requests", "account"),
    "histogram": ChartSpec("histogram", "requests", ""),
    "heatmap": ChartSpec("heatmap", "hour", "account", value="requests"),
    "scatter": ChartSpec("scatter", "hour", "requests"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_result_says_so(kind: str) -> None:
    drawing = draw(ChartSpec(kind, "a", "b", value="b"), ["a", "b"], [], width=80, height=24, style=Style(True, True))
    assert drawing.plain() == "Nothing to draw: the result is empty."


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_result_without_numbers_says_so(kind: str) -> None:
    rows = [("x", None), ("y", "word")]
    spec = ChartSpec(kind, "a", "b", value="b")
    assert draw(spec, ["a", "b"], rows, width=80, height=24, style=Style(True, True)).plain() == (
        "Nothing to draw: no row of the 2 has a number to place."
    )


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    drawing = draw(
        ChartSpec("bar", "who", "n"), ["account", "n"], [("a", 1)], width=80, height=24, style=Style(True, True)
    )
    assert drawing.plain() == "No chart: the result has no column who. It has: account, n."


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_shown_and_does_nothing(kind: str) -> None:
    columns = [HOSTILE, "v", "s" + HOSTILE]
    rows = [(HOSTILE, 1, HOSTILE), (HOSTILE + "2", 2, HOSTILE)]
    x = HOSTILE if kind != "histogram" else "v"
    spec = ChartSpec(kind, x, "v", columns[2], columns[2] if kind != "heatmap" else "v", title=HOSTILE)
    for style in (Style(True, True), Style(False, False)):
        drawing = draw(spec, columns, rows, width=100, height=30, style=style)
        assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200d\ufe0f]*", drawing.plain())
        assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]*", re.sub(r"\x1b\[\d+m", "", drawing.ansi()))


def test_marks_that_would_cover_the_lines_above_are_left_out() -> None:
    text = draw(
        ChartSpec("bar", "a", "b"), ["a", "b"], [("Z" + "\u0301" * 50, 1)], width=60, height=9, style=Style(False, True)
    )
    assert text.plain().count("\u0301") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_colour_only_adds_to_what_is_there_without_it(kind: str) -> None:
    drawing = draw(SPECS[kind], COLUMNS, ROWS, width=80, height=24, style=Style(True, True))
    stripped = re.sub(r"\x1b\[\d+m", "", drawing.ansi())
    assert [line.rstrip() for line in stripped.splitlines()] == drawing.plain().splitlines()
    codes = {int(code) for code in re.findall(r"\x1b\[(\d+)m", drawing.ansi())}
    assert codes <= {0, 1, 2, *range(30, 38), *range(90, 98)}


def test_drawing_at_the_same_time_gives_the_same_pictures() -> None:
    def picture(kind: str) -> str:
        return draw(SPECS[kind], COLUMNS, ROWS, width=80, height=24, style=Style(True, True)).ansi()

    alone = [picture(kind) for kind in KINDS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(picture, KINDS * 8)) == alone * 8


@pytest.mark.parametrize(("width", "height", "unicode"), [(80, 22, True), (40, 8, False)])
@pytest.mark.parametrize("kind", KINDS)
def test_pictures(kind: str, width: int, height: int, unicode: bool, snapshot: SnapshotAssertion) -> None:
    style = Style(False, unicode)
    assert draw(SPECS[kind], COLUMNS, ROWS, width=width, height=height, style=style).plain() == snapshot


@pytest.mark.parametrize("unicode", [True, False])
def test_a_picture_of_one_line(unicode: bool, snapshot: SnapshotAssertion) -> None:
    rows = [row for row in ROWS if row[2] == "acct_0"]
    drawing = draw(SPECS["line"], COLUMNS, rows, width=80, height=16, style=Style(False, unicode))
    assert drawing.plain() == snapshot


@pytest.mark.parametrize(("width", "height"), [(30, 6), (80, 22), (120, 38), (300, 100)])
@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_size_is_filled_and_without_unicode_is_ascii(kind: str, color: bool, width: int, height: int) -> None:
    for unicode in (True, False):
        drawing = draw(SPECS[kind], COLUMNS, ROWS, width=width, height=height, style=Style(color, unicode))
        lines = drawing.plain().splitlines()
        assert unicode or drawing.plain().isascii()
        assert max(map(cell_len, lines)) <= width
        assert len(lines) <= height
        if kind not in ("heatmap", "bar"):
            assert len(lines) > height * 3 // 4
            assert max(map(cell_len, lines)) > width * 3 // 4
