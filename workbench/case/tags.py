"""Tags and notes: what investigators say of sessions, accounts, addresses, keys, organisations and events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.case.acts.tagging import Tagged, Untagged
from workbench.case.identity import utf8
from workbench.case.state import TagKey
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

#: Kinds of things that can be tagged, and the column of ``event`` that names each.
KINDS = {
    "session": "session",
    "account": "account",
    "address": "client_ip",
    "key": "api_key",
    "organisation": "organization",
    "client": "entity",
    "event": "event_id",
}


#: Tags that say what became of a finding.
ACCEPTED, DISMISSED = VERDICTS = ("accepted", "dismissed")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag on one thing; ``tagged_at`` is UTC, ISO 8601."""

    kind: str
    id: str
    tag: str
    note: str
    tagged_by: str
    tagged_at: str

    @property
    def key(self) -> TagKey:
        """What tells it from other tags."""
        return self.kind, self.id, self.tag


def check_tag(kind: str, tag: str) -> None:
    """Refuse an unknown kind and a tag that would be hard to type again."""
    if kind not in KINDS:
        raise UsageError(f"unknown kind {kind!r}; one of: {', '.join(KINDS)}")
    if not tag or len(tag) > 64 or any(c.isspace() or not c.isprintable() or c == "," for c in tag):
        raise UsageError(f"{tag!r} cannot be a tag: use up to 64 printable characters without blanks or commas")


class Tags:
    """The tags of a case. Each method that changes something returns after it is durable."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, kind: str, ids: Sequence[str], tag: str, note: str = "") -> int:
        """Tag things of one kind; a tag that is there already gets the new note, if there is one.

        Returns how many were newly tagged.
        """
        check_tag(kind, tag)
        ids, tag, note = [utf8(one) for one in ids], utf8(tag), utf8(note)
        with self._ledger.act(Tagged(kind, ids, tag, note)) as entry:
            db, at, person = entry.db, entry.at, entry.who
            before = db.total_changes
            db.executemany(
                "INSERT OR IGNORE INTO tag (kind, id, tag, note, tagged_by, tagged_at) VALUES (?, ?, ?, ?, ?, ?)",
                [(kind, one, tag, note, person, at) for one in ids],
            )
            added = db.total_changes - before
            if note and added < len(ids):
                db.executemany(
                    "UPDATE tag SET note = ?, tagged_by = ?, tagged_at = ? WHERE kind = ? AND id = ? AND tag = ?",
                    [(note, person, at, kind, one, tag) for one in ids],
                )
        return added

    def remove(self, kind: str, ids: Sequence[str], tag: str) -> int:
        """Take a tag off; returns how many had it. The audit chain keeps that it was there."""
        check_tag(kind, tag)
        ids, tag = [utf8(one) for one in ids], utf8(tag)
        with self._ledger.act(Untagged(kind, ids, tag)) as entry:
            removed = sum(
                entry.db.execute("DELETE FROM tag WHERE kind = ? AND id = ? AND tag = ?", (kind, one, tag)).rowcount
                for one in ids
            )
            entry.act = replace(entry.act, removed=removed)
        return removed

    def all(self, kind: str | None = None, tag: str | None = None) -> list[Tag]:
        """Return tags in the order in which they were given, of one kind or one name if asked."""
        rows = self._ledger.rows(
            "SELECT kind, id, tag, note, tagged_by, tagged_at FROM tag "
            "WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR tag = ?2) ORDER BY tagged_at, tag_id",
            kind,
            tag,
        )
        return [Tag(*row) for row in rows]

    def names(self) -> list[str]:
        """Return the tags in use, most used first."""
        rows = self._ledger.rows("SELECT tag FROM tag GROUP BY tag ORDER BY count(*) DESC, tag")
        return [row["tag"] for row in rows]

    def of(self, kind: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """Return the tags of some things of one kind, by id."""
        wanted = set(ids)
        by_id: dict[str, list[str]] = {}
        for tag in self.all(kind):
            if tag.id in wanted:
                by_id.setdefault(tag.id, []).append(tag.tag)
        return by_id
