"""Honest groups in many places that work off one list: what is hardest to tell from a campaign. Benchmarks only."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sample.account import Account, Stage
from workbench.sample.clients import browser
from workbench.sample.hours import (
    DAY,
    EVERY_DAY,
    HOUR,
    NIGHT_OWL,
    OFFICE,
    SCHOOL,
    WORKDAYS,
    Deadline,
    Rhythm,
    Sessions,
    moment,
    varied,
)
from workbench.sample.models import drifting
from workbench.sample.people.base import Honest, fingerprint, keys, life, person, resident
from workbench.sample.people.groups import groups
from workbench.sample.people.humans import CHAT_PATH
from workbench.sample.speech.others import OrderSpeaker, TwoMinds
from workbench.sample.speech.people import ChatSpeaker


class Franchise(Honest):
    """Shops of a chain, each in a town of its own with a line and a card of its own; all write about one catalogue."""

    name, share, load, spread = "franchise", 0.03, 45.0, 0.5

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the shops of one or more chains."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 5, 16)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            organization = "org_" + dice.hex(10) if dice.chance(0.3) else None
            catalogue = {"agency.verb": 3, "agency.what": 5, "agency.tail": 4, "goods": 7}
            speaker = OrderSpeaker(dice, "agency.order", length=700.0, own=catalogue)
            for _ in range(size):
                created, first, last = life(dice, joins=0.4)
                rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
                name = stage.account_id(dice)
                yield Account(
                    id=name,
                    kind=self.name,
                    weight=self.weight(dice),
                    schedule=Sessions(rhythm, turns=dice.uniform(2.0, 7.0), pause_s=dice.uniform(40, 200)),
                    speaker=TwoMinds(speaker, ChatSpeaker(dice, country), dice.uniform(0.4, 1.0)),
                    where=person(stage, dice, country, rhythm),
                    agents=[browser(dice)],
                    taste=drifting(dice),
                    country=country,
                    created=created,
                    payment=fingerprint(dice),
                    keys=keys(dice, name, 1),
                    organization=organization,
                    console=0.2,
                )


class Course(Honest):
    """A course by post: members at home all over a country send the exercises of one sheet, and their own questions."""

    name, share, load, spread = "course", 0.05, 24.0, 0.5

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield the members of one or more courses."""
        for number, size in enumerate(groups(stage.dice("honest", self.name), count, 10, 40)):
            dice = stage.dice("honest", self.name, number)
            country, offset = resident(dice)
            sheet = OrderSpeaker(
                dice, "course.exercise", length=600.0, own={"course.exercise": 4, "course.about": 6, "course.how": 4}
            )
            deadline = moment("2026-05-04T00:00") + dice.below(26) * DAY + round((23.98 - offset) * HOUR)
            for _ in range(size):
                created, _first, _last = life(dice)
                rhythm = Rhythm(offset, varied(SCHOOL if dice.chance(0.4) else NIGHT_OWL, dice), EVERY_DAY)
                name = stage.account_id(dice)
                yield Account(
                    id=name,
                    kind=self.name,
                    weight=self.weight(dice),
                    schedule=Deadline(rhythm, deadline, eager=dice.uniform(0.0, 0.7), turns=dice.uniform(3.0, 8.0)),
                    speaker=TwoMinds(sheet, ChatSpeaker(dice, country), dice.uniform(0.2, 0.7)),
                    where=person(stage, dice, country, rhythm),
                    agents=[browser(dice)],
                    taste=drifting(dice),
                    country=country,
                    created=created,
                    payment=fingerprint(dice) if dice.chance(0.4) else None,
                    keys=keys(dice, name, 1),
                    path=CHAT_PATH,
                    sessions=True,
                    console=0.3,
                )
