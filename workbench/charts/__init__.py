"""Charts in the terminal: what a chart shows (spec), and its drawing to the space that there is."""

from workbench.charts.draw import draw
from workbench.charts.drawing import Drawing, Style, StyledRun
from workbench.charts.sparkline import sparkline
from workbench.charts.spec import ChartSpec, parse_chart, suggest
from workbench.charts.svg import svg

__all__ = ["ChartSpec", "Drawing", "Style", "StyledRun", "draw", "parse_chart", "sparkline", "suggest", "svg"]
