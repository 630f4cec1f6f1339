"""Who is beside an entity, as a table: a row for each that shares something with it, and how much of what."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.case.execute import QueryResult
from workbench.case.neighbours import CLOSE, LOOSE, Neighbour
from workbench.charts import ChartSpec
from workbench.tui.routes import TableRoute
from workbench.tui.rows import Row
from workbench.words import plural


def neighbours_route(kind: str, entity: str, neighbours: Sequence[Neighbour], uncounted: str) -> TableRoute:
    """Return where the neighbours are listed, the closest first; ``uncounted`` names what is still to be counted."""
    shared = [facet for facet in (*CLOSE, *LOOSE) if any(facet in neighbour.shared for neighbour in neighbours)]
    rows: list[Row] = [
        (near.entity, round(near.close, 3), round(near.loose, 3), *(near.shared.get(facet) for facet in shared),
         near.requests, near.first, near.last)
        for near in neighbours
    ]  # fmt: skip
    columns = [kind, "close", "loose", *(plural(facet) for facet in shared), "requests", "first", "last"]
    types = ["VARCHAR", "DOUBLE", "DOUBLE", *["BIGINT"] * len(shared), "BIGINT", "TIMESTAMP", "TIMESTAMP"]
    chart = ChartSpec("bar", kind, "close" if any(near.close for near in neighbours) else "loose")
    message = "a thing shared counts 1 / its others: close what few share by chance, loose programs and wording"
    if uncounted:
        message = f"{message}. Still counting: {uncounted}"
    crumbs = [plural(kind), entity, "beside it"]
    table = QueryResult(columns, types, rows)
    return TableRoute(table, crumbs, chart, (kind, kind), message, view="table", pages=True)
