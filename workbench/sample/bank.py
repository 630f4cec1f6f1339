"""Text banks: named lists of phrases with slots, kept as plain text in ``prompts/`` so that anyone can add to them.

A file is a row of sections, ``== name`` and then one entry a line; in an entry ``\\n`` is a line break and ``\\t`` a
tab; ``;;`` begins a comment. In an entry, ``{name}`` is replaced by an entry of that section (of the file, else of
``common.txt``), ``{=name}`` by the value that ``{name}`` had before, ``{#2-9}`` by a number, and ``{a|b|c}`` by one of
the words. An entry may end with `` => section``, which :func:`paired` takes apart: where to find answers to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from workbench.sample.dice import Dice

_SLOT: Final = re.compile(r"\{(=?[a-z][a-z0-9_.]*|#\d+-\d+|[^{}\n]*\|[^{}\n]*)\}")
_ANSWERS: Final = re.compile(r" => ([a-z][a-z.]*)$")
_NOTHING: Final[Mapping[str, str]] = {}

# One part of a compiled entry: plain text, a slot's name, a remembered slot, a range, or a choice.
_Part = tuple[str, str, tuple[str, ...], int, int]


@cache
def _compiled(entry: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    at = 0
    for slot in _SLOT.finditer(entry):
        if slot.start() > at:
            parts.append(("text", entry[at : slot.start()], (), 0, 0))
        body = slot.group(1)
        if body.startswith("#"):
            low, high = body[1:].split("-")
            parts.append(("number", body, (), int(low), int(high)))
        elif "|" in body:
            parts.append(("choice", body, tuple(body.split("|")), 0, 0))
        elif body.startswith("="):
            parts.append(("same", body[1:], (), 0, 0))
        else:
            parts.append(("slot", body, (), 0, 0))
        at = slot.end()
    if at < len(entry):
        parts.append(("text", entry[at:], (), 0, 0))
    return tuple(parts)


class Bank:
    """The sections of one file; :meth:`narrowed` gives a person or product words of its own."""

    def __init__(self, name: str, sections: Mapping[str, Sequence[str]], fallback: Bank | None = None) -> None:
        self.name = name
        self._sections = dict(sections)
        self._fallback = fallback

    def __contains__(self, section: str) -> bool:
        return section in self._sections or (self._fallback is not None and section in self._fallback)

    def __getitem__(self, section: str) -> Sequence[str]:
        entries = self._sections.get(section)
        if entries is None:
            if self._fallback is None:
                raise KeyError(f"text bank {self.name} has no section {section}")
            return self._fallback[section]
        return entries

    def sections(self, prefix: str = "") -> list[str]:
        """Return the names of the file's own sections that begin with ``prefix``."""
        return [name for name in self._sections if name.startswith(prefix)]

    def narrowed(self, **sections: Sequence[str]) -> Bank:
        """Return a bank in which some sections are replaced by others."""
        return Bank(self.name, sections, self)

    def personal(self, dice: Dice, sizes: Mapping[str, int]) -> Bank:
        """Return a bank in which each of the sections is cut down to a few entries of its own."""
        return Bank(self.name, {name: dice.some(self[name], size) for name, size in sizes.items()}, self)

    def draw(self, dice: Dice, section: str, given: Mapping[str, str] = _NOTHING) -> str:
        """Return one filled entry of ``section``."""
        return self.fill(dice, dice.pick(self[section]), given)

    def fill(
        self, dice: Dice, entry: str, fixed: Mapping[str, str] = _NOTHING, drawn: dict[str, str] | None = None
    ) -> str:
        """Return ``entry`` with its slots filled; ``fixed`` fixes some of them, ``drawn`` receives what was put in."""
        seen = {} if drawn is None else drawn
        out: list[str] = []
        for kind, body, words, low, high in _compiled(entry):
            if kind == "text":
                out.append(body)
            elif kind == "number":
                out.append(str(dice.between(low, high)))
            elif kind == "choice":
                out.append(dice.pick(words))
            elif body in fixed:
                out.append(fixed[body])
            elif kind == "same" and body in seen:
                out.append(seen[body])
            else:
                value = self.fill(dice, dice.pick(self[body]), fixed, seen)
                seen[body] = value
                out.append(value)
        return "".join(out)

    def holes(self) -> Iterator[tuple[str, str]]:
        """Yield (entry, slot) for each slot that no section fills (callers give some of them)."""
        for entries in self._sections.values():
            for entry in entries:
                for kind, body, *_ in _compiled(entry):
                    if kind in {"slot", "same"} and body not in self:
                        yield entry, body


def paired(entry: str) -> tuple[str, str]:
    """Return an entry and the section of its answers ("" where none is named)."""
    found = _ANSWERS.search(entry)
    return (entry[: found.start()], found.group(1)) if found else (entry, "")


def _parse(name: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    text = files("workbench.sample").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("== "):
            current = sections.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith(";;"):
            current.append(line.replace("\\n", "\n").replace("\\t", "\t"))
    return sections


@cache
def bank(name: str) -> Bank:
    """Return the text bank ``prompts/NAME.txt``, backed by ``common.txt``."""
    return Bank(name, _parse(name), None if name == "common" else bank("common"))
