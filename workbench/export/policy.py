"""Disclosure policies: small TOML files that say, field by field, what may leave a case and in which form.

What a policy does not name does not leave. The presets are in ``policies/``; docs/evidence.md explains the treatments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import UsageError
from workbench.userfiles import above, among, entries, items, read_toml, table, text, whole

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


#: Every key of a policy's file.
KEYS = table(
    {
        "about": text,
        "tables": items(among(TABLES)),
        "k": whole(2),
        "times": among(tuple(_TIMES)),
        "prefix4": among((8, 16, 24)),
        "prefix6": among((16, 32, 48, 64)),
        "epsilon": above(0),
        "budget": above(0),
        "cap_requests": whole(1),
        "cap_days": whole(1),
        "fields": entries(among(tuple(TREATMENTS))),
    }
)


def load_policy(name: str) -> Policy:
    """Return a preset by its name, or a policy by its file. Raises UsageError naming what is wrong in it."""
    file = _FOLDER / f"{name}.toml" if name in presets() else Path(name)
    try:
        data = read_toml(file, KEYS)
    except FileNotFoundError as error:
        raise UsageError(f"there is no policy {name!r}; name a TOML file or one of: {', '.join(presets())}") from error
    return Policy(file.stem, **{**data, "tables": tuple(data.get("tables", TABLES))})
