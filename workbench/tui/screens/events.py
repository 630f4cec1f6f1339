"""The events: a histogram over time, and every event in a table, filtered as one types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import EventIndex, build_index, filter_of_session, grown_index, row_number, sorted_events
from workbench.case.browse import things_of_event as things_of
from workbench.case.fields import BY_NAME, ENRICHED, NORMALISED_NAMES
from workbench.case.filter import FilterError, parse_filter, quoted
from workbench.case.tags import KINDS
from workbench.errors import WorkbenchError
from workbench.tui.actions import bindings_for, own_actions
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_menu
from workbench.tui.routes import CountRoute, EventRoute, EventsRoute, FieldsRoute
from workbench.tui.rows import EventRows, Rows, TableRows
from workbench.tui.tagging import kind_of, tag_form
from workbench.tui.widgets.histogram import HistogramStrip
from workbench.tui.widgets.prompt import Prompt
from workbench.tui.widgets.table import Table
from workbench.values import short_time

#: What is shown where the logs have it, in this order.
_SHOWN = (
    "ts", "account", "client_ip", "what", "status", "model", "input_tokens", "output_tokens", "outcome", "process",
    "severity", "operation", "bytes_out", "duration_ms", "user_agent", "api_key", "organization", "country", "as_org",
    "host", "error", "format",
)  # fmt: skip

_NAMED = (*NORMALISED_NAMES, *(field.name for field in ENRICHED))

#: What can be shown.
_CHOICE = ("ts", "what", "entity", "entity_kind", *_NAMED, "source", "line", "format", "extra")

#: How many events a list in another order than that of time shows.
_SORTED = 1000

#: A view that is busy when more comes looks again after so long.
_AGAIN_SECONDS = 0.5

#: A zoom shows this fraction of the window, around the cursor.
_ZOOM = 8

Window = tuple[datetime, datetime]
Anchor = tuple[datetime, int, int, int]


class EventsScreen(Frame):
    """All events, or those of a filter line and a window of time."""

    NAME = "events"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("events"))

    def __init__(self, text: str = "", window: Sequence[str] | None = None, at: datetime | None = None) -> None:
        super().__init__()
        self._text = text
        self._window: Window | None = _read_window(window)
        self._columns: list[str] = []
        self._anchor: Anchor | None = (at, 0, 0, 0) if at else None
        self._index: EventIndex | None = None
        self._of = 0
        self._last: int | None = None
        self._counted: int | None = None
        self._sort: tuple[str, bool] | None = None
        self._brush: datetime | None = None

    def body(self) -> Sequence[Widget]:
        """Histogram and table."""
        table = Table(hidden=1)
        table.empty = "no events yet: 9 L loads logs"
        keys = {action.id: action.key_label for action in own_actions(self.NAME)}
        return (HistogramStrip(f"{keys['spike(1)']} goes there, {keys['zoom(1)']} zooms in"), table)

    def arrive(self) -> None:
        """Count, then show."""
        self.query_one(Table).focus()
        self._show(self._text, self._window)

    @classmethod
    def recalled(cls, kept: dict[str, Any]) -> EventsScreen:
        """Return the screen as it was left."""
        screen = cls(str(kept.get("text", "")), kept.get("window"))
        screen._columns = [name for name in kept.get("columns", []) if name in _CHOICE]
        match kept.get("at"):
            case [str(moment), int(source), int(line), int(item)]:
                screen._anchor = (datetime.fromisoformat(moment), source, line, item)
        return screen

    def remember(self) -> dict[str, Any]:
        """The filter, the window, the columns, and the event under the cursor."""
        at = self._here() or self._anchor
        return {
            "text": self._text,
            "window": [one.isoformat() for one in self._window] if self._window else None,
            "columns": self._columns,
            "at": [at[0].isoformat(), *at[1:]] if at else None,
        }

    def pinned(self) -> dict[str, Any] | None:
        """The filter and the window."""
        window = [one.isoformat() for one in self._window] if self._window else None
        title = " ".join([self._text or "all events", *(f"{one:%d %b %H:%M}" for one in self._window or ())])
        return {"kind": "events", "title": title, "text": self._text, "window": window}

    def on_screen_resume(self) -> None:
        """More may have been loaded."""
        if self._last is not None and self._loaded() != self._last:
            self._show(self._text, self._window)

    def _loaded(self) -> int:
        """Return the number of the last source."""
        return int(self.case.ledger.rows("SELECT coalesce(max(source), 0) AS n FROM source")[0]["n"])

    # --- filter and window --------------------------------------------------------------------------------------

    def followed(self) -> None:
        """A followed log brought more: the view grows, the cursor stays on its event, or at the end if it is there."""
        if self._last is None or self._loaded() == self._last:
            self._count()
        elif self.changing or self._brush is not None:
            self.set_timer(_AGAIN_SECONDS, self.followed)
        else:
            self._show(self._text, self._window, grown=True)

    def _show(self, text: str, window: Window | None, *, grown: bool = False) -> None:
        """Show the events of a filter line and window; the cursor stays where it is, or on what comes next.

        Where the same view has ``grown``, a cursor on the last event goes on with the end, as in ``less F``.
        """
        try:
            chosen = parse_filter(text)
        except FilterError as error:
            self._wrong(text, error)
            return
        anchor = self._here() or self._anchor
        if not grown:
            self.say("")
            self._end_brush()
        sort = self._sort
        shown = self.query_one(Table)
        at_end = grown and not sort and shown.cursor >= shown.total - 1

        old, since = (self._index, self._counted) if grown else (None, None)

        def work(job: Job) -> tuple[EventIndex, int, Rows, int, int, int | None]:
            last = self._loaded()
            cursor = job.cursor()
            if old is not None and old.starts and since is not None:
                index = grown_index(self.case, old, since, cursor)
            else:
                index = build_index(self.case, chosen, window, cursor)
            # Where more came meanwhile, it is not known what was counted: the next time all is.
            counted = last if last == self._loaded() else None
            if at_end:
                at = index.total - 1
            else:
                at = row_number(self.case, index, anchor, cursor) if anchor and not sort else 0
            filled = self.case.store.filled()
            columns = self._columns or [name for name in _SHOWN if name in filled or name in ("what", "format")]
            listed = ["event_id", *columns]
            rows: Rows = EventRows(self.case, index, listed)
            if sort:
                rows = TableRows(sorted_events(self.case, index.filter, listed, *sort, _SORTED, cursor))
            return index, self.case.info()["events"], rows, last, at, counted

        def done(found: tuple[EventIndex, int, Rows, int, int, int | None]) -> None:
            self._text, self._window, self._anchor = text, window, None
            self._index, self._of, rows, self._last, at, self._counted = found
            self.query_one(HistogramStrip).show(self._index)
            table = self.query_one(Table)
            table.empty = "no event passes this filter: ! takes it away" if text else "no events yet: 9 L loads logs"
            span = self.case.store.span()
            one_year = span is not None and span[0].year == span[1].year
            table.show(rows, at=at, texts={"ts": short_time} if one_year else {})
            self._count()

        self.job("counting", work, done, changes=True)

    def _wrong(self, text: str, error: WorkbenchError) -> None:
        self.action_filter(text)
        self.query_one(Prompt).wrong_at(getattr(error, "column", len(text)))
        self.say(str(error), error=True)

    def failed(self, error: WorkbenchError) -> None:
        """A condition that the engine refuses: what was shown stays."""
        self._count()

    def _count(self) -> None:
        shown = self._index.total if self._index else 0
        table = self.query_one(Table)
        marks = f"{len(table.marks):,} marked  " if table.marks else ""
        of = f" of {self._of:,}" if shown != self._of else ""
        first = f"first {table.total:,} by {self._sort[0]} {'↓' if self._sort[1] else '↑'}  " if self._sort else ""
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
        return [f"{start}{sign}{name}:" for name in (*_NAMED, "what", "source", "format") if name.startswith(word)]

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
        return [f"{start}{name} " for name in _CHOICE if name.startswith(word.lower())]

    def _choose_columns(self, text: str) -> None:
        wanted = list(dict.fromkeys(text.lower().replace(",", " ").split()))
        unknown = [name for name in wanted if name not in _CHOICE]
        if unknown:
            self.say(f"there is no column {unknown[0]!r}; Tab completes", error=True)
            return
        self._columns = wanted
        self._show(self._text, self._window)

    def action_shift_column(self, step: int) -> None:
        """Move the column under the cursor; the cursor goes with it."""
        table = self.query_one(Table)
        columns, at = table.columns, table.column
        to = max(0, min(at + step, len(columns) - 1))
        if columns and to != at:
            columns.insert(to, columns.pop(at))
            self._columns, table.column = columns, to
            self._show(self._text, self._window)

    def action_sort(self, descending: bool) -> None:
        """List by the column under the cursor; by time upwards is the usual order."""
        cell = self.query_one(Table).current_cell
        if cell is not None:
            self._sort = None if cell[0] == "ts" and not descending else (cell[0], descending)
            self._show(self._text, self._window)

    def narrow(self, sign: str, column: str, value: object) -> None:
        """Keep (or, with a minus, drop) the events with a value."""
        self._show(f"{self._text} {sign}{column}:{quoted(value)}".strip(), self._window)

    def _with_value(self, sign: str) -> None:
        found = self.query_one(Table).current_cell
        if found is not None:
            self.narrow(sign, *found)

    def action_fields(self) -> None:
        """Every field with its top values."""
        if self._index is not None:
            self.workbench.open(FieldsRoute(self._index, self._text, self.narrow))

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
        if self._sort:
            self.say(
                f"the events are listed by {self._sort[0]}: [ on the column ts lists them by time again", error=True
            )
        elif self._index is not None:
            self.query_one(Table).go(self._index.row_at(moment))

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
        first, last = sorted((self._brush, moment))
        self._show(self._text, (first, max(last, first + strip.histogram.step / 8) + timedelta(microseconds=1)))

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
        moment, strip = self._moment(), self.query_one(HistogramStrip)
        if self._index is None or self._index.span is None or moment is None:
            return
        first, last = self._index.span
        if step < 0:
            if self._window is None:
                self.say("this is all there is")
                return
            half = (self._window[1] - self._window[0]) * _ZOOM / 2
            bounds = self.case.store.span()
            inside = bounds is not None and (moment - half > bounds[0] or moment + half < bounds[1])
            self._show(self._text, (moment - half, moment + half) if inside else None)
            return
        histogram = strip.histogram
        place = histogram.place(moment)
        run = next(((low, high) for low, high in histogram.spikes() if low <= place <= high), None)
        if run is not None and run[1] - run[0] + 1 < len(histogram.counts):
            window = histogram.start + run[0] * histogram.step, histogram.start + (run[1] + 1) * histogram.step
        else:
            half = (last - first) / _ZOOM / 2
            window = moment - half, moment + half
        if window[1] - window[0] < histogram.step / 1000:
            self.say("this is as near as it gets")
            return
        self._show(self._text, window)

    def action_shift(self, step: int) -> None:
        """Go to the window of time before or after this one; without a window, to the bin before or after."""
        if self._window is not None:
            length = (self._window[1] - self._window[0]) * step
            self._show(self._text, (self._window[0] + length, self._window[1] + length))
            return
        moment, histogram = self._moment(), self.query_one(HistogramStrip).histogram
        if moment is not None and histogram.counts:
            place = histogram.place(moment) + step
            while 0 < place < len(histogram.counts) - 1 and not histogram.counts[place]:
                place += step
            self.go_to_time(histogram.start + max(0, place) * histogram.step)

    def action_spike(self, step: int) -> None:
        """Go to the start of the spike before or after the cursor."""
        moment, histogram = self._moment(), self.query_one(HistogramStrip).histogram
        spikes = [low for low, _ in histogram.spikes()]
        if moment is None or not spikes:
            self.say("no bin stands out from the others")
            return
        here = histogram.place(moment)
        ahead = [place for place in spikes if (place > here if step > 0 else place < here)]
        if not ahead:
            self.say(f"no {'further' if step > 0 else 'earlier'} spike")
            return
        self.say("")
        self.go_to_time(histogram.start + (ahead[0] if step > 0 else ahead[-1]) * histogram.step)

    # --- from here on -------------------------------------------------------------------------------------------

    def action_count(self) -> None:
        """Count the values of this column."""
        found = self.query_one(Table).current_cell
        if found is None or self._index is None:
            return
        self.workbench.open(CountRoute(found[0], self._index.filter, self._text))

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
        if row is None:
            return

        def work(job: Job) -> dict[str, str | None]:
            return things_of(self.case, row[0], job.cursor("FROM session"))

        self.job("looking up", work, lambda things: open_menu(self, f"event {row[0]}", things))

    def action_related(self, column: str) -> None:
        """Show all events of this one's account, address or session, the cursor on this one."""
        row, at = self.query_one(Table).current, self._moment()
        if row is None:
            return

        def done(things: dict[str, str | None]) -> None:
            kind = next(kind for kind, name in KINDS.items() if name == column)
            one = things.get(kind)
            if one is None:
                self.say(f"this event names no {kind}", error=True)
            elif kind == "session":
                self._open_session(one)
            else:
                self.workbench.open(EventsRoute(f"{column}:{quoted(one)}", at=at))

        self.job("looking up", lambda job: things_of(self.case, row[0], job.cursor("FROM session")), done)

    def _open_session(self, session: str) -> None:
        at = self._moment()
        self.job(
            "looking up",
            lambda job: filter_of_session(self.case, session, job.cursor("FROM session")),
            lambda text: self.workbench.open(EventsRoute(text, at=at)),
        )

    def action_tag(self) -> None:
        """Tag what the cell under the cursor names; else the events."""
        table = self.query_one(Table)
        found = table.current_cell
        kind = kind_of(found[0]) if found else None
        if kind is None or found is None or found[1] is None:
            tag_form(self, "event", [row[0] for row in table.chosen()])
            return
        at = 1 + table.columns.index(found[0])
        tag_form(self, kind, list(dict.fromkeys(str(row[at]) for row in table.chosen() if row[at] is not None)))


def _read_window(texts: Sequence[str] | None) -> Window | None:
    if not texts:
        return None
    return datetime.fromisoformat(texts[0]), datetime.fromisoformat(texts[1])


assert set(_SHOWN) <= {*BY_NAME, "what"}
