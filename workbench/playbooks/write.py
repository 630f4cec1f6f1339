"""Saving a query as a playbook of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.folder import write_whole
from workbench.errors import UsageError
from workbench.playbooks.library import Library
from workbench.playbooks.model import read

if TYPE_CHECKING:
    from workbench.case import Case


def save(case: Case, sql: str, *, name: str, title: str, question: str, why: str, innocent: str) -> Path:
    """Write a query into the case's own playbooks, with a header; returns the file.

    Raises UsageError where a playbook of that name is there already, PlaybookError where the text makes none.
    """
    if any(book.name == name for book in Library(case.folder.path).all()):
        raise UsageError(f"there is a playbook {name!r} already; choose another name")
    header = {"title": title, "question": question, "why": why, "innocent": innocent}
    lines = [f"-- {key}: {' '.join(text.split())}" for key, text in header.items()]
    text = "\n".join([*lines, sql.rstrip().rstrip(";") + ";", ""])
    file = case.folder.queries / f"{name}.sql"
    read(text, name, "case", file.name)
    write_whole(file, text)
    with case.ledger.act("playbook", {"name": name, "text": text}):
        pass
    return file
