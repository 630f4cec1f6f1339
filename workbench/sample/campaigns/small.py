"""Small groups that extract reasoning and grading slowly, from lines like those of ordinary homes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.sample.account import Account, Stage
from workbench.sample.addresses import Pool, address
from workbench.sample.clients import python
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, HOUR, RELEASE, START, WORKDAYS, Jobs, Rhythm, moment
from workbench.sample.models import Taste
from workbench.sample.people.base import fingerprint, keys
from workbench.sample.people.groups import groups
from workbench.sample.speech.harvest import SMALL_FAMILIES, HarvestSpeaker, WorkList
from workbench.sample.speech.people import ChatSpeaker

_LATE_OFFICE = (0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 9, 9, 5, 3, 8, 10, 10, 9, 7, 5, 6, 7, 6, 3)
_NETWORKS = ("116.86.0.0/15", "112.118.0.0/15", "114.32.0.0/12")


@dataclass(slots=True)
class _Group:
    """What the members share."""

    campaign: str
    size: int
    lines: list[str]
    cards: list[str]
    agent: str
    work: WorkList
    first: int
    stay: int


class SmallGroup:
    """Groups of five or six accounts, each with its own work list, lines and cards."""

    name = "rubric"
    share = 0.16
    load = 58.0

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members of one or more groups."""
        for number, size in enumerate(groups(stage.dice("campaign", self.name), count, 5, 6), start=1):
            dice = stage.dice("campaign", self.name, number)
            block = ".".join(address(dice, dice.pick(_NETWORKS)).split(".")[:3])
            group = _Group(
                campaign=f"{self.name}-{number}",
                size=size,
                lines=[*(f"{block}.{dice.between(2, 253)}" for _ in range(3)), address(dice, "219.76.0.0/14")],
                cards=[fingerprint(dice) for _ in range(max(1, size - 3))],
                agent=python(dice),
                work=WorkList(dice, SMALL_FAMILIES, 2),
                first=moment("2026-05-11T01:00") + dice.below(3) * DAY,
                stay=dice.between(60, 110) * HOUR,
            )
            for member in range(size):
                yield self._member(stage, dice, group, member)

    def _member(self, stage: Stage, dice: Dice, group: _Group, member: int) -> Account:
        name = stage.account_id(dice)
        rhythm = Rhythm(8.0, _LATE_OFFICE, WORKDAYS, group.first + dice.below(20 * HOUR), END)
        return Account(
            id=name,
            kind="distillation",
            campaign=group.campaign,
            weight=self.load * dice.uniform(0.85, 1.15),
            schedule=Jobs(rhythm, size=dice.between(4, 9), pause_s=dice.uniform(25.0, 70.0)),
            speaker=HarvestSpeaker(
                group.work,
                member=member,
                members=group.size,
                cover=ChatSpeaker(dice, dice.pick(("SG", "TW", "US"))),
                cover_share=dice.uniform(0.1, 0.25),
                temperatures=(0.6, 1.0),
                length=900.0,
                max_tokens=4096,
            ),
            where=Pool(group.lines, member, group.stay, few=3),
            agents=[group.agent],
            taste=Taste((("atlas-3", 1.0),), RELEASE + dice.between(3, 15) * HOUR, 0, 0.85),
            country=dice.pick(("SG", "HK", "TW")),
            created=max(START, group.first - dice.below(3 * DAY)),
            payment=group.cards[member % len(group.cards)],
            keys=keys(dice, name, 1),
            console=0.02,
        )
