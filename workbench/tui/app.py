"""The application: it composes places and routes between them; the work lives in the screens and in the domain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import SystemCommand
from textual.screen import Screen

from workbench.case.history import History
from workbench.case.moments import read_time
from workbench.config import config_file, settings
from workbench.errors import UsageError
from workbench.tui.actions import LEAVING, PLACES, actions_for, choose_keys, keymap
from workbench.tui.ascii_filter import Ascii, ascii_only
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.dialogs.playbook import playbook_form
from workbench.tui.frame import Frame
from workbench.tui.keyorder import OrderedKeys
from workbench.tui.router import screen_of, screen_of_place
from workbench.tui.routes import EntityRoute, EventsRoute, PlaybookRoute, Route
from workbench.tui.tour import Tour
from workbench.tui.view_state import ViewState
from workbench.tui.widgets.table import MOVING, Table

if TYPE_CHECKING:
    import duckdb
    from textual.filter import LineFilter

    from workbench.case import Case
    from workbench.detect import Triage
    from workbench.tui.following import Following

#: How often it is written down where one is.
_REMEMBER_SECONDS = 3.0

#: The most that triage lists; whoever is ranked lower is found among the accounts.
RANKED = 2000

_CSS = """
Screen { background: ansi_default; color: ansi_default; }
* {
    scrollbar-color: ansi_bright_black; scrollbar-color-hover: ansi_bright_black;
    scrollbar-color-active: ansi_bright_black;
    scrollbar-background: ansi_default; scrollbar-background-hover: ansi_default;
    scrollbar-background-active: ansi_default;
}
"""


class WorkbenchApp(OrderedKeys[str | None]):
    """The workbench over one case. ``pending`` are logs to load as soon as the screen is up."""

    CSS = _CSS
    TITLE = "workbench"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        case: Case,
        *,
        pending: Sequence[str] = (),
        log_format: str | None = None,
        tz: str | None = None,
        kept: bool = True,
        tour: bool = False,
    ) -> None:
        super().__init__()
        choose_keys(settings().get("keys", {}), str(config_file()))
        self.set_keymap(keymap())
        self.case = case
        self.pending, self.log_format, self.tz = pending, log_format, tz
        self.kept = kept
        self.tour = Tour() if tour else None
        self.last_tag = ""
        self.history = History(case.ledger, case.tags)
        self._places: dict[str, Frame] = {}
        self.theme = "ansi-dark"
        self.following: Following | None = None
        self.triage: Triage | None = None
        self._judged_of: object = None
        self.view_state = ViewState(case.folder.path)

    async def on_event(self, event: events.Event) -> None:
        """The tour goes on with the key that it asks for."""
        reads = isinstance(self.screen, Frame) and not self.screen.asking if self.screen_stack else False
        if self.tour is not None and isinstance(event, events.Key) and not event.is_forwarded and reads:
            self.tour.pressed(event.key)
            self._show_tour()
        await super().on_event(event)

    def _show_tour(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Frame) and screen.is_mounted:
                screen.show_tour(self.tour.text if self.tour else "")

    def on_mount(self) -> None:
        """Start where there is something to see: requests of a model are judged first, other logs are read."""
        remembered = self.view_state.get("app").get("place")
        if self.pending or not self.case.info()["events"]:
            self.go("sources")
        elif remembered in {name for _, name, _ in PLACES}:
            self.go(remembered)
        else:
            self.go("events" if {"prompt", "output_tokens"}.isdisjoint(self.case.store.logged()) else "triage")
        self.set_interval(_REMEMBER_SECONDS, self.remember)

    def remember(self) -> None:
        """Write down where one is, for the next time."""
        for name, place in self._places.items():
            if place.is_open and place.is_mounted:  # one that is being opened has no widgets yet
                self.view_state.keep(name, place.remember())
        names = {id(place): name for name, place in self._places.items()}
        here = next((names[id(screen)] for screen in reversed(self.screen_stack) if id(screen) in names), None)
        self.view_state.keep("app", {"place": here, "pins": self.pins})
        self.view_state.write()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw in ASCII where the terminal shows nothing else, and where no colour is wanted in the terminal's own.

        Textual would choose shades of grey, black on black among them.
        """
        from textual.filter import Monochrome, NoColor

        usual = super().get_line_filters()
        filters = [NoColor() if isinstance(line_filter, Monochrome) else line_filter for line_filter in usual]
        return [*filters, Ascii()] if ascii_only() else filters

    def must_wait(self, key: str) -> bool:
        """A key that acts on a row waits until the rows that were asked for are there; moving and leaving never do."""
        screen = self.screen
        return isinstance(screen, Frame) and key not in MOVING | LEAVING and screen.changing

    # --- following ----------------------------------------------------------------------------------------------

    def follow(self, path: str) -> None:
        """Load what is appended to a log from now on, in place of the one that was followed."""
        from workbench.tui.following import Following

        self.unfollow()
        self.following = Following(self, path)

    def unfollow(self) -> bool:
        """Stop following; returns whether a log was followed."""
        running = self.following is not None and self.following.running
        if self.following is not None:
            self.following.stop()
        return running

    def followed(self) -> None:
        """Something was taken, or the following ended: the screen that is seen shows it."""
        frame = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Frame)), None)
        if frame is not None and frame.is_open and frame.is_mounted:
            frame.followed()

    async def on_unmount(self) -> None:
        """The piece that is being loaded is finished before the case is closed."""
        if self.following is not None:
            self.following.stop()
            await asyncio.to_thread(self.following.join)

    # --- pins ---------------------------------------------------------------------------------------------------

    @property
    def pins(self) -> list[dict[str, Any]]:
        """The pinned views, at most nine."""
        return list(self.view_state.get("app").get("pins", []))

    def pin(self, view: dict[str, Any]) -> int:
        """Pin a view; returns its number. The tenth takes the place of the first."""
        pins = [*(pinned for pinned in self.pins if pinned != view), view][-9:]
        self.view_state.keep("app", {**self.view_state.get("app"), "pins": pins})
        self.view_state.write()
        return len(pins)

    def open_pin(self, view: dict[str, Any]) -> None:
        """Open a pinned view again."""
        kind = view["kind"]
        if kind == "events":
            self.open(EventsRoute(view["text"], view["window"]))
        elif kind == "entity":
            self.open(EntityRoute(view["of"], view["entity"]))
        else:
            from workbench.playbooks import Library

            self.open(PlaybookRoute(Library(self.case.folder.path).get(view["name"]), view["given"]))

    def judged(self, cursor: duckdb.DuckDBPyConnection) -> Triage:
        """Return the triage of the case as it is now, made when first asked for. Runs in a job."""
        from workbench.detect import triage
        from workbench.evidence.runs import record_triage

        loaded = self.case.ledger.rows("SELECT count(*) AS n FROM segment")[0]["n"]
        if self.triage is None or self._judged_of != loaded:
            started = time.monotonic()
            judged = triage(self.case, top=RANKED, cursor=cursor)
            if not self.case.ledger.readonly:
                record_triage(self.case, judged, top=RANKED, seconds=time.monotonic() - started)
            self.triage, self._judged_of = judged, loaded
        return self.triage

    # --- places -------------------------------------------------------------------------------------------------

    def go(self, name: str, message: str = "") -> None:
        """Go to a place; it is as it was left. ``message`` is said there."""
        place = self._places.get(name)
        if place is not None and place.is_open:
            while self.screen is not place:
                self.pop_screen()
        else:
            place = self._places[name] = screen_of_place(name, self.view_state)
            self.push_screen(place)
        if message:
            place.call_later(place.say, message)

    def back(self) -> None:
        """Go one screen back, if there is one."""
        if len(self.screen_stack) > 2:
            self.pop_screen()

    def quit_or_back(self) -> None:
        """Quit from a place; go back from what lies deeper."""
        if self.screen in self._places.values() or len(self.screen_stack) <= 2:
            self.leave()
        else:
            self.pop_screen()

    def open(self, route: Route) -> None:
        """Open a screen over the one that is seen."""
        self.push_screen(screen_of(route))

    def leave(self) -> None:
        """Quit; a case opened on the fly with tags in it is offered to be kept."""
        self.remember()
        if self.kept or not self.case.tags.all():
            self.exit(None)
            return

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                self.exit(values["path"].strip() or None)

        field = FormField(
            "path", "Keep it as", f"{self.case.name}.case", "a folder; empty throws the case and its tags away"
        )
        self.push_screen(Form("You tagged something. Keep this case?", [field], about="Esc: do not quit"), answered)

    # --- commands -----------------------------------------------------------------------------------------------

    def commands(self, start: str) -> list[str]:
        """Return the commands that begin with a text."""
        from workbench.playbooks import Library

        books = [book.name for book in Library(self.case.folder.path).all()]
        known = [*(name for _, name, _ in PLACES), "q", "w", "help", "tour", *books]
        return [name for name in known if name.startswith(start.strip())]

    def command(self, frame: Frame, text: str) -> None:
        """Do what was typed after a colon."""
        from workbench.playbooks import Library

        names = {name for _, name, _ in PLACES}
        if not text:
            return
        if text.isdigit():
            for table in frame.query(Table):
                table.go(int(text) - 1)
        elif moment := _moment(text):
            frame.go_to_time(moment)
        elif text in names:
            self.go(text)
        elif text in ("q", "quit"):
            self.leave()
        elif text == "w":
            frame.action_export()
        elif text == "tour":
            self.tour = Tour()
            self.go("triage")
            self._show_tour()
        elif text == "help":
            frame.action_help()
        elif text in {book.name for book in Library(self.case.folder.path).all()}:
            playbook_form(frame, text)
        else:
            near = self.commands(text)[:3]
            hint = f"did you mean {', '.join(near)}?" if near else "Tab completes; ? shows the keys"
            frame.say(f"there is no command {text!r}; {hint}", error=True)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: every action of this screen, and every playbook."""
        frame = screen if isinstance(screen, Frame) else None
        if frame is None:
            return
        now = {"undo": self.history.undoable, "redo": self.history.redoable}
        for action in actions_for(frame.NAME):
            change = now.get(action.id)
            about = f"{action.label} {change.what}" if change else action.help
            yield SystemCommand(f"{action.label} ({action.key_label})", about, _runner(frame, action.id))
        from workbench.playbooks import Library

        for book in Library(self.case.folder.path).all():
            yield SystemCommand(
                f"playbook: {book.name}", book.question, lambda name=book.name, on=frame: playbook_form(on, name)
            )

    async def action_quit(self) -> None:
        """Ctrl-q and the palette's quit."""
        self.leave()


def _moment(text: str) -> datetime | None:
    try:
        return read_time(text)
    except UsageError:
        return None


def _runner(frame: Frame, action: str) -> Callable[[], None]:
    def run() -> None:
        frame.call_later(frame.run_action, action)

    return run
