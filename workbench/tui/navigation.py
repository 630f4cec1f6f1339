"""From one thing to what belongs to it: the menu behind ``o``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from workbench.case.browse import filter_of_session, things_of_event
from workbench.case.filter import quoted
from workbench.case.profile import having
from workbench.case.tags import KINDS
from workbench.charts import ChartSpec
from workbench.sqltext import literal
from workbench.tui.dialogs.menu import Choice, Menu
from workbench.tui.routes import EntityRoute, EventRoute, EventsRoute, SessionsRoute, TableRoute
from workbench.words import plural

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.case.execute import QueryResult
    from workbench.tui.frame import Frame
    from workbench.tui.job import Job

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


def open_thing(frame: Frame, kind: str, entity: str) -> None:
    """Open what belongs to one thing: the sessions of who has some, an event whole, the events of anything else."""
    if kind in _WITH_SESSIONS:
        frame.workbench.open(SessionsRoute(f"entity_kind = '{kind}' AND entity = {literal(entity)}"))
    elif kind == "session":
        frame.workbench.open(SessionsRoute(f"session = {literal(entity)}"))
    elif kind == "event":
        frame.workbench.open(EventRoute(entity))
    else:
        frame.workbench.open(EventsRoute(f"{_KINDS[kind][1]}:{quoted(entity)}"))


def sessions_of(frame: Frame, kind: str, entity: str) -> Callable[[], None] | None:
    """Return what opens the sessions of who has some."""
    return partial(open_thing, frame, kind, entity) if kind in _WITH_SESSIONS else None


def open_having(frame: Frame, kind: str, facet: str, value: str) -> None:
    """Open the list of all entities of a kind that have a value of a facet, such as a template of prompts."""

    def done(holders: QueryResult) -> None:
        spec = ChartSpec("bar", kind, "requests")
        frame.workbench.open(TableRoute(holders, [plural(kind), f"{facet} {value}"], spec, (kind, kind)))

    frame.job("asking", lambda job: having(frame.case, kind, facet, value, job.cursor()), done)


def open_page(frame: Frame, kind: str, entity: str) -> None:
    """Open the page of who has one; of anything else what belongs to it."""
    if kind == "template":
        open_having(frame, "account", "template", entity)
    elif kind in ("session", "event", "entity", "source"):
        open_thing(frame, kind, entity)
    else:
        frame.workbench.open(EntityRoute(kind, entity))


def open_event_menu(frame: Frame, event_id: str) -> None:
    """Offer the session, account, address and so on of an event."""
    _look_up(frame, event_id, lambda entities: open_menu(frame, f"event {event_id}", entities))


def open_related(frame: Frame, event_id: str, column: str, at: datetime | None) -> None:
    """Open all events of an event's account, address or session, the cursor at a time."""
    kind = next(kind for kind, name in KINDS.items() if name == column)

    def open_events(text: str) -> None:
        frame.workbench.open(EventsRoute(text, at=at))

    def done(entities: dict[str, str | None]) -> None:
        entity = entities.get(kind)
        if entity is None:
            frame.say(f"this event names no {kind}", error=True)
        elif kind == "session":
            frame.job(
                "looking up", lambda job: filter_of_session(frame.case, entity, job.cursor("FROM session")), open_events
            )
        else:
            open_events(f"{column}:{quoted(entity)}")

    _look_up(frame, event_id, done)


def _look_up(frame: Frame, event_id: str, done: Callable[[dict[str, str | None]], None]) -> None:
    def work(job: Job) -> dict[str, str | None]:
        return things_of_event(frame.case, event_id, job.cursor("FROM session"))

    frame.job("looking up", work, done)


def open_menu(
    frame: Frame,
    title: str,
    entities: Mapping[str, str | None],
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
        entity = entities.get(kind)
        if entity is not None and key not in goes:
            goes[key] = partial(open_page, frame, kind, entity)
            choices.append(Choice(key, label, entity))
    if not choices:
        frame.say("this row names nothing that could be opened", error=True)
    elif len(choices) == 1:
        goes[choices[0].key]()
    else:
        frame.app.push_screen(Menu(title, choices), lambda key: goes[key]() if key else None)
