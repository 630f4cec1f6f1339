"""Acts on tags: given, taken off, brought in from elsewhere, undone and redone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.case.acts.base import ABSENT, Absent, Act
from workbench.case.state import Stamp, State, TagKey, TagRow


@dataclass(frozen=True, slots=True)
class _OnTags(Act):
    """What is done to one tag on several things of a kind."""

    CHANGES = frozenset({"tag"})
    kind: str
    ids: Sequence[str]
    tag: str

    def keys(self, table: str) -> Sequence[TagKey]:
        """Return the tags' keys."""
        del table
        return [(self.kind, thing, self.tag) for thing in self.ids]


@dataclass(frozen=True, slots=True)
class Tagged(_OnTags):
    """Things got a tag; where they had it, the new note, if there is one."""

    ACTION = "tag"
    DID = "tagged it too"
    note: str

    def apply(self, state: State, stamp: Stamp) -> None:
        """A tag that is there keeps its row unless there is a note."""
        for key in self.keys("tag"):
            if key not in state.tags or self.note:
                state.put_tag(key, TagRow(self.note, stamp.who, stamp.at))


@dataclass(frozen=True, slots=True)
class Untagged(_OnTags):
    """A tag was taken off; ``removed`` is how many things had it."""

    ACTION = "untag"
    DID = "took it off"
    removed: int | Absent = ABSENT

    def apply(self, state: State, stamp: Stamp) -> None:
        """The tag is gone."""
        del stamp
        for key in self.keys("tag"):
            state.tags.pop(key, None)


@dataclass(frozen=True, slots=True)
class _TagRows(Act):
    """Whole tags came from elsewhere: dictionaries of the fields of a tag, with author and time."""

    CHANGES = frozenset({"tag"})
    tags: Sequence[Mapping[str, str]]
    added: int | Absent = ABSENT
    joined: int | Absent = ABSENT
    same: int | Absent = ABSENT

    def apply(self, state: State, stamp: Stamp) -> None:
        """Tags from elsewhere keep their author and time."""
        for tag in self.tags:
            by, at = tag.get("tagged_by") or stamp.who, tag.get("tagged_at") or stamp.at
            state.put_tag(_key(tag), TagRow(tag["note"], by, at))

    def keys(self, table: str) -> Sequence[TagKey]:
        """Return the tags' keys."""
        del table
        return [_key(tag) for tag in self.tags]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsMerged(_TagRows):
    """Tags of a copy of the case, with which the chain shares its first ``shared`` entries; ``head`` is its last."""

    ACTION = "merge"
    DID = "merged another note"
    from_: str
    shared: int
    head: str
    their_entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsImported(_TagRows):
    """Tags from a file."""

    ACTION = "import"
    DID = "imported another note"
    file: str


@dataclass(frozen=True, slots=True)
class _Reverted(Act):
    """The tags that ``entries`` changed are again as before: some gone, some with the row that they had."""

    CHANGES = frozenset({"tag"})
    entries: Sequence[int]
    removed: Sequence[Mapping[str, str]]
    restored: Sequence[Mapping[str, str]]

    def apply(self, state: State, stamp: Stamp) -> None:
        """Only a row that the tag had before is restored: nobody's words can be put in by an undo."""
        del stamp
        for tag in self.removed:
            state.tags.pop(_key(tag), None)
        for tag in self.restored:
            key, row = _key(tag), TagRow(tag["note"], tag["tagged_by"], tag["tagged_at"])
            if not state.had_tag(key, row):
                raise ValueError(f"restores a row that the tag {' '.join(key)} never had")
            state.put_tag(key, row)

    def keys(self, table: str) -> Sequence[TagKey]:
        """Return the tags' keys."""
        del table
        return [_key(tag) for tag in (*self.removed, *self.restored)]


class Undone(_Reverted):
    """What was done to tags was undone."""

    ACTION = "undo"
    DID = "undid an act on it"


class Redone(_Reverted):
    """What was undone was done again."""

    ACTION = "redo"
    DID = "redid an act on it"


def _key(tag: Mapping[str, str]) -> TagKey:
    return tag["kind"], tag["id"], tag["tag"]
