"""What a chart shows: its kind and which columns of a result go where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import PlaybookError

KINDS = ("bar", "line", "histogram", "heatmap", "scatter")
_KEYS = ("x", "y", "series", "value", "title")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UINTEGER", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """``x`` and ``y`` name columns; ``series`` splits a line chart, ``value`` fills a heat map's cells."""

    kind: str
    x: str
    y: str
    series: str | None = None
    value: str | None = None
    title: str = ""


def parse(text: str) -> ChartSpec:
    """Read ``bar x=account y=requests``. Raises PlaybookError saying what is wrong."""
    kind, *pairs = text.split() or [""]
    if kind not in KINDS:
        raise PlaybookError(f"chart: unknown kind {kind!r}; one of: {', '.join(KINDS)}")
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, column = pair.partition("=")
        if not equals or key not in _KEYS or not column:
            raise PlaybookError(f"chart: {pair!r} is not one of {', '.join(f'{key}=COLUMN' for key in _KEYS)}")
        settings[key] = column
    needed = {"histogram": ("x",), "heatmap": ("x", "y", "value")}.get(kind, ("x", "y"))
    if lacking := [key for key in needed if key not in settings]:
        raise PlaybookError(f"chart: a {kind} needs {', '.join(f'{key}=COLUMN' for key in lacking)}")
    return ChartSpec(
        kind,
        settings["x"],
        settings.get("y", ""),
        settings.get("series"),
        settings.get("value"),
        settings.get("title", ""),
    )


def suggest(columns: Sequence[str], types: Sequence[str]) -> ChartSpec | None:
    """Return a chart that suits a result, or None where no column is a number."""
    kinds = [kind.split("(")[0].upper() for kind in types]
    numbers = [name for name, kind in zip(columns, kinds, strict=True) if kind in _NUMBERS]
    times = [name for name, kind in zip(columns, kinds, strict=True) if kind.startswith(("TIMESTAMP", "DATE"))]
    words = [name for name, kind in zip(columns, kinds, strict=True) if kind in ("VARCHAR", "BOOLEAN")]
    if not numbers:
        return None
    if times and times[0] == columns[0]:
        return ChartSpec("line", times[0], numbers[0], words[0] if words else None)
    if words:
        return ChartSpec("bar", words[0], numbers[0])
    if len(numbers) >= 2:
        return ChartSpec("scatter", numbers[0], numbers[1])
    return ChartSpec("histogram", numbers[0], "")
