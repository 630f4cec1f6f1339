"""Disclosure policies: small TOML files that say, field by field, what may leave a case and in which form.

What a policy does not name does not leave. The presets are in ``policies/``; docs/evidence.md explains the treatments.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from workbench.errors import UsageError

#: What can become of a field.
TREATMENTS = {
    "keep": "as it is",
    "drop": "left out",
    "pseudonym": "a keyed pseudonym",
    "prefix": "cut to its network's prefix",
    "owner": "the owner of its network",
    "coarse": "a coarser time",
    "template": "words that many use; the rest masked",
    "group": "as it is where enough accounts have it",
    "verdict": "accepted and dismissed; others as keyed pseudonyms",
}
_TIMES = {"second": 19, "minute": 16, "hour": 13, "day": 10, "month": 7}
TABLES = ("sessions", "accounts", "events", "tags", "totals", "findings")
_FOLDER = Path(__file__).parent / "policies"


@dataclass(frozen=True, slots=True)
class Policy:
    """What leaves: the tables, each field's treatment, and the measures that treatments take.

    ``k`` is how many accounts make a group; ``epsilon`` what one release of totals spends of ``budget``, with at most
    ``cap_requests`` requests and ``cap_days`` days of an account counted.
    """

    name: str
    about: str = ""
    tables: tuple[str, ...] = TABLES
    k: int = 5
    times: str = "hour"
    prefix4: int = 24
    prefix6: int = 48
    epsilon: float | None = None
    budget: float = 4.0
    cap_requests: int = 1000
    cap_days: int = 7
    fields: Mapping[str, str] = field(default_factory=dict)

    def of(self, column: str) -> str:
        """Return the treatment of a column; what is not named is dropped."""
        return self.fields.get(column, "drop")

    @property
    def time_length(self) -> int:
        """How many characters of an ISO 8601 time are left."""
        return _TIMES[self.times]


def presets() -> list[str]:
    """Return the names of the policies that ship, from the most open to the most closed."""
    return ["internal", "counsel", "regulator", "public"]


def load_policy(name: str) -> Policy:
    """Return a preset by its name, or a policy by its file. Raises UsageError naming what is wrong in it."""
    file = _FOLDER / f"{name}.toml" if name in presets() else Path(name)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"there is no policy {name!r}; name a TOML file or one of: {', '.join(presets())}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"policy {name}: {error}") from error
    return _checked(told, file)


def _checked(told: dict[str, Any], file: Path) -> Policy:
    known = {one.name for one in fields(Policy)} - {"name"}
    if unknown := sorted(set(told) - known):
        raise UsageError(f"policy {file}: unknown {unknown[0]!r}; it may say: {', '.join(sorted(known))}")
    made = Policy(name=file.stem, **{**told, "tables": tuple(told.get("tables", TABLES))})
    for column, treatment in made.fields.items():
        if treatment not in TREATMENTS:
            raise UsageError(f"policy {file}: {column} = {treatment!r}; a treatment is one of: {', '.join(TREATMENTS)}")
    checks = (
        (set(made.tables) <= set(TABLES), f"tables may be: {', '.join(TABLES)}"),
        (isinstance(made.k, int) and made.k >= 2, "k is a whole number from 2 up"),
        (made.times in _TIMES, f"times is one of: {', '.join(_TIMES)}"),
        (made.prefix4 in (8, 16, 24), "prefix4 is 8, 16 or 24"),
        (made.prefix6 in (16, 32, 48, 64), "prefix6 is 16, 32, 48 or 64"),
        (made.epsilon is None or made.epsilon > 0, "epsilon is a number above 0"),
        (made.budget > 0 and made.cap_requests >= 1 and made.cap_days >= 1, "budget and caps are above 0"),
    )
    for fits, says in checks:
        if not fits:
            raise UsageError(f"policy {file}: {says}")
    return made
