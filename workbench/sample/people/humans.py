"""Humans who ask for themselves."""

from __future__ import annotations

from workbench.sample.account import Account, Stage
from workbench.sample.clients import browser, editor, phone, program, python
from workbench.sample.dice import Dice
from workbench.sample.hours import (
    EARLY,
    EVENING,
    HOMEWORK,
    LEISURE,
    NIGHT_OWL,
    OFFICE,
    RELEASE,
    SCHOOL,
    WORKDAYS,
    Rhythm,
    Sessions,
    varied,
)
from workbench.sample.models import drifting
from workbench.sample.people.base import Honest, fingerprint, keys, life, person, resident, shortly_before
from workbench.sample.speech.code import CodeSpeaker
from workbench.sample.speech.people import ChatSpeaker, StudentSpeaker
from workbench.sample.speech.products import TranslateSpeaker

CHAT_PATH = "/api/chat/completions"


class Casual(Honest):
    """Chat users: a few conversations a week, at home and under way."""

    name, share, load, spread = "casual", 0.25, 15.0, 0.9

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one chat user."""
        country, offset = resident(dice)
        created, first, last = life(dice, joins=0.35, leaves=0.15)
        hours = varied(dice.pick((EVENING, EVENING, NIGHT_OWL, EARLY, OFFICE)), dice)
        rhythm = Rhythm(offset, hours, LEISURE, first, last)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(1.5, 5.0), pause_s=dice.uniform(45, 160)),
            speaker=ChatSpeaker(dice, country),
            where=person(stage, dice, country, rhythm),
            agents=[phone(dice), browser(dice)] if dice.chance(0.6) else [browser(dice)],
            taste=drifting(dice, pinned=0.2),
            country=country,
            created=shortly_before(created, dice),
            payment=None if dice.chance(0.45) else fingerprint(dice),
            keys=keys(dice, name, 1),
            path=CHAT_PATH,
            sessions=True,
            console=0.5,
        )


class Developer(Honest):
    """Programmers, alone, with an agent in the editor or scripts of their own; some rush to a new model."""

    name, share, load, spread = "developer", 0.17, 46.0, 0.95

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one programmer."""
        country, offset = resident(dice)
        created, first, last = life(dice)
        hobby = dice.chance(0.3)
        rhythm = Rhythm(
            offset, varied(NIGHT_OWL if hobby else OFFICE, dice), LEISURE if hobby else WORKDAYS, first, last
        )
        agent = dice.chance(0.62)
        name = stage.account_id(dice)
        office = stage.book.servers(dice, country, 1) if dice.chance(0.15) else None
        eager = dice.chance(0.14)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(
                rhythm,
                turns=dice.uniform(5.0, 14.0) if agent else dice.uniform(2.0, 5.0),
                pause_s=dice.uniform(9.0, 35.0) if agent else dice.uniform(60.0, 240.0),
                peak=(RELEASE, dice.uniform(1.5, 4.0)) if eager else None,
            ),
            speaker=CodeSpeaker(dice, agent=agent),
            where=person(stage, dice, country, rhythm, office=office),
            agents=[editor(dice)] if agent else [dice.pick((python, program, browser))(dice), python(dice)],
            taste=drifting(dice, eager=1.0 if eager else 0.05, pinned=0.0 if eager else 0.2, days=6.0),
            country=country,
            created=shortly_before(created, dice),
            payment=fingerprint(dice),
            keys=keys(dice, name, 3),
            console=0.18,
            basic_auth=dice.chance(0.04),
        )


class Student(Honest):
    """Pupils and students at their homework, who like to see each step."""

    name, share, load, spread = "student", 0.07, 20.0, 0.75

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one student."""
        country, offset = resident(dice)
        created, first, last = life(dice, joins=0.4, leaves=0.2)
        rhythm = Rhythm(offset, varied(SCHOOL, dice), HOMEWORK, first, last)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(3.0, 8.0), pause_s=dice.uniform(50, 150)),
            speaker=StudentSpeaker(dice),
            where=person(stage, dice, country, rhythm),
            agents=[phone(dice)] if dice.chance(0.5) else [browser(dice), phone(dice)],
            taste=drifting(dice, pinned=0.35),
            country=country,
            created=shortly_before(created, dice),
            payment=None if dice.chance(0.6) else fingerprint(dice),
            keys=keys(dice, name, 1),
            path=CHAT_PATH,
            sessions=True,
            console=0.4,
        )


class Translator(Honest):
    """Translators with a plug-in, and localisation tools of small firms."""

    name, share, load, spread = "translator", 0.04, 42.0, 0.8

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one translator."""
        country, offset = resident(dice)
        created, first, last = life(dice)
        rhythm = Rhythm(offset, varied(OFFICE, dice), WORKDAYS, first, last)
        name = stage.account_id(dice)
        return Account(
            id=name,
            kind=self.name,
            weight=self.weight(dice),
            schedule=Sessions(rhythm, turns=dice.uniform(6.0, 20.0), pause_s=dice.uniform(20, 90)),
            speaker=TranslateSpeaker(dice),
            where=person(stage, dice, country, rhythm),
            agents=[dice.pick((program, browser))(dice)],
            taste=drifting(dice, pinned=0.5),
            country=country,
            created=shortly_before(created, dice),
            payment=fingerprint(dice),
            keys=keys(dice, name, 2),
            console=0.1,
        )
