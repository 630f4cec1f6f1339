"""Running SQL on a connection: one reading statement, held to a time, its errors as one line each."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from workbench.case.statements import explained
from workbench.errors import QueryCancelled, QueryError
from workbench.sqltext import identifier

_BATCH = 10_000
_LONGEST = 1800.0
#: For our own queries, such as an export of everything: as long as it takes.
UNLIMITED = threading.TIMEOUT_MAX
_ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
#: What an error in writing a file says of its cause.
_INNER = re.compile(r'"exception_message":("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query: column names, DuckDB type names, and rows; ``cut`` when more rows were there."""

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    cut: bool = False


def time_limit() -> float:
    """Return for how many seconds a person's or a playbook's query may run (``WORKBENCH_SECONDS`` overrides)."""
    try:
        return float(os.environ.get("WORKBENCH_SECONDS", _LONGEST))
    except ValueError:
        return _LONGEST


def first_line(error: BaseException) -> str:
    """Return what an engine error says, without its kind and its echo of the query."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    if inner := _INNER.search(text):
        return str(json.loads(inner[1]))
    return text.partition("Error: ")[2] or text


def check_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse anything but one statement that only reads.

    Raises QueryError, naming what was found.
    """
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(explain(error, sql)) from error
    except TypeError as error:
        raise QueryError("the query holds characters that are no UTF-8") from error
    if not statements:
        raise QueryError("the query is empty; try: SELECT * FROM event LIMIT 10")
    if len(statements) > 1:
        raise QueryError(f"one query at a time, please: this text holds {len(statements)}")
    if statements[0].type not in _ALLOWED:
        raise QueryError(f"{statements[0].type.name} is not allowed: a case is only read; ask with SELECT")
    if statements[0].type == duckdb.StatementType.EXPLAIN:  # EXPLAIN ANALYZE runs what it explains
        check_statement(connection, explained(statements[0].query) or "")


@contextlib.contextmanager
def held(connection: duckdb.DuckDBPyConnection, limit: float) -> Iterator[None]:
    """Run what a person or a playbook wrote: nothing is written, and it ends after so many seconds.

    Raises QueryError once the time is over.
    """
    over = threading.Event()

    def stop() -> None:
        over.set()
        connection.interrupt()

    timer = threading.Timer(limit, stop)
    timer.daemon = True
    with contextlib.suppress(duckdb.Error):
        connection.execute("ROLLBACK")  # of a result that nobody read to its end
    connection.execute("BEGIN TRANSACTION READ ONLY")
    timer.start()
    try:
        yield
    except QueryCancelled as error:
        if over.is_set():
            raise QueryError(
                f"stopped after {limit:,.0f} seconds; ask for less, or give it longer: WORKBENCH_SECONDS"
            ) from error
        raise
    finally:
        timer.cancel()
        with contextlib.suppress(duckdb.Error):
            connection.execute("ROLLBACK")


def explain(error: duckdb.Error, sql: str) -> str:
    """Turn an engine error into one line: what is wrong, and at which line and column of the query where known."""
    text = str(error)
    message = first_line(error)
    hints = [line.strip() for line in text.splitlines() if line.startswith(("Candidate", "Did you mean"))]
    place = ""
    for number, line in enumerate(text.splitlines()):
        if line.startswith("LINE ") and number + 1 < len(text.splitlines()):
            prefix = line.split(":", 1)[0]
            column = text.splitlines()[number + 1].find("^") - len(prefix) - 1
            if column > 0 and len(sql) < 10_000:
                place = f" (line {prefix.removeprefix('LINE ')}, column {column})"
            break
    return " ".join([f"{message}{place}", *hints])


def run(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
    limit: int | None = None,
) -> Table:
    """Run a reading query and fetch at most ``limit`` rows.

    Raises QueryError for what the engine refuses, QueryCancelled when interrupted.
    """
    try:
        connection.execute(sql, parameters or None)
        description = connection.description or []
        if limit is None:
            rows, cut = connection.fetchall(), False
        else:
            rows = connection.fetchmany(limit + 1)
            rows, cut = rows[:limit], len(rows) > limit
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise QueryError(explain(error, sql)) from error
    return Table([item[0] for item in description], [str(item[1]) for item in description], rows, cut)


def retyped(connection: duckdb.DuckDBPyConnection, sql: str, types: Mapping[str, str]) -> str:
    """Return the SELECT of a query's rows with other types in place of some, by the engine's names of them."""
    found = connection.execute(f"SELECT * FROM ({sql}\n) LIMIT 0").description or []
    columns = [(identifier(name), str(kind)) for name, kind, *_ in found]
    chosen = (f"{name}::{types[kind]} AS {name}" if kind in types else name for name, kind in columns)
    return f"SELECT {', '.join(chosen)} FROM ({sql}\n)"


def stream(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Run a reading query and return its columns and its rows as they come, however many there are.

    Raises QueryError and QueryCancelled, also while the rows are read.
    """
    try:
        connection.execute(sql, parameters or None)
        columns = [item[0] for item in connection.description or []]
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise QueryError(explain(error, sql)) from error

    def rows() -> Iterator[tuple[Any, ...]]:
        try:
            while batch := connection.fetchmany(_BATCH):
                yield from batch
        except duckdb.InterruptException as error:
            raise QueryCancelled("cancelled") from error
        except duckdb.Error as error:
            raise QueryError(explain(error, sql)) from error

    return columns, rows()
