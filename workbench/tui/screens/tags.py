"""Everything that is tagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.engine import Table as Result
from workbench.case.filter import quoted
from workbench.case.tags import KINDS, Tag
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame, Job
from workbench.tui.going import open_thing
from workbench.tui.jobs import Undo
from workbench.tui.rows import TableRows
from workbench.tui.widgets.table import Table

_COLUMNS = ["kind", "id", "tag", "note", "tagged_by", "tagged_at"]


class TagsScreen(Frame):
    """The tags in the order in which they were given, the newest first."""

    NAME = "tags"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("tags"))

    def body(self) -> Sequence[Widget]:
        """One table."""
        table = Table()
        table.empty = "nothing is tagged yet: t on an account, a session, an event or a result's row tags it"
        return (table,)

    def arrive(self) -> None:
        """Read them."""
        self.query_one(Table).focus()
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Read them again."""

        def done(rows: list[tuple[object, ...]]) -> None:
            table = self.query_one(Table)
            table.show(TableRows(Result(_COLUMNS, ["VARCHAR"] * 6, rows)), at=table.cursor)
            self.where("tags", right=f"{len(rows):,} tags")

        self.job("reading", lambda _: [astuple(tag) for tag in reversed(self.case.tags.all())], done, changes=True)

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
                f"took {removed} tags off" if removed != 1 else f"took {rows[0][2]!r} off {rows[0][0]} {rows[0][1]}"
            )
            self.on_screen_resume()

        self.job("untagging", work, done)
