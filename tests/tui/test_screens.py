"""Each screen as it is seen: at 80x24 and 120x40, with emphasis and without."""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.tui.actions import EVERYWHERE, ON, SCREENS, clashes
from workbench.tui.frame import Frame

SCREENS_BY_KEYS = {
    "accounts": ["3"],
    "sessions": ["4"],
    "events": ["5"],
    "filtered": ["5", "=", "account:usr_x9w5j15b44 model:atlas*", "enter"],
    "value": ["5", "=", "model:atlas-4", "enter", "l", "l", "l", "space"],
    "event": ["5", "enter"],
    "open menu": ["5", "j", "o"],
    "count": ["5", "l", "F"],
    "fields": ["5", "f"],
    "sorted": ["5", "l", "l", "l", "l", "]"],
    "playbooks": ["6"],
    "parameters": [":", "shared_addresses", "enter"],
    "answer": [":", "shared_payment", "enter", "enter"],
    "sql": ["7"],
    "tags": ["8"],
    "timeline": ["0"],
    "sources": ["9"],
    "rejects": ["r"],
    "help": ["5", "?"],
    "account": ["3", "enter"],
    "week": ["3", "enter", "v"],
}


def steady(text: str) -> str:
    """Take out what differs from run to run, and what the judgement of an account is: paths, seconds, ranks."""
    text = re.sub(r"triage: .*", "triage: …", text)
    text = re.sub(r"\S*/sample_logs/", "…/sample_logs/", text)
    text = re.sub(r"…\S{0,40}sample_logs/|…\w*_logs/|…\w*logs/", "…/", text)
    return re.sub(r"\d+\.\d+ s\b", "N s", text)


@pytest.mark.parametrize("name", SCREENS_BY_KEYS)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_screen(
    sample_case: Case, sitting: Open, snapshot: SnapshotAssertion, name: str, size: tuple[int, int]
) -> None:
    async with sitting(sample_case, size=size) as ui:
        await ui.type(*SCREENS_BY_KEYS[name])
        text = ui.text()
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert steady(text) == snapshot(name="plain")
        assert steady(ui.text(styles=True)) == snapshot(name="styled")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 20), (300, 100)])
async def test_every_place_fits_small_and_large_terminals(
    sample_case: Case, sitting: Open, size: tuple[int, int]
) -> None:
    async with sitting(sample_case, size=size) as ui:
        for place in "1234567890":
            await ui.type("escape", place)
            lines = ui.text().splitlines()
            assert len(lines) <= size[1] and lines[0].startswith("sample ▸ ") and "? help" in lines[-1]


async def test_a_resize_keeps_the_place(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("5", "3000G")
        await ui.pilot.resize_terminal(70, 20)
        await ui.settle()
        assert "3,000 of 33,057" in ui.text()


async def test_without_colour_every_screen_draws(
    sample_case: Case, sitting: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with sitting(sample_case) as ui:
        for place in "1234567890":
            await ui.type("escape", place)
        await ui.type("5", "b")
        assert "move to the other end" in ui.text() and "#" not in ui.text(styles=True)
        await ui.type("escape", "l", "F", "v", "v")
        assert "count of account" in ui.text()


def test_one_key_never_means_two_things() -> None:
    assert clashes() == []


async def test_every_action_in_the_help_exists(sample_case: Case, sitting: Open) -> None:
    from workbench.tui.screens.entities import AccountsScreen, SessionsScreen
    from workbench.tui.screens.entity import EntityScreen
    from workbench.tui.screens.event import EventScreen
    from workbench.tui.screens.events import EventsScreen
    from workbench.tui.screens.explain import ExplainScreen
    from workbench.tui.screens.fields import FieldsScreen
    from workbench.tui.screens.matrix import MatrixScreen
    from workbench.tui.screens.playbooks import PlaybooksScreen
    from workbench.tui.screens.result import ResultScreen
    from workbench.tui.screens.sources import RejectsScreen, SourcesScreen
    from workbench.tui.screens.sql import SqlScreen
    from workbench.tui.screens.tags import TagsScreen
    from workbench.tui.screens.timeline import TimelineScreen
    from workbench.tui.screens.triage import CampaignsScreen, TriageScreen

    made: list[type[Frame]] = [
        AccountsScreen, SessionsScreen, EntityScreen, EventScreen, EventsScreen, ExplainScreen, PlaybooksScreen,
        ResultScreen, RejectsScreen, SourcesScreen, SqlScreen, TagsScreen, CampaignsScreen, MatrixScreen,
        TriageScreen, TimelineScreen, FieldsScreen,
    ]  # fmt: skip
    assert {one.NAME for one in made} == set(SCREENS)
    for screen in made:
        for action in (*ON[screen.NAME], *EVERYWHERE):
            assert hasattr(screen, f"action_{action.id.split('(')[0]}"), (screen, action)
    async with sitting(sample_case) as ui:
        await ui.type("5", "?")
        for action in ON["events"][:3]:
            assert action.help[:30] in ui.text()
