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
from workbench.case.engine import Table as Result
from workbench.case.filter import parse_filter, quoted
from workbench.case.neighbours import CLOSE, LOOSE, Sharing, Tie, facets, neighbours, sharing
from workbench.case.profile import FACETS, Change, Facet, break_down, by_hour_and_weekday, change
from workbench.case.tags import KINDS
from workbench.charts import ChartSpec
from workbench.safetext import safe
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.going import open_having, open_menu, sessions_of
from workbench.tui.job import Job
from workbench.tui.jobs import tag_form
from workbench.tui.rows import Row, TableRows
from workbench.tui.screens.neighbours import NeighboursScreen, shares
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
            Line(id="said"),
            Line(id="found"),
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

        def work(job: Job) -> tuple[EventIndex, list[Facet], Result, Change | None]:
            index = build_index(self.case, parse_filter(text), self.case.span(), job.cursor())
            facets = break_down(self.case, self._kind, self._entity, job.cursor())
            week = by_hour_and_weekday(self.case, self._kind, self._entity, job.cursor())
            past = change(self.case, self._kind, self._entity, job.cursor())
            return index, facets, Result(["weekday", "hour", "requests"], ["VARCHAR", "BIGINT", "BIGINT"], week), past

        def done(found: tuple[EventIndex, list[Facet], Result, Change | None]) -> None:
            index, self._facets, week, past = found
            self.query_one("#change", Line).show(_changed(past))
            self.query_one(HistogramStrip).show(index)
            self.query_one(ChartView).show(ChartSpec("heatmap", "hour", "weekday", value="requests"), week)
            self.where(plural(self._kind), self._entity, right=counted(index.total, "request"))
            self._list()
            wanted = [*facets(self.case, self._kind), "network"]
            self._to_count = [facet for facet in wanted if any(one.facet == facet for one in self._facets)]
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
        said = "   ".join(f"▸ {tag.tag}" + (f": {tag.note}" if tag.note else "") for tag in tags)
        self.query_one("#said", Line).show(said or "not tagged: t tags it", str(len(tags) or ""))

        self._say_finding()

    def _say_finding(self) -> None:
        """What triage found, where it was asked."""
        triage = self.workbench.triage
        found = None
        if triage is not None:
            same = (one for one in triage.rows if (one.kind, one.entity) == (self._kind, self._entity))
            found = next(same, None)
        said = "triage: not among those it ranks" if triage is not None else "triage: not asked yet; e asks it"
        if found is not None:
            said = f"triage: rank {found.rank}, score {found.score:.2f}, q {found.q_value:.3g}"
            said += f", {found.campaign}" if found.campaign else ""
            said += f": {found.reasons[0].text}" if found.reasons else ""
        self.query_one("#found", Line).show(said)

    def on_table_moved(self, _: Table.Moved) -> None:
        """Show a prompt that fills the template under the cursor."""
        one = self.current()
        sample = self.query_one("#sample", Static)
        sample.update(Text(f"sample  {safe(' '.join(one.sample.split()))}" if one and one.sample else ""))
        sample.display = bool(one and one.sample)

    def _list(self) -> None:
        rows: list[Row] = [
            (one.facet, one.requests, round(100 * one.share, 1), self._others.get((one.facet, one.value)), one.value,
             one.first, one.last)
            for one in self._facets
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "it has no events here"
        table.show(TableRows(Result(_COLUMNS, [], rows)), at=table.cursor)

    def _count_others(self) -> None:
        """Count who else has the values, one facet after the other, and show each as it comes."""
        self.query_one("#beside", Line).show(self._beside())
        if not self._to_count:
            return
        facet = self._to_count[0]

        def work(job: Job) -> Sharing:
            return sharing(self.case, self._kind, self._entity, facet, job.cursor())

        def done(found: Sharing) -> None:
            self._others |= {
                (facet, str(one.value)): found.holders.get(str(one.value), 0)
                for one in self._facets
                if one.facet == facet
            }
            if facet in (*CLOSE, *LOOSE):
                self._ties += found.ties
            del self._to_count[0]
            self._list()
            self._count_others()

        self.job(f"counting who shares its {facet}", work, done, quiet=True)

    def _beside(self) -> str:
        """Return in one line who shares most with it."""
        found = neighbours(self._ties)
        if not found:
            return "beside: counting who shares with it" if self._to_count else "beside: nobody shares anything with it"
        most = "; ".join(f"{one.entity} {shares(one)}" for one in found[:3])
        return f"beside: {len(found):,} share with it (W lists them): {most}"

    def action_neighbours(self) -> None:
        """List who shares what with it."""
        left = ", ".join(self._to_count)
        self.app.push_screen(NeighboursScreen(self._kind, self._entity, neighbours(self._ties), left))

    def current(self) -> Facet | None:
        """Return the facet under the cursor."""
        at = self.query_one(Table).cursor
        return self._facets[at] if at < len(self._facets) else None

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its events with this value."""
        one = self.current()
        if one is not None:
            self._events(one)

    def _events(self, one: Facet) -> None:
        column = FACETS[one.facet]
        own = f"{KINDS[self._kind]}:{quoted(self._entity)}"
        if one.facet == "template":
            words = ".*".join(str(one.value).split())
            self.workbench.open_events(f"{own} {{regexp_matches(lower(prompt), '{words}')}}")
        else:
            self.workbench.open_events(f"{own} {column}:{quoted(one.value)}")

    def action_having(self) -> None:
        """All entities that have this value."""
        one = self.current()
        if one is not None:
            open_having(self, self._kind, one.facet, str(one.value))

    def action_view(self) -> None:
        """The week instead of the list, and back."""
        self.toggle_class("-week")

    def action_tag(self) -> None:
        """Tag it."""
        tag_form(self, self._kind, [self._entity])

    def action_explain(self) -> None:
        """The whole reasoning about it."""
        from workbench.tui.screens.explain import ExplainScreen

        self.app.push_screen(ExplainScreen(self._kind, self._entity))

    def action_open(self) -> None:
        """Its sessions, its events, or what the value under the cursor names."""
        one = self.current()
        things: dict[str, str | None] = {}
        if one is not None and one.facet in ("address", "key", "organisation", "account"):
            things[one.facet] = str(one.value)
        events = partial(self.workbench.open_events, f"{KINDS[self._kind]}:{quoted(self._entity)}")
        sessions = sessions_of(self, self._kind, self._entity)
        open_menu(self, f"{self._kind} {self._entity}", things, events, sessions)


def _changed(past: Change | None) -> str:
    """Return in one line how the last days differ from those before."""
    if past is None:
        return "change: no past to compare its last 7 days with"
    new = [f"{new} of {of} {plural(facet, of)} new" for facet, (new, of) in past.new.items()]
    return ", ".join([f"last 7 days: {past.a_day:.3g} requests a day (before {past.a_day_before:.3g})", *new])
