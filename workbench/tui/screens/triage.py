"""Triage: whom to look at first and why, worked down without leaving the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.timer import Timer
from textual.widget import Widget

from workbench.case.browse import build_index
from workbench.case.execute import QueryResult
from workbench.case.filter import parse_filter, quoted
from workbench.case.history import Change
from workbench.case.tags import DISMISSED, KINDS, VERDICTS, Tag
from workbench.charts import sparkline
from workbench.detect import Campaign, Finding, Triage
from workbench.detect.narrative import StyledLine, tell_campaign, tell_finding
from workbench.errors import UsageError, WorkbenchError
from workbench.tui.actions import bindings_for
from workbench.tui.ascii_filter import ascii_only
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_menu, open_thing, sessions_of
from workbench.tui.routes import EventsRoute, ExplainRoute, MatrixRoute, MembersRoute
from workbench.tui.rows import Row, TableRows
from workbench.tui.tagging import tag_form
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.table import Table
from workbench.words import counted

_COLUMNS = ["entity", "#", "score", "q", "entity", "requests", "verdict", "campaign", "why"]
#: How long the cursor rests before the activity of its row is counted.
_REST_SECONDS = 0.15


class TriageScreen(Frame):
    """Ranked findings; below, the chosen one's activity, reasons and innocent explanations."""

    NAME = "triage"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("triage"))

    def __init__(self, campaign: str | None = None) -> None:
        super().__init__()
        self._campaign = campaign
        self._triage: Triage | None = None
        self._listed: dict[str, Finding] = {}
        self._activity: dict[str, str] = {}
        self._resting: Timer | None = None
        self._counting: Job | None = None

    def body(self) -> Sequence[Widget]:
        """List and reasons."""
        table = Table(hidden=1, tagged=lambda row: row[-3] is not None)
        table.empty = (
            "judging everybody in the case: of many millions of requests the first time takes minutes; it is kept, and "
            "Esc stops it. Meanwhile 5 shows the events, 3 the accounts, 6 the playbooks."
        )
        return (table, Pane())

    def arrive(self) -> None:
        """Judge."""
        self.query_one(Table).focus()
        self._judge()

    def on_screen_resume(self) -> None:
        """Verdicts may have changed, or more been loaded."""
        triage = self._triage
        if triage is not None and self.workbench.triage is not triage:
            self._judge()
        elif triage is not None:
            self._list(self.query_one(Table).cursor)

    def _judge(self) -> None:
        self.where("triage", right="judging")

        def work(job: Job) -> Triage:
            return self.workbench.judged(job.cursor())

        def done(triage: Triage) -> None:
            self._triage = triage
            self._list(0)
            if not self._campaign:
                self.say(triage.said)

        self.job("judging", work, done, changes=True)

    def failed(self, error: WorkbenchError) -> None:
        """A case that names nobody cannot be judged: say so where the list would be."""
        table = self.query_one(Table)
        if table.rows is None:
            table.problem = f"{error}. 5 shows the events, 9 loads logs that say who asked."
            table.refresh()
        self.where("triage")

    def _list(self, at: int) -> None:
        triage = self._triage
        assert triage is not None
        verdicts = _verdicts(self.case.tags.all(triage.kind))
        sizes = {campaign.name: campaign.size for campaign in triage.campaigns}
        wanted = [finding for finding in triage.rows if not self._campaign or finding.campaign == self._campaign]
        self._listed = {finding.entity: finding for finding in wanted}
        rows: list[Row] = [
            (
                finding.entity, finding.rank, round(finding.score, 2), float(f"{finding.q_value:.2g}"), finding.entity,
                finding.requests, verdicts.get(finding.entity),
                f"{finding.campaign} ({sizes[finding.campaign]:,})" if finding.campaign else None,
                finding.reasons[0].text if finding.reasons else None,
            )
            for finding in wanted
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "nobody to judge yet: 9 L loads logs that name accounts, keys or addresses"
        table.show(TableRows(QueryResult(_COLUMNS, [], rows)), at=at)
        self._count()

    def _count(self) -> None:
        triage, table = self._triage, self.query_one(Table)
        if triage is None:
            return
        marks = f"{len(table.marks):,} marked  " if table.marks else ""
        flagged = sum(finding.flagged for finding in self._listed.values())
        place = f"{min(table.cursor + 1, table.total):,} of {table.total:,}"
        right = f"{marks}{flagged:,} flagged at fdr {triage.fdr:g}  {place}"
        self.where("triage", *([self._campaign] if self._campaign else []), right=right)

    def current(self) -> Finding | None:
        """Return the finding under the cursor."""
        row = self.query_one(Table).current
        return self._listed.get(row[0]) if row else None

    # --- the chosen one -----------------------------------------------------------------------------------------

    def on_table_moved(self, _: Table.Moved) -> None:
        """Tell its reasons; count its activity when the cursor rests."""
        self._count()
        finding = self.current()
        if finding is None:
            return
        self.query_one(Pane).show(self._lines(finding))
        if finding.entity not in self._activity:
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(_REST_SECONDS, lambda: self._count_activity(finding))

    def _lines(self, finding: Finding) -> Iterator[StyledLine]:
        verdict = "flagged" if finding.flagged else "not flagged"
        figures = f"q {finding.q_value:.2g}, {counted(finding.requests, 'request')}"
        active = f"{finding.first:%d %b} – {finding.last:%d %b %Y}"
        yield "title", f"{finding.kind} {finding.entity}: {verdict}, {figures}, {active}"
        first, last = self.case.store.span() or (finding.first, finding.last)
        yield "text", f"{first:%d %b} {self._activity.get(finding.entity, '')} {last:%d %b}"
        yield from tell_finding(finding)

    def _count_activity(self, finding: Finding) -> None:
        if self._counting is not None:
            self._counting.cancel()
        column = KINDS[finding.kind]
        if column == "session":
            return
        span = self.case.store.span()

        def work(job: Job) -> str:
            index = build_index(self.case, parse_filter(f"{column}:{quoted(finding.entity)}"), span, job.cursor())
            counts = index.histogram(40, span).counts
            return sparkline(counts, len(counts), not ascii_only())

        def done(drawn: str) -> None:
            self._activity[finding.entity] = drawn
            if self.current() is finding:
                self.query_one(Pane).show(self._lines(finding))

        self._counting = self.job("counting", work, done, quiet=True)

    def action_pane(self, step: int) -> None:
        """Scroll the reasons."""
        self.query_one(Pane).scroll_by(step * 3)

    # --- from here on -------------------------------------------------------------------------------------------

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its sessions, or its events."""
        finding = self._listed[event.row[0]]
        open_thing(self, finding.kind, finding.entity)

    def action_open(self) -> None:
        """Offer what belongs to it."""
        finding = self.current()
        if finding is not None:
            events = partial(self.workbench.open, EventsRoute(f"{KINDS[finding.kind]}:{quoted(finding.entity)}"))
            sessions = sessions_of(self, finding.kind, finding.entity)
            open_menu(self, f"{finding.kind} {finding.entity}", {finding.kind: finding.entity}, events, sessions)

    def action_explain(self) -> None:
        """The whole reasoning."""
        finding = self.current()
        if finding is not None:
            self.workbench.open(ExplainRoute(finding.kind, finding.entity))

    def action_campaign(self) -> None:
        """The members of its campaign."""
        finding = self.current()
        if finding is None:
            return
        if finding.campaign is None:
            self.say(f"{finding.entity} belongs to no campaign")
        elif self._campaign is None:
            self.workbench.open(MembersRoute(finding.campaign))

    def _chosen(self) -> tuple[str, list[str]]:
        ids = [str(row[0]) for row in self.query_one(Table).chosen()]
        return (self._listed[ids[0]].kind, ids) if ids else ("", [])

    def action_tag(self) -> None:
        """Tag the marked ones, or this one."""
        tag_form(self, *self._chosen())

    def action_verdict(self, verdict: str) -> None:
        """Accept or dismiss the marked findings, or this one, with a reason."""
        kind, ids = self._chosen()
        if not ids:
            return
        named = ids[0] if len(ids) == 1 else f"{len(ids):,} findings"

        def check(text: str) -> None:
            if verdict == DISMISSED and not text.strip():
                raise UsageError("say why: the reason is kept with the finding")

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return
            reason = values["reason"].strip()

            def done(change: Change) -> None:
                table = self.query_one(Table)
                self._list(min(table.cursor + 1, table.total - 1))
                self.offer(f"{verdict} {named}", change)

            self.job(verdict, lambda _: self.workbench.history.judge(kind, ids, verdict, reason), done)

        about = "A dismissed finding stays in the list and in the record, with the reason."
        fields = [FormField("reason", "Reason", "", "why; it goes into the record and the report", check)]
        self.app.push_screen(Form(f"{verdict.capitalize()}: {named}", fields, about=about), answered)


class CampaignsScreen(Frame):
    """The groups that act as one; below, the evidence that they do."""

    NAME = "campaigns"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("campaigns"))

    def __init__(self) -> None:
        super().__init__()
        self._campaigns: dict[str, Campaign] = {}

    def body(self) -> Sequence[Widget]:
        """List and evidence."""
        return (Table(), Pane())

    def arrive(self) -> None:
        """Judge, if nobody has."""
        self.query_one(Table).focus()
        self.where("campaigns", right="judging")
        self.job("judging", lambda job: self.workbench.judged(job.cursor()), self._list, changes=True)

    def failed(self, error: WorkbenchError) -> None:
        """Say in the list's place why there is none."""
        self.query_one(Table).problem = str(error)
        self.query_one(Table).refresh()

    def _list(self, triage: Triage) -> None:
        self._campaigns = {campaign.name: campaign for campaign in triage.campaigns}
        columns = ["campaign", "members", "flagged", "requests", "score", "first", "last", "why"]
        rows: list[Row] = [
            (campaign.name, campaign.size, campaign.flagged, campaign.requests, round(campaign.score, 2),
             campaign.first, campaign.last, campaign.reasons[0].text if campaign.reasons else None)
            for campaign in triage.campaigns
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "no group of accounts acts as one here, as far as these logs show: 1 ranks them one by one"
        table.show(TableRows(QueryResult(columns, [], rows)))
        self.where("campaigns", right=counted(len(rows), "campaign"))

    def on_table_moved(self, event: Table.Moved) -> None:
        """Tell the evidence."""
        row = event.table.current
        if row is not None:
            self.query_one(Pane).show(tell_campaign(self._campaigns[row[0]]))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its members."""
        self.workbench.open(MembersRoute(event.row[0]))

    def action_pane(self, step: int) -> None:
        """Scroll the evidence."""
        self.query_one(Pane).scroll_by(step * 3)

    def action_matrix(self) -> None:
        """Who shares what with whom."""
        row = self.query_one(Table).current
        if row is not None:
            self.workbench.open(MatrixRoute(self._campaigns[row[0]]))

    def action_tag(self) -> None:
        """Tag all members."""
        row = self.query_one(Table).current
        if row is not None:
            campaign = self._campaigns[row[0]]
            tag_form(self, campaign.kind, [member.entity for member in campaign.members])


def _verdicts(tags: Sequence[Tag]) -> dict[str, str]:
    """Return what is said of each entity: the verdict if there is one, else its tags."""
    names_of: dict[str, list[str]] = {}
    for tag in tags:
        names_of.setdefault(tag.id, []).append(tag.tag)
    return {
        entity: next((name for name in names if name in VERDICTS), " ".join(names))
        for entity, names in names_of.items()
    }
