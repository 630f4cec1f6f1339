"""The audit chain: its entries, whether each follows from the one before, and the state of the case that it tells.

An entry's hash is the SHA-256 of the JSON list [hash of the entry before, number, time, person, action, detail] without
blanks, in UTF-8 (docs/evidence.md shows how to recompute it without this program).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.case.ledger import entry_hash
from workbench.errors import EvidenceError

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

FIELDS = ("seq", "at", "who", "action", "detail", "prev", "hash")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``detail`` is the JSON text that was hashed."""

    seq: int
    at: str
    who: str
    action: str
    detail: str
    prev: str
    hash: str

    @property
    def said(self) -> dict[str, Any]:
        """The detail as what it says."""
        found = json.loads(self.detail)
        return found if isinstance(found, dict) else {}

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the machine-readable form, the detail as it was hashed."""
        return asdict(self)


def entries(ledger: Ledger, *, upto: int | None = None) -> list[Entry]:
    """Return the entries in their order, the first ``upto`` of them if given."""
    chosen = ", ".join(FIELDS)
    rows = ledger.rows(
        f"SELECT {chosen} FROM audit WHERE ?1 IS NULL OR rowid IN (SELECT rowid FROM audit ORDER BY seq LIMIT ?1) "
        "ORDER BY seq",
        upto,
    )
    return [Entry(*row) for row in rows]


def follow(chain: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries that follow from the ones before. Raises EvidenceError at the first that does not."""
    prev = ""
    for seq, one in enumerate(chain, start=1):
        if one.seq != seq:
            raise EvidenceError(f"audit chain: entry {seq} is missing (entry {one.seq} comes after {seq - 1})")
        if one.prev != prev:
            raise EvidenceError(
                f"audit chain: entry {seq} does not follow from entry {seq - 1}: one of them was changed"
            )
        told = entry_hash(one.prev, one.seq, one.at, one.who, one.action, one.detail)
        if told != one.hash:
            raise EvidenceError(
                f"audit chain: entry {seq} ({one.action}) was changed: its hash is not that of its content"
            )
        prev = one.hash
        yield one


Key = tuple[str, str, str]


@dataclass(slots=True)
class State:
    """What the chain says there is: tags by (kind, id, tag), settings, sources, segments, runs, derived files."""

    tags: dict[Key, tuple[str, str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    sources: dict[int, dict[str, Any]] = field(default_factory=dict)
    segments: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    #: Entries up to this one were written by an older version, which told less.
    older: int = 0

    def follow(self, chain: Iterable[Entry]) -> State:
        """Take in entries in their order."""
        for one in chain:
            self.take(one)
        return self

    def take(self, one: Entry) -> None:
        """Take in the next entry."""
        said = one.said
        match one.action:
            case "tag":
                self._tag(said, one)
            case "untag":
                for thing in said["ids"]:
                    self.tags.pop((said["kind"], thing, said["tag"]), None)
            case "merge" | "import":
                self._bring_in(said, one)
            case "setting" | "enrich":
                self.settings[said["name"]] = said["value"]
            case "load":
                for source in said["sources"]:
                    if source["source"] is not None:
                        self.sources[source["source"]] = {**source, "loaded_at": one.at, "loaded_by": one.who}
                self.segments |= {segment["segment"]: segment for segment in said.get("segments", [])}
            case "run":
                number = said.get("run", len(self.runs) + 1)
                self.runs[number] = {**said, "run_at": one.at, "run_by": one.who}
            case "derive":
                self.derived[said["file"]] = said["sha256"]
            case "migrate":
                self.older = one.seq
                self.segments |= {segment["segment"]: segment for segment in said["segments"]}

    def _tag(self, said: Mapping[str, Any], one: Entry) -> None:
        for thing in said["ids"]:
            key = (said["kind"], thing, said["tag"])
            if key not in self.tags or said["note"]:
                self.tags[key] = (said["note"], one.who, one.at)

    def _bring_in(self, said: Mapping[str, Any], one: Entry) -> None:
        """Tags that came from elsewhere keep who gave them and when."""
        for tag in said["tags"]:
            key = (tag["kind"], tag["id"], tag["tag"])
            self.tags[key] = (tag["note"], tag.get("tagged_by") or one.who, tag.get("tagged_at") or one.at)
