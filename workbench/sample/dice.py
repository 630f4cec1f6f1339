"""Seeded draws that come out the same on every machine and Python version.

``random.Random`` promises that only for ``random()`` itself, and the C library's ``exp`` and ``log`` may differ in the
last bit; so everything here is built from ``random()`` with additions and multiplications alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import floor, ldexp
from random import Random
from typing import TypeVar

T = TypeVar("T")

_LN2 = 0.6931471805599453
_HEX = "0123456789abcdef"


def exp(x: float) -> float:
    """Return e to the power of ``x``: halve by powers of two, then a Taylor polynomial."""
    k = floor(x / _LN2 + 0.5)
    r = x - k * _LN2
    term = total = 1.0
    for n in range(1, 16):
        term *= r / n
        total += term
    return ldexp(total, k)


class Dice:
    """A stream of draws, told apart from all others by its key."""

    __slots__ = ("random",)

    def __init__(self, *key: object) -> None:
        self.random = Random("/".join(map(str, key))).random  # noqa: S311 - made-up logs, not secrets

    def below(self, n: int) -> int:
        """Return an integer from 0 to ``n`` - 1."""
        return int(self.random() * n)

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self.random() * (high - low + 1))

    def uniform(self, low: float, high: float) -> float:
        """Return a number between ``low`` and ``high``."""
        return low + self.random() * (high - low)

    def chance(self, p: float) -> bool:
        """Return true with probability ``p``."""
        return self.random() < p

    def pick(self, items: Sequence[T]) -> T:
        """Return one of ``items``."""
        return items[int(self.random() * len(items))]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """Return one of the values of (value, weight) pairs."""
        point = self.random() * sum(weight for _, weight in choices)
        for value, weight in choices:
            point -= weight
            if point < 0:
                return value
        return choices[-1][0]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return ``items`` in another order."""
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Return ``count`` different ones of ``items`` (all of them where there are fewer)."""
        return self.shuffled(items)[:count]

    def normal(self) -> float:
        """Return a draw with mean 0 and deviation 1 (twelve uniform ones added up: never beyond 6)."""
        r = self.random
        return r() + r() + r() + r() + r() + r() + r() + r() + r() + r() + r() + r() - 6.0

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a positive, right-skewed draw."""
        return median * exp(sigma * self.normal())

    def hex(self, digits: int) -> str:
        """Return ``digits`` hexadecimal digits."""
        return "".join([_HEX[int(self.random() * 16)] for _ in range(digits)])

    def word(self, alphabet: str, length: int) -> str:
        """Return ``length`` letters of ``alphabet``."""
        return "".join([self.pick(alphabet) for _ in range(length)])


def cumulative(weights: Sequence[float]) -> list[float]:
    """Return running sums, for ``bisect`` with a point below the last one."""
    return list(accumulate(weights))
