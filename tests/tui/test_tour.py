"""The tour: what it says works when it is done."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.tui.actions import SCREENS, actions_for
from workbench.tui.tour import STEPS

pytestmark = pytest.mark.slow

#: What stands on the screen after each step's key.
SHOWN = (
    "▸ triage", "explain", "▸ triage", "▸ campaigns", "matrix", "▸ events", "of 33,057", "fields", "account:",
    "of 33,057",
    "askable", "Enter go", "▸ accounts", "Tag account", "▸ tags", "On this screen",
)  # fmt: skip


SIGNS = {"right_curly_bracket": "}", "exclamation_mark": "!", "question_mark": "?"}


async def test_the_tour_goes_on_with_the_key_that_it_asks_for(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, tour=True) as ui:
        for number, (step, shown) in enumerate(zip(STEPS, SHOWN, strict=True), 1):
            said = " ".join(ui.text().split())
            assert f"tour {number}/{len(STEPS)}" in said, ui.text()
            await ui.type(SIGNS.get(step.key, step.key))
            assert shown in ui.text(), (step, ui.text())
            if "Enter confirms" in step.text or "Enter again" in step.text:
                await ui.type("enter")
        await ui.type("escape")
        assert "tour" not in ui.text()
        await ui.type(":", "tour", "enter")
        assert "tour 1/" in ui.text() and "triage" in ui.text()


def test_the_tour_asks_for_keys_that_there_are() -> None:
    known = {key for screen in SCREENS for action in actions_for(screen) for key in action.key.split(",")}
    assert {step.key for step in STEPS} <= known | {"j", "enter"}
