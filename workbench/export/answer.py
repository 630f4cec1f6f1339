"""The whole answer to a person's SQL as a file, however many rows it has: CSV, JSON lines or Parquet."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.handover import ExportWritten
from workbench.case.digest import Digest
from workbench.case.folder import atomic_write, publish, sha256_file
from workbench.errors import QueryCancelled, QueryError, UsageError
from workbench.export.export import Exported, write_as
from workbench.sqltext import identifier, parquet, target_literal

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
        fetched = case.store.fetch(sql, work.resolve() / "pieces")
        cursor, select = fetched.cursor, fetched.select
        file = work.resolve() / "answer.parquet" if path.suffix == ".parquet" else None
        if file:
            select = _copy(cursor, select, file, ours=fetched.ours)
        columns, rows = case.stream(select, cursor=cursor, trusted=fetched.ours)
        digest = Digest(columns, ordered=fetched.ordered)
        if file:
            done = _kept(case, file, path, digest.of(rows).number, sql)
        else:
            done = write_as(case, columns, digest.passing(rows), path, "sql", {"sql": sql})
    seconds = time.monotonic() - started
    run = case.runs.record("sql", "", sql, {}, digest.number, seconds, digest, fetched.provenance)
    return replace(done, run=run)


def _copy(cursor: duckdb.DuckDBPyConnection, sql: str, file: Path, *, ours: bool) -> str:
    """Write a query's answer as Parquet, and return the SELECT that reads it with the types that it had."""
    import duckdb

    from workbench.case.execute import UNLIMITED, check_statement, explain, held, retyped, time_limit

    check_statement(cursor, sql)
    try:
        with held(cursor, UNLIMITED if ours else time_limit()):
            asked = cursor.execute(f"SELECT * FROM ({sql}\n) LIMIT 0").description or []
            to = target_literal(file)
            cursor.execute(f"COPY ({retyped(cursor, sql, _WRITTEN)}) TO {to} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise QueryError(explain(error, sql)) from error
    columns = ", ".join(f"{identifier(name)}::{kind} AS {identifier(name)}" for name, kind, *_ in asked)
    return f"SELECT {columns} FROM {parquet(file)}"


def _kept(case: Case, file: Path, path: Path, rows: int, sql: str) -> Exported:
    """Move a finished file to where it was asked for, and note it in the audit chain."""
    digest = sha256_file(file)
    with atomic_write(path) as beside:
        shutil.copyfile(file, beside)
        with case.ledger.act(ExportWritten("sql", path.name, digest, {"sql": sql, "rows": rows})):
            publish(beside, path)
    return Exported(path, rows, digest)
