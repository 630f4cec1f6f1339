"""Keys of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.errors import UsageError
from workbench.tui.actions import EVERYWHERE, ON, SCREENS, choose_keys
from workbench.tui.app import WorkbenchApp


@pytest.fixture(autouse=True)
def usual_keys_after() -> Iterator[None]:
    yield
    choose_keys({}, "")


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "config.toml").write_text(text)


def test_every_action_of_a_screen_has_a_name_of_its_own() -> None:
    for screen in SCREENS:
        names = [action.name for action in (*ON[screen], *EVERYWHERE)]
        assert len(names) == len(set(names)), screen


async def test_a_chosen_key_does_what_the_usual_one_did(sample_case: Case, sitting: Open, tmp_path: Path) -> None:
    write(tmp_path, '[keys]\npin = "F4"\n"events.filter" = "i"\n')
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("5", "f4")
        assert "pinned as 1" in ui.text()
        assert " i filter " in ui.text().splitlines()[-1]
        await ui.type("i", "model:atlas-4", "enter")
        assert "model:atlas-4" in ui.text().splitlines()[0]
        await ui.type("=", "?")
        assert "  i " in ui.text()


async def test_the_offer_to_undo_names_the_chosen_key(sample_case: Case, sitting: Open, tmp_path: Path) -> None:
    write(tmp_path, '[keys]\nundo = "F4"\nredo = "F6"\n')
    async with sitting(sample_case) as ui:
        await ui.type("escape", "3", "t", "enter")
        assert "; f4 undoes it" in ui.text()
        await ui.type("f4")
        assert sample_case.tags.all() == [] and "f6 redoes it" in ui.text()
        await ui.type("f6")
        assert len(sample_case.tags.all()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\nfilter = "t"', "keys: one key would mean two things; events: t is filter and tag"),
        ('[keys]\npin = "j"', "j is a table's own and pin"),
        ('[keys]\nfliter = "t"', "no action 'fliter'; did you mean filter"),
        ('[keys]\npin = "Hyper-x"', "is no key"),
        ("[keys]\npin = 1", "keys.pin must be a text"),
        ('[keys]\nevents.filter = "i"', "stands in quotes"),
        ("[keys", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_the_keys_is_one_clear_line(sample_case: Case, tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        WorkbenchApp(sample_case)
    assert str(raised.value).startswith(f"{tmp_path}/config/config.toml: ")
    assert said in str(raised.value) and "\n" not in str(raised.value)
