"""What several screens do to rows: tag them by a form and in the background; undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.case.history import Change, Reverted, things
from workbench.case.tags import KINDS, VERDICTS, check
from workbench.tui.dialogs.form import Form, FormField

if TYPE_CHECKING:
    from workbench.tui.frame import Frame


#: So many tags that stay as they are get a sentence each.
_NAMED = 2


def tag_form(frame: Frame, kind: str, ids: Sequence[str]) -> None:
    """Ask for a tag and a note and put them on things of one kind."""
    if not ids:
        frame.say("there is nothing here to tag", error=True)
        return
    known = [name for name in frame.case.tags.names() if name not in VERDICTS]
    last = frame.workbench.last_tag or (known[0] if known else "suspect")
    named = things(kind, ids)

    def answered(values: dict[str, str] | None) -> None:
        if values is None:
            return
        tag, note = values["tag"].strip(), values["note"].strip()

        def done(change: Change) -> None:
            frame.workbench.last_tag = tag
            if change:
                frame.offer(f"tagged {named} {tag!r}", change)
            else:
                frame.say(f"{named}: tagged {tag!r} already")
            frame.on_screen_resume()

        frame.job("tagging", lambda _: frame.workbench.history.tag(kind, list(ids), tag, note), done)

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


def undo(frame: Frame) -> None:
    """Undo the last change of tags, notes or verdicts of this sitting. The audit chain keeps both acts."""
    _revert(frame, "undo", "undone", frame.workbench.history.undo)


def redo(frame: Frame) -> None:
    """Redo what was undone last."""
    _revert(frame, "redo", "done again", frame.workbench.history.redo)


def _revert(frame: Frame, name: str, done_word: str, step: Callable[[], Reverted | None]) -> None:
    def done(outcome: Reverted | None) -> None:
        if outcome is None:
            frame.say(f"there is nothing to {name}")
            return
        kept = "; ".join(outcome.kept[:_NAMED])
        if further := outcome.kept[_NAMED:]:
            kept += f"; and {len(further):,} more"
        if not outcome.change:
            frame.say(f"nothing was {done_word}: {kept}", error=True)
        elif kept:
            frame.say(f"{done_word}: {outcome.what}; but {kept}", error=True)
        else:
            frame.offer(f"{done_word}: {outcome.what}", outcome.change)
        frame.on_screen_resume()

    frame.job(f"{name}ing", lambda _: step(), done, changes=True)


def kind_of(column: str) -> str | None:
    """Return the kind of thing that a column names, if it is always the same."""
    return {column: kind for kind, column in KINDS.items() if column != "entity"}.get(column)
