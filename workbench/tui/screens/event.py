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
from workbench.errors import CaseError, EvidenceError, SourceError
from workbench.export.original import Original, original
from workbench.ingest.archives import locate
from workbench.safetext import safe, safe_bytes
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.peek import whole
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.tagging import tag_form

#: Said above, or of no use to a reader.
_PLACE = frozenset({"source", "line", "item", "lines", "event_id"})

#: A log of up to so many bytes is read and hashed for a record without being asked to.
_AT_ONCE = 64_000_000


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
        Binding("g,home", "scroll(-1000000)", show=False),
        Binding("G,end", "scroll(1000000)", show=False),
    ]

    def __init__(self, event_id: str) -> None:
        super().__init__()
        self._event_id = event_id
        self._plain = ""
        self._asked = False

    def body(self) -> Sequence[Widget]:
        """A text that scrolls."""
        return (VerticalScroll(Static(id="event"), Static(id="verbatim")),)

    def arrive(self) -> None:
        """Read it."""
        self.where("events", self._event_id)
        self.query_one(VerticalScroll).focus()

        def work(_: Job) -> tuple[dict[str, Any], int]:
            event = read_event(self.case, self._event_id)
            return event, _log_size(event) if event else 0

        self.job("reading", work, lambda answer: self._show(*answer))

    def _show(self, event: dict[str, Any], size: int) -> None:
        if not event:
            self.say("this event is not in the case any more", error=True)
            return
        place = event.pop("source_path") + (f" line {event['line']:,}" if "line" in event else "")
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
        if size <= _AT_ONCE:
            self.action_verbatim()
        else:
            self._say_verbatim(f"v reads it from the log, whose {size / 1e6:,.0f} MB are hashed first")

    def action_verbatim(self) -> None:
        """Show the verbatim record, and whether it comes from the log or from the case's copy."""
        if self._asked or not self._plain:
            return
        self._asked = True
        self._say_verbatim("reading it, and whether the log is as it was loaded…")
        self.job("reading the record", lambda _: self._read(), self._show_record)

    def _read(self) -> Original | str:
        try:
            return original(self.case, self._event_id)
        except (CaseError, EvidenceError, SourceError) as error:
            return str(error)

    def _show_record(self, answer: Original | str) -> None:
        if isinstance(answer, str):
            self._say_verbatim(answer)
            return
        last = answer.line + answer.lines - 1
        place = f"line {answer.line:,}" if answer.lines == 1 else f"lines {answer.line:,} to {last:,}"
        origin = (
            f"{place} of the copy that the case keeps, since {answer.note}"
            if answer.kept
            else f"{place} of the original log, unchanged since it was loaded"
        )
        record = "\n".join(safe_bytes(line) for line in answer.raw.split(b"\n"))
        self._plain += f"\n{origin}:\n{record}\n"
        self._say_verbatim(origin, record)

    def _say_verbatim(self, origin: str, record: str = "") -> None:
        shown = Text.assemble(("\nVerbatim record\n", "bold"), (safe(origin), "dim"), "\n", record)
        self.query_one("#verbatim", Static).update(shown)

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


def _log_size(event: dict[str, Any]) -> int:
    """Return the bytes of the file that an event's log is or lies in; 0 where it is gone."""
    file = locate(event["source_path"])
    return file[0].stat().st_size if file else 0
