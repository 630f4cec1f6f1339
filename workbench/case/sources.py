"""Sources: the loaded logs, each with its accounting, as the ledger has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

#: What the ledger and a manifest keep as JSON.
LISTS = ("warnings", "columns", "extra_keys")


@dataclass(slots=True)
class Source:
    """One log and its accounting: ``lines = event_lines + rejects + skipped`` (physical lines).

    ``source`` is None for a log that could not be read. ``columns`` counts the events with a value in each column,
    ``extra_keys`` are the names beyond them. ``origin`` is where the file was when it was read; times are ISO 8601.
    """

    source: int | None
    path: str
    format: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    lines: int = 0
    event_lines: int = 0
    events: int = 0
    rejects: int = 0
    skipped: int = 0
    first: str | None = None
    last: str | None = None
    seconds: float = 0.0
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    member: str | None = None
    mtime: str | None = None
    columns: dict[str, int] = field(default_factory=dict)
    extra_keys: list[str] = field(default_factory=list)
    loaded_at: str | None = None
    loaded_by: str | None = None
    origin: str | None = None
    loader: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the machine-readable form: the source's name and its accounting."""
        return {name: getattr(self, name) for name in ACCOUNTING}

    def row(self) -> dict[str, Any]:
        """Return all fields, as a manifest or the ``source`` table has them; ``warnings`` stays a list."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


_NAMES = tuple(one.name for one in fields(Source))
#: The fields of the machine-readable form.
ACCOUNTING = _NAMES[: _NAMES.index("warnings") + 1]


def read_sources(ledger: Ledger) -> list[Source]:
    """Return the sources of a ledger in the order of loading."""
    return [from_row(row) for row in ledger.rows("SELECT * FROM source ORDER BY source")]


def from_row(row: Mapping[str, Any] | Any) -> Source:
    """Return a source from a row of the ledger, whose lists are JSON texts."""
    known = {name: row[name] for name in row.keys() if name in _NAMES}  # noqa: SIM118 - an sqlite3.Row iterates values
    return Source(**{**known, **{name: json.loads(known[name]) for name in LISTS}})


def counts_by_format(sources: Iterable[Source]) -> dict[str, dict[str, int]]:
    """Return how many events have a value in each column, by log format; ``events`` among the counts."""
    counts: dict[str, dict[str, int]] = {}
    for source in sources:
        if source.events:
            of_format = counts.setdefault(str(source.format), {})
            for name, number in {"events": source.events, **source.columns}.items():
                of_format[name] = of_format.get(name, 0) + number
    return counts
