"""Low and slow: each account a home line of its own, a few dozen questions, together a whole field covered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.sample.account import Account, Speaker, Stage
from workbench.sample.addresses import somewhere
from workbench.sample.clients import browser, python
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, EVENING, EVERY_DAY, HOUR, OFFICE, RELEASE, START, Rhythm, Sessions, varied
from workbench.sample.models import Taste
from workbench.sample.people.base import fingerprint, keys, person
from workbench.sample.speech.harvest import HYDRA_FAMILIES, SMALL_FAMILIES, HarvestSpeaker, WorkList
from workbench.sample.speech.people import ChatSpeaker, StudentSpeaker


def _cover(dice: Dice, country: str) -> Speaker:
    return StudentSpeaker(dice) if dice.chance(0.3) else ChatSpeaker(dice, country)


class Slow:
    """One campaign of all the accounts that it is given; no address, card or client in common."""

    name = "slow"
    share = 0.25
    load = 30.0

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members."""
        dice = stage.dice("campaign", self.name)
        families: Sequence[str] = SMALL_FAMILIES if dice.chance(0.5) else dice.some(HYDRA_FAMILIES, 2)
        work = WorkList(dice, families, dice.between(2, 3))
        first, last = START + dice.below(14 * DAY), END - dice.below(9 * DAY)
        for member in range(count):
            own = stage.dice("campaign", self.name, member)
            name = stage.account_id(own)
            country, offset = somewhere(own)
            opens = first + own.below(9 * DAY)
            hours = varied(own.pick((EVENING, OFFICE)), own)
            rhythm = Rhythm(offset, hours, EVERY_DAY, opens, last - own.below(5 * DAY))
            yield Account(
                id=name,
                kind="distillation",
                campaign=f"{self.name}-1",
                weight=self.load * own.uniform(0.75, 1.3),
                schedule=Sessions(rhythm, turns=own.uniform(1.5, 4.0), pause_s=own.uniform(60, 200)),
                speaker=HarvestSpeaker(
                    work,
                    member=member,
                    members=count,
                    cover=_cover(own, country),
                    cover_share=own.uniform(0.15, 0.4),
                    temperatures=(0.7, 0.8, 1.0),
                    length=850.0,
                    max_tokens=4096,
                ),
                where=replace(person(stage, own, country, rhythm), vpn=(), hidden=0.0),
                agents=[browser(own)] if own.chance(0.5) else [python(own)],
                taste=Taste((("atlas-3", 1.0),), RELEASE + own.between(5, 90) * HOUR, 0, 0.7),
                country=country,
                created=opens - own.below(5 * DAY),
                payment=fingerprint(own) if own.chance(0.7) else None,
                keys=keys(own, name, 1),
                console=0.05,
            )
