"""Honest ways of asking that look like a harvest: worksheets, a popular tool's frame, copy for shops, experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.sample.account import Exchange, Speaker
from workbench.sample.bank import bank
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick


class OrderSpeaker:
    """Fills a few orders of one section with ever new things: a teacher, an agency."""

    def __init__(self, dice: Dice, section: str, *, length: float, own: Mapping[str, int]) -> None:
        """``own`` says of which sections the speaker uses only how many entries."""
        self._words = bank("others").personal(dice, own)
        self._section, self._length = section, length
        self._temperature = dice.pick((None, 0.7, 0.8, 1.0))

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return one order."""
        return Exchange(
            prompt=self._words.draw(dice, self._section),
            answer=self._words.draw(dice, "answer"),
            output_tokens=round(dice.lognormal(self._length, 0.5)) + 20,
            temperature=self._temperature,
            stream=dice.chance(0.5),
        )


class ToolSpeaker:
    """A popular plug-in: its frame is the same for all its users, what is put in is everybody's own."""

    def __init__(self, dice: Dice, frames: Sequence[str]) -> None:
        self._frames = frames
        self._words = bank("others").personal(
            dice, {"ident": 5, "ident2": 5, "ident3": 4, "name": 4, "city": 3, "company": 2}
        )

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the frame with something of the user's in it."""
        return Exchange(
            prompt=self._words.fill(dice, dice.pick(self._frames)),
            answer=self._words.draw(dice, "answer"),
            output_tokens=round(dice.lognormal(520.0, 0.6)) + 20,
            temperature=0.2,
            max_tokens=2048,
            stream=True,
        )


class LabSpeaker:
    """An experiment: generated items in one frame, sampled warm, several times each."""

    def __init__(self, dice: Dice) -> None:
        words = bank("others")
        own = {"lab.ask": 1, "lab.mark": 1, "lab.head": 1, "lab.item": 2, "city": 6, "name": 8, "fruit": 3}
        self._words = words.personal(dice, own)
        self._frame = dice.pick(words["lab.frame"])
        self._repeats = dice.pick((1, 1, 3, 5))
        self._last = ""

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the next item, or the last one again."""
        if not self._last or tick.turn % self._repeats == 0:
            item = self._words.draw(dice, "lab.item")
            self._last = self._words.fill(dice, self._frame, {"item": item})
        return Exchange(
            prompt=self._last,
            answer=self._words.draw(dice, "answer"),
            output_tokens=round(dice.lognormal(380.0, 0.6)) + 10,
            temperature=dice.pick((0.7, 1.0)),
            max_tokens=1024,
            stream=False,
        )


class TwoMinds:
    """Asks what the list says for a share of its questions, and what it wants to know itself for the others."""

    def __init__(self, listed: Speaker, own: Speaker, share: float) -> None:
        self._listed, self._own, self._share = listed, own, share

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return one question of either."""
        return (self._listed if dice.chance(self._share) else self._own).say(tick, dice)
