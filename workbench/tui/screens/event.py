"""One event, whole: every column, what lies beyond them as JSON, and the line of the file that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from workbench.case.browse import read_event
from workbench.safetext import safe
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame, Job
from workbench.tui.jobs import tag_form
from workbench.tui.widgets.peek import whole

#: Said above, or of no use to a reader.
_PLACE = frozenset({"source", "line", "item", "lines", "event_id"})


class EventScreen(Frame):
    """Everything that is known of one event."""

    NAME = "event"
    DEFAULT_CSS = "EventScreen Static { height: auto; } EventScreen VerticalScroll { scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("event"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d", "scroll(20)", show=False),
        Binding("pageup,ctrl+u", "scroll(-20)", show=False),
    ]

    def __init__(self, event_id: str) -> None:
        super().__init__()
        self._event_id = event_id
        self._plain = ""

    def body(self) -> Sequence[Widget]:
        """A text that scrolls."""
        return (VerticalScroll(Static(id="event")),)

    def arrive(self) -> None:
        """Read it."""
        self.where("events", self._event_id)
        self.query_one(VerticalScroll).focus()

        def work(_: Job) -> dict[str, Any]:
            return read_event(self.case, self._event_id)

        self.job("reading", work, self._show)

    def _show(self, event: dict[str, Any]) -> None:
        if not event:
            self.say("this event is not in the case any more", error=True)
            return
        place = f"{event.pop('source_path')} line {event['line']:,}"
        digest = event.pop("source_sha256")
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in event.items():
            if name not in _PLACE:
                grid.add_row(name, Text(whole(value)))
                self._plain += f"{name}: {whole(value)}\n"
        self._plain = f"{place}\nsha256 {digest}\n{self._plain}"
        head = Text.assemble((safe(place), "bold"), "\n", (f"sha256 {digest}\n", "dim"))
        self.query_one("#event", Static).update(Group(head, grid))

    def action_tag(self) -> None:
        """Tag this event."""
        tag_form(self, "event", [self._event_id])

    def action_copy(self) -> None:
        """Copy the whole event."""
        self.app.copy_to_clipboard(self._plain)
        self.say(f"copied {len(self._plain):,} characters, if the terminal lets programs copy (OSC 52)")

    def action_scroll(self, step: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
