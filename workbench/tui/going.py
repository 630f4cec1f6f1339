"""From one thing to what belongs to it: the menu behind ``o``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.case.filter import quoted
from workbench.case.views import literal
from workbench.tui.widgets.menu import Choice, Menu

if TYPE_CHECKING:
    from workbench.tui.frame import Frame

#: Kinds of things, in the menu's order: its letter, the filter's column, what opens.
_KINDS = {
    "session": ("s", "session", "its session"),
    "account": ("a", "account", "sessions of the account"),
    "key": ("k", "api_key", "events of the key"),
    "address": ("i", "client_ip", "events from the address"),
    "organisation": ("g", "organization", "events of the organisation"),
    "client": ("n", "entity", "sessions of the client"),
    "entity": ("n", "entity", "events of the entity"),
    "event": ("e", "event_id", "the whole event"),
    "source": ("f", "source", "events of the source"),
}


def open_thing(frame: Frame, kind: str, one: str) -> None:
    """Open what belongs to one thing: an account's sessions, an event whole, the events of anything else."""
    from workbench.tui.screens.entities import SessionsScreen
    from workbench.tui.screens.event import EventScreen

    if kind in ("account", "client"):
        frame.app.push_screen(SessionsScreen(f"entity_kind = '{kind}' AND entity = {literal(one)}"))
    elif kind == "session":
        frame.app.push_screen(SessionsScreen(f"session = {literal(one)}"))
    elif kind == "event":
        frame.app.push_screen(EventScreen(one))
    else:
        frame.workbench.open_events(f"{_KINDS[kind][1]}:{quoted(one)}")


def open_menu(
    frame: Frame, title: str, things: Mapping[str, str | None], events: Callable[[], None] | None = None
) -> None:
    """Offer what a row names; with one choice only, go there at once. ``events`` opens the row's own events."""
    named = {kind: one for kind, one in things.items() if one is not None}
    goes: dict[str, Callable[[], None]] = {}
    choices = []
    if events is not None:
        goes["e"] = events
        choices.append(Choice("e", "its events"))
    for kind, (key, _, label) in _KINDS.items():
        if kind in named and key not in goes:
            goes[key] = lambda kind=kind: open_thing(frame, kind, named[kind])  # type: ignore[misc]
            choices.append(Choice(key, label, named[kind]))
    if not choices:
        frame.say("this row names nothing that could be opened", error=True)
    elif len(choices) == 1:
        goes[choices[0].key]()
    else:
        frame.app.push_screen(Menu(title, choices), lambda key: goes[key]() if key else None)
