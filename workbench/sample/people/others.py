"""Honest people that only benchmarks mix in, so that features are not made for all that they are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.sample.account import Account, Stage
from workbench.sample.addresses import OFFICES, Fixed, address
from workbench.sample.bank import bank
from workbench.sample.clients import browser, editor, python
from workbench.sample.dice import Dice
from workbench.sample.hours import (
    DAY,
    END,
    EVERY_DAY,
    HOUR,
    LEISURE,
    NIGHT_OWL,
    OFFICE,
    SCHOOL,
    START,
    WORKDAYS,
    Jobs,
    Rhythm,
    Sessions,
    varied,
)
from workbench.sample.models import drifting
from workbench.sample.people.base import Honest, fingerprint, keys, life, person, resident
from workbench.sample.people.groups import groups
from workbench.sample.people.humans import CHAT_PATH
from workbench.sample.speech.code import CodeSpeaker
from workbench.sample.speech.others import LabSpeaker, OrderSpeaker, ToolSpeaker
from workbench.sample.speech.people import ChatSpeaker


class Teacher(Honest):
    """Teachers who have worksheets, rubrics and quiz questions made, all on a few subjects."""

    name, share, load, spread = "teacher", 0.05, 34.0, 0.7

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one teacher."""
        country, offset = resident(dice)
        created, first, last = life(dice)
        rhythm = Rhythm(offset, varied(SCHOOL, dice), EVERY_DAY, first, last)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(2.0, 7.0), pause_s=dice.uniform(40, 140)),
            speaker=OrderSpeaker(
                dice,
                "teach.order",
                length=900.0,
                own={
                    "teach.subject": dice.between(3, 9),
                    "teach.grade": 3,
                    "teach.verb": 2,
                    "teach.what": 4,
                    "teach.on": 2,
                    "teach.for": 2,
                    "teach.tail": 2,
                    "teach.order": 1,
                },
            ),
            where=person(stage, dice, country, rhythm),
            agents=[browser(dice)],
            taste=drifting(dice),
            country=country,
            created=created,
            payment=fingerprint(dice) if dice.chance(0.7) else None,
            keys=keys(dice, name, 1),
            path=CHAT_PATH,
            sessions=dice.chance(0.8),
            console=0.3,
        )


