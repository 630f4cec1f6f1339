"""Asking an engine: a playbook or a person's SQL, translated, run there, its answer written down here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.case import views
from workbench.case.digest import Digest
from workbench.case.statements import tables_read
from workbench.case.tags import KINDS
from workbench.engines.attached import TABLE, Attached, attached, event, told, unchanged
from workbench.engines.line import connected
from workbench.engines.logs import format_tables, source_table
from workbench.engines.remote import Remote
from workbench.engines.translate import LOCAL, Untranslatable, Value, parse, translate, typed
from workbench.errors import PlaybookError
from workbench.playbooks.model import TYPES, Playbook, alternatives
from workbench.sqltext import literal, parquet

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import Table
    from workbench.playbooks.run import Answer

ROWS = 100_000


class Brought(NamedTuple):
    """An answer that was brought here: the SELECT that reads it on a connection, and what a run says of the engine."""

    cursor: duckdb.DuckDBPyConnection
    select: str
    ordered: bool
    told: dict[str, Any]


def missing(case: Case, playbook: Playbook) -> list[str]:
    """Return the columns that a playbook needs and the attached table does not fill."""
    filled = attached(case).filled
    return [need for need in playbook.needs if not any(name in filled for name in alternatives(need))]


def cannot(case: Case, playbook: Playbook) -> str | None:
    """Say that and why the case's engine cannot answer a playbook, or nothing where it can; nothing runs."""
    if (why := untranslatable(case, playbook)) is None:
        return None
    engine = "ClickHouse" if dialect_of(attached(case).url) == "clickhouse" else "Spark"
    return f"{engine} cannot answer {playbook.name}: {why}"


def untranslatable(case: Case, playbook: Playbook) -> str | None:
    """Return what of a playbook has no counterpart in the case's engine, or nothing where all has; nothing runs."""
    from sqlglot import exp

    if here(case, playbook.sql):
        return None
    values: dict[str, Value] = {one.name: (TYPES[one.type], None) for one in playbook.parameters}
    try:
        translate(
            playbook.sql,
            dialect_of(attached(case).url),
            exp.select("*").from_("event"),
            derived(case, playbook.sql),
            values,
        )
    except Untranslatable as error:
        return str(error)
    return None


def dialect_of(url: str) -> str:
    """Return the SQL dialect of an engine."""
    return "clickhouse" if url.startswith(("clickhouse", "chdb")) else "spark"


def playbook(case: Case, book: Playbook, values: dict[str, object]) -> Answer:
    """Ask a playbook of the case's engine and write the run down. Raises PlaybookError, EngineError."""
    from workbench.playbooks.run import Answer

    found = attached(case)
    if why := cannot(case, book):
        raise PlaybookError(why)
    if lacking := missing(case, book):
        raise PlaybookError(f"{book.name} cannot be asked of {found.table}: nothing there fills {', '.join(lacking)}")
    with connected(case) as remote:
        unchanged(found, remote)
        for one in book.parameters:
            if one.computed is not None and values[one.name] is None:
                sql = f"SELECT CAST({one.computed} AS {TYPES[one.type]}) AS v"
                values[one.name] = _asked(case, found, remote, sql, {}, 1)[1].rows[0][0]
        bound: dict[str, Value] = {one.name: (TYPES[one.type], values[one.name]) for one in book.parameters}
        started = time.monotonic()
        sql, table = _asked(case, found, remote, book.sql, bound, ROWS)
        seconds = time.monotonic() - started
        said = told(found, remote, sql)
    if book.entity and book.entity[1] not in table.columns:
        raise PlaybookError(f"{book.origin}: its entity column {book.entity[1]!r} is not in the result")
    number = case.record_run(
        "playbook", book.name, book.text, values, len(table.rows), seconds, _digest(book.sql, table), said
    )
    return Answer(book, values, table, seconds, number)


def query(case: Case, sql: str, limit: int | None = ROWS) -> Table:
    """Ask a person's SQL (DuckDB's) of the case's engine and write the run down. Raises QueryError, EngineError."""
    found = attached(case)
    with connected(case) as remote:
        unchanged(found, remote)
        started = time.monotonic()
        ran, table = _asked(case, found, remote, sql, {}, limit)
        said = told(found, remote, ran)
    seconds = time.monotonic() - started
    case.record_run("sql", "", sql, {}, len(table.rows), seconds, _digest(sql, table), said)
    return table


