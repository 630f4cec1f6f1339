"""The events: a histogram over time, and every event in a table, filtered as one types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import EventIndex, build_index
from workbench.case.fields import BY_NAME, NORMALISED_NAMES
from workbench.case.filter import FilterError, parse_filter
from workbench.errors import WorkbenchError
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame, Job
from workbench.tui.jobs import tag_form
from workbench.tui.rows import EventRows
from workbench.tui.widgets.histogram import Histogram, human
from workbench.tui.widgets.prompt import Prompt
from workbench.tui.widgets.table import Table

#: What is shown where the logs have it, in this order.
_SHOWN = (
    "ts", "account", "client_ip", "severity", "process", "model", "status", "outcome", "input_tokens", "output_tokens",
    "method", "path", "operation", "bytes_out", "prompt", "message", "user_agent", "api_key", "organization", "host", "error",
)  # fmt: skip


class EventsScreen(Frame):
    """All events, or those of a filter."""

    NAME = "events"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("events"))

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text
        self._index: EventIndex | None = None
        self._segments: object = None

    def body(self) -> Sequence[Widget]:
        """Histogram and table."""
        table = Table(hidden=1)
        table.empty = "no events yet: 9 a loads logs"
        return (Histogram(), table)

    def arrive(self) -> None:
        """Count, then show."""
        self.query_one(Table).focus()
        self._filter(self._text)

    def on_screen_resume(self) -> None:
        """More may have been loaded."""
        loaded = self.case.ledger.rows("SELECT count(*) AS n FROM segment")[0]["n"]
        if self._segments is not None and loaded != self._segments:
            self._filter(self._text)

    # --- filtering ----------------------------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        try:
            chosen = parse_filter(text)
        except FilterError as error:
            self._wrong(text, error)
            return
        self.where("events", text, right="counting")

        def work(job: Job) -> EventIndex:
            return build_index(self.case, chosen, job.cursor())

        def done(index: EventIndex) -> None:
            self._text, self._index = text, index
            self._segments = self.case.ledger.rows("SELECT count(*) AS n FROM segment")[0]["n"]
            filled = self.case.filled_columns()
            columns = [name for name in _SHOWN if name in filled]
            self.query_one(Histogram).show(index)
            table = self.query_one(Table)
            table.empty = "no event passes this filter: = takes it away" if text else "no events yet: 9 a loads logs"
            table.show(EventRows(self.case, index, ["event_id", *(columns or ["message"])]))
            self._count()

        self.job("counting", work, done)

    def _wrong(self, text: str, error: WorkbenchError) -> None:
        self.say(str(error), error=True)
        if self.query_one(Prompt).has_class("-shown") or text:
            self.action_filter(text)
            self.query_one(Prompt).wrong_at(getattr(error, "column", len(text)))

    def failed(self, error: WorkbenchError) -> None:
        """A condition that the engine refuses: the line before stays."""
        self._count()

    def _count(self) -> None:
        total = self.case.info()["events"]
        shown = self._index.total if self._index else 0
        table = self.query_one(Table)
        at = f"{table.cursor + 1:,} of {shown:,}" + (f" of {total:,}" if shown != total else "")
        self.where("events", *([self._text] if self._text else []), right=at)

    def on_table_moved(self, _: Table.Moved) -> None:
        """Keep the head and the histogram's mark with the cursor."""
        self._count()
        self.query_one(Histogram).mark(self._moment())

    def _moment(self) -> datetime | None:
        table = self.query_one(Table)
        row = table.current
        if row is None or "ts" not in table.columns:
            return None
        moment = row[1 + table.columns.index("ts")]
        return moment if isinstance(moment, datetime) else None

    def action_filter(self, text: str | None = None) -> None:
        """Ask for a filter."""
        hint = "words, account:u-1, status:5xx, ip:10.0.0.0/8, -bot, {sql}"
        self.ask("filter", hint, self._text if text is None else text, self._complete)

    def _complete(self, text: str) -> list[str]:
        head, _, last = text.rpartition(" ")
        start = f"{head} " if head else ""
        sign = "-" if last.startswith("-") else ""
        word = last.removeprefix("-").lower()
        return [f"{start}{sign}{name}:" for name in (*NORMALISED_NAMES, "source", "format") if name.startswith(word)]

    def answered(self, purpose: str, text: str) -> None:
        """A filter or a time was typed."""
        if purpose == "filter":
            self._filter(text.strip())
        elif purpose == "time" and self._index is not None:
            try:
                moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
            except ValueError:
                self.say(f"{text!r} is not a time such as 2026-05-18 14:00", error=True)
                return
            self.query_one(Table).go(self._index.row_at(moment))

    def _with_value(self, sign: str) -> None:
        cell = self.query_one(Table).current_cell
        if cell is None:
            return
        name, value = cell
        term = f"{sign}{name}:{quoted(value)}"
        self._filter(f"{self._text} {term}".strip())

    def action_keep(self) -> None:
        """Keep only rows with this value."""
        self._with_value("")

    def action_drop(self) -> None:
        """Drop the rows with this value."""
        self._with_value("-")

    def action_clear(self) -> None:
        """Take the filter away, staying at the same time."""
        self._filter("")

    def action_goto_time(self) -> None:
        """Ask for a time."""
        moment = self._moment()
        self.ask("time", "2026-05-18 14:00", f"{moment:%Y-%m-%d %H:%M}" if moment else "")

    def action_bin(self, step: int) -> None:
        """Go to the start of the bin before or after."""
        moment = self._moment()
        if self._index is None or moment is None:
            return
        _, start, width = self._index.histogram(self.query_one(Histogram).size.width)
        if width:
            place = int((moment - start) / width) + step
            self.query_one(Table).go(self._index.row_at(start + place * width))
            self.say(f"bin of {human(width)}")

    # --- going on -----------------------------------------------------------------------------------------------

    def action_count(self) -> None:
        """Count the values of this column, among the events of the filter."""
        cell = self.query_one(Table).current_cell
        if cell is None or self._index is None:
            return
        from workbench.tui.screens.result import CountScreen

        self.app.push_screen(CountScreen(cell[0], self._index.filter))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Show one event whole."""
        from workbench.tui.screens.event import EventScreen

        self.app.push_screen(EventScreen(event.row[0]))

    def action_sessions(self) -> None:
        """Open the session that this event is part of."""
        row = self.query_one(Table).current
        if row is not None:
            from workbench.tui.screens.entities import SessionsScreen

            self.app.push_screen(SessionsScreen(of_event=row[0]))

    def action_tag(self) -> None:
        """Tag what the cell under the cursor names; else the events."""
        from workbench.tui.jobs import kind_of

        table = self.query_one(Table)
        cell = table.current_cell
        kind = kind_of(cell[0]) if cell else None
        if kind is None or cell is None:
            tag_form(self, "event", [row[0] for row in table.chosen()])
            return
        at = 1 + table.columns.index(cell[0])
        tag_form(self, kind, list(dict.fromkeys(str(row[at]) for row in table.chosen() if row[at] is not None)))


def quoted(value: Any) -> str:
    """Return a value as the filter line writes it."""
    if value is None:
        return "none"
    text = value.isoformat(sep="T") if isinstance(value, datetime) else str(value)
    return '"' + text.replace('"', '\\"') + '"' if not text or any(c in text for c in ' "{}*') or "\\" in text else text


assert set(_SHOWN) <= set(BY_NAME)
