"""Everything that is tagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from workbench.case.execute import QueryResult
from workbench.case.filter import quoted
from workbench.case.history import Change
from workbench.case.tags import KINDS, Tag, check_tag
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.dialogs.note import NoteEditor, rendered
from workbench.tui.frame import Frame
from workbench.tui.navigation import open_thing
from workbench.tui.routes import EventsRoute
from workbench.tui.rows import TableRows
from workbench.tui.widgets.table import Table
from workbench.words import counted

_COLUMNS = [one.name for one in fields(Tag)]


class TagsScreen(Frame):
    """The tags in the order in which they were given, the newest first; below, the note of the chosen one."""

    NAME = "tags"
    DEFAULT_CSS = """
    TagsScreen #note { height: auto; max-height: 40%; padding: 0 1; border-top: solid ansi_bright_black; display: none;
        scrollbar-size-vertical: 1; }
    TagsScreen #note Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("tags"))

    def body(self) -> Sequence[Widget]:
        """One table."""
        table = Table()
        table.empty = "nothing is tagged yet: t on an account, a session, an event or a result's row tags it"
        return (table, VerticalScroll(Static(), id="note", can_focus=False))

    def __init__(self) -> None:
        super().__init__()
        self._order = ("", False)

    def arrive(self) -> None:
        """Read them."""
        self.query_one(Table).focus()
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Read them again."""

        def done(rows: list[tuple[object, ...]]) -> None:
            by, descending = self._order
            if by:
                rows.sort(key=lambda row: str(row[_COLUMNS.index(by)]), reverse=descending)
            table = self.query_one(Table)
            table.show(TableRows(QueryResult(_COLUMNS, ["VARCHAR"] * 6, rows)), at=table.cursor)
            self.where("tags", *([f"by {by}"] if by else []), right=counted(len(rows), "tag"))
            self.on_table_moved(Table.Moved(table))

        self.job("reading", lambda _: [astuple(tag) for tag in reversed(self.case.tags.all())], done, changes=True)

    def on_table_moved(self, event: Table.Moved) -> None:
        """Show the note as Markdown."""
        row, pane = event.table.current, self.query_one("#note")
        pane.display = bool(row and row[3])
        if row and row[3]:
            self.query_one("#note Static", Static).update(rendered(row[3]))

    def action_pane(self, step: int) -> None:
        """Scroll the note."""
        self.query_one("#note").scroll_relative(y=step, animate=False)

    def action_sort(self, descending: bool) -> None:
        """Sort by the column under the cursor: by tag, by person, by time."""
        cell = self.query_one(Table).current_cell
        if cell is not None:
            self._order = (cell[0], descending)
            self.on_screen_resume()

    def action_retag(self) -> None:
        """Give the marked tags, or this one, another name; their notes stay."""
        old = [Tag(*row) for row in self.query_one(Table).chosen()]
        if not old:
            return
        named = f"{len(old):,} tags" if len(old) > 1 else f"{old[0].kind} {old[0].id}"

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return
            tag = values["tag"].strip()

            def done(change: Change) -> None:
                self.offer(f"{named} now {tag!r}" if change else "nothing was given another name", change)
                self.on_screen_resume()

            self.job("tagging", lambda _: self.workbench.history.rename(old, tag), done)

        known = ", ".join(self.case.tags.names()[:8])
        fields = [
            FormField("tag", "New tag", old[0].tag, f"in use: {known}", lambda text: check_tag("session", text.strip()))
        ]
        self.app.push_screen(Form(f"Another tag for {named}", fields), answered)

    def action_note(self) -> None:
        """Write the note of this tag."""
        row = self.query_one(Table).current
        if row is None:
            return
        old = Tag(*row)

        def answered(note: str | None) -> None:
            if note is None or note == old.note:
                return
            if not note:
                self.say("a note cannot be emptied; T takes the tag off with it", error=True)
                return

            def done(change: Change) -> None:
                self.offer("noted", change)
                self.on_screen_resume()

            self.job("noting", lambda _: self.workbench.history.write_note(old, note), done)

        self.app.push_screen(NoteEditor(f"{old.tag}: {old.kind} {old.id}", old.note), answered)

    def on_table_opened(self, event: Table.Opened) -> None:
        """Deeper: what is tagged."""
        open_thing(self, event.row[0], event.row[1])

    def action_open(self) -> None:
        """The events of what is tagged."""
        row = self.query_one(Table).current
        if row is not None and row[0] == "session":
            open_thing(self, "session", row[1])
        elif row is not None:
            self.workbench.open(EventsRoute(f"{KINDS[row[0]]}:{quoted(row[1])}"))

    def action_untag(self) -> None:
        """Take the marked tags, or this one, off."""
        rows = self.query_one(Table).chosen()
        if not rows:
            return
        tags = [Tag(*row) for row in rows]

        def done(change: Change) -> None:
            removed = len(change.after)
            named = f"{removed:,} tags off" if removed != 1 else "{2!r} off {0} {1}".format(*next(iter(change.after)))
            self.offer(f"took {named}", change)
            self.on_screen_resume()

        self.job("untagging", lambda _: self.workbench.history.untag(tags), done)
