"""Everything that is tagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from workbench.case.engine import Table as Result
from workbench.case.filter import quoted
from workbench.case.tags import KINDS, Tag, check
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.going import open_thing
from workbench.tui.job import Job
from workbench.tui.jobs import Undo
from workbench.tui.rows import TableRows
from workbench.tui.widgets.form import Form, FormField
from workbench.tui.widgets.note import NoteEditor, rendered
from workbench.tui.widgets.table import Table
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case

_COLUMNS = ["kind", "id", "tag", "note", "tagged_by", "tagged_at"]


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
            table.show(TableRows(Result(_COLUMNS, ["VARCHAR"] * 6, rows)), at=table.cursor)
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

            def work(_: Job) -> Undo:
                return _rename(self.case, old, tag)

            def done(undo: Undo) -> None:
                self.workbench.undos.append(undo)
                self.say(f"{named} now {tag!r}; u takes it back")
                self.on_screen_resume()

            self.job("tagging", work, done)

        known = ", ".join(self.case.tags.names()[:8])
        fields = [
            FormField("tag", "New tag", old[0].tag, f"in use: {known}", lambda text: check("session", text.strip()))
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

            def done(_: int) -> None:
                self.workbench.undos.append(Undo("the note", restore=[old]))
                self.say("noted; u takes it back")
                self.on_screen_resume()

            self.job("noting", lambda _: self.case.tags.add(old.kind, [old.id], old.tag, note), done)

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
            self.workbench.open_events(f"{KINDS[row[0]]}:{quoted(row[1])}")

    def action_untag(self) -> None:
        """Take the marked tags, or this one, off."""
        rows = self.query_one(Table).chosen()
        if not rows:
            return
        taken = [Tag(*row) for row in rows]

        def work(_: Job) -> int:
            return sum(self.case.tags.remove(kind, [one], tag) for kind, one, tag, *_ in rows)

        def done(removed: int) -> None:
            self.workbench.undos.append(Undo("untagging", restore=taken))
            self.say(
                f"took {counted(removed, 'tag')} off"
                if removed != 1
                else f"took {rows[0][2]!r} off {rows[0][0]} {rows[0][1]}"
            )
            self.on_screen_resume()

        self.job("untagging", work, done)


def _rename(case: Case, old: Sequence[Tag], tag: str) -> Undo:
    """Give tags another name, kind by kind and note by note, each group in one act; returns how to take it back."""
    had = {(one.kind, one.id): one for one in case.tags.all(tag=tag)}
    moved = [one for one in old if one.tag != tag]
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in moved:
        groups.setdefault((one.kind, one.tag, one.note), []).append(one.id)
    for (kind, before, note), ids in groups.items():
        case.tags.add(kind, ids, tag, note)
        case.tags.remove(kind, ids, before)
    new = [(one.kind, [one.id], tag) for one in moved if (one.kind, one.id) not in had]
    kept = [had[one.kind, one.id] for one in moved if (one.kind, one.id) in had]
    return Undo("another tag", remove=new, restore=[*moved, *kept])