def own(case: Case, sql: str, parameters: Sequence[object] | Mapping[str, object], limit: int | None) -> Table | None:
    """Ask one of our own queries of events of the case's engine; None where it is of what the case has itself.

    Raises EngineError, Untranslatable.
    """
    found = own_told(case, sql, parameters, limit)
    return found[0] if found else None


def own_told(
    case: Case, sql: str, parameters: Sequence[object] | Mapping[str, object], limit: int | None = None
) -> tuple[Table, dict[str, Any]] | None:
    """Ask as ``own`` does, and return besides what a run has to say of the engine."""
    given = parameters if isinstance(parameters, Mapping) else {}
    formats = attached(case).formats if case.ledger.setting(TABLE, "") else ()
    there = {"event", *(name.lower() for name in formats)} - {""}
    if (parameters and not given) or there.isdisjoint(tables_read(sql)):
        return None
    return asked(case, sql, given, limit)


def asked(case: Case, sql: str, values: Mapping[str, object], limit: int | None = None) -> tuple[Table, dict[str, Any]]:
    """Ask SQL (DuckDB's) of the case's engine; returns the answer and what a run has to say of the engine.

    Raises EngineError, Untranslatable.
    """
    found = attached(case)
    with connected(case) as remote:
        unchanged(found, remote)
        ran, table = _asked(case, found, remote, sql, {name: typed(one) for name, one in values.items()}, limit)
        return table, told(found, remote, ran)


def here(case: Case, sql: str) -> bool:
    """Say whether a question is answered here: it is of tags and runs, or of how the case's own loads went."""
    named = tables_read(sql)
    if not named or not named.issubset(LOCAL):
        return False
    return named.isdisjoint(("source", "reject")) or bool(case.ledger.rows("SELECT 1 FROM source LIMIT 1"))


def brought(case: Case, sql: str, folder: Path, values: Mapping[str, object] | None = None) -> Brought:
    """Bring the whole answer to SQL (DuckDB's) here as Parquet, into a new folder within the case."""
    from workbench.case.execute import retyped

    found = attached(case)
    with connected(case) as remote:
        unchanged(found, remote)
        given = {name: typed(value) for name, value in (values or {}).items()}
        ran = translate(sql, remote.dialect, event(found, remote), derived(case, sql), given)
        remote.save(ran, folder)
        said = told(found, remote, ran)
    cursor = case.cursor()
    pieces = f"SELECT * FROM {parquet(folder, '*.parquet')}"
    select = retyped(cursor, pieces, {"TIMESTAMP WITH TIME ZONE": "TIMESTAMP"})
    return Brought(cursor, select, _ordered(sql), said)


def absent(case: Case, kind: str, ids: Sequence[str]) -> list[str]:
    """Return those ids of a kind that do not occur in the attached table."""
    found, column = attached(case), KINDS[kind]
    name = "session" if kind == "session" else "event"
    listed = ", ".join(literal(one) for one in ids) or "NULL"
    with connected(case) as remote:
        sql = f"SELECT DISTINCT {column} AS id FROM {name} WHERE {column} IN ({listed})"
        there = {row[0] for row in _asked(case, found, remote, sql, {}, None)[1].rows}
    return [one for one in ids if one not in there]


def _asked(
    case: Case, found: Attached, remote: Remote, sql: str, values: Mapping[str, Value], limit: int | None
) -> tuple[str, Table]:
    ran = translate(sql, remote.dialect, event(found, remote), derived(case, sql), values)
    return ran, remote.ask(ran, limit)


def derived(case: Case, sql: str) -> dict[str, str]:
    """Return the SELECTs of what a question can name beside ``event``, in DuckDB's SQL."""
    made = {"session": views.sessions(case.gap_minutes), "account": views.ACCOUNTS}
    made |= format_tables(case, attached(case).formats, sql)
    if (known := source_table(case, sql)) is not None:
        made["source"] = known
    return made


def _digest(sql: str, table: Table) -> Digest:
    return Digest(table.columns, ordered=_ordered(sql), cut=table.cut).of(table.rows)


def _ordered(sql: str) -> bool:
    return bool(parse(sql).args.get("order"))
