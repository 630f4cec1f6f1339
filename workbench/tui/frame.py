"""What every screen has: the lines that say where I am and what the keys do, messages, the prompt, background jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from workbench.safetext import safe
from workbench.tui.actions import PLACES, common_actions, hints_for
from workbench.tui.dialogs.export import ScreenExport, export_form
from workbench.tui.dialogs.help import Help
from workbench.tui.dialogs.menu import Choice, Menu
from workbench.tui.dialogs.peek import Peek
from workbench.tui.job import Job
from workbench.tui.job_screen import JobScreen
from workbench.tui.routes import RejectsRoute
from workbench.tui.style import ERROR, MUTED, PLAIN, TITLE
from workbench.tui.tagging import redo, undo
from workbench.tui.widgets.line import Line
from workbench.tui.widgets.places import Places
from workbench.tui.widgets.prompt import Prompt
from workbench.tui.widgets.table import Table
from workbench.values import cell

if TYPE_CHECKING:
    from workbench.case.history import Change


class Frame(JobScreen):
    """A screen named ``name`` in the actions table. Subclasses give ``body`` and answer ``arrive``."""

    NAME: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Frame #message { height: auto; max-height: 4; }
    Frame #tour { height: auto; max-height: 3; text-style: reverse; padding: 0 1; display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._where: tuple[list[str], str] = ([], "")
        self._offered: tuple[Change | None, Change | None] | None = None

    def compose(self) -> ComposeResult:
        """Head, body, message, prompt, foot."""
        yield Line(id="where")
        yield Places()
        yield from self.body()
        yield Static(id="message")
        yield Static(id="tour")
        yield Prompt()
        yield Line(id="hints")

    def body(self) -> Sequence[Widget]:
        """Return what is between the lines."""
        return ()

    def on_mount(self) -> None:
        """Show the keys, then let the screen fill itself."""
        self.query_one("#hints", Line).hints(hints_for(self.NAME))
        self.say("")
        self.show_tour(self.workbench.tour.text if self.workbench.tour else "")
        for table in self.query(Table):
            table.digits.on_place = self.digit
        self.arrive()

    def arrive(self) -> None:
        """Fill the screen for the first time."""

    def remember(self) -> dict[str, Any]:
        """Return what should come back with the case: filter, position."""
        return {}

    # --- saying -------------------------------------------------------------------------------------------------

    def where(self, *crumbs: str, right: str = "") -> None:
        """Say where I am, from the case inwards, and what stands at the right."""
        self._where = (list(crumbs), right)
        self.query_one(Places).show(crumbs[0] if crumbs else "")
        self._show_where()

    def _show_where(self) -> None:
        crumbs, right = self._where
        job = next(reversed(self._jobs), None)
        running = f"{job.what}{job.progress}" if job else ""
        parts = [(self.case.name, TITLE)]
        for crumb in crumbs:
            parts += [(" ▸ ", MUTED), (crumb, PLAIN)]
        self.query_one("#where", Line).show(parts, f"{running}… Esc stops" if running else right)

    def show_jobs(self) -> None:
        """Show in the head what runs, and in a list that is to be filled what is being done for it."""
        self._show_where()
        self._show_waiting()

    def _show_waiting(self) -> None:
        """Say in a list that is still to be filled what is being done for it."""
        job = next((job for job in reversed(self._jobs) if job.changes), None)
        what = f"{job.about.rstrip('…') or job.what}{job.progress}…" if job else ""
        for table in self.query(Table):
            table.say_waiting(f"{what} Esc stops it; the other places work meanwhile." if what else "")

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message on its line, or hide the line."""
        self._offered = None
        self._write(text, ERROR if error else PLAIN)

    def _write(self, text: str, style: Style) -> None:
        message = self.query_one("#message", Static)
        message.update(Text(safe(text), style))
        message.display = bool(text)

    def offer(self, text: str, change: Change) -> None:
        """Say what was done to tags, and what the keys of undo and redo would do now: to "it", or to what is named."""
        history = self.workbench.history
        keys = {action.id: action.key_label for action in common_actions(self.NAME)}
        self._offered = history.undoable, history.redoable
        offers = [
            f"{keys[name]} {word} {'it' if of is change else of.what}"
            for name, word, of in zip(("undo", "redo"), ("undoes", "redoes"), self._offered, strict=True)
            if of
        ]
        self._write("; ".join([text, *offers]), PLAIN)

    @property
    def asking(self) -> bool:
        """Whether keys are text that is being typed."""
        return isinstance(self.focused, Input | TextArea)

    def show_tour(self, text: str) -> None:
        """Show a step of the tour above the keys, or hide the line."""
        line = self.query_one("#tour", Static)
        line.update(Text(text))
        line.display = bool(text)

    @property
    def typing(self) -> bool:
        """Whether a digit waits for what follows."""
        return any(table.digits.pending for table in self.query(Table))

    @property
    def changing(self) -> bool:
        """Whether other rows are about to come: what acts on a row must not act on the one that is still there."""
        return any(job.changes for job in self._jobs) or any(table.waiting for table in self.query(Table))

    def followed(self) -> None:
        """React to lines that a followed log brought."""

    # --- keys ---------------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Stop what runs, else go back; what runs by itself for the looks of it is stopped and keeps nobody."""
        if not self.stop_jobs():
            self.workbench.back()

    def action_quit_or_back(self) -> None:
        """Go back, and from a place quit."""
        self.workbench.quit_or_back()

    def action_place(self, name: str) -> None:
        """Go to a place."""
        self.workbench.go(name)

    def pinned(self) -> dict[str, Any] | None:
        """Return what opens this view again, or None where a view cannot be pinned."""
        return None

    def action_pin(self) -> None:
        """Pin this view."""
        pin = self.pinned()
        if pin is None:
            self.say("this view cannot be pinned: events, answers and pages can", error=True)
            return
        number = self.workbench.pin(pin)
        self.say(f"pinned as {number}: P lists the pins")

    def action_pins(self) -> None:
        """Go to a pinned view."""
        pins = self.workbench.pins
        if not pins:
            self.say("nothing is pinned yet: p pins a view")
            return
        choices = [Choice(str(number), pin["title"]) for number, pin in enumerate(pins, 1)]

        def chosen(key: str | None) -> None:
            if key is not None:
                self.workbench.open_pin(pins[int(key) - 1])

        self.app.push_screen(Menu("pinned", choices), chosen)

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(self.NAME))

    def action_command(self) -> None:
        """Ask for a command."""
        self.ask(
            "command",
            "a place, a playbook, a row, w to export, tour, q to quit",
            complete=self.workbench.commands,
        )

    def digit(self, digit: str, then: str | None) -> None:
        """A digit goes to a place; the key that followed it is for that place."""
        name = next((name for key, name, _ in PLACES if key == digit), None)
        if name is None:
            self.say(f"{digit} is no place; ? shows the keys")
        else:
            self.workbench.go(name)
        if then is not None:
            self.workbench.next_key(then)

    def action_rejects(self) -> None:
        """The lines that could not be read."""
        self.workbench.open(RejectsRoute())

    def action_undo(self) -> None:
        """Undo the last change of tags, notes or verdicts."""
        undo(self)

    def action_redo(self) -> None:
        """Redo what was undone last."""
        redo(self)

    def action_value(self) -> None:
        """Show the value under the cursor whole."""
        current = self.query_one(Table).current_cell
        if current is not None:
            self.app.push_screen(Peek(*current), self.peeked)

    def peeked(self, deeper: bool | None) -> None:
        """Space was pressed in the whole value: the record itself, where there is one."""

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        current = self.query_one(Table).current_cell
        if current is not None:
            text = cell(current[1])
            self.app.copy_to_clipboard(text)
            self.say(f"copied {len(text):,} characters, if the terminal lets programs copy (OSC 52)")

    def action_search(self) -> None:
        """Ask for words to search for."""
        self.ask("search", "words; n and N go to the next and previous match")

    def action_search_next(self, step: int) -> None:
        """Go to the next or previous row with a match."""
        table = self.query_one(Table)
        rows, text, start = table.rows, table.needle, table.cursor
        if not text or rows is None:
            self.say("nothing was searched for yet: / searches")
            return

        def work(job: Job) -> int | None:
            return rows.find(text, start, step, job.cursor())

        def done(row: int | None) -> None:
            if row is None:
                self.say(f"no {'further' if step > 0 else 'earlier'} row has {text!r}")
                return
            self.say("")
            table.go(row)

        self.job("searching", work, done, changes=True)

    def exports(self) -> Mapping[str, ScreenExport]:
        """Return what can be written of this screen beyond what can be of every case, by name."""
        return {}

    def action_export(self) -> None:
        """Ask what to export, and where to."""
        export_form(self)

    def go_to_time(self, moment: datetime) -> None:
        """Put the cursor on the first event from a time on, where there are events."""
        self.say("a time is gone to among the events: 5", error=True)

    def ask(
        self, purpose: str, hint: str, value: str = "", complete: Callable[[str], Sequence[str]] | None = None
    ) -> None:
        """Ask for a line of text; the answer comes to ``answered``."""
        self.query_one(Prompt).ask(purpose, hint, value, complete)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Close the prompt and pass the answer on."""
        self.query_one(Prompt).close()
        self.focus_body()
        self.say("")
        if event.purpose == "command":
            self.workbench.command(self, event.text.strip())
        elif event.purpose == "search":
            table = self.query_one(Table)
            table.needle = event.text.strip().lower()
            table.refresh()
            if table.needle:
                self.action_search_next(1)
        else:
            self.answered(event.purpose, event.text)

    def on_prompt_left(self, _: Prompt.Left) -> None:
        """Back to the body."""
        self.say("")
        self.focus_body()

    def answered(self, purpose: str, text: str) -> None:
        """React to what was typed."""

    def focus_body(self) -> None:
        """Give the keys back to the body."""
        for widget in self.query("Table, TextArea"):
            widget.focus()
            return

    def on_screen_resume(self) -> None:
        """Tags may have changed while another screen was on top: take away an offer that does not hold any more."""
        history = self.workbench.history
        if self._offered is not None and self._offered != (history.undoable, history.redoable):
            self.say("")
