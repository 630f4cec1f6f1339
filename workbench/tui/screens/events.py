"""The events: a histogram over time, and every event in a table, filtered as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.filter import FilterError, parse_filter, quoted
from workbench.errors import WorkbenchError
from workbench.tui import time_window
from workbench.tui.actions import bindings_for, own_actions
from workbench.tui.event_view import COLUMNS, FIELDS, Anchor, EventView, ViewRequest, last_source, read_view
from workbench.tui.frame import Frame
from workbench.tui.navigation import open_event_menu, open_related
from workbench.tui.routes import CountRoute, EventRoute, FieldsRoute
from workbench.tui.tagging import kind_of, tag_form
from workbench.tui.time_window import Window
from workbench.tui.widgets.histogram import HistogramStrip
from workbench.tui.widgets.prompt import Prompt
from workbench.tui.widgets.table import Table
from workbench.values import short_time

_NO_EVENTS = "no events yet: 9 L loads logs"

#: A view that is busy when more comes looks again after so long.
_AGAIN_SECONDS = 0.5


class EventsScreen(Frame):
    """All events, or those of a filter line and a window of time."""

    NAME = "events"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("events"))

    def __init__(self, text: str = "", window: Sequence[str] | None = None, at: datetime | None = None) -> None:
        super().__init__()
        self._text = text
        self._window: Window | None = time_window.read_window(window)
        self._columns: list[str] = []
        self._anchor: Anchor | None = (at, 0, 0, 0) if at else None
        self._view: EventView | None = None
        self._order: tuple[str, bool] | None = None
        self._brush: datetime | None = None

    def body(self) -> Sequence[Widget]:
        """Histogram and table."""
        table = Table(hidden=1)
        table.empty = _NO_EVENTS
        keys = {action.id: action.key_label for action in own_actions(self.NAME)}
        return (HistogramStrip(f"{keys['spike(1)']} goes there, {keys['zoom(1)']} zooms in"), table)

    def arrive(self) -> None:
        """Count, then show."""
        self.query_one(Table).focus()
        self._reload()

    @classmethod
    def recalled(cls, kept: dict[str, Any]) -> EventsScreen:
        """Return the screen as it was left."""
        screen = cls(str(kept.get("text", "")), kept.get("window"))
        screen._columns = [name for name in kept.get("columns", []) if name in COLUMNS]
        match kept.get("at"):
            case [str(moment), int(source), int(line), int(item)]:
                screen._anchor = (datetime.fromisoformat(moment), source, line, item)
        return screen

    def remember(self) -> dict[str, Any]:
        """The filter, the window, the columns, and the event under the cursor."""
        at = self._here() or self._anchor
        return {
            "text": self._text,
            "window": [moment.isoformat() for moment in self._window] if self._window else None,
            "columns": self._columns,
            "at": [at[0].isoformat(), *at[1:]] if at else None,
        }

    def pinned(self) -> dict[str, Any] | None:
        """The filter and the window."""
        window = [moment.isoformat() for moment in self._window] if self._window else None
        title = " ".join([self._text or "all events", *(f"{moment:%d %b %H:%M}" for moment in self._window or ())])
        return {"kind": "events", "title": title, "text": self._text, "window": window}

    def on_screen_resume(self) -> None:
        """More may have been loaded."""
        if self._more_loaded:
            self._reload()

    @property
    def _more_loaded(self) -> bool:
        """Whether sources were loaded that what is shown was read without."""
        return self._view is not None and last_source(self.case) != self._view.last_source

    # --- filter and window --------------------------------------------------------------------------------------

    def followed(self) -> None:
        """A followed log brought more: the view grows, the cursor stays on its event, or at the end if it is there."""
        if not self._more_loaded:
            self._count()
        elif self.changing or self._brush is not None:
            self.set_timer(_AGAIN_SECONDS, self.followed)
        else:
            self._show(self._text, self._window, grown=True)

    def _reload(self) -> None:
        """Show the same filter and window again: columns, order, or what is loaded changed."""
        self._show(self._text, self._window)

    def _show(self, text: str, window: Window | None, *, grown: bool = False) -> None:
        """Show the events of a filter line and window; the cursor stays where it is, or on what comes next.

        Where the same view has ``grown``, a cursor on the last event goes on with the end, as in ``less F``.
        """
        try:
            chosen = parse_filter(text)
        except FilterError as error:
            self._wrong(text, error)
            return
        request = ViewRequest(chosen, window, self._columns, self._order, self._here() or self._anchor)
        if grown:
            table = self.query_one(Table)
            at_end = not self._order and table.cursor >= table.total - 1
            request = replace(request, at_end=at_end, grown_from=self._view)
        else:
            self.say("")
            self._end_brush()

        def done(view: EventView) -> None:
            self._text, self._window, self._anchor, self._view = text, window, None, view
            self._draw(view)

        self.job("counting", lambda job: read_view(self.case, request, job.cursor()), done, changes=True)

    def _draw(self, view: EventView) -> None:
        self.query_one(HistogramStrip).show(view.index)
        table = self.query_one(Table)
        table.empty = "no event passes this filter: ! takes it away" if self._text else _NO_EVENTS
        span = self.case.store.span()
        one_year = span is not None and span[0].year == span[1].year
        table.show(view.rows, at=view.at, texts={"ts": short_time} if one_year else {})
        self._count()

    def _wrong(self, text: str, error: WorkbenchError) -> None:
        self.action_filter(text)
        self.query_one(Prompt).wrong_at(getattr(error, "column", len(text)))
        self.say(str(error), error=True)

    def failed(self, error: WorkbenchError) -> None:
        """A condition that the engine refuses: what was shown stays."""
        self._count()

    def _count(self) -> None:
        shown, total = (self._view.index.total, self._view.total) if self._view else (0, 0)
        table = self.query_one(Table)
        marks = f"{len(table.marks):,} marked  " if table.marks else ""
        of = f" of {total:,}" if shown != total else ""
        first = f"first {table.total:,} by {self._order[0]} {'↓' if self._order[1] else '↑'}  " if self._order else ""
        at = f"{marks}{first}{min(table.cursor + 1, shown):,} of {shown:,}{of}"
        window = [f"{self._window[0]:%d %b %H:%M:%S} – {self._window[1]:%d %b %H:%M:%S}"] if self._window else []
        following = self.workbench.following
        if following is not None and following.running:
            at = f"following  {at}"
        self.where("events", *([self._text] if self._text else []), *window, right=at)

    def on_table_moved(self, _: Table.Moved) -> None:
        """Keep the head and the histogram's mark with the cursor."""
        self._count()
        self.query_one(HistogramStrip).mark(self._moment())

    def _here(self) -> Anchor | None:
        """Return what orders the event under the cursor among all: time, source, line, item."""
        row, moment = self.query_one(Table).current, self._moment()
        if row is None or moment is None:
            return None
        source, _, place = str(row[0]).partition(":")
        line, _, item = place.partition(".")
        return moment, int(source), int(line), int(item or 0)

    def _moment(self) -> datetime | None:
        """Return the time of the event under the cursor."""
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
        return [f"{start}{sign}{name}:" for name in (*FIELDS, "what", "source", "format") if name.startswith(word)]

    def answered(self, purpose: str, text: str) -> None:
        """A filter was typed."""
        if purpose == "filter":
            self._show(text.strip(), self._window)
        elif purpose == "columns":
            self._choose_columns(text)

    def action_columns(self) -> None:
        """Ask for the columns."""
        shown = self.query_one(Table).columns
        self.ask("columns", "names of columns in order; empty: the usual ones", " ".join(shown), self._complete_column)

    def _complete_column(self, text: str) -> list[str]:
        head, _, word = text.rpartition(" ")
        start = f"{head} " if head else ""
        return [f"{start}{name} " for name in COLUMNS if name.startswith(word.lower())]

    def _choose_columns(self, text: str) -> None:
        wanted = list(dict.fromkeys(text.lower().replace(",", " ").split()))
        unknown = [name for name in wanted if name not in COLUMNS]
        if unknown:
            self.say(f"there is no column {unknown[0]!r}; Tab completes", error=True)
            return
        self._columns = wanted
        self._reload()

    def action_shift_column(self, step: int) -> None:
        """Move the column under the cursor; the cursor goes with it."""
        table = self.query_one(Table)
        columns, at = table.columns, table.column
        to = max(0, min(at + step, len(columns) - 1))
        if columns and to != at:
            columns.insert(to, columns.pop(at))
            self._columns, table.column = columns, to
            self._reload()

    def action_sort(self, descending: bool) -> None:
        """List by the column under the cursor; by time upwards is the usual order."""
        cell = self.query_one(Table).current_cell
        if cell is not None:
            self._order = None if cell[0] == "ts" and not descending else (cell[0], descending)
            self._reload()

    def narrow(self, sign: str, column: str, value: object) -> None:
        """Keep (or, with a minus, drop) the events with a value."""
        self._show(f"{self._text} {sign}{column}:{quoted(value)}".strip(), self._window)

    def _with_value(self, sign: str) -> None:
        cell = self.query_one(Table).current_cell
        if cell is not None:
            self.narrow(sign, *cell)

    def action_fields(self) -> None:
        """Every field with its top values."""
        if self._view is not None:
            self.workbench.open(FieldsRoute(self._view.index, self._text, self.narrow))

    def action_keep(self) -> None:
        """Keep only rows with this value."""
        self._with_value("")

    def action_drop(self) -> None:
        """Drop the rows with this value."""
        self._with_value("-")

    def action_matches(self) -> None:
        """Keep only what was searched for."""
        needle = self.query_one(Table).needle
        if needle:
            self._show(f"{self._text} {quoted(needle)}".strip(), self._window)
        else:
            self.say("nothing was searched for yet: / searches")

    def action_clear(self) -> None:
        """Take filter and window away, staying at the same time."""
        self._show("", None)

    # --- time ---------------------------------------------------------------------------------------------------

    def go_to_time(self, moment: datetime) -> None:
        """Put the cursor on the first event from a time on."""
        if self._order:
            self.say(
                f"the events are listed by {self._order[0]}: [ on the column ts lists them by time again", error=True
            )
        elif self._view is not None:
            self.query_one(Table).go(self._view.index.row_at(moment))

    def action_brush(self) -> None:
        """Mark a stretch of time from the cursor on; pressed again, zoom into it."""
        moment, strip = self._moment(), self.query_one(HistogramStrip)
        if moment is None:
            return
        if self._brush is None:
            self._brush = moment
            strip.brush(moment)
            self.say("move to the other end, then b zooms into what is marked; Esc does not")
            return
        self._show(self._text, time_window.brushed(strip.histogram, self._brush, moment))

    def _end_brush(self) -> None:
        self._brush = None
        self.query_one(HistogramStrip).brush(None)

    def action_back(self) -> None:
        """Take the brush away first."""
        if self._brush is not None:
            self._end_brush()
            self.say("")
            return
        super().action_back()

    def action_zoom(self, step: int) -> None:
        """Zoom into the spike under the cursor, else around the cursor; or out again."""
        moment, histogram = self._moment(), self.query_one(HistogramStrip).histogram
        shown = self._view.index.span if self._view else None
        if shown is None or moment is None:
            return
        if step > 0:
            window = time_window.zoomed_in(histogram, shown, moment)
            if window is None:
                self.say("this is as near as it gets")
            else:
                self._show(self._text, window)
        elif self._window is None:
            self.say("this is all there is")
        else:
            self._show(self._text, time_window.zoomed_out(self._window, moment, self.case.store.span()))

    def action_shift(self, step: int) -> None:
        """Go to the window of time before or after this one; without a window, to the bin before or after."""
        if self._window is not None:
            self._show(self._text, time_window.shifted(self._window, step))
            return
        moment, histogram = self._moment(), self.query_one(HistogramStrip).histogram
        if moment is not None and histogram.counts:
            self.go_to_time(time_window.next_bin(histogram, moment, step))

    def action_spike(self, step: int) -> None:
        """Go to the start of the spike before or after the cursor."""
        moment, histogram = self._moment(), self.query_one(HistogramStrip).histogram
        if moment is None or not histogram.spikes():
            self.say("no bin stands out from the others")
            return
        start = time_window.next_spike(histogram, moment, step)
        if start is None:
            self.say(f"no {'further' if step > 0 else 'earlier'} spike")
            return
        self.say("")
        self.go_to_time(start)

    # --- from here on -------------------------------------------------------------------------------------------

    def action_count(self) -> None:
        """Count the values of this column."""
        cell = self.query_one(Table).current_cell
        if cell is not None and self._view is not None:
            self.workbench.open(CountRoute(cell[0], self._view.index.filter, self._text))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Show one event whole."""
        self.workbench.open(EventRoute(event.row[0]))

    def peeked(self, deeper: bool | None) -> None:
        """Behind a value is its event."""
        row = self.query_one(Table).current
        if deeper and row is not None:
            self.workbench.open(EventRoute(row[0]))

    def action_open(self) -> None:
        """Offer the session, account, address and so on of this event."""
        row = self.query_one(Table).current
        if row is not None:
            open_event_menu(self, row[0])

    def action_related(self, column: str) -> None:
        """Show all events of this one's account, address or session, the cursor on this one."""
        row = self.query_one(Table).current
        if row is not None:
            open_related(self, row[0], column, self._moment())

    def action_tag(self) -> None:
        """Tag what the cell under the cursor names; else the events."""
        table = self.query_one(Table)
        cell = table.current_cell
        kind = kind_of(cell[0]) if cell else None
        if kind is None or cell is None or cell[1] is None:
            tag_form(self, "event", [row[0] for row in table.chosen()])
            return
        at = 1 + table.columns.index(cell[0])
        tag_form(self, kind, list(dict.fromkeys(str(row[at]) for row in table.chosen() if row[at] is not None)))
