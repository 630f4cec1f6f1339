"""Honest traffic that no human types: products, batches, evaluation suites, pipelines, load tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from workbench.sample.account import Account, Speaker, Stage
from workbench.sample.addresses import Fixed
from workbench.sample.clients import program, python
from workbench.sample.dice import Dice
from workbench.sample.hours import (
    CUSTOMERS,
    DAY,
    END,
    EVERY_DAY,
    HOUR,
    OFFICE,
    RELEASE,
    START,
    WORKDAYS,
    Bursts,
    Jobs,
    Rhythm,
    Schedule,
    Traffic,
    varied,
)
from workbench.sample.models import Taste, drifting, fixed
from workbench.sample.people.base import Honest, fingerprint, keys, life, resident, shortly_before
from workbench.sample.speech.machines import CiSpeaker, EvaluationSpeaker, LoadSpeaker
from workbench.sample.speech.products import BatchSpeaker, ExtractSpeaker, FixtureSpeaker, RagSpeaker, SupportSpeaker


class Machine(Honest, ABC):
    """A program on servers of a cloud; subclasses say when and what it asks."""

    servers: ClassVar[tuple[int, int]] = (1, 4)
    limited: ClassVar[float] = 0.006
    joins: ClassVar[float] = 0.2

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one program's account."""
        country, offset = resident(dice)
        created, first, last = life(dice, joins=self.joins, leaves=0.04)
        if last < END:
            last = END - dice.below(6 * DAY)
        name = stage.account_id(dice)
        shared = stage.book.runners() if self.name == "ci" else []
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=self.schedule(dice, offset, first, last),
            speaker=self.speaker(dice),
            where=Fixed(shared or stage.book.servers(dice, country, dice.between(*self.servers))),
            agents=[self.agent(dice)],
            taste=self.taste(dice),
            country=country,
            created=shortly_before(created, dice),
            payment=fingerprint(dice),
            keys=keys(dice, name, 3),
            organization="org_" + dice.hex(10) if dice.chance(0.7) else None,
            console=0.004,
            basic_auth=dice.chance(0.08),
            limited=self.limited,
        )

    @abstractmethod
    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return when it asks."""

    @abstractmethod
    def speaker(self, dice: Dice) -> Speaker:
        """Return what it asks."""

    def agent(self, dice: Dice) -> str:
        """Return its user agent."""
        return program(dice)

    def taste(self, dice: Dice) -> Taste:
        """Return its model: products change rarely, and all at once."""
        model = dice.pick(("atlas-3-mini", "atlas-3-mini", "atlas-3", "atlas-2.5"))
        return fixed(model, moves_after_days=dice.uniform(2.0, 30.0) if dice.chance(0.4) else None)


class Rag(Machine):
    """Questions over a company's documents."""

    name, share, load, spread = "rag", 0.025, 230.0, 0.7

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return its customers' or employees' hours."""
        inside = dice.chance(0.5)
        rhythm = Rhythm(
            offset, varied(OFFICE if inside else CUSTOMERS, dice), WORKDAYS if inside else EVERY_DAY, first, last
        )
        return Traffic(rhythm, growth=dice.uniform(0.0, 1.0))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its template and documents."""
        return RagSpeaker(dice)


class Support(Machine):
    """A customer-support bot."""

    name, share, load, spread = "support", 0.025, 210.0, 0.65

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return its customers' hours; some firms have customers all over the world."""
        world = dice.chance(0.25)
        rhythm = Rhythm(offset, EVERY_DAY[:1] * 24 if world else varied(CUSTOMERS, dice), EVERY_DAY, first, last)
        return Traffic(rhythm, turns=dice.uniform(2.0, 4.0), pause_s=dice.uniform(40, 120))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its customers' messages."""
        return SupportSpeaker(dice)


class Batch(Machine):
    """A nightly batch that summarises texts."""

    name, share, load, spread = "batch", 0.02, 300.0, 0.6
    limited = 0.02

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return the nights on which it runs."""
        rhythm = Rhythm(offset, EVERY_DAY, EVERY_DAY if dice.chance(0.6) else WORKDAYS, first, last)
        return Jobs(rhythm, size=dice.between(8, 22), pause_s=dice.uniform(2.0, 9.0), at_hour=dice.between(0, 5))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its order and texts."""
        return BatchSpeaker(dice)


class Evaluation(Machine):
    """An evaluation suite: the same items again and again, and at once when a new model is out."""

    name, share, load, spread = "evaluation", 0.025, 240.0, 0.55
    servers = (1, 3)

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return its runs."""
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        rush = [RELEASE + dice.between(HOUR, 20 * HOUR) for _ in range(dice.between(1, 2))]
        return Jobs(
            rhythm,
            size=dice.between(25, 70),
            pause_s=dice.uniform(1.0, 4.0),
            spread=0.1,
            extra=rush if dice.chance(0.7) else (),
        )

    def speaker(self, dice: Dice) -> Speaker:
        """Return its benchmark."""
        return EvaluationSpeaker(dice, items=dice.between(25, 110))

    def agent(self, dice: Dice) -> str:
        """Return a Python program's user agent."""
        return python(dice)

    def taste(self, dice: Dice) -> Taste:
        """Return the models under test: the new one from its first day."""
        return drifting(dice, eager=0.8, pinned=0.1, days=1.5)


class Ci(Machine):
    """Jobs of a build pipeline, on runners whose addresses many customers share."""

    name, share, load, spread = "ci", 0.03, 120.0, 0.65

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return a few jobs for each push."""
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        return Jobs(rhythm, size=dice.between(2, 7), pause_s=dice.uniform(3.0, 30.0), spread=0.5)

    def speaker(self, dice: Dice) -> Speaker:
        """Return its jobs."""
        return CiSpeaker(dice)


class Extraction(Machine):
    """A product that turns documents into fields."""

    name, share, load, spread = "extraction", 0.025, 180.0, 0.65

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return office hours, or the documents of a day at once."""
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        if dice.chance(0.4):
            return Jobs(rhythm, size=dice.between(6, 25), pause_s=dice.uniform(1.5, 6.0), at_hour=dice.between(17, 22))
        return Traffic(rhythm, growth=dice.uniform(0.0, 0.5))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its schema and documents."""
        return ExtractSpeaker(dice)


class LoadTest(Machine):
    """A load test: on one day or two, a few bursts of the same short prompt."""

    name, share, load, spread = "load_test", 0.008, 320.0, 0.35
    servers = (1, 2)
    limited = 0.09
    joins = 0.6

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return the bursts."""
        day = START + dice.between(3, 40) * DAY + round((10 - offset) * HOUR)
        bursts = [day + dice.below(6 * HOUR) for _ in range(dice.between(2, 4))]
        if dice.chance(0.5):
            bursts.append(day + DAY + dice.below(4 * HOUR))
        return Bursts(sorted(bursts), pause_s=dice.uniform(0.2, 1.5))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its short prompts."""
        return LoadSpeaker(dice)


class Fixtures(Machine):
    """A firm that has data made up for its own tests and demos."""

    name, share, load, spread = "own_synthetic", 0.01, 110.0, 0.5
    servers = (1, 2)

    def schedule(self, dice: Dice, offset: float, first: int, last: int) -> Schedule:
        """Return a few runs in office hours."""
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        return Jobs(rhythm, size=dice.between(8, 25), pause_s=dice.uniform(15.0, 45.0))

    def speaker(self, dice: Dice) -> Speaker:
        """Return its orders."""
        return FixtureSpeaker(dice)

    def taste(self, dice: Dice) -> Taste:
        """Return a taste that drifts like a developer's."""
        return drifting(dice, eager=0.2)
