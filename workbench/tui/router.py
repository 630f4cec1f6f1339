"""From a route, or the name of a place, to its screen.

A screen's module is imported when it is first gone to, so that the UI starts fast. Only the application asks this
module; screens say where to go by a record of ``routes.py``, and none imports another to open it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from workbench.tui import routes

if TYPE_CHECKING:
    from workbench.tui.frame import Frame
    from workbench.tui.view_state import ViewState


def screen_of_place(name: str, view_state: ViewState) -> Frame:
    """Make the screen of one of the ``PLACES``, as it is remembered where it remembers something."""
    match name:
        case "triage":
            from workbench.tui.screens.triage import TriageScreen

            return TriageScreen()
        case "campaigns":
            from workbench.tui.screens.triage import CampaignsScreen

            return CampaignsScreen()
        case "accounts":
            from workbench.tui.screens.entities import AccountsScreen

            return AccountsScreen()
        case "sessions":
            from workbench.tui.screens.entities import SessionsScreen

            return SessionsScreen()
        case "events":
            from workbench.tui.screens.events import EventsScreen

            return EventsScreen.recalled(view_state.get(name))
        case "playbooks":
            from workbench.tui.screens.playbooks import PlaybooksScreen

            return PlaybooksScreen()
        case "sql":
            from workbench.tui.screens.sql import SqlScreen

            return SqlScreen(view_state.get(name))
        case "tags":
            from workbench.tui.screens.tags import TagsScreen

            return TagsScreen()
        case "sources":
            from workbench.tui.screens.sources import SourcesScreen

            return SourcesScreen()
        case "timeline":
            from workbench.tui.screens.timeline import TimelineScreen

            return TimelineScreen()
    raise LookupError(f"no screen is at the place {name!r}")


def screen_of(route: routes.Route) -> Frame:
    """Make the screen of a route."""
    match route:
        case routes.EventsRoute(text, window, at):
            from workbench.tui.screens.events import EventsScreen

            return EventsScreen(text, window, at)
        case routes.EventRoute(event_id):
            from workbench.tui.screens.event import EventScreen

            return EventScreen(event_id)
        case routes.FieldsRoute(index, text, narrow):
            from workbench.tui.screens.fields import FieldsScreen

            return FieldsScreen(index, text, narrow)
        case routes.SessionsRoute(condition):
            from workbench.tui.screens.entities import SessionsScreen

            return SessionsScreen(condition)
        case routes.EntityRoute(kind, entity):
            from workbench.tui.screens.entity import EntityScreen

            return EntityScreen(kind, entity)
        case routes.ExplainRoute(kind, entity):
            from workbench.tui.screens.explain import ExplainScreen

            return ExplainScreen(kind, entity)
        case routes.MembersRoute(campaign):
            from workbench.tui.screens.triage import TriageScreen

            return TriageScreen(campaign)
        case routes.MatrixRoute(group):
            from workbench.tui.screens.matrix import MatrixScreen

            return MatrixScreen(group)
        case routes.RejectsRoute():
            from workbench.tui.screens.sources import RejectsScreen

            return RejectsScreen()
        case routes.PlaybookRoute() | routes.CountRoute() | routes.TableRoute():
            return _result_of(route)
    assert_never(route)


def _result_of(route: routes.PlaybookRoute | routes.CountRoute | routes.TableRoute) -> Frame:
    from workbench.tui.screens.result import CountScreen, PlaybookScreen, TableScreen

    match route:
        case routes.PlaybookRoute(book, values):
            return PlaybookScreen(book, values)
        case routes.CountRoute(column, chosen, text):
            return CountScreen(column, chosen, text)
        case routes.TableRoute():
            return TableScreen(route)
    assert_never(route)
