"""Undo and redo of what an investigator did to tags, notes and verdicts since the case was opened.

An undo is an act of the ledger. It restores each tag as it was before, with its note, author and time, and the audit
chain keeps both acts. A tag that a colleague changed or used since then stays as it is, and the outcome says so.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from workbench.case.acts import ACTIONS, read_act
from workbench.case.acts.tagging import OnTags, Redone, Undone
from workbench.case.identity import investigator, utf8
from workbench.case.state import TagKey, TagRow
from workbench.case.tags import ACCEPTED, DISMISSED, Tag, check_tag
from workbench.words import plural

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger
    from workbench.case.tags import Tags

#: From so many things with one tag on, all that have it are read at once.
_MANY = 1_000


class Stored(NamedTuple):
    """A tag in the ledger: its place among all tags, and its row."""

    place: int
    row: TagRow


#: The tags at a moment; None for one that was not there.
Image = Mapping[TagKey, Stored | None]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What was done to tags, by which audit entries: each tag before and after. ``what`` names it: "tagging …"."""

    what: str
    entries: tuple[int, ...]
    before: Image
    after: Image

    def __bool__(self) -> bool:
        """Whether it changed anything."""
        return bool(self.after)


@dataclass(frozen=True, slots=True)
class Reverted:
    """The outcome of an undo or a redo: what it did to tags, and a sentence on each tag that stays as it is."""

    change: Change
    kept: tuple[str, ...]

    @property
    def what(self) -> str:
        """What was undone or redone."""
        return self.change.what


