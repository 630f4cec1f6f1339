"""Words for numbers of things: one rule for all sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import workbench
from workbench.words import counted, plural


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [
        (1, "account", "1 account"),
        (0, "account", "0 accounts"),
        (2, "address", "2 addresses"),
        (1, "address", "1 address"),
        (12_000, "event line", "12,000 event lines"),
        (3, "entry", "3 entries"),
        (3, "key", "3 keys"),
        (3, "country", "3 countries"),
    ],
)
def test_a_number_has_the_word_that_belongs_to_it(number: int, word: str, said: str) -> None:
    assert counted(number, word) == said
    assert plural(word) == counted(2, word).removeprefix("2 ")


def test_no_module_appends_the_letter_to_a_word_by_itself() -> None:
    by_hand = re.compile(r"""\{[^{}]*kind[^{}]*\}s\b|\{\s*(['"])e?s\1 if\b""")
    found = [
        f"{file.name}: {line.strip()}"
        for file in Path(workbench.__file__).parent.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if by_hand.search(line)
    ]
    assert found == []
