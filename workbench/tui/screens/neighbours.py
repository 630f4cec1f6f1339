"""Who is beside an entity: a row for each that shares something with it, and how much of what."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.case.engine import Table as Result
from workbench.case.neighbours import CLOSE, LOOSE, Neighbour
from workbench.charts import ChartSpec
from workbench.tui.going import open_page
from workbench.tui.rows import Row
from workbench.tui.screens.result import TableScreen
from workbench.words import counted, plural


class NeighboursScreen(TableScreen):
    """The neighbours, the closest first; Enter opens the page of one."""

    def __init__(self, kind: str, entity: str, found: Sequence[Neighbour], left: str) -> None:
        """``left`` names what is still to be counted."""
        self._kind = kind
        shared = [facet for facet in (*CLOSE, *LOOSE) if any(facet in one.shared for one in found)]
        words = {facet: plural(facet) for facet in shared}
        rows = [
            (one.entity, round(one.close, 3), round(one.loose, 3), *(one.shared.get(facet) for facet in shared),
             one.requests, one.first, one.last)
            for one in found
        ]  # fmt: skip
        columns = [kind, "close", "loose", *words.values(), "requests", "first", "last"]
        types = ["VARCHAR", "DOUBLE", "DOUBLE", *["BIGINT"] * len(shared), "BIGINT", "TIMESTAMP", "TIMESTAMP"]
        spec = ChartSpec("bar", kind, "close" if any(one.close for one in found) else "loose")
        said = "a thing shared counts 1 / its others: close what few share by chance, loose programs and wording"
        said = f"{said}. Still counting: {left}" if left else said
        crumbs = [plural(kind), entity, "beside it"]
        super().__init__(Result(columns, types, rows), crumbs, spec, (kind, kind), said, view="table")

    def deeper(self, row: Row) -> None:
        """Open the neighbour's page."""
        open_page(self, self._kind, str(row[0]))


def shares(one: Neighbour) -> str:
    """Return what a neighbour shares in words: "5 addresses, 1 payment"."""
    held = [(facet, one.shared[facet]) for facet in (*CLOSE, *LOOSE) if facet in one.shared]
    return ", ".join(counted(number, facet) for facet, number in held)
