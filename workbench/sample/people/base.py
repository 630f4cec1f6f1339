"""What the kinds of honest people share: who they are, when they joined, how much they ask."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import ClassVar

from workbench.sample.account import Account, Stage
from workbench.sample.addresses import Person, somewhere
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, HOUR, MINUTE, START, Rhythm


def fingerprint(dice: Dice) -> str:
    """Return the fingerprint of a payment method."""
    return "pm_" + dice.hex(12)


def keys(dice: Dice, name: str, most: int = 2) -> list[str]:
    """Return hashes of one to ``most`` API keys."""
    return [sha256(f"{name}/{n}/{dice.hex(8)}".encode()).hexdigest() for n in range(dice.between(1, most))]


def life(dice: Dice, *, joins: float = 0.25, leaves: float = 0.1) -> tuple[int, int, int]:
    """Return when somebody signed up, and the first and last moment at which they ask."""
    first, last = START, END
    if dice.chance(joins):
        first = START + dice.below(30 * DAY)
        created = first
    else:
        created = START - round(dice.lognormal(170.0, 1.0) * DAY)
    if dice.chance(leaves):
        last = max(first + 2 * DAY, END - dice.below(25 * DAY))
    return created, first, last


def person(stage: Stage, dice: Dice, country: str, rhythm: Rhythm, *, office: list[str] | None = None) -> Person:
    """Return the whereabouts of a human: at home, under way, at work, sometimes behind a VPN."""
    carrier = stage.book.carrier(country)
    return Person(
        key=f"{stage.seed}/home/{dice.hex(10)}",
        networks=stage.book.home(dice, country),
        rhythm=rhythm,
        lease=dice.pick((DAY, 4 * DAY, 11 * DAY, 30 * DAY, 60 * DAY)),
        mobile=carrier,
        out=dice.pick((0.0, 0.1, 0.3, 0.7)) if carrier else 0.0,
        work=office or (),
        vpn=stage.book.exits() if dice.chance(0.07) else (),
        hidden=dice.uniform(0.3, 1.0),
    )


class Honest:
    """A kind of honest people; ``one`` makes an account, or ``enlist`` all where they have to do with each other."""

    name: ClassVar[str]
    share: ClassVar[float]
    load: ClassVar[float]  # median of the weight
    spread: ClassVar[float]

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield ``count`` accounts."""
        for i in range(count):
            yield self.one(stage, stage.dice("honest", self.name, i))

    def one(self, stage: Stage, dice: Dice) -> Account:
        """Return one account."""
        raise NotImplementedError

    def weight(self, dice: Dice) -> float:
        """Return how much one of them asks, compared with others."""
        return self.load * min(dice.lognormal(1.0, self.spread), 9.0)


def resident(dice: Dice) -> tuple[str, float]:
    """Return the country of a human and the hours from UTC."""
    return somewhere(dice)


def shortly_before(ms: int, dice: Dice) -> int:
    """Return a time some minutes or hours before."""
    return ms - dice.between(3 * MINUTE, 5 * HOUR)
