"""How a person types: capitals, slips of the finger, politeness."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.sample.dice import Dice

_NEAR = {
    "a": "s", "b": "v", "c": "x", "d": "s", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l",
    "l": "k", "m": "n", "n": "m", "o": "i", "p": "o", "q": "w", "r": "t", "s": "d", "t": "r", "u": "i", "v": "c",
    "w": "e", "x": "c", "y": "u", "z": "x",
}  # fmt: skip
_SHORT = (("you", "u"), ("please", "pls"), ("because", "cause"), ("are", "r"), ("and", "&"), ("with", "w/"))


_IS_NAME = re.compile(r"[^/_]*(?:[/_]|[a-z]\w*[A-Z]|[A-Z]\w*[A-Z])").match  # of a file, a function, a standard
_ASKS = re.compile(
    r"(?:what|why|how|when|where|who|which|is|are|can|could|do|does|did|should|would|may|any|was|were|will)\b",
    re.IGNORECASE,
).match


def _fits(stop: str, text: str) -> bool:
    return not stop.startswith("?") or _ASKS(text) is not None


def slip(word: str, dice: Dice) -> str:
    """Return ``word`` with one typing mistake; short words, numbers and code stay as they are."""
    if len(word) < 4 or not word.isalpha() or not word.isascii():
        return word
    i = dice.between(1, len(word) - 2)
    how = dice.below(4)
    if how == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if how == 1:
        return word[:i] + word[i + 1 :]
    if how == 2:
        return word[:i] + word[i] + word[i:]
    return word[:i] + _NEAR.get(word[i], word[i]) + word[i + 1 :]


class Voice:
    """One person's way of typing."""

    __slots__ = ("_closer", "_closers", "_lower", "_opener", "_openers", "_short", "_slips", "_stop", "_upper")

    def __init__(self, dice: Dice, openers: Sequence[str] = (), closers: Sequence[str] = ()) -> None:
        self._lower = dice.chance(0.35)
        self._upper = not self._lower and dice.chance(0.6)
        self._slips = dice.pick((0.0, 0.0, 0.003, 0.008, 0.02, 0.04))
        self._stop = dice.pick(("", "", "", ".", ".", "..", "?", "?", "??"))
        self._short = dict(dice.some(_SHORT, 3)) if dice.chance(0.15) else {}
        self._openers = dice.some(openers, 3)
        self._closers = dice.some(closers, 3)
        self._opener = dice.pick((0.0, 0.05, 0.2, 0.5)) if openers else 0.0
        self._closer = dice.pick((0.0, 0.05, 0.15, 0.4)) if closers else 0.0

    def write(self, text: str, dice: Dice, *, opening: bool = True) -> str:
        """Return ``text`` as this person would type it; from the second line on (code, output) it is pasted."""
        text, newline, pasted = text.partition("\n")
        text = self._typed(text, dice, opening=opening)
        if opening and self._closer and not newline and dice.chance(self._closer):
            return text.rstrip(".") + dice.pick(("", ",", ".", " -", "\n")) + dice.pick(self._closers)
        if self._stop and not newline and text[-1:].isalnum() and _fits(self._stop, text):
            text += self._stop
        return text + newline + pasted

    def _typed(self, text: str, dice: Dice, *, opening: bool) -> str:
        if self._slips or self._short:
            words = text.split(" ")
            for i, word in enumerate(words):
                if word in self._short:
                    words[i] = self._short[word]
                elif self._slips and dice.chance(self._slips):
                    words[i] = slip(word, dice)
            text = " ".join(words)
        if opening and self._opener and dice.chance(self._opener):
            text = dice.pick(self._openers) + text
        if self._lower:
            text = " ".join([word if _IS_NAME(word) else word.lower() for word in text.split(" ")])
        elif self._upper:
            text = text[:1].upper() + text[1:]
        return text
