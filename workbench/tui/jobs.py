"""What several screens do to rows: tag them by a form and in the background, and take that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.tags import KINDS, VERDICTS, Tag, check
from workbench.tui.widgets.form import Form, FormField
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.tui.frame import Frame
    from workbench.tui.job import Job


def tag_form(frame: Frame, kind: str, ids: Sequence[str]) -> None:
    """Ask for a tag and a note and put them on things of one kind."""
    if not ids:
        frame.say("there is nothing here to tag", error=True)
        return
    wanted = set(ids)
    known = [name for name in frame.case.tags.names() if name not in VERDICTS]
    last = frame.workbench.last_tag or (known[0] if known else "suspect")
    named = f"{kind} {ids[0]}" if len(ids) == 1 else counted(len(ids), kind)

    def answered(values: dict[str, str] | None) -> None:
        if values is None:
            return
        tag, note = values["tag"].strip(), values["note"].strip()

        def work(_: Job) -> list[Tag]:
            had = [one for one in frame.case.tags.all(kind, tag) if one.id in wanted]
            frame.case.tags.add(kind, list(ids), tag, note)
            return had

        def done(had: list[Tag]) -> None:
            frame.workbench.last_tag = tag
            new = [one for one in ids if one not in {old.id for old in had}]
            frame.workbench.undos.append(Undo(f"tagging {named} {tag!r}", remove=[(kind, new, tag)], restore=had))
            frame.say(f"tagged {named} {tag!r}")
            frame.on_screen_resume()

        frame.job("tagging", work, done)

    fields = [
        FormField(
            "tag",
            "Tag",
            last,
            f"in use: {', '.join(known[:8])}" if known else "one word",
            lambda text: check(kind, text.strip()),
        ),
        FormField("note", "Note", "", "why; it goes with the tag into every export"),
    ]
    frame.app.push_screen(Form(f"Tag {named}", fields), answered)


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take back what was done to tags: tags to remove, by kind, ids and name, and tags to put back."""

    what: str
    remove: Sequence[tuple[str, Sequence[str], str]] = ()
    restore: Sequence[Tag] = ()


def undo(frame: Frame) -> None:
    """Take back the last tagging or untagging of this sitting. The audit chain keeps both."""
    if not frame.workbench.undos:
        frame.say("there is nothing to undo")
        return
    last = frame.workbench.undos.pop()

    def work(_: Job) -> None:
        for kind, ids, tag in last.remove:
            if ids:
                frame.case.tags.remove(kind, ids, tag)
        for one in last.restore:
            frame.case.tags.add(one.kind, [one.id], one.tag, one.note)

    def done(_: None) -> None:
        frame.say(f"undone: {last.what}")
        frame.on_screen_resume()

    frame.job("undoing", work, done)


def kind_of(column: str) -> str | None:
    """Return the kind of thing that a column names, if it is always the same."""
    return {column: kind for kind, column in KINDS.items() if column != "entity"}.get(column)
