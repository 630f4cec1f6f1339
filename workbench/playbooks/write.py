"""Saving a query as a playbook of a case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.contents import PlaybookSaved
from workbench.case.folder import write_whole
from workbench.errors import UsageError
from workbench.playbooks.library import Library
from workbench.playbooks.model import Parameter, Playbook, read

if TYPE_CHECKING:
    from workbench.case import Case


def save_as(case: Case, book: Playbook, parameters: Mapping[str, str], name: str, title: str) -> Path:
    """Write a playbook into the case under a new name and title, with given parameters as its defaults.

    Raises UsageError for a name that is taken, and for a value that a playbook's header cannot hold.
    """
    book.bind(parameters)
    lines: list[str] = []
    titled = False
    for line in book.text.splitlines():
        if titled and re.match("--   +", line):
            continue
        titled = line.startswith("-- title:")
        lines.append(f"-- title: {' '.join(title.split())}" if titled else _with_default(line, book, parameters))
    return keep(case, "\n".join([*lines, ""]), name)


def _with_default(line: str, book: Playbook, parameters: Mapping[str, str]) -> str:
    """Return a line of a playbook; one that declares a parameter gets the given value for its default."""
    for parameter in book.parameters:
        if re.match(rf"SET VARIABLE {parameter.name} =", line, re.IGNORECASE):
            if parameters.get(parameter.name, parameter.default) == parameter.default:
                return line
            value = _literal(parameter, parameters[parameter.name])
            return f"SET VARIABLE {parameter.name} = {value};  -- {parameter.type}: {parameter.about}"
    return line


def _literal(parameter: Parameter, text: str) -> str:
    if parameter.optional and not text.strip():
        return parameter.computed or "NULL"
    if "\n" in text or "\r" in text:
        raise UsageError(f"{parameter.name}: a text of several lines cannot be a playbook's default")
    return "'" + text.replace("'", "''") + "'" if parameter.type in ("text", "time") else text.strip()


def save(case: Case, sql: str, *, name: str, title: str, question: str, why: str, innocent: str) -> Path:
    """Write a query into the case's own playbooks, with a header; returns the file.

    Raises UsageError where a playbook of that name is there already, PlaybookError where the text makes none.
    """
    header = {"title": title, "question": question, "why": why, "innocent": innocent}
    lines = [f"-- {key}: {' '.join(text.split())}" for key, text in header.items()]
    return keep(case, "\n".join([*lines, sql.rstrip().rstrip(";") + ";", ""]), name)


def keep(case: Case, text: str, name: str) -> Path:
    """Write a playbook's text into the case's own; returns the file. Raises as ``save`` does."""
    if any(book.name == name for book in Library(case.folder.path).all()):
        raise UsageError(f"there is a playbook {name!r} already; choose another name")
    file = case.folder.queries / f"{name}.sql"
    read(text, name, "case", file.name)
    write_whole(file, text)
    case.ledger.record(PlaybookSaved(name, text))
    return file