class History:
    """What was done to the tags of a case in one sitting. Safe to use from several threads.

    Each method that changes something returns after it is durable. Where the ledger is busy, nothing is forgotten: the
    same undo can be tried again.
    """

    def __init__(self, ledger: Ledger, tags: Tags) -> None:
        self._ledger, self._tags = ledger, tags
        self._undo: list[Change] = []
        self._redo: list[Change] = []
        self._lock = threading.Lock()

    @property
    def undoable(self) -> Change | None:
        """The change that ``undo`` takes back."""
        return self._undo[-1] if self._undo else None

    @property
    def redoable(self) -> Change | None:
        """The change that ``redo`` makes again."""
        return self._redo[-1] if self._redo else None

    # --- changes ------------------------------------------------------------------------------------------------

    def tag(self, kind: str, ids: Sequence[str], tag: str, note: str) -> Change:
        """Tag things of one kind; one that has the tag gets the new note, if there is one."""
        keys = [(kind, thing, tag) for thing in ids]
        return self._change(f"tagging {things(kind, ids)} {tag!r}", keys, lambda: self._tags.add(kind, ids, tag, note))

    def untag(self, tags: Sequence[Tag]) -> Change:
        """Take tags off."""

        def remove() -> None:
            groups: dict[tuple[str, str], list[str]] = {}
            for tag in tags:
                groups.setdefault((tag.kind, tag.tag), []).append(tag.id)
            for (kind, name), ids in groups.items():
                self._tags.remove(kind, ids, name)

        return self._change(f"untagging {tagged(tags)}", [tag.key for tag in tags], remove)

    def rename(self, tags: Sequence[Tag], name: str) -> Change:
        """Give tags another name; their notes stay, and one that somebody else wrote says by whom it is."""
        check_tag("session", name)
        moved = {tag.key: tag for tag in tags if tag.tag != name}

        def move() -> None:
            present = [tag for kind, old in {(key[0], key[2]) for key in moved} for tag in self._tags.all(kind, old)]
            groups: dict[tuple[str, str, str], list[str]] = {}
            for tag in present:
                if tag.key in moved:
                    groups.setdefault((tag.kind, tag.tag, _signed(tag)), []).append(tag.id)
            for (kind, before, note), ids in groups.items():
                self._tags.add(kind, ids, name, note)
                self._tags.remove(kind, ids, before)

        keys = [key for kind, thing, old in moved for key in ((kind, thing, old), (kind, thing, name))]
        return self._change(f"renaming {tagged(list(moved.values()))} to {name!r}", keys, move)

    def judge(self, kind: str, ids: Sequence[str], verdict: str, reason: str) -> Change:
        """Accept or dismiss findings; the other verdict is taken off."""
        other = DISMISSED if verdict == ACCEPTED else ACCEPTED
        keys = [(kind, thing, name) for thing in ids for name in (verdict, other)]
        chosen = set(ids)

        def decide() -> None:
            judged = [tag.id for tag in self._tags.all(kind, other) if tag.id in chosen]
            if judged:
                self._tags.remove(kind, judged, other)
            self._tags.add(kind, ids, verdict, reason)

        named = "accepting" if verdict == ACCEPTED else "dismissing"
        return self._change(f"{named} {things(kind, ids)}", keys, decide)

    def write_note(self, tag: Tag, note: str) -> Change:
        """Write another note on a tag."""
        what = f"the note on {tagged([tag])}"
        return self._change(what, [tag.key], lambda: self._tags.add(tag.kind, [tag.id], tag.tag, note))

    def _change(self, what: str, keys: Iterable[TagKey], act: Callable[[], object]) -> Change:
        """Do something to these tags in one transaction, and remember how they were before it."""
        wanted = list(dict.fromkeys((kind, utf8(thing), utf8(tag)) for kind, thing, tag in keys))
        with self._lock:
            with self._ledger.transaction() as db:
                before, first = _image(db, wanted), _last_entry(db)
                act()
                after, last = _image(db, wanted), _last_entry(db)
            differ = [key for key in wanted if _row(before[key]) != _row(after[key])]
            change = Change(
                what,
                tuple(range(first + 1, last + 1)),
                {key: before[key] for key in differ},
                {key: after[key] for key in differ},
            )
            if change:
                self._undo.append(change)
                self._redo.clear()
        return change

    # --- undo and redo ------------------------------------------------------------------------------------------

    def undo(self) -> Reverted | None:
        """Take the last change back; None where there is none."""
        return self._step(self._undo, self._redo, Undone)

    def redo(self) -> Reverted | None:
        """Make the change again that was undone last; None where there is none."""
        return self._step(self._redo, self._undo, Redone)

    def _step(self, source: list[Change], target: list[Change], kind: type[Undone | Redone]) -> Reverted | None:
        with self._lock:
            if not source:
                return None
            change = source[-1]
            inverse, kept = self._revert(change, kind)
            source.pop()
            if inverse:
                target.append(inverse)
            return Reverted(inverse, tuple(kept))

    def _revert(self, change: Change, kind: type[Undone | Redone]) -> tuple[Change, list[str]]:
        """Restore the tags of a change that are as it left them; returns what was done, and what stays and why."""
        with self._ledger.transaction() as db:
            present = _image(db, list(change.after))
            since = _touched(db, change)
            kept = {
                key
                for key, left in change.after.items()
                if _row(present[key]) != _row(left) or (key in since and since[key].by_another)
            }
            stays = [_stays(key, since.get(key)) for key in change.after if key in kept]
            restored = {key: before for key, before in change.before.items() if key not in kept}
            if not restored:
                return Change(change.what, (), {}, {}), stays
            act = kind(
                change.entries,
                [_fields(key) for key, stored in restored.items() if stored is None],
                [_fields(key) | stored.row._asdict() for key, stored in restored.items() if stored is not None],
            )
            with self._ledger.act(act) as entry:
                for key, stored in restored.items():
                    _restore(db, key, stored)
            after = _image(db, list(restored))
        return Change(change.what, (entry.seq,), {key: present[key] for key in restored}, after), stays


class _Touch(NamedTuple):
    """What was done last to a tag after a change; ``by_another``: a colleague did something to it since."""

    who: str
    at: str
    did: str
    by_another: bool


