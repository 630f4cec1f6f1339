"""The audit chain: its entries, whether each follows from the one before, and the state of the case after them.

An entry's hash is the SHA-256 of the JSON list [hash of the entry before, number, time, person, action, detail] without
blanks, in UTF-8 (docs/evidence.md shows how to recompute it without this program).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from workbench.case.acts import read_act
from workbench.case.acts.base import Act
from workbench.case.ledger import entry_hash
from workbench.case.state import Stamp, State
from workbench.errors import EvidenceError

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger


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

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the machine-readable form, the detail as it was hashed."""
        return asdict(self)


FIELDS = tuple(one.name for one in fields(Entry))


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
    for seq, entry in enumerate(chain, start=1):
        if entry.seq != seq:
            raise EvidenceError(f"audit chain: entry {seq} is missing (entry {entry.seq} comes after {seq - 1})")
        if entry.prev != prev:
            raise EvidenceError(
                f"audit chain: entry {seq} does not follow from entry {seq - 1}: one of them was changed"
            )
        told = entry_hash(entry.prev, entry.seq, entry.at, entry.who, entry.action, entry.detail)
        if told != entry.hash:
            raise EvidenceError(
                f"audit chain: entry {seq} ({entry.action}) was changed: its hash is not that of its content"
            )
        prev = entry.hash
        yield entry


def act_of(entry: Entry) -> Act:
    """Return the act that an entry records. Raises EvidenceError for one that this version does not know."""
    try:
        return read_act(entry.action, entry.detail)
    except LookupError as error:
        raise EvidenceError(
            f"audit chain: this version does not know the action {entry.action!r} of entry {entry.seq}; "
            "use the version of workbench that wrote it"
        ) from error
    except ValueError as error:
        raise EvidenceError(f"audit chain: entry {entry.seq} ({entry.action}) cannot be read: {error}") from error


def state_of(chain: Iterable[Entry]) -> State:
    """Return the state of the case after these entries, the first ones of its chain. Raises EvidenceError."""
    state = State()
    for entry in chain:
        act = act_of(entry)
        try:
            act.apply(state, Stamp(entry.seq, entry.at, entry.who))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise EvidenceError(f"audit chain: entry {entry.seq} ({entry.action}) cannot be true: {error}") from error
    return state
