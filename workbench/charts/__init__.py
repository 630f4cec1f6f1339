"""Charts in the terminal: what a chart shows (spec), and its drawing to the space that there is."""

from workbench.charts.draw import draw
from workbench.charts.drawing import Drawing, Run, Style
from workbench.charts.sparkline import sparkline
from workbench.charts.spec import ChartSpec, parse, suggest
from workbench.charts.svg import svg

__all__ = ["ChartSpec", "Drawing", "Run", "Style", "draw", "parse", "sparkline", "suggest", "svg"]
