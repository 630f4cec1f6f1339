"""Asking a playbook of a case. Parameters are bound as values; nothing of them becomes SQL."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.digest import Digest, is_ordered
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
    if case.remote:
        from workbench.engines.ask import missing

        return missing(case, playbook)
    filled = {name for name, count in case.filled_columns().items() if count}
    if "extra." in " ".join(playbook.needs):
        rows = case.ledger.rows("SELECT extra_keys FROM source WHERE events > 0")
        filled |= {f"extra.{key}" for row in rows for key in json.loads(row["extra_keys"])}
    return [need for need in playbook.needs if filled.isdisjoint(alternatives(need))]


def why_not(case: Case, playbook: Playbook, *, translated: bool = True) -> str:
    """Say why a playbook cannot be asked of this case, in a few words; nothing where it can.

    Whether another engine has words for it takes a moment to say, and is left out where not ``translated``.
    """
    if missing := missing_columns(case, playbook):
        return f"no log fills {', '.join(missing)}"
    if not (case.remote and translated):
        return ""
    from workbench.engines.ask import untranslatable

    return untranslatable(case, playbook) or ""


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
    if case.remote:
        from workbench.engines.ask import here
        from workbench.engines.ask import playbook as ask_engine

        if not here(case, playbook.sql):
            return ask_engine(case, playbook, values)
    if missing := missing_columns(case, playbook):
        raise PlaybookError(
            f"{playbook.name} cannot be asked of this case: no log here fills "
            f"{', '.join(' or '.join(alternatives(need)) for need in missing)} (it needs {', '.join(playbook.needs)})"
        )
    cursor = cursor or case.cursor(playbook.sql)
    _set_variables(case, playbook, values, cursor)
    started = time.monotonic()
    table = case.ask(playbook.sql, cursor=cursor, limit=RESULT_ROWS)
    seconds = time.monotonic() - started
    if playbook.entity and playbook.entity[1] not in table.columns:
        raise PlaybookError(f"{playbook.origin}: its entity column {playbook.entity[1]!r} is not in the result")
    digest = Digest(table.columns, ordered=is_ordered(cursor, playbook.sql), cut=table.cut).of(table.rows)
    number = case.record_run("playbook", playbook.name, playbook.text, values, len(table.rows), seconds, digest)
    return Answer(playbook, values, table, seconds, number)


def _set_variables(
    case: Case, playbook: Playbook, values: dict[str, object], cursor: duckdb.DuckDBPyConnection
) -> None:
    """Give the query its parameters; ``values`` takes in what the case computes for those that were left empty."""
    import duckdb

    for parameter in playbook.parameters:
        name, kind = parameter.name, TYPES[parameter.type]
        try:
            if parameter.computed is not None and values[name] is None:
                found = case.ask(f"SELECT CAST({parameter.computed} AS {kind})", cursor=cursor, limit=1)
                values[name] = found.rows[0][0]
            cursor.execute(f"SET VARIABLE {name} = CAST(? AS {kind})", [values[name]])
        except (duckdb.Error, QueryError) as error:
            raise PlaybookError(f"{playbook.origin}: parameter {name}: {str(error).splitlines()[0]}") from error
