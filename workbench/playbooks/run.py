"""Asking a playbook of a case. Parameters are bound as values; nothing of them becomes SQL."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.digest import Digest
from workbench.errors import PlaybookError, QueryError
from workbench.playbooks.model import TYPES, Playbook, alternatives

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import Table

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
    """Return what the playbook needs and no log of this case fills (``a | b`` where either would do)."""
    if not playbook.needs:
        return []
    filled = case.store.fields() if "extra." in " ".join(playbook.needs) else set(case.store.filled())
    return [need for need in playbook.needs if filled.isdisjoint(alternatives(need))]


def why_not(case: Case, playbook: Playbook, *, translated: bool = True) -> str:
    """Say why a playbook cannot be asked of this case, in a few words; nothing where it can.

    Whether another engine has words for it takes a moment to say, and is left out where not ``translated``.
    """
    if missing := missing_columns(case, playbook):
        return f"no log fills {', '.join(missing)}"
    return (untranslatable(case, playbook) or "") if translated else ""


def untranslatable(case: Case, playbook: Playbook) -> str | None:
    """Return what of a playbook has no counterpart in the SQL of the case's engine, or nothing where all has."""
    variables = {parameter.name: (TYPES[parameter.type], None) for parameter in playbook.parameters}
    return case.store.cannot_answer(playbook.sql, variables)


def run(
    case: Case,
    playbook: Playbook,
    parameters: Mapping[str, str] | None = None,
    *,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Answer:
    """Ask a playbook, with ``parameters`` parameters as text in place of the defaults, and write the run down.

    Raises PlaybookError where the case lacks what it needs, UsageError for a parameter, QueryError, QueryCancelled.
    """
    values = playbook.bind(parameters or {})
    if why := untranslatable(case, playbook):
        raise PlaybookError(f"{case.store.label} cannot answer {playbook.name}: {why}")
    if missing := missing_columns(case, playbook):
        raise PlaybookError(
            f"{playbook.name} cannot be asked of this case: no log here fills "
            f"{', '.join(' or '.join(alternatives(need)) for need in missing)} (it needs {', '.join(playbook.needs)})"
        )
    started = time.monotonic()
    try:
        variables = _variables(case, playbook, values, cursor)
        answered = case.store.answer(playbook.sql, variables, limit=RESULT_ROWS, cursor=cursor)
    except PlaybookError as error:
        raise PlaybookError(f"{playbook.origin}: {error}") from error
    seconds, table = time.monotonic() - started, answered.table
    if playbook.entity and playbook.entity[1] not in table.columns:
        raise PlaybookError(f"{playbook.origin}: its entity column {playbook.entity[1]!r} is not in the result")
    digest = Digest(table.columns, ordered=answered.ordered, cut=table.cut).of(table.rows)
    number = case.runs.record(
        "playbook", playbook.name, playbook.text, values, len(table.rows), seconds, digest, answered.provenance
    )
    return Answer(playbook, values, table, seconds, number)


def _variables(
    case: Case, playbook: Playbook, values: dict[str, object], cursor: duckdb.DuckDBPyConnection | None
) -> dict[str, tuple[str, object]]:
    """Return the type and value of each parameter; ``values`` takes in what the case computes for those left empty.

    A computed default may use the parameters before it.
    """
    variables: dict[str, tuple[str, object]] = {}
    for parameter in playbook.parameters:
        name, kind = parameter.name, TYPES[parameter.type]
        if parameter.computed is not None and values[name] is None:
            sql = f"SELECT CAST({parameter.computed} AS {kind}) AS v"
            try:
                values[name] = case.store.answer(sql, variables, limit=1, cursor=cursor).table.rows[0][0]
            except QueryError as error:
                raise PlaybookError(f"parameter {name}: {str(error).splitlines()[0]}") from error
        variables[name] = (kind, values[name])
    return variables
