"""The state of a case as its audit chain has it: what ``verify`` expects of the ledger, what ``replay`` rebuilds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: What tells a tag from the others: kind, id, tag.
TagKey = tuple[str, str, str]


class TagRow(NamedTuple):
    """What the ledger holds of a tag beyond its key."""

    note: str
    tagged_by: str
    tagged_at: str


class Stamp(NamedTuple):
    """Number, time and author of an audit entry."""

    seq: int
    at: str
    who: str


@dataclass(slots=True)
class State:
    """What the chain says there is: tags by key, settings, sources, segments and runs by number, derived files."""

    tags: dict[TagKey, TagRow] = field(default_factory=dict)
    #: Every row that a tag had so far: an undo restores one of them and nothing else.
    past_tags: dict[TagKey, set[TagRow]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    sources: dict[int, dict[str, Any]] = field(default_factory=dict)
    segments: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    #: Entries up to this one were written by an older version, which recorded less.
    older: int = 0

    def put_tag(self, key: TagKey, row: TagRow) -> None:
        """Give a tag this row."""
        self.tags[key] = row
        self.past_tags.setdefault(key, set()).add(row)

    def had_tag(self, key: TagKey, row: TagRow) -> bool:
        """Say whether a tag had this row before; of entries by an older version the time is not exact."""
        past = self.past_tags.get(key, set())
        return row in past or (bool(self.older) and row[:2] in {earlier[:2] for earlier in past})
