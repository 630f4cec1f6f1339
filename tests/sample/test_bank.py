"""Text banks: slots are filled as their file format says, and no bank has a slot that nobody fills."""

from __future__ import annotations

import pytest

from workbench.sample.bank import Bank, bank, paired
from workbench.sample.dice import Dice, exp

#: Slots that the speakers fill themselves.
GIVEN = {
    "chat": {"topic"},
    "developer": {
        *("agent_name", "error", "ext", "file", "func", "lang_here", "lang_name", "lib"),
        *("login", "project", "snippet", "symbol"),
    },
    "harvest": {"subject"},
    "machine": set(),
    "others": set(),
    "products": {"fields"},
    "study": {"task"},
    "tongues": set(),
    "common": set(),
}


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_every_slot_has_words(name: str) -> None:
    known = GIVEN[name] | {"item"}
    assert {slot for _, slot in bank(name).holes()} <= known


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_named_answers_exist(name: str) -> None:
    words = bank(name)
    for section in words.sections():
        for entry in words[section]:
            assert paired(entry)[1] == "" or paired(entry)[1] in words


def test_slots_numbers_choices_and_memory() -> None:
    words = Bank("made", {"animal": ["owl"], "line": ["an {animal}, the {=animal}, {#3-3} {day|day}s, {x}"]})
    assert words.draw(Dice("any"), "line", {"x": "end"}) == "an owl, the owl, 3 days, end"
    drawn: dict[str, str] = {}
    words.fill(Dice("any"), "{animal}", drawn=drawn)
    assert drawn == {"animal": "owl"}


def test_narrowed_words_win_and_the_rest_remains() -> None:
    words = bank("common").narrowed(city=["Ulm"])
    assert words.draw(Dice(1), "city") == "Ulm"
    assert words.draw(Dice(1), "fruit") == bank("common").draw(Dice(1), "fruit")
    with pytest.raises(KeyError, match="no section nothing"):
        words.draw(Dice(1), "nothing")


def test_dice_are_the_same_everywhere() -> None:
    dice = Dice(7, "test")
    assert [dice.below(1000) for _ in range(4)] == [384, 818, 965, 177]
    assert exp(0.0) == 1.0
    assert abs(exp(1.0) - 2.718281828459045) < 1e-15
    assert abs(exp(-3.5) * exp(3.5) - 1) < 1e-14
