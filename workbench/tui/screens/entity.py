"""The page of one entity: its activity, what its requests are made of, and who else has the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from workbench.case.browse import EventIndex, build_index
from workbench.case.execute import QueryResult
from workbench.case.filter import parse_filter, quoted
from workbench.case.neighbours import CLOSE, LOOSE, Sharing, Tie, facets, neighbours, sharing
from workbench.case.profile import FACETS, Facet, PeriodChange, break_down, by_hour_and_weekday, change
from workbench.case.tags import KINDS
from workbench.charts import ChartSpec
from workbench.safetext import safe
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_having, open_menu, sessions_of
from workbench.tui.neighbour_table import neighbours_route
from workbench.tui.routes import EventsRoute, ExplainRoute
from workbench.tui.rows import Row, TableRows
from workbench.tui.tagging import tag_form
from workbench.tui.widgets.chartview import ChartView
from workbench.tui.widgets.histogram import HistogramStrip
from workbench.tui.widgets.line import Line
from workbench.tui.widgets.table import Table
from workbench.words import counted, plural

_COLUMNS = ["facet", "requests", "percent", "others", "value", "first", "last"]
#: From this width on the week stands beside the list.
_WIDE = 110


class EntityScreen(Frame):
    """One account, address, key, organisation or client."""

    NAME = "entity"
    DEFAULT_CSS = """
    EntityScreen Table { width: 1fr; }
    EntityScreen ChartView { width: 50; display: none; }
    EntityScreen.-wide ChartView { display: block; }
    EntityScreen #sample { height: auto; max-height: 4; padding: 0 1; border-top: solid ansi_bright_black; }
    EntityScreen #sample { display: none; }
    EntityScreen.-week Table { display: none; }
    EntityScreen.-week ChartView { display: block; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("entity"))

    def __init__(self, kind: str, entity: str) -> None:
        super().__init__()
        self._kind, self._entity = kind, entity
        self._facets: list[Facet] = []
        self._others: dict[tuple[str, str], int] = {}
        self._ties: list[Tie] = []
        self._to_count: list[str] = []

    def body(self) -> Sequence[Widget]:
        """What is said of it, its activity, what it is made of, and its week."""
        return (
            Line(id="tags"),
            Line(id="finding"),
            Line(id="change"),
            Line(id="beside"),
            HistogramStrip(),
            Horizontal(Table(), ChartView()),
            Static(id="sample"),
        )

    def arrive(self) -> None:
        """Look at its events."""
        self.query_one(Table).focus()
        self.set_class(self.size.width >= _WIDE, "-wide")
        self.where(plural(self._kind), self._entity)
        self._say_tags()
        text = f"{KINDS[self._kind]}:{quoted(self._entity)}"

        def work(job: Job) -> tuple[EventIndex, list[Facet], QueryResult, PeriodChange | None]:
            index = build_index(self.case, parse_filter(text), self.case.store.span(), job.cursor())
            facets = break_down(self.case, self._kind, self._entity, job.cursor())
            week = by_hour_and_weekday(self.case, self._kind, self._entity, job.cursor())
            past = change(self.case, self._kind, self._entity, job.cursor())
            return (
                index,
                facets,
                QueryResult(["weekday", "hour", "requests"], ["VARCHAR", "BIGINT", "BIGINT"], week),
                past,
            )

        def done(answer: tuple[EventIndex, list[Facet], QueryResult, PeriodChange | None]) -> None:
            index, self._facets, week, past = answer
            self.query_one("#change", Line).show(_changed(past))
            self.query_one(HistogramStrip).show(index)
            self.query_one(ChartView).show(ChartSpec("heatmap", "hour", "weekday", value="requests"), week)
            self.where(plural(self._kind), self._entity, right=counted(index.total, "request"))
            self._list()
            wanted = [*facets(self.case, self._kind), "network"]
            self._to_count = [facet for facet in wanted if any(row.facet == facet for row in self._facets)]
            self._count_others()

        self.job("looking", work, done, changes=True)

    def pinned(self) -> dict[str, Any] | None:
        """Whose page this is."""
        title = f"{self._kind} {self._entity}"
        return {"kind": "entity", "title": title, "of": self._kind, "entity": self._entity}

    def on_screen_resume(self) -> None:
        """Tags may have changed."""
        self._say_tags()

    def _say_tags(self) -> None:
        tags = [tag for tag in self.case.tags.all(self._kind) if tag.id == self._entity]
        text = "   ".join(f"▸ {tag.tag}" + (f": {tag.note}" if tag.note else "") for tag in tags)
        self.query_one("#tags", Line).show(text or "not tagged: t tags it", str(len(tags) or ""))

        self._say_finding()

    def _say_finding(self) -> None:
        """What triage found, where it was asked."""
        triage = self.workbench.triage
        finding = None
        if triage is not None:
            same = (row for row in triage.rows if (row.kind, row.entity) == (self._kind, self._entity))
            finding = next(same, None)
        text = "triage: not among those it ranks" if triage is not None else "triage: not asked yet; e asks it"
        if finding is not None:
            text = f"triage: rank {finding.rank}, score {finding.score:.2f}, q {finding.q_value:.3g}"
            text += f", {finding.campaign}" if finding.campaign else ""
            text += f": {finding.reasons[0].text}" if finding.reasons else ""
        self.query_one("#finding", Line).show(text)

    def on_table_moved(self, _: Table.Moved) -> None:
        """Show a prompt that fills the template under the cursor."""
        facet = self.current()
        sample = self.query_one("#sample", Static)
        sample.update(Text(f"sample  {safe(' '.join(facet.sample.split()))}" if facet and facet.sample else ""))
        sample.display = bool(facet and facet.sample)

    def _list(self) -> None:
        rows: list[Row] = [
            (facet.facet, facet.requests, round(100 * facet.share, 1), self._others.get((facet.facet, facet.value)),
             facet.value, facet.first, facet.last)
            for facet in self._facets
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "it has no events here"
        table.show(TableRows(QueryResult(_COLUMNS, [], rows)), at=table.cursor)

    def _count_others(self) -> None:
        """Count who else has the values, one facet after the other, and show each as it comes."""
        self.query_one("#beside", Line).show(self._beside())
        if not self._to_count:
            return
        facet = self._to_count[0]

        def work(job: Job) -> Sharing:
            return sharing(self.case, self._kind, self._entity, facet, job.cursor())

        def done(counted: Sharing) -> None:
            self._others |= {
                (facet, str(row.value)): counted.holders.get(str(row.value), 0)
                for row in self._facets
                if row.facet == facet
            }
            if facet in (*CLOSE, *LOOSE):
                self._ties += counted.ties
            del self._to_count[0]
            self._list()
            self._count_others()

        self.job(f"counting who shares its {facet}", work, done, quiet=True)

    def _beside(self) -> str:
        """Return in one line who shares most with it."""
        beside = neighbours(self._ties)
        if not beside:
            return "beside: counting who shares with it" if self._to_count else "beside: nobody shares anything with it"
        most = "; ".join(f"{neighbour.entity} {neighbour.shared_text()}" for neighbour in beside[:3])
        return f"beside: {len(beside):,} share with it (W lists them): {most}"

    def action_neighbours(self) -> None:
        """List who shares what with it."""
        left = ", ".join(self._to_count)
        self.workbench.open(neighbours_route(self._kind, self._entity, neighbours(self._ties), left))

    def current(self) -> Facet | None:
        """Return the facet under the cursor."""
        at = self.query_one(Table).cursor
        return self._facets[at] if at < len(self._facets) else None

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its events with this value."""
        facet = self.current()
        if facet is not None:
            self._events(facet)

    def _events(self, facet: Facet) -> None:
        column = FACETS[facet.facet]
        own = f"{KINDS[self._kind]}:{quoted(self._entity)}"
        if facet.facet == "template":
            words = ".*".join(str(facet.value).split())
            self.workbench.open(EventsRoute(f"{own} {{regexp_matches(lower(prompt), '{words}')}}"))
        else:
            self.workbench.open(EventsRoute(f"{own} {column}:{quoted(facet.value)}"))

    def action_having(self) -> None:
        """All entities that have this value."""
        facet = self.current()
        if facet is not None:
            open_having(self, self._kind, facet.facet, str(facet.value))

    def action_view(self) -> None:
        """The week instead of the list, and back."""
        self.toggle_class("-week")

    def action_tag(self) -> None:
        """Tag it."""
        tag_form(self, self._kind, [self._entity])

    def action_explain(self) -> None:
        """The whole reasoning about it."""
        self.workbench.open(ExplainRoute(self._kind, self._entity))

    def action_open(self) -> None:
        """Its sessions, its events, or what the value under the cursor names."""
        facet = self.current()
        entities: dict[str, str | None] = {}
        if facet is not None and facet.facet in ("address", "key", "organisation", "account"):
            entities[facet.facet] = str(facet.value)
        events = partial(self.workbench.open, EventsRoute(f"{KINDS[self._kind]}:{quoted(self._entity)}"))
        sessions = sessions_of(self, self._kind, self._entity)
        open_menu(self, f"{self._kind} {self._entity}", entities, events, sessions)


def _changed(past: PeriodChange | None) -> str:
    """Return in one line how the last days differ from those before."""
    if past is None:
        return "change: no past to compare its last 7 days with"
    new = [f"{new} of {of} {plural(facet, of)} new" for facet, (new, of) in past.new.items()]
    return ", ".join([f"last 7 days: {past.a_day:.3g} requests a day (before {past.a_day_before:.3g})", *new])
