"""Bringing tags and notes in: from a copy of the case in which somebody else went on, or from a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.tagging import TagsImported, TagsMerged
from workbench.case.tags import Tag, check
from workbench.errors import EvidenceError, UsageError, WorkbenchError
from workbench.evidence.chain import Entry, entries, follow, state_of

if TYPE_CHECKING:
    from workbench.case import Case

FIELDS = tuple(one.name for one in fields(Tag))


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of tags that were brought in: new ones, notes joined, and what was there already."""

    added: int
    joined: int
    same: int


def merge(case: Case, other: Case) -> Merged:
    """Bring the tags and notes of a copied case back in, both sides kept.

    The other chain has to share its beginning with this one. What this side took off since then stays off, unless the
    other gave it anew; what the other took off stays here. Raises EvidenceError where a chain does not hold, or they
    have nothing in common.
    """
    mine, theirs = (list(follow(entries(one.ledger))) for one in (case, other))
    shared = _shared(mine, theirs)
    before = state_of(mine[:shared]).tags
    wanted = [
        tag for tag in other.tags.all()
        if before.get((tag.kind, tag.id, tag.tag)) != (tag.note, tag.tagged_by, tag.tagged_at)
    ]  # fmt: skip
    act = TagsMerged(from_=other.name, shared=shared, head=theirs[-1].hash, their_entries=len(theirs), tags=())
    return bring_in(case, wanted, act)


def _shared(mine: Sequence[Entry], theirs: Sequence[Entry]) -> int:
    """Return how many entries both chains begin with."""
    shared = 0
    for one, other in zip(mine, theirs, strict=False):
        if one.hash != other.hash:
            break
        shared += 1
    if not shared:
        raise EvidenceError("the two are not copies of one case: their audit chains have no entry in common")
    return shared


def bring_in(case: Case, tags: Iterable[Tag], act: TagsMerged | TagsImported) -> Merged:
    """Write tags with their authors and times; where both sides have a note, both stand in it.

    ``act`` says where they come from; the entry has the tags as they are afterwards.
    """
    incoming = list(tags)
    written: list[dict[str, str]] = []
    added = joined = same = 0
    with case.ledger.act(act) as entry:
        db = entry.db
        for tag in incoming:
            row = db.execute(
                "SELECT note, tagged_by, tagged_at FROM tag WHERE kind = ? AND id = ? AND tag = ?",
                (tag.kind, tag.id, tag.tag),
            ).fetchone()
            new = replace(tag, tagged_by=tag.tagged_by or entry.who, tagged_at=tag.tagged_at or entry.at)
            if row is None:
                added += 1
            elif _says(row["note"], new.note):
                same += 1
                continue
            else:
                note = f"{row['note']} | {new.note} ({new.tagged_by})" if row["note"] else new.note
                new = replace(new, note=note, tagged_by=row["tagged_by"], tagged_at=row["tagged_at"])
                joined += 1
            db.execute(
                "INSERT INTO tag (kind, id, tag, note, tagged_by, tagged_at) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (kind, id, tag) DO UPDATE SET note = excluded.note",
                (new.kind, new.id, new.tag, new.note, new.tagged_by, new.tagged_at),
            )
            written.append(asdict(new))
        entry.act = replace(act, tags=written, added=added, joined=joined, same=same)
    return Merged(added, joined, same)


def _says(present: str, note: str) -> bool:
    """Say whether a note says already what another does."""
    return note == present or not note or f"| {note} (" in present


def read_tags(file: Path) -> list[Tag]:
    """Read tags from CSV (as an export of tags has it) or JSON, an object a line. Raises UsageError naming the line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    rows = _json_lines(file, text) if text.lstrip().startswith(("{", "[")) else _csv(file, text)
    tags = []
    for line, row in rows:
        try:
            tag = Tag(*(str(row.get(name) or "") for name in FIELDS))
            check(tag.kind, tag.tag)
            if not tag.id:
                raise UsageError("it names no id")
        except (WorkbenchError, AttributeError) as error:
            raise UsageError(f"{file}, line {line}: {error}") from error
        tags.append(tag)
    return tags


def _json_lines(file: Path, text: str) -> Iterable[tuple[int, dict[str, object]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        # One object a line, whether or not they stand in a list as ``workbench tags --format json`` has them.
        bare = line.strip().removeprefix("[").removesuffix("]").strip().removesuffix(",")
        if bare:
            try:
                yield number, json.loads(bare)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"{file}, line {number}: not JSON") from error


def _csv(file: Path, text: str) -> Iterable[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    if not {"kind", "id", "tag"} <= set(reader.fieldnames or ()):
        raise UsageError(f"{file} has no columns kind, id and tag (workbench export CASE tags writes such a file)")
    try:
        for row in reader:
            # An export puts an apostrophe before what a spreadsheet would take for a formula.
            yield reader.line_num, {name: _plain(value or "") for name, value in row.items() if name}
    except csv.Error as error:
        raise UsageError(f"{file}, line {reader.line_num}: {error}") from error


def _plain(value: str) -> str:
    from workbench.csvfile import csv_cell

    return value[1:] if value.startswith("'") and csv_cell(value[1:]) == value else value
