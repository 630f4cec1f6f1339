"""The timeline: logs, models, spikes, tags and moments of one's own on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import EventIndex, build_index
from workbench.case.execute import QueryResult
from workbench.case.moments import Moment, add_moment, moments, read_time
from workbench.errors import UsageError
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.routes import EventsRoute
from workbench.tui.rows import TableRows
from workbench.tui.widgets.histogram import HistogramStrip
from workbench.tui.widgets.table import Table
from workbench.words import counted

_COLUMNS = ["at", "kind", "what", "by"]


class TimelineScreen(Frame):
    """The histogram of all events above, the moments below; the cursor's moment is marked in the histogram."""

    NAME = "timeline"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("timeline"))

    def body(self) -> Sequence[Widget]:
        """Histogram and moments."""
        table = Table()
        table.empty = "no moments yet: 9 L loads logs, a adds a moment of your own"
        return (HistogramStrip(), table)

    def arrive(self) -> None:
        """Gather."""
        self.query_one(Table).focus()
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Tags may have changed."""

        def work(job: Job) -> tuple[EventIndex, list[Moment]]:
            cursor = job.cursor("FROM session, account")
            return build_index(self.case, cursor=cursor), moments(self.case, cursor)

        def done(answer: tuple[EventIndex, list[Moment]]) -> None:
            index, listed = answer
            self.query_one(HistogramStrip).show(index)
            table = self.query_one(Table)
            rows = [(moment.at, moment.kind, moment.what, moment.by or None) for moment in listed]
            table.show(TableRows(QueryResult(_COLUMNS, [], rows)), at=table.cursor)
            self.where("timeline", right=counted(len(rows), "moment"))

        self.job("gathering", work, done, changes=True)

    def on_table_moved(self, event: Table.Moved) -> None:
        """Mark the moment above."""
        row = event.table.current
        self.query_one(HistogramStrip).mark(row[0] if row else None)

    def on_table_opened(self, event: Table.Opened) -> None:
        """The events at that time."""
        self.workbench.open(EventsRoute(at=event.row[0]))

    def action_add(self) -> None:
        """Ask for a moment of one's own."""
        row = self.query_one(Table).current

        def check(text: str) -> None:
            read_time(text)

        def not_empty(text: str) -> None:
            if not text.strip():
                raise UsageError("say what happened then")

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(_: Job) -> None:
                add_moment(self.case, read_time(values["at"]), values["what"])

            self.job("noting", work, lambda _: self.on_screen_resume())

        fields = [
            FormField("at", "When (UTC)", f"{row[0]:%Y-%m-%d %H:%M}" if row else "", "2026-05-18 14:00", check),
            FormField("what", "What", "", "a release, a message, a deadline", not_empty),
        ]
        self.app.push_screen(Form("Add a moment", fields), answered)
