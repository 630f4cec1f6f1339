"""Who is beside an entity: a row for each that shares something with it, and how much of what."""

from __future__ import annotations

from workbench.case.execute import Table as Result
from workbench.case.neighbours import CLOSE, LOOSE
from workbench.case.tags import plural
from workbench.charts import ChartSpec
from workbench.tui.navigation import open_page
from workbench.tui.routes import NeighboursRoute, TableRoute
from workbench.tui.rows import Row
from workbench.tui.screens.result import TableScreen


class NeighboursScreen(TableScreen):
    """The neighbours, the closest first; Enter opens the page of one."""

    def __init__(self, route: NeighboursRoute) -> None:
        self._kind = route.kind
        super().__init__(_table_of(route))

    def deeper(self, row: Row) -> None:
        """Open the neighbour's page."""
        open_page(self, self._kind, str(row[0]))


def _table_of(route: NeighboursRoute) -> TableRoute:
    kind, neighbours = route.kind, route.neighbours
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
    if route.uncounted:
        message = f"{message}. Still counting: {route.uncounted}"
    crumbs = [plural(kind), route.entity, "beside it"]
    return TableRoute(Result(columns, types, rows), crumbs, chart, (kind, kind), message, view="table")