class ToolUser(Honest):
    """Strangers all over the world with the same popular plug-in, which sends its own frame each time."""

    name, share, load, spread = "tool_user", 0.06, 40.0, 0.8

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one user of the plug-in."""
        country, offset = resident(dice)
        created, first, last = life(dice)
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        name = stage.account_id(dice)
        frames = bank("others")["tool.frame"]
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(3.0, 9.0), pause_s=dice.uniform(20, 90)),
            speaker=ToolSpeaker(dice, frames if dice.chance(0.6) else dice.some(frames, 2)),
            where=person(stage, dice, country, rhythm),
            agents=[f"Lucidify-Plugin/2.{dice.between(0, 3)}.0"],
            taste=drifting(dice),
            country=country,
            created=created,
            payment=fingerprint(dice),
            keys=keys(dice, name, 1),
            console=0.05,
        )


class Agency(Honest):
    """Marketing agencies: a handful of accounts on one card and one line, long texts from a few orders."""

    name, share, load, spread = "agency", 0.04, 70.0, 0.5

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the staff of one or more agencies."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 3, 7)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            line, card, agent = [address(dice, dice.pick(OFFICES))], fingerprint(dice), browser(dice)
            organization = "org_" + dice.hex(10) if dice.chance(0.5) else None
            house = {"agency.verb": 2, "agency.what": 4, "agency.tail": 3, "goods": 6, "agency.order": 1}
            speaker = OrderSpeaker(dice, "agency.order", length=1000.0, own=house)  # all work for the same clients
            for _ in range(size):
                created, first, last = life(dice, joins=0.3)
                rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
                name = stage.account_id(dice)
                yield Account(
                    id=name,
                    kind=self.name,
                    weight=self.weight(dice),
                    schedule=Sessions(rhythm, turns=dice.uniform(3.0, 10.0), pause_s=dice.uniform(40, 160)),
                    speaker=speaker,
                    where=Fixed(line),
                    agents=[agent],
                    taste=drifting(dice),
                    country=country,
                    created=created,
                    payment=card,
                    keys=keys(dice, name, 1),
                    organization=organization,
                    console=0.2,
                )


class Lab(Honest):
    """Research groups: experiments day and night from the institute's few servers, some with a common card."""

    name, share, load, spread = "lab", 0.03, 160.0, 0.6

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members of one or more groups."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 2, 6)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            servers = stage.book.servers(dice, country, dice.between(1, 3))
            card = fingerprint(dice)
            organization = "org_" + dice.hex(10) if dice.chance(0.6) else None
            for _ in range(size):
                created, first, last = life(dice, joins=0.4)
                flat = dice.chance(0.5)
                rhythm = Rhythm(offset, [1.0] * 24 if flat else varied(NIGHT_OWL, dice), EVERY_DAY, first, last)
                name = stage.account_id(dice)
                yield Account(
                    id=name,
                    kind=self.name,
                    weight=self.weight(dice),
                    schedule=Jobs(rhythm, size=dice.between(20, 60), pause_s=dice.uniform(2.0, 12.0)),
                    speaker=LabSpeaker(dice),
                    where=Fixed(servers),
                    agents=[python(dice)],
                    taste=drifting(dice, eager=0.5),
                    country=country,
                    created=created,
                    payment=card if dice.chance(0.6) else fingerprint(dice),
                    keys=keys(dice, name, 2),
                    organization=organization,
                    console=0.03,
                )


class Hackathon(Honest):
    """A weekend event: dozens of accounts made within hours, one hall's address, everybody their own project."""

    name, share, load, spread = "hackathon", 0.04, 30.0, 0.6

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the participants of one or more events."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 15, 45)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            hall = [address(dice, dice.pick(OFFICES)) for _ in range(2)]
            begins = START + dice.between(5, 36) * DAY + round((9 - offset) * HOUR)
            for _ in range(size):
                name = stage.account_id(dice)
                first = begins + dice.below(5 * HOUR)
                rhythm = Rhythm(offset, varied(NIGHT_OWL, dice), LEISURE, first, begins + round(2.4 * DAY))
                yield Account(
                    id=name,
                    kind=self.name,
                    weight=self.weight(dice),
                    schedule=Sessions(rhythm, turns=dice.uniform(4.0, 12.0), pause_s=dice.uniform(15, 60)),
                    speaker=CodeSpeaker(dice, agent=dice.chance(0.6)),
                    where=Fixed(hall),
                    agents=[editor(dice)],
                    taste=drifting(dice, eager=0.3),
                    country=country,
                    created=first - dice.below(3 * HOUR),
                    payment=None,
                    keys=keys(dice, name, 1),
                    console=0.2,
                )


class VpnUser(Honest):
    """People who always come through the exits of a VPN, from many places at once."""

    name, share, load, spread = "vpn_user", 0.03, 26.0, 0.8

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one of them."""
        country, offset = resident(dice)
        created, first, last = life(dice)
        rhythm = Rhythm(offset, varied(NIGHT_OWL, dice), LEISURE, first, min(last, END))
        name = stage.account_id(dice)
        where = replace(person(stage, dice, country, rhythm), vpn=stage.book.exits(), hidden=1.0)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(2.0, 6.0), pause_s=dice.uniform(30, 120)),
            speaker=ChatSpeaker(dice, country),
            where=where,
            agents=[browser(dice)],
            taste=drifting(dice),
            country=country,
            created=created,
            payment=fingerprint(dice) if dice.chance(0.5) else None,
            keys=keys(dice, name, 1),
            path=CHAT_PATH,
            sessions=dice.chance(0.5),
            console=0.2,
        )
