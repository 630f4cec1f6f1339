"""Triage: whom to look at first and why, worked down without leaving the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.timer import Timer
from textual.widget import Widget

from workbench.case.browse import build_index
from workbench.case.engine import Table as Result
from workbench.case.filter import parse_filter, quoted
from workbench.case.tags import ACCEPTED, DISMISSED, KINDS, VERDICTS, Tag
from workbench.charts import sparkline
from workbench.detect import Campaign, Finding, Triage
from workbench.detect.telling import Told, tell_campaign, tell_finding
from workbench.errors import UsageError, WorkbenchError
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.going import open_menu, open_thing, sessions_of
from workbench.tui.job import Job
from workbench.tui.jobs import Undo, tag_form
from workbench.tui.plain import ascii_only
from workbench.tui.rows import Row, TableRows
from workbench.tui.widgets.form import Form, FormField
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
        self._found: Triage | None = None
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
        found = self._found
        if found is not None and self.workbench.triage is not found:
            self._judge()
        elif found is not None:
            self._list(self.query_one(Table).cursor)

    def _judge(self) -> None:
        self.where("triage", right="judging")

        def work(job: Job) -> Triage:
            return self.workbench.judged(job.cursor())

        def done(found: Triage) -> None:
            self._found = found
            self._list(0)
            if not self._campaign:
                self.say(found.said)

        self.job("judging", work, done, changes=True)

    def failed(self, error: WorkbenchError) -> None:
        """A case that names nobody cannot be judged: say so where the list would be."""
        table = self.query_one(Table)
        if table.rows is None:
            table.problem = f"{error}. 5 shows the events, 9 loads logs that say who asked."
            table.refresh()
        self.where("triage")

    def _list(self, at: int) -> None:
        found = self._found
        assert found is not None
        verdicts = _verdicts(self.case.tags.all(found.kind))
        sizes = {one.name: one.size for one in found.campaigns}
        wanted = [one for one in found.rows if not self._campaign or one.campaign == self._campaign]
        self._listed = {one.entity: one for one in wanted}
        rows: list[Row] = [
            (
                one.entity, one.rank, round(one.score, 2), float(f"{one.q_value:.2g}"), one.entity, one.requests,
                verdicts.get(one.entity), f"{one.campaign} ({sizes[one.campaign]:,})" if one.campaign else None,
                one.reasons[0].text if one.reasons else None,
            )
            for one in wanted
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "nobody to judge yet: 9 L loads logs that name accounts, keys or addresses"
        table.show(TableRows(Result(_COLUMNS, [], rows)), at=at)
        self._count()

    def _count(self) -> None:
        found, table = self._found, self.query_one(Table)
        if found is None:
            return
        marks = f"{len(table.marks):,} marked  " if table.marks else ""
        flagged = sum(one.flagged for one in self._listed.values())
        place = f"{min(table.cursor + 1, table.total):,} of {table.total:,}"
        right = f"{marks}{flagged:,} flagged at fdr {found.fdr:g}  {place}"
        self.where("triage", *([self._campaign] if self._campaign else []), right=right)

    def current(self) -> Finding | None:
        """Return the finding under the cursor."""
        row = self.query_one(Table).current
        return self._listed.get(row[0]) if row else None

    # --- the chosen one -----------------------------------------------------------------------------------------

    def on_table_moved(self, _: Table.Moved) -> None:
        """Tell its reasons; count its activity when the cursor rests."""
        self._count()
        one = self.current()
        if one is None:
            return
        self.query_one(Pane).show(self._told(one))
        if one.entity not in self._activity:
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(_REST_SECONDS, lambda: self._count_activity(one))

    def _told(self, one: Finding) -> Iterator[Told]:
        said = "flagged" if one.flagged else "not flagged"
        active = f"{one.first:%d %b} – {one.last:%d %b %Y}"
        yield (
            "title",
            f"{one.kind} {one.entity}: {said}, q {one.q_value:.2g}, {counted(one.requests, 'request')}, {active}",
        )
        first, last = self.case.span() or (one.first, one.last)
        yield "text", f"{first:%d %b} {self._activity.get(one.entity, '')} {last:%d %b}"
        yield from tell_finding(one)

    def _count_activity(self, one: Finding) -> None:
        if self._counting is not None:
            self._counting.cancel()
        column = KINDS[one.kind]
        if column == "session":
            return
        span = self.case.span()

        def work(job: Job) -> str:
            index = build_index(self.case, parse_filter(f"{column}:{quoted(one.entity)}"), span, job.cursor())
            counts = index.histogram(40, span).counts
            return sparkline(counts, len(counts), not ascii_only())

        def done(drawn: str) -> None:
            self._activity[one.entity] = drawn
            if self.current() is one:
                self.query_one(Pane).show(self._told(one))

        self._counting = self.job("counting", work, done, quiet=True)

    def action_pane(self, step: int) -> None:
        """Scroll the reasons."""
        self.query_one(Pane).scroll_by(step * 3)

    # --- from here on -------------------------------------------------------------------------------------------

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its sessions, or its events."""
        one = self._listed[event.row[0]]
        open_thing(self, one.kind, one.entity)

    def action_open(self) -> None:
        """Offer what belongs to it."""
        one = self.current()
        if one is not None:
            events = partial(self.workbench.open_events, f"{KINDS[one.kind]}:{quoted(one.entity)}")
            sessions = sessions_of(self, one.kind, one.entity)
            open_menu(self, f"{one.kind} {one.entity}", {one.kind: one.entity}, events, sessions)

    def action_explain(self) -> None:
        """The whole reasoning."""
        one = self.current()
        if one is not None:
            from workbench.tui.screens.explain import ExplainScreen

            self.app.push_screen(ExplainScreen(one.kind, one.entity))

    def action_campaign(self) -> None:
        """The members of its campaign."""
        one = self.current()
        if one is None:
            return
        if one.campaign is None:
            self.say(f"{one.entity} belongs to no campaign")
        elif self._campaign is None:
            self.app.push_screen(TriageScreen(one.campaign))

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
        other = DISMISSED if verdict == ACCEPTED else ACCEPTED
        named = ids[0] if len(ids) == 1 else f"{len(ids):,} findings"

        def check(text: str) -> None:
            if verdict == DISMISSED and not text.strip():
                raise UsageError("say why: the reason is kept with the finding")

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return
            note = values["reason"].strip()

            def work(_: Job) -> Undo:
                before = [tag for tag in self.case.tags.all(kind) if tag.id in ids and tag.tag in (verdict, other)]
                self.case.tags.remove(kind, [tag.id for tag in before if tag.tag == other], other)
                self.case.tags.add(kind, ids, verdict, note)
                return Undo(f"{named} {verdict}", remove=[(kind, ids, verdict)], restore=before)

            def done(undo: Undo) -> None:
                self.workbench.undos.append(undo)
                table = self.query_one(Table)
                self._list(min(table.cursor + 1, table.total - 1))
                self.say(f"{verdict} {named}; u takes it back")

            self.job(verdict, work, done)

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

    def _list(self, found: Triage) -> None:
        self._campaigns = {one.name: one for one in found.campaigns}
        columns = ["campaign", "members", "flagged", "requests", "score", "first", "last", "why"]
        rows: list[Row] = [
            (one.name, one.size, one.flagged, one.requests, round(one.score, 2), one.first, one.last,
             one.reasons[0].text if one.reasons else None)
            for one in found.campaigns
        ]  # fmt: skip
        table = self.query_one(Table)
        table.empty = "no group of accounts acts as one here, as far as these logs show: 1 ranks them one by one"
        table.show(TableRows(Result(columns, [], rows)))
        self.where("campaigns", right=counted(len(rows), "campaign"))

    def on_table_moved(self, event: Table.Moved) -> None:
        """Tell the evidence."""
        row = event.table.current
        if row is not None:
            self.query_one(Pane).show(tell_campaign(self._campaigns[row[0]]))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its members."""
        self.app.push_screen(TriageScreen(event.row[0]))

    def action_pane(self, step: int) -> None:
        """Scroll the evidence."""
        self.query_one(Pane).scroll_by(step * 3)

    def action_matrix(self) -> None:
        """Who shares what with whom."""
        row = self.query_one(Table).current
        if row is not None:
            from workbench.tui.screens.matrix import MatrixScreen

            self.app.push_screen(MatrixScreen(self._campaigns[row[0]]))

    def action_tag(self) -> None:
        """Tag all members."""
        row = self.query_one(Table).current
        if row is not None:
            one = self._campaigns[row[0]]
            tag_form(self, one.kind, [member.entity for member in one.members])


def _verdicts(tags: Sequence[Tag]) -> dict[str, str]:
    """Return what is said of each entity: the verdict if there is one, else its tags."""
    said: dict[str, list[str]] = {}
    for tag in tags:
        said.setdefault(tag.id, []).append(tag.tag)
    return {one: next((name for name in names if name in VERDICTS), " ".join(names)) for one, names in said.items()}
