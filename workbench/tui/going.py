"""From one thing to what belongs to it: the menu behind ``o``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from workbench.case.filter import quoted
from workbench.case.profile import having
from workbench.case.views import literal
from workbench.charts import ChartSpec
from workbench.tui.widgets.menu import Choice, Menu
from workbench.words import plural

if TYPE_CHECKING:
    from workbench.case.engine import Table
    from workbench.tui.frame import Frame

#: Kinds of things, in the menu's order: its letter, the filter's column, what opens.
_KINDS = {
    "session": ("s", "session", "its session"),
    "account": ("a", "account", "the account's page"),
    "client": ("n", "entity", "the client's page"),
    "key": ("k", "api_key", "the key's page"),
    "address": ("i", "client_ip", "the address's page"),
    "organisation": ("g", "organization", "the organisation's page"),
    "entity": ("n", "entity", "events of the entity"),
    "template": ("t", "prompt", "all accounts whose prompts begin like its prompt"),
    "event": ("w", "event_id", "the whole event"),
    "source": ("f", "source", "events of the source"),
}
_WITH_SESSIONS = ("account", "client", "key")


def open_thing(frame: Frame, kind: str, one: str) -> None:
    """Open what belongs to one thing: the sessions of who has some, an event whole, the events of anything else."""
    from workbench.tui.screens.entities import SessionsScreen
    from workbench.tui.screens.event import EventScreen

    if kind in _WITH_SESSIONS:
        frame.app.push_screen(SessionsScreen(f"entity_kind = '{kind}' AND entity = {literal(one)}"))
    elif kind == "session":
        frame.app.push_screen(SessionsScreen(f"session = {literal(one)}"))
    elif kind == "event":
        frame.app.push_screen(EventScreen(one))
    else:
        frame.workbench.open_events(f"{_KINDS[kind][1]}:{quoted(one)}")


def sessions_of(frame: Frame, kind: str, one: str) -> Callable[[], None] | None:
    """Return what opens the sessions of who has some."""
    return partial(open_thing, frame, kind, one) if kind in _WITH_SESSIONS else None


def open_having(frame: Frame, kind: str, facet: str, value: str) -> None:
    """Open the list of all entities of a kind that have a value of a facet, such as a template of prompts."""
    from workbench.tui.screens.result import TableScreen

    def done(found: Table) -> None:
        spec = ChartSpec("bar", kind, "requests")
        frame.app.push_screen(TableScreen(found, [plural(kind), f"{facet} {value}"], spec, (kind, kind)))

    frame.job("asking", lambda job: having(frame.case, kind, facet, value, job.cursor()), done)


def open_page(frame: Frame, kind: str, one: str) -> None:
    """Open the page of who has one; of anything else what belongs to it."""
    from workbench.tui.screens.entity import EntityScreen

    if kind == "template":
        open_having(frame, "account", "template", one)
    elif kind in ("session", "event", "entity", "source"):
        open_thing(frame, kind, one)
    else:
        frame.app.push_screen(EntityScreen(kind, one))


def open_menu(
    frame: Frame,
    title: str,
    things: Mapping[str, str | None],
    events: Callable[[], None] | None = None,
    sessions: Callable[[], None] | None = None,
) -> None:
    """Offer what a row names; with one choice only, go there at once.

    ``events`` and ``sessions`` open those of the row itself.
    """
    goes: dict[str, Callable[[], None]] = {}
    choices = []
    for key, label, go in (("e", "its events", events), ("s", "its sessions", sessions)):
        if go is not None:
            goes[key] = go
            choices.append(Choice(key, label))
    for kind, (key, _, label) in _KINDS.items():
        one = things.get(kind)
        if one is not None and key not in goes:
            goes[key] = partial(open_page, frame, kind, one)
            choices.append(Choice(key, label, one))
    if not choices:
        frame.say("this row names nothing that could be opened", error=True)
    elif len(choices) == 1:
        goes[choices[0].key]()
    else:
        frame.app.push_screen(Menu(title, choices), lambda key: goes[key]() if key else None)
