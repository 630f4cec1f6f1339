"""What a distillation campaign asks: few templates, filled so that a grid of fields, subjects and levels is covered."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.sample.account import Exchange, Speaker
from workbench.sample.bank import bank, paired
from workbench.sample.dice import Dice
from workbench.sample.hours import Tick


class WorkList:
    """The grid that a campaign works through: each cell is a template with a field, a subject and a level."""

    def __init__(self, dice: Dice, families: Sequence[str], templates: int) -> None:
        words = bank("harvest")
        self.cells: list[tuple[str, str, str, str, str]] = []
        for section in families:
            for entry in dice.some(words[section], templates):
                template, answers = paired(entry)
                for domain in words["domain"]:
                    for subject in words[f"subject.{domain}"]:
                        self.cells += [(template, answers, domain, subject, level) for level in words["level"]]
        self.cells = dice.shuffled(self.cells)


HYDRA_FAMILIES = ("reasoning", "rubric", "synthetic", "agentic")
SMALL_FAMILIES = ("small.reasoning", "small.rubric")


class HarvestSpeaker:
    """A member of a campaign: every so manieth cell of the common work list, with other questions mixed in."""

    def __init__(
        self,
        work: WorkList,
        *,
        member: int,
        members: int,
        cover: Speaker,
        cover_share: float,
        temperatures: Sequence[float],
        length: float,
        max_tokens: int,
    ) -> None:
        self._work = work
        self._member, self._members = member, members
        self._cover, self._cover_share = cover, cover_share
        self._temperatures = temperatures
        self._length, self._max = length, max_tokens
        self._done = 0

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the next cell of the work list, or a question that is only there to look ordinary."""
        if dice.chance(self._cover_share):
            # What is only there to look ordinary is a first question, or one that follows on it.
            return self._cover.say(Tick(tick.ms, tick.run, int(dice.chance(0.35))), dice)
        words = bank("harvest")
        cells = self._work.cells
        template, answers, domain, subject, level = cells[(self._member + self._done * self._members) % len(cells)]
        self._done += 1
        given = {"domain": domain, "subject": subject, "level": level}
        return Exchange(
            prompt=words.fill(dice, template, given),
            answer=words.draw(dice, answers, given),
            output_tokens=round(dice.lognormal(self._length, 0.45)) + 60,
            temperature=dice.pick(self._temperatures),
            top_p=0.95,
            max_tokens=self._max,
            stream=False,
        )
