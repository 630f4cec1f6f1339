"""From a description and a result to a drawing, whatever the result holds."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.drawing import Drawing, Drawn, Style, StyledRun, nowhere
from workbench.charts.spec import ChartSpec
from workbench.charts.text import clean, clip, head
from workbench.charts.values import kind

#: Below this there is no room for axes.
_LEAST_WIDTH, _LEAST_HEIGHT = 20, 5


def draw(
    spec: ChartSpec, columns: Sequence[str], rows: Sequence[Sequence[object]], *, width: int, height: int, style: Style
) -> Drawing:
    """Draw a result in at most ``width`` cells by ``height`` lines; what cannot be drawn is said in words."""
    drawn = _drawn(spec, list(columns), rows, width, height, style)
    return Drawing([clip(line, width) for line in drawn.lines[: max(0, height)]], drawn.spots)


def _drawn(
    spec: ChartSpec, columns: list[str], rows: Sequence[Sequence[object]], width: int, height: int, style: Style
) -> Drawn:
    wanted = [name for name in (spec.x, spec.y, spec.series, spec.value) if name]
    if lacking := [name for name in wanted if name not in columns]:
        return _say(f"No chart: the result has no column {lacking[0]}. It has: {', '.join(columns)}.", width, style)
    if not rows:
        return _say("Nothing to draw: the result is empty.", width, style)
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return _say(f"No room for a chart: {width}x{height}.", width, style)

    def column(name: str) -> list[object]:
        place = columns.index(name)
        return [row[place] for row in rows]

    def named(name: str) -> str:
        return clean(name, unicode=style.unicode)

    title = named(spec.title)
    xs = column(spec.x)
    x_name, y_name = named(spec.x), named(spec.y)
    if spec.kind == "bar":
        from workbench.charts.bars import draw_bars

        drawn = draw_bars((x_name, y_name), xs, column(spec.y), width, height, style, title)
    elif spec.kind == "line":
        from workbench.charts.lines import draw_lines

        keys = column(spec.series) if spec.series else None
        drawn = draw_lines((x_name, y_name), xs, column(spec.y), keys, width, height, style, title)
    elif spec.kind == "histogram":
        from workbench.charts.histogram import draw_histogram

        weights = column(spec.y) if spec.y else None
        drawn = draw_histogram((x_name, y_name), xs, weights, width, height, style, title)
    elif spec.kind == "heatmap":
        from workbench.charts.heatmap import draw_heatmap

        value = spec.value or spec.y
        shown = (x_name, y_name, named(value))
        drawn = draw_heatmap(shown, xs, column(spec.y), column(value), width, height, style, title)
    else:
        from workbench.charts.scatter import draw_scatter

        who = spec.series or next(
            (name for name in columns if name not in wanted and kind(column(name)) == "name"), None
        )
        names = column(who) if who else None
        drawn = draw_scatter((x_name, y_name), xs, column(spec.y), names, width, height, style, title)
    if drawn.lines:
        return drawn
    return _say(f"Nothing to draw: no row of the {len(rows):,} has a number to place.", width, style)


def _say(text: str, width: int, style: Style) -> Drawn:
    """Return a sentence, broken at blanks where it can be."""
    lines: list[str] = []
    for word in clean(text, unicode=style.unicode).split(" "):
        if lines and len(head(f"{lines[-1]} {word}", width)) == len(lines[-1]) + 1 + len(word):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return Drawn([[StyledRun(line, "muted")] for line in lines], nowhere)
