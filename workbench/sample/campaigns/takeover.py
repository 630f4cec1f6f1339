"""Taken-over accounts: people's accounts that, from some night on, somebody else uses as well, from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.sample.account import Account, Exchange, Speaker, Stage
from workbench.sample.addresses import Pool, Whereabouts
from workbench.sample.campaigns.hydra import exits
from workbench.sample.clients import python
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, HOUR, RELEASE, START, Jobs, Rhythm, Schedule, Tick
from workbench.sample.models import Taste
from workbench.sample.people.humans import Casual, Developer, Student
from workbench.sample.speech.harvest import HYDRA_FAMILIES, HarvestSpeaker, WorkList

_THIEF = 1_000_000  # runs from here on are the thief's


@dataclass(slots=True)
class _Both:
    """The owner's schedule, speaker and whereabouts, and the thief's beside them; ``thief`` says whose a tick is."""

    owner: Account
    thief: Schedule
    share: float
    speaker: Speaker
    where: Whereabouts
    _stolen: bool = False

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return both people's ticks."""
        mine = self.owner.schedule.ticks(max(1, round(count * (1 - self.share))), dice)
        other = self.thief.ticks(max(1, round(count * self.share)), dice)
        return sorted([*mine, *(Tick(tick.ms, tick.run + _THIEF, tick.turn) for tick in other)])

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return what the owner or the thief asks."""
        self._stolen = tick.run >= _THIEF
        return (self.speaker if self._stolen else self.owner.speaker).say(tick, dice)

    def at(self, ms: int, dice: Dice) -> str:
        """Return where the one who asked last is."""
        return (self.where if self._stolen else self.owner.where).at(ms, dice)


class Takeover:
    """One thief's accounts, all that it is given: each began as somebody's own."""

    name = "takeover"
    share = 0.2
    load = 40.0

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the accounts."""
        dice = stage.dice("campaign", self.name)
        pool = exits(dice, max(3, round(count * dice.uniform(0.2, 0.6))))
        work = WorkList(dice, dice.some(HYDRA_FAMILIES, 3), 2)
        client, stay = python(dice), dice.between(10, 50) * HOUR
        begins = START + dice.between(10, 24) * DAY
        for member in range(count):
            own = stage.dice("campaign", self.name, member)
            owner = own.pick((Casual, Casual, Developer, Student))().one(stage, own)
            first = begins + own.below(5 * DAY)
            night = Rhythm(own.pick((0.0, 8.0)), (1,) * 24, (10,) * 7, first, END - own.below(4 * DAY))
            both = _Both(
                owner=owner,
                thief=Jobs(night, size=own.between(4, 12), pause_s=own.uniform(15.0, 60.0)),
                share=own.uniform(0.6, 0.85),
                speaker=HarvestSpeaker(
                    work,
                    member=member,
                    members=count,
                    cover=owner.speaker,
                    cover_share=0.05,
                    temperatures=(0.7, 1.0),
                    length=1000.0,
                    max_tokens=4096,
                ),
                where=Pool(pool, member, stay, few=own.between(2, 5)),
            )
            yield replace(
                owner,
                kind="distillation",
                campaign=f"{self.name}-1",
                weight=self.load * own.uniform(0.6, 1.8),
                schedule=both,
                speaker=both,
                where=both,
                intruder=(_THIEF, client),
                taste=Taste((("atlas-3", 1.0),), RELEASE + own.between(2, 60) * HOUR, 0, 0.7),
                sessions=False,
            )
