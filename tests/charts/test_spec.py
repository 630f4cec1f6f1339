"""A chart's description: as playbooks write it, and as suits a result."""

from __future__ import annotations

import pytest

from workbench.charts import ChartSpec, parse_chart, suggest
from workbench.errors import PlaybookError


def test_a_description_names_columns() -> None:
    assert parse_chart("line x=moment y=requests series=kind") == ChartSpec("line", "moment", "requests", "kind")
    assert parse_chart("histogram x=tokens") == ChartSpec("histogram", "tokens", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pie x=a y=b", "unknown kind 'pie'"),
        ("bar x=a", "a bar needs y=COLUMN"),
        ("bar x=a y=b colour=c", "'colour=c' is not one of"),
        ("heatmap x=a y=b", "a heatmap needs value=COLUMN"),
        ("", "one of: bar, line, histogram, heatmap, scatter"),
    ],
)
def test_what_is_wrong_with_a_description_is_said(text: str, said: str) -> None:
    with pytest.raises(PlaybookError, match=said):
        parse_chart(text)


def test_a_result_suggests_its_chart() -> None:
    assert suggest(["ts", "n"], ["TIMESTAMP", "BIGINT"]) == ChartSpec("line", "ts", "n")
    assert suggest(["who", "n"], ["VARCHAR", "DECIMAL(9,2)"]) == ChartSpec("bar", "who", "n")
    assert suggest(["a", "b"], ["DOUBLE", "BIGINT"]) == ChartSpec("scatter", "a", "b")
    assert suggest(["a"], ["DOUBLE"]) == ChartSpec("histogram", "a", "")
    assert suggest(["who"], ["VARCHAR"]) is None
