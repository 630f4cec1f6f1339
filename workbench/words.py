"""Words for a number of things: one account, two addresses."""

from __future__ import annotations

import re


def plural(word: str, number: int = 2) -> str:
    """Return the word for so many things; of several words the last one changes (``event line``)."""
    if number == 1:
        return word
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def counted(number: int, word: str) -> str:
    """Return a number with its word: ``1 address``, ``2,000 addresses``."""
    return f"{number:,} {plural(word, number)}"
