"""The parameters of a playbook, asked for before its answer is shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.routes import PlaybookRoute

if TYPE_CHECKING:
    from workbench.tui.frame import Frame


def playbook_form(frame: Frame, name: str, values: Mapping[str, str] | None = None) -> None:
    """Ask for a playbook's parameters, if it has any, and show its answer; ``values`` replace the defaults."""
    from workbench.playbooks import Library, why_not

    book = Library(frame.case.folder.path).get(name)

    def answered(typed: dict[str, str] | None) -> None:
        if typed is not None:
            frame.workbench.open(PlaybookRoute(book, typed))

    def checked(reason: str) -> None:
        if reason:
            frame.say(f"{name} cannot be asked here: {reason}", error=True)
            return
        if not book.parameters:
            answered({})
            return
        fields = [
            FormField(p.name, f"{p.name} ({p.type})", (values or {}).get(p.name, p.default), p.about, partial(p.value))
            for p in book.parameters
        ]
        frame.app.push_screen(Form(book.title, fields, about=book.question), answered)

    frame.job("reading", lambda _: why_not(frame.case, book), checked, changes=True)
