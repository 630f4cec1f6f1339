"""Acts on tags: given, taken off, brought in from elsewhere, undone and redone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.case.acts.base import ABSENT, Absent, Act
from workbench.case.state import Stamp, State, TagKey, TagRow


@dataclass(frozen=True, slots=True)
class OnTags(Act):
    """What is done to tags."""

    CHANGES = frozenset({"tag"})

    def keys(self, table: str) -> Sequence[TagKey]:
        """Return the tags' keys."""
        del table
        return ()

    @property
    def did(self) -> str:
        """What a colleague is told that somebody did to a tag."""
        return "changed it"


@dataclass(frozen=True, slots=True)
class _OnOneTag(OnTags):
    """What is done to one tag on several things of a kind."""

    kind: str
    ids: Sequence[str]
    tag: str

    def keys(self, table: str) -> Sequence[TagKey]:
        """Return the tags' keys."""
        del table
        return [(self.kind, thing, self.tag) for thing in self.ids]


@dataclass(frozen=True, slots=True)
class Tagged(_OnOneTag):
    """Things got a tag; where they had it, the new note, if there is one."""

    ACTION = "tag"
    note: str

    @property
    def did(self) -> str:
        """Without a note it changes nothing where the tag is there."""
        return "wrote another note on it" if self.note else "tagged it too"

    def apply(self, state: State, stamp: Stamp) -> None:
        """A tag that is there keeps its row unless there is a note."""
        for key in self.keys("tag"):
            if key not in state.tags or self.note:
                state.put_tag(key, TagRow(self.note, stamp.who, stamp.at))


@dataclass(frozen=True, slots=True)
class Untagged(_OnOneTag):
    """A tag was taken off; ``removed`` is how many things had it."""

    ACTION = "untag"
    removed: int | Absent = ABSENT

    @property
    def did(self) -> str:
        """It may be there again."""
        return "took it off"

    def apply(self, state: State, stamp: Stamp) -> None:
        """The tag is gone."""
        del stamp
        for key in self.keys("tag"):
            state.tags.pop(key, None)


@dataclass(frozen=True, slots=True)
class _TagRows(OnTags):
    """Whole tags came from elsewhere: dictionaries of the fields of a tag, with author and time."""

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
    from_: str
    shared: int
    head: str
    their_entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsImported(_TagRows):
    """Tags from a file."""

    ACTION = "import"
    file: str


@dataclass(frozen=True, slots=True)
class _Reverted(OnTags):
    """The tags that ``entries`` changed are again as before: some gone, some with the row that they had."""

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

    @property
    def did(self) -> str:
        """The entry says which act."""
        return "undid or redid an act on it"


@dataclass(frozen=True, slots=True)
class Undone(_Reverted):
    """What was done to tags was undone."""

    ACTION = "undo"


@dataclass(frozen=True, slots=True)
class Redone(_Reverted):
    """What was undone was done again."""

    ACTION = "redo"


def _key(tag: Mapping[str, str]) -> TagKey:
    return tag["kind"], tag["id"], tag["tag"]
