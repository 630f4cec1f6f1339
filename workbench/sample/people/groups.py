"""Honest people who share something: an office's address, a campus and a deadline, a contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.sample.account import Account, Speaker, Stage
from workbench.sample.addresses import CAMPUSES, OFFICES, Fixed, address
from workbench.sample.clients import browser, editor, phone, program
from workbench.sample.dice import Dice
from workbench.sample.hours import (
    CUSTOMERS,
    DAY,
    END,
    EVERY_DAY,
    HOUR,
    OFFICE,
    SCHOOL,
    START,
    WORKDAYS,
    Deadline,
    Rhythm,
    Sessions,
    Traffic,
    moment,
    varied,
)
from workbench.sample.models import drifting
from workbench.sample.people.base import Honest, fingerprint, keys, life, person, resident
from workbench.sample.people.humans import CHAT_PATH
from workbench.sample.speech.code import CodeSpeaker
from workbench.sample.speech.people import ChatSpeaker, ClassSpeaker
from workbench.sample.speech.products import ShopSpeaker, TranslateSpeaker

_COURSES = ("compilers", "stats", "history", "database", "mechanics")


def groups(dice: Dice, count: int, low: int, high: int) -> Iterator[int]:
    """Yield sizes of groups that add up to ``count``; a remainder too small for a group joins the last one."""
    while count > 0:
        size = dice.between(low, high)
        if count - size < low:
            size = count
        yield size
        count -= size


class Company(Honest):
    """Firms whose staff have accounts of their own, behind one address, paid with one card."""

    name, share, load, spread = "company", 0.15, 26.0, 0.9

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the staff of one or more firms."""
        for firm, size in enumerate(groups(stage.dice("honest", self.name), count, 8, 20)):
            dice = stage.dice("honest", self.name, firm)
            country, offset = resident(dice)
            nat = [address(dice, dice.pick(OFFICES)) for _ in range(1 if size < 16 else 2)]
            organization, payment = "org_" + dice.hex(10), fingerprint(dice)
            opened = START - round(dice.lognormal(120.0, 0.8) * DAY)
            teams = [f"team_{dice.hex(6)}" for _ in range(1 + size // 7)]
            agents = [browser(dice) for _ in range(3)]  # what the IT department installs
            for _ in range(size):
                one = self._member(stage, dice, country, offset, nat, dice.pick(agents))
                created = opened + dice.below(DAY) if dice.chance(0.6) else opened + dice.below(100 * DAY)
                yield replace(
                    one,
                    organization=organization,
                    payment=payment,
                    team=dice.pick(teams),
                    created=min(created, START + 20 * DAY),
                )

    def _member(self, stage: Stage, dice: Dice, country: str, offset: float, nat: list[str], agent: str) -> Account:
        _, first, last = life(dice, joins=0.1, leaves=0.05)
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        programmer = dice.chance(0.35)
        speaker: Speaker
        if programmer:
            speaker = CodeSpeaker(dice, agent=dice.chance(0.6))
        elif dice.chance(0.15):
            speaker = TranslateSpeaker(dice)
        else:
            speaker = ChatSpeaker(dice, country)
        where = person(stage, dice, country, rhythm, office=nat)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(2.0, 8.0), pause_s=dice.uniform(30, 150)),
            speaker=speaker,
            where=Fixed(nat) if dice.chance(0.5) else replace(where, out=0.05, vpn=(), hidden=0.0),
            agents=[editor(dice)] if programmer else [agent],
            taste=drifting(dice, pinned=0.3, days=11.0),
            country=country,
            created=START,
            payment=None,
            keys=keys(dice, name, 1),
            path="/v1/chat/completions" if programmer else CHAT_PATH,
            sessions=not programmer,
            console=0.25,
        )


class Class(Honest):
    """A course: accounts made in the first lesson, one assignment, a rush before the deadline, one campus."""

    name, share, load, spread = "class", 0.13, 17.0, 0.45

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members of one or more courses."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 18, 40)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            campus = dice.pick(CAMPUSES)
            exits = [address(dice, campus) for _ in range(2 + size // 20)]
            course = f"task.{dice.pick(_COURSES)}"
            deadline = moment("2026-05-04T00:00") + dice.below(26) * DAY + round((23.98 - offset) * HOUR)
            lesson = deadline - dice.between(14, 30) * DAY - 10 * HOUR
            for _ in range(size):
                yield self._member(stage, dice, country, offset, exits, course, deadline, lesson)

    def _member(
        self,
        stage: Stage,
        dice: Dice,
        country: str,
        offset: float,
        exits: list[str],
        course: str,
        deadline: int,
        lesson: int,
    ) -> Account:
        rhythm = Rhythm(offset, varied(SCHOOL, dice), EVERY_DAY)
        where = person(stage, dice, country, rhythm, office=exits)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Deadline(rhythm, deadline, eager=dice.uniform(0.0, 0.7), turns=dice.uniform(3.0, 8.0)),
            speaker=ClassSpeaker(dice, course),
            where=Fixed(exits) if dice.chance(0.45) else where,
            agents=[browser(dice)] if dice.chance(0.75) else [phone(dice)],
            taste=drifting(dice, pinned=0.4),
            country=country,
            created=lesson + dice.below(2 * HOUR) if dice.chance(0.8) else lesson - dice.below(200 * DAY),
            payment=None if dice.chance(0.7) else fingerprint(dice),
            keys=keys(dice, name, 1),
            path=CHAT_PATH,
            sessions=True,
            console=0.35,
        )


@dataclass(slots=True)
class _Contract:
    organization: str
    payment: str
    exits: list[str]
    agent: str
    team: str


class Reseller(Honest):
    """Resellers: a few accounts under one organisation, many end users behind each, two addresses for all."""

    name, share, load, spread = "reseller", 0.03, 120.0, 0.85

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the accounts of one or more resellers."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 3, 9)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            exits = stage.book.servers(dice, country, 2)
            contract = _Contract("org_" + dice.hex(10), fingerprint(dice), exits, program(dice), "team_" + dice.hex(6))
            for _ in range(size):
                yield self._member(stage, dice, country, offset, contract)

    def _member(self, stage: Stage, dice: Dice, country: str, offset: float, contract: _Contract) -> Account:
        created, first, _ = life(dice, joins=0.3)
        weight = self.weight(dice)
        rhythm = Rhythm(offset, varied(CUSTOMERS, dice), EVERY_DAY, first, END)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=weight,
            schedule=Traffic(rhythm, turns=dice.uniform(1.0, 3.0), growth=dice.uniform(0.0, 0.8)),
            speaker=ShopSpeaker(dice, users=6 + round(weight / 6)),
            where=Fixed(contract.exits),
            agents=[contract.agent],
            taste=drifting(dice, pinned=0.4, eager=0.1),
            country=country,
            created=created,
            payment=contract.payment,
            keys=keys(dice, name, 2),
            organization=contract.organization,
            team=contract.team,
            console=0.01,
        )
