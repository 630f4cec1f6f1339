"""A proxy service that resells access: two thirds of its traffic is its customers', the rest is copied work."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sample.account import Account, Exchange, Speaker, Stage
from workbench.sample.addresses import Pool
from workbench.sample.campaigns.hydra import exits
from workbench.sample.clients import program
from workbench.sample.dice import Dice
from workbench.sample.hours import CUSTOMERS, DAY, END, EVERY_DAY, HOUR, RELEASE, START, Rhythm, Tick, Traffic, varied
from workbench.sample.models import Taste
from workbench.sample.people.base import fingerprint, keys
from workbench.sample.speech.code import CodeSpeaker
from workbench.sample.speech.harvest import HYDRA_FAMILIES, HarvestSpeaker, WorkList
from workbench.sample.speech.people import ChatSpeaker, StudentSpeaker
from workbench.sample.speech.products import TranslateSpeaker

_COUNTRIES = ("US", "DE", "SG", "BR", "JP", "IN", "KR", "FR")


class Customers:
    """Many strangers behind one account, each with their own affairs."""

    def __init__(self, dice: Dice, count: int) -> None:
        self._speakers: list[Speaker] = [self._one(dice) for _ in range(count)]

    @staticmethod
    def _one(dice: Dice) -> Speaker:
        which = dice.below(6)
        if which == 0:
            return TranslateSpeaker(dice)
        if which == 1:
            return StudentSpeaker(dice)
        if which == 2:
            return CodeSpeaker(dice, agent=False)
        return ChatSpeaker(dice, dice.pick(_COUNTRIES))

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return what the customer of this run asks."""
        return self._speakers[tick.run * 7 % len(self._speakers)].say(tick, dice)


class ProxyMix:
    """One proxy service of all the accounts that it is given."""

    name = "proxy"
    share = 0.3
    load = 90.0

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the service's accounts."""
        dice = stage.dice("campaign", self.name)
        pool = exits(dice, max(4, round(count * dice.uniform(0.3, 1.2))))
        payments = [fingerprint(dice) for _ in range(max(2, count // dice.between(2, 6)))]
        work = WorkList(dice, dice.some(HYDRA_FAMILIES, dice.between(2, 4)), 2)
        agents = [program(dice) for _ in range(dice.between(1, 4))]
        stay = dice.between(8, 60) * HOUR
        opens = START + dice.below(12 * DAY)
        for member in range(count):
            own = stage.dice("campaign", self.name, member)
            name = stage.account_id(own)
            first = opens + own.below(6 * DAY)
            rhythm = Rhythm(
                own.pick((-6.0, 1.0, 8.0)), varied(CUSTOMERS, own), EVERY_DAY, first, END - own.below(3 * DAY)
            )
            yield Account(
                id=name,
                kind="distillation",
                campaign=f"{self.name}-1",
                weight=self.load * min(own.lognormal(1.0, 0.4), 4.0),
                schedule=Traffic(rhythm, turns=own.uniform(1.0, 3.0)),
                speaker=HarvestSpeaker(
                    work,
                    member=member,
                    members=count,
                    cover=Customers(own, own.between(5, 12)),
                    cover_share=own.uniform(0.6, 0.72),
                    temperatures=(0.7, 1.0),
                    length=1100.0,
                    max_tokens=4096,
                ),
                where=Pool(pool, member, stay, few=own.between(3, 8)),
                agents=[own.pick(agents)],
                taste=Taste((("atlas-3", 0.7), ("atlas-3-mini", 0.3)), RELEASE + own.between(2, 40) * HOUR, 0, 0.6),
                country=own.pick(_COUNTRIES),
                created=first - own.below(2 * DAY),
                payment=payments[member % len(payments)],
                keys=keys(own, name, 2),
                console=0.002,
                limited=0.02,
            )
