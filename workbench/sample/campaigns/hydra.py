"""A hydra cluster: accounts signed up in one night that draw from one work list, day and night, through one pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.sample.account import Account, Speaker, Stage
from workbench.sample.addresses import Pool, address
from workbench.sample.clients import python
from workbench.sample.dice import Dice
from workbench.sample.hours import END, HOUR, MINUTE, RELEASE, START, Waves, moment
from workbench.sample.models import Taste
from workbench.sample.people.base import fingerprint, keys
from workbench.sample.speech.code import CodeSpeaker
from workbench.sample.speech.harvest import HYDRA_FAMILIES, HarvestSpeaker, WorkList
from workbench.sample.speech.people import ChatSpeaker
from workbench.sample.speech.products import ShopSpeaker, TranslateSpeaker

_NETWORKS = ("47.88.0.0/17", "47.88.0.0/17", "47.251.0.0/16", "43.130.0.0/17", "43.153.0.0/17", "154.12.0.0/17")
_FIRST = moment("2026-05-06T03:00")
_LAST = moment("2026-06-02T15:40")
_BAN = moment("2026-05-25T19:00")
_COUNTRIES = ("US", "US", "SG", "GB", "CA", "HK")


def exits(dice: Dice, count: int) -> list[str]:
    """Return a pool of rented addresses: blocks of neighbours in a few networks."""
    out: list[str] = []
    while len(out) < count:
        block = ".".join(address(dice, dice.pick(_NETWORKS)).split(".")[:3])
        out += [f"{block}.{host}" for host in sorted({dice.between(2, 253) for _ in range(min(4, count - len(out)))})]
    return out[:count]


def tide(dice: Dice) -> list[float]:
    """Return the intensity of each hour of the window: restless, the same day and night, with a few stops."""
    hours = [dice.lognormal(1.0, 0.75) for _ in range((END - START) // HOUR)]
    for _ in range(3):
        stop = (_FIRST - START) // HOUR + dice.below((_LAST - _FIRST) // HOUR)
        end = min(stop + dice.between(5, 13), len(hours))
        hours[stop:end] = [0.0] * (end - stop)
    after = (RELEASE - START) // HOUR
    return [w * (2.2 if after <= h < after + 40 else 1.25 if h > after else 1.0) for h, w in enumerate(hours)]


def cover(dice: Dice) -> Speaker:
    """Return the ordinary questions that a member mixes in."""
    which = dice.below(4)
    if which == 0:
        return CodeSpeaker(dice, agent=False)
    if which == 1:
        return ShopSpeaker(dice, users=0)
    if which == 2:
        return TranslateSpeaker(dice)
    return ChatSpeaker(dice, dice.pick(_COUNTRIES))


@dataclass(slots=True)
class _Cluster:
    """What the members share."""

    pool: list[str]
    payments: list[str]
    agents: list[str]
    work: WorkList
    hours: Sequence[float]
    signup: int
    stay: int
    pivot: int


class Hydra:
    """One cluster of all the accounts that it is given."""

    name = "hydra"
    share = 0.84
    load = 100.0

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members: most work all the time, a few are banned, and as many sleepers take over."""
        dice = stage.dice("campaign", self.name)
        cluster = _Cluster(
            pool=exits(dice, max(5, round(count * 0.4))),
            payments=[fingerprint(dice) for _ in range(max(2, count // 7))],
            agents=[python(dice) for _ in range(3)],
            work=WorkList(dice, HYDRA_FAMILIES, 3),
            hours=tide(dice),
            signup=moment("2026-05-04T22:10") + dice.below(3 * HOUR),
            stay=dice.between(20, 44) * HOUR,
            pivot=RELEASE + dice.between(50, 150) * MINUTE,
        )
        banned = count // 10
        for member in range(count):
            first, last = _FIRST + dice.below(25) * MINUTE, _LAST - dice.below(25) * MINUTE
            if member < banned:
                last = _BAN + dice.below(90) * MINUTE
            elif member < 2 * banned:
                first = _BAN + dice.between(100, 260) * MINUTE
            yield self._member(stage, stage.dice("campaign", self.name, member), cluster, member, count, first, last)

    def _member(
        self, stage: Stage, dice: Dice, cluster: _Cluster, member: int, count: int, first: int, last: int
    ) -> Account:
        name = stage.account_id(dice)
        speaker = HarvestSpeaker(
            cluster.work,
            member=member,
            members=count,
            cover=cover(dice),
            cover_share=dice.uniform(0.28, 0.4),
            temperatures=(0.7, 0.8, 1.0, 1.0),
            length=1350.0,
            max_tokens=dice.pick((4096, 8192)),
        )
        return Account(
            id=name,
            kind="distillation",
            campaign=f"{self.name}-1",
            weight=self.load * dice.uniform(0.93, 1.07) * (last - first) / (_LAST - _FIRST),
            schedule=Waves(cluster.hours, first, last, beats=(0, 20, 40)),
            speaker=speaker,
            where=Pool(cluster.pool, member, cluster.stay),
            agents=[dice.pick(cluster.agents)],
            taste=Taste((("atlas-3", 0.9), ("atlas-2.5", 0.1)), cluster.pivot + dice.below(3 * HOUR), 0, 0.8),
            country=dice.pick(_COUNTRIES),
            created=cluster.signup + round(dice.random() * 9 * HOUR),
            payment=cluster.payments[member % len(cluster.payments)],
            keys=keys(dice, name, 2),
            console=0.002,
            limited=0.03,
        )
