"""The whole answer to a person's SQL as a file, however many rows it has: CSV, JSON lines or Parquet."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.acts.handover import ExportWritten
from workbench.case.digest import Digest, is_ordered
from workbench.case.folder import in_the_making, publish, sha256_file
from workbench.case.views import identifier, literal
from workbench.errors import QueryCancelled, QueryError, UsageError
from workbench.export.export import Exported, write_as

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

ENDINGS = (".csv", ".ndjson", ".jsonl", ".parquet")
#: Types that Parquet would keep as another, and what they are written as.
_WRITTEN = {"HUGEINT": "DECIMAL(38, 0)", "UHUGEINT": "DECIMAL(38, 0)"}


def write_answer(case: Case, sql: str, path: Path) -> Exported:
    """Ask ``sql`` of a case, or of its engine, and write all rows; the run and the export are recorded.

    The file appears whole or not at all; no more than a piece of the answer is in memory. Raises UsageError,
    QueryError, EngineError, ExportError.
    """
    if path.suffix not in ENDINGS:
        raise UsageError(f"{path}: an answer is written as one of {', '.join(ENDINGS)}")
    started = time.monotonic()
    with case.folder.workspace("answer") as work:
        cursor, asked, ordered, told = _asked(case, sql, work.resolve() / "pieces")
        made = work.resolve() / "answer.parquet" if path.suffix == ".parquet" else None
        if made:
            asked = _copy(cursor, asked, made, ours=told is not None)
        columns, rows = case.stream(asked, cursor=cursor, ours=told is not None)
        digest = Digest(columns, ordered=ordered)
        if made:
            done = _kept(case, made, path, digest.of(rows).number, sql)
        else:
            done = write_as(case, columns, digest.passing(rows), path, "sql", {"sql": sql})
    run = case.record_run("sql", "", sql, {}, digest.number, time.monotonic() - started, digest, told)
    return replace(done, run=run)


def _asked(case: Case, sql: str, folder: Path) -> tuple[duckdb.DuckDBPyConnection, str, bool, Mapping[str, Any] | None]:
    """Return a connection, the SELECT that gives the answer there, whether it is ordered, what an engine was asked."""
    if case.remote:
        from workbench.engines.ask import brought, here

        if not here(case, sql):
            return brought(case, sql, folder)
    cursor = case.cursor(sql)
    return cursor, sql, is_ordered(cursor, sql), None


def _copy(cursor: duckdb.DuckDBPyConnection, sql: str, file: Path, *, ours: bool) -> str:
    """Write a query's answer as Parquet, and return the SELECT that reads it with the types that it had."""
    import duckdb

    from workbench.case.engine import UNLIMITED, check_statement, explain, held, retyped, time_limit

    check_statement(cursor, sql)
    try:
        with held(cursor, UNLIMITED if ours else time_limit()):
            asked = cursor.execute(f"SELECT * FROM ({sql}\n) LIMIT 0").description or []
            to = literal(str(file))
            cursor.execute(f"COPY ({retyped(cursor, sql, _WRITTEN)}) TO {to} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise QueryError(explain(error, sql)) from error
    columns = ", ".join(f"{identifier(name)}::{kind} AS {identifier(name)}" for name, kind, *_ in asked)
    return f"SELECT {columns} FROM read_parquet({literal(str(file))})"


def _kept(case: Case, made: Path, path: Path, rows: int, sql: str) -> Exported:
    """Move a finished file to where it was asked for, and note it in the audit chain."""
    digest = sha256_file(made)
    with in_the_making(path) as beside:
        shutil.copyfile(made, beside)
        with case.ledger.act(ExportWritten("sql", path.name, digest, {"sql": sql, "rows": rows})):
            publish(beside, path)
    return Exported(path, rows, digest)
