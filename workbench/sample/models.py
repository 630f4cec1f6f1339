"""The models on offer: prices, speeds, and how an account comes to use a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, RELEASE


@dataclass(frozen=True, slots=True)
class Model:
    """Prices in US dollars a million tokens; speed in tokens a second."""

    name: str
    price_in: float
    price_out: float
    speed: float


NEW = "atlas-4"
MODELS = {
    model.name: model
    for model in (
        Model("atlas-2.5", 0.5, 1.5, 110.0),
        Model("atlas-3-mini", 0.15, 0.6, 170.0),
        Model("atlas-3", 3.0, 12.0, 70.0),
        Model(NEW, 5.0, 20.0, 52.0),
        Model("atlas-embed-1", 0.02, 0.0, 4000.0),
    )
}


@dataclass(frozen=True, slots=True)
class Taste:
    """Which model an account asks for: its old ones by weight, and from ``adopts`` on ever more often the new one."""

    old: Sequence[tuple[str, float]]
    adopts: int = END
    ramp: int = 0  # milliseconds from the first try until the habit is settled
    share: float = 0.0  # of requests that then go to the new model

    def pick(self, dice: Dice, ms: int) -> str:
        """Return the model for a request at a time."""
        if ms >= self.adopts:
            grown = 1.0 if self.ramp <= 0 else min(1.0, 0.15 + 0.85 * (ms - self.adopts) / self.ramp)
            if dice.chance(self.share * grown):
                return NEW
        return dice.weighted(self.old)


_HABITS: Sequence[tuple[Sequence[tuple[str, float]], float]] = (
    ((("atlas-3", 0.8), ("atlas-3-mini", 0.2)), 4),
    ((("atlas-3-mini", 0.9), ("atlas-3", 0.1)), 3),
    ((("atlas-3", 1.0),), 3),
    ((("atlas-2.5", 0.7), ("atlas-3-mini", 0.3)), 1),
)


def drifting(dice: Dice, *, eager: float = 0.06, pinned: float = 0.3, days: float = 9.0) -> Taste:
    """Return the taste of somebody honest: most try the new model after some days, a few at once, some never."""
    old = dice.weighted(_HABITS)
    if dice.chance(pinned):
        return Taste(old)
    if dice.chance(eager):
        return Taste(old, RELEASE + dice.below(DAY // 2), 0, dice.uniform(0.5, 0.95))
    adopts = RELEASE + round(dice.lognormal(days, 0.7) * DAY)
    return Taste(old, adopts, round(dice.lognormal(8.0, 0.5) * DAY), dice.uniform(0.3, 0.9))


def fixed(name: str, *, moves_after_days: float | None = None) -> Taste:
    """Return the taste of a product: one model, replaced by the new one on a day of its own or never."""
    if moves_after_days is None:
        return Taste(((name, 1.0),))
    return Taste(((name, 1.0),), RELEASE + round(moves_after_days * DAY), 0, 1.0)