def _stays(key: TagKey, touch: _Touch | None) -> str:
    kind, thing, tag = key
    why = f"{touch.who} {touch.did} on {touch.at[:16].replace('T', ' ')} UTC" if touch else "it was changed since"
    return f"{kind} {thing} {tag!r} stays as it is, because {why}"


def _touched(db: sqlite3.Connection, change: Change) -> dict[TagKey, _Touch]:
    """Return what was done last, after a change, to each of its tags."""
    names = [action for action, kind in ACTIONS.items() if issubclass(kind, OnTags)]
    rows = db.execute(
        f"SELECT at, who, action, detail, (SELECT who FROM audit WHERE seq = ?) AS mine FROM audit "
        f"WHERE seq > ? AND action IN ({', '.join('?' for _ in names)}) ORDER BY seq",
        (max(change.entries), max(change.entries), *names),
    ).fetchall()
    touched: dict[TagKey, _Touch] = {}
    for row in rows:
        act = read_act(row["action"], row["detail"])
        assert isinstance(act, OnTags)
        for key in act.keys("tag"):
            if key in change.after:
                another = row["who"] != row["mine"] or (key in touched and touched[key].by_another)
                touched[key] = _Touch(row["who"], row["at"], act.did, another)
    return touched


def _image(db: sqlite3.Connection, keys: Sequence[TagKey]) -> dict[TagKey, Stored | None]:
    """Return how tags are in the ledger now."""
    sql = "SELECT tag_id, note, tagged_by, tagged_at, id FROM tag WHERE kind = ? AND tag = ?"
    groups: dict[tuple[str, str], list[str]] = {}
    for kind, thing, tag in keys:
        groups.setdefault((kind, tag), []).append(thing)
    image: dict[TagKey, Stored | None] = dict.fromkeys(keys)
    for (kind, tag), ids in groups.items():
        if len(ids) < _MANY:
            rows = (row for thing in ids for row in db.execute(f"{sql} AND id = ?", (kind, tag, thing)))
        else:
            rows = (row for row in db.execute(sql, (kind, tag)) if (kind, row["id"], tag) in image)
        image |= {(kind, row["id"], tag): Stored(row["tag_id"], TagRow(*row[1:4])) for row in rows}
    return image


def _restore(db: sqlite3.Connection, key: TagKey, stored: Stored | None) -> None:
    """Give a tag the row that it had, at its place among the tags if that is free."""
    if stored is None:
        db.execute("DELETE FROM tag WHERE kind = ? AND id = ? AND tag = ?", key)
        return
    db.execute(
        "INSERT INTO tag (tag_id, kind, id, tag, note, tagged_by, tagged_at) "
        "VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM tag WHERE tag_id = ?1)), ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (kind, id, tag) DO UPDATE SET note = excluded.note, tagged_by = excluded.tagged_by, "
        "tagged_at = excluded.tagged_at",
        (stored.place, *key, *stored.row),
    )


def _signed(tag: Tag) -> str:
    """Return a tag's note, with its author where that is somebody else."""
    return tag.note if not tag.note or tag.tagged_by == investigator() else f"{tag.note} ({tag.tagged_by})"


def _last_entry(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT max(seq) FROM audit").fetchone()[0])


def _row(stored: Stored | None) -> TagRow | None:
    return stored and stored.row


def _fields(key: TagKey) -> dict[str, str]:
    return dict(zip(("kind", "id", "tag"), key, strict=True))


def things(kind: str, ids: Sequence[str]) -> str:
    """Name things of a kind: the one, or how many."""
    return f"{kind} {ids[0]}" if len(ids) == 1 else f"{len(ids):,} {plural(kind, len(ids))}"


def tagged(tags: Sequence[Tag]) -> str:
    """Name tags: the one with what it is on, or how many."""
    return f"{tags[0].kind} {tags[0].id} {tags[0].tag!r}" if len(tags) == 1 else f"{len(tags):,} tags"
