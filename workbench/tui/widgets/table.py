"""A virtual table: it draws the visible rows and asks for pages, so millions of rows feel like fifty."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from workbench.errors import WorkbenchError
from workbench.safetext import safe
from workbench.tui.rows import Row, Rows, TableRows
from workbench.tui.style import CELL, CURSOR, ERROR, MATCH, MUTED, PLAIN, TAGGED, TITLE
from workbench.tui.widgets.columns import Columns, Write
from workbench.tui.widgets.digits import DigitInput
from workbench.tui.widgets.pages import PAGE, Pages
from workbench.tui.widgets.strips import blank, fit


class Table(Widget, can_focus=True):
    """Rows under a header, with a cursor on one cell. ``hidden`` leading columns are fetched but not shown (keys)."""

    DEFAULT_CSS = "Table { height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("ctrl+d", "half(1)", show=False),
        Binding("ctrl+u", "half(-1)", show=False),
        Binding("pagedown,ctrl+f", "page(1)", show=False),
        Binding("pageup,ctrl+b", "page(-1)", show=False),
        Binding("g,home", "first", show=False),
        Binding("G,end", "last", show=False),
        Binding("h,left", "column(-1)", show=False),
        Binding("l,right", "column(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("m", "mark", show=False),
        Binding("M", "mark_all", show=False),
        Binding("comma", "width(-4)", show=False),
        Binding("full_stop", "width(4)", show=False),
    ]

    @dataclass
    class Opened(Message):
        """Enter was pressed on a row."""

        table: Table
        row: Row

    @dataclass
    class Moved(Message):
        """The cursor stands on another row or cell, or its row has arrived."""

        table: Table

    def __init__(self, *, hidden: int = 0, tagged: Callable[[Row], bool] | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rows: Rows | None = None
        self._hidden = hidden
        self._tagged = tagged
        self._pages = Pages()
        self._layout = Columns()
        self._texts: Mapping[str, Write] = {}
        self.digits = DigitInput(self)
        self.needle = ""
        self.top = self.cursor = self.column = self.left = 0
        self.marks: dict[Any, Row] = {}
        self.empty = "nothing here"
        self.problem: str | None = None
        self._waiting_for = ""

    # --- what it shows ------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Rows | None:
        """The rows shown."""
        return self._rows

    @property
    def waiting(self) -> bool:
        """Whether the row under the cursor is still on its way."""
        return bool(self.total) and self.current is None and self._pages.awaited(self.cursor)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._rows.total if self._rows else 0

    @property
    def columns(self) -> list[str]:
        """Names of the visible columns."""
        return list(self._rows.columns[self._hidden :]) if self._rows else []

    def show(self, rows: Rows, *, at: int = 0, texts: Mapping[str, Write] | None = None) -> None:
        """Show other rows, the cursor on row ``at``; ``texts`` says how the values of some columns are written."""
        self._texts = texts or {}
        self._rows = rows
        self._pages.clear()
        self._layout.clear()
        self.problem = None
        self.marks.clear()
        self.column = min(self.column, max(0, len(self.columns) - 1))
        self.left = min(self.left, self.column)
        self.cursor = max(0, min(at, self.total - 1))
        self.top = max(0, min(self.top, self.cursor, self.total - 1))
        self._scroll_to_cursor()
        self._need()
        self.refresh()

    def say_waiting(self, text: str) -> None:
        """Say what is being done, until there are rows; an empty text when nothing is any more."""
        if text != self._waiting_for:
            self._waiting_for = text
            if not self.total:
                self.refresh()

    def reload(self) -> None:
        """Fetch what is shown again (a tag changed), keeping the place."""
        self._pages.clear()
        self._need()

    def row(self, number: int) -> Row | None:
        """Return a row if it has arrived."""
        return self._pages.row(number)

    @property
    def current(self) -> Row | None:
        """The row under the cursor, if it has arrived."""
        return self.row(self.cursor) if self.total else None

    @property
    def current_cell(self) -> tuple[str, Any] | None:
        """Name and value of the cell under the cursor."""
        row = self.current
        return None if row is None or not self.columns else (self.columns[self.column], row[self._hidden + self.column])

    def in_view(self) -> list[Row]:
        """The rows on the screen that have arrived."""
        numbers = range(self.top, min(self.total, self.top + self.body_height))
        return [row for number in numbers if (row := self.row(number)) is not None]

    def chosen(self) -> list[Row]:
        """The marked rows, or the one under the cursor where none is marked."""
        return list(self.marks.values()) or ([self.current] if self.current is not None else [])

    # --- fetching -----------------------------------------------------------------------------------------------

    @property
    def body_height(self) -> int:
        """How many rows fit."""
        return max(1, self.size.height - 1)

    def _need(self) -> None:
        """Ask for the pages in view and the next one."""
        if self._rows is None or not self.total:
            return
        for page in self._pages.to_ask(self.top, min(self.total - 1, self.top + self.body_height)):
            fetch = partial(self._fetch, self._rows, page, self._pages.generation)
            self.run_worker(fetch, thread=True, group="pages")

    def _fetch(self, rows: Rows, page: int, generation: int) -> None:
        try:
            answer: list[Row] | WorkbenchError = rows.fetch(page * PAGE, PAGE)
        except WorkbenchError as error:
            answer = error
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._arrived, page, generation, answer)

    def _arrived(self, page: int, generation: int, answer: list[Row] | WorkbenchError) -> None:
        if not self._pages.answered(page, generation):
            return
        if isinstance(answer, WorkbenchError):
            self.problem = str(answer)
            self.refresh()
            return
        self._pages.keep(page, answer)
        if not self._layout:
            self._layout.measure(self.columns, answer, self._hidden, self._texts)
        self.refresh()
        if self.cursor // PAGE == page:
            self.post_message(self.Moved(self))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fetch that died says so in the table rather than in a traceback."""
        if event.state is WorkerState.ERROR:
            self.problem = str(event.worker.error)
            self.refresh()

    # --- drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line: the header, or one row."""
        width = self.size.width
        if y == 0:
            return self._header(width)
        number = self.top + y - 1
        if not self.total or self.problem:
            lines = textwrap.wrap(safe(self.problem or self._waiting_for or self.empty), max(10, width - 2))
            text = lines[y - 1] if y <= len(lines) else ""
            return fit([Segment(f" {text}", ERROR if self.problem else MUTED)], width)
        if number >= self.total:
            return blank(width)
        row = self.row(number)
        at_cursor = number == self.cursor
        if row is None:
            return fit([Segment("  ·", CURSOR if at_cursor else MUTED)], width)
        return self._row_strip(row, at_cursor, width)

    def _header(self, width: int) -> Strip:
        parts = [Segment("  ")]
        for at in range(self.left, len(self._layout)):
            style = TITLE + Style(underline=True) if at == self.column else TITLE
            parts += [Segment(self._layout.heading(at, width), style), Segment("  ")]
        return fit(parts, width)

    def _row_strip(self, row: Row, at_cursor: bool, width: int) -> Strip:
        marked = self._key(row) in self.marks
        tagged = self._tagged is not None and self._tagged(row)
        base = CURSOR if at_cursor else (TAGGED if tagged else PLAIN)
        parts = [Segment(("*" if marked else " ") + ("▸" if tagged else " "), base)]
        for at in range(self.left, len(self._layout)):
            value = row[self._hidden + at]
            style = CELL + Style(underline=True) if at_cursor and at == self.column else base
            if value is None:
                style = style if at_cursor else MUTED
            parts += [*self._highlighted(self._layout.text(value, at, width), style), Segment("  ", base)]
            if sum(len(part.text) for part in parts) > width * 2:
                break
        return fit(parts, width, base)

    def _highlighted(self, text: str, style: Style) -> Iterator[Segment]:
        """Cut a cell so that what was searched for stands out."""
        at = text.lower().find(self.needle) if self.needle else -1
        if at < 0:
            yield Segment(text, style)
            return
        end = at + len(self.needle)
        yield from (Segment(text[:at], style), Segment(text[at:end], style + MATCH), Segment(text[end:], style))

    def _key(self, row: Row) -> Any:
        """Return what a row is known by: its hidden key, else all of it (a cell may be a list)."""
        return row[: self._hidden] if self._hidden else repr(row)

    # --- counts and places --------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Digits before a movement are its count; else each is a place, told apart by what follows or by time."""
        key = event.character or ""
        if key.isdigit() and key.isascii():
            self.digits.type(key, countable=self.total > 0)
        elif not self.digits.pending or event.key in MOVING or not self.digits.interrupt(event.key):
            return
        event.stop()
        event.prevent_default()

    # --- moving -------------------------------------------------------------------------------------------------

    def go(self, number: int) -> None:
        """Put the cursor on a row."""
        if not self.total:
            return
        before, top = self.cursor, self.top
        self.cursor = max(0, min(number, self.total - 1))
        self._scroll_to_cursor()
        self._need()
        if self.top != top:
            self.refresh()
        else:
            self._refresh_rows(before, self.cursor)
        if self.cursor != before:
            self.post_message(self.Moved(self))

    def _scroll_to_cursor(self) -> None:
        height = self.body_height
        if not self.top - height <= self.cursor < self.top + 2 * height:
            self.top = max(0, min(self.cursor - height // 2, self.total - height))
        elif self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + height:
            self.top = self.cursor - height + 1

    def _refresh_rows(self, *numbers: int) -> None:
        for number in numbers:
            self.refresh(Region(0, number - self.top + 1, self.size.width, 1))

    def on_resize(self, _: events.Resize) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()
        self._need()

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self.go(self.cursor + step * (self.digits.take_count() or 1))

    def action_half(self, step: int) -> None:
        """Half a page."""
        self.go(self.cursor + step * max(1, self.body_height // 2) * (self.digits.take_count() or 1))

    def action_page(self, step: int) -> None:
        """A page: the view moves by its height."""
        shift = step * self.body_height * (self.digits.take_count() or 1)
        self.top = max(0, min(self.top + shift, max(0, self.total - self.body_height)))
        self.go(self.cursor + shift)
        self.refresh()

    def action_first(self) -> None:
        """The first row, or the one whose number was typed."""
        self.go((self.digits.take_count() or 1) - 1)

    def action_last(self) -> None:
        """The last row, or the one whose number was typed."""
        self.go((self.digits.take_count() or self.total) - 1)

    def action_column(self, step: int) -> None:
        """One column left or right; the view follows."""
        if not self._layout:
            return
        step *= self.digits.take_count() or 1
        self.column = max(0, min(self.column + step, len(self._layout) - 1))
        self.left = min(self.left, self.column)
        room = self.size.width - 2
        while self.left < self.column and sum(w + 2 for w in self._layout.widths[self.left : self.column + 1]) > room:
            self.left += 1
        self.refresh()
        self.post_message(self.Moved(self))

    def action_width(self, step: int) -> None:
        """Make the column under the cursor narrower or wider; it stays so."""
        if not self._layout:
            return
        self._layout.resize(self.column, step, self.size.width - 2)
        self.action_column(0)

    def action_open(self) -> None:
        """Go deeper into this row."""
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def action_mark(self) -> None:
        """Mark or unmark this row for a bulk action, and step on."""
        row = self.current
        if row is not None:
            key = self._key(row)
            if self.marks.pop(key, None) is None:
                self.marks[key] = row
            self._refresh_rows(self.cursor)
            self.go(self.cursor + 1)
            self.post_message(self.Moved(self))

    def action_mark_all(self) -> None:
        """Mark all rows of a result that is in memory, or unmark them all."""
        if self.marks:
            self.marks.clear()
        elif isinstance(self._rows, TableRows):
            self.marks = {self._key(row): row for row in self._rows.fetch(0, self.total)}
        else:
            self.marks = {self._key(row): row for row in self._pages.rows()}
        self.refresh()
        self.post_message(self.Moved(self))


#: Keys that move the cursor: a count in front of them repeats them, and they never wait for rows.
MOVING = frozenset(
    key
    for binding in Table.BINDINGS
    if isinstance(binding, Binding) and not binding.action.startswith(("open", "mark", "width"))
    for key in binding.key.split(",")
)
