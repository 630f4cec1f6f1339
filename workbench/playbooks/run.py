"""Asking a playbook of a case. Parameters are bound as values; nothing of them becomes SQL."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import PlaybookError
from workbench.playbooks.model import TYPES, Playbook

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.engine import Table

RESULT_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a playbook answered: the table, the values it was asked with, and the number of the run in the ledger."""

    playbook: Playbook
    parameters: dict[str, object]
    table: Table
    seconds: float
    run: int

    def entities(self) -> tuple[str, list[str]]:
        """Return the kind of thing the rows stand for and their ids. Raises PlaybookError if it names none."""
        if self.playbook.entity is None:
            raise PlaybookError(f"playbook {self.playbook.name} names no entity: its rows cannot be tagged")
        kind, column = self.playbook.entity
        at = self.table.columns.index(column)
        return kind, list(dict.fromkeys(str(row[at]) for row in self.table.rows if row[at] is not None))


def missing_columns(case: Case, playbook: Playbook) -> list[str]:
    """Return the columns that the playbook needs and this case has no value in."""
    filled = case.filled_columns()
    return [name for name in playbook.needs if not any(filled.get(part.strip()) for part in name.split("|"))]


def run(
    case: Case,
    playbook: Playbook,
    given: Mapping[str, str] | None = None,
    *,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Answer:
    """Ask a playbook, with ``given`` parameters as text in place of the defaults, and write the run down.

    Raises PlaybookError where the case lacks what it needs, UsageError for a parameter, QueryError, QueryCancelled.
    """
    values = playbook.bind(given or {})
    if missing := missing_columns(case, playbook):
        raise PlaybookError(
            f"{playbook.name} cannot be asked of this case: no log here fills {', '.join(missing)} "
            f"(it needs {', '.join(playbook.needs)})"
        )
    cursor = cursor or case.cursor(playbook.sql)
    for parameter in playbook.parameters:
        cursor.execute(f"SET VARIABLE {parameter.name} = CAST(? AS {TYPES[parameter.type]})", [values[parameter.name]])
    started = time.monotonic()
    table = case.ask(playbook.sql, cursor=cursor, limit=RESULT_ROWS)
    seconds = time.monotonic() - started
    if playbook.entity and playbook.entity[1] not in table.columns:
        raise PlaybookError(f"{playbook.origin}: its entity column {playbook.entity[1]!r} is not in the result")
    number = case.record_run("playbook", playbook.name, playbook.text, values, len(table.rows), seconds)
    return Answer(playbook, values, table, seconds, number)
