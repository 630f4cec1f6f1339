"""Naming in the ledger what a load made, and moving its files into place: one transaction, all or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.fields import COLUMNS
from workbench.case.folder import publish, sha256_file
from workbench.case.ledger import now
from workbench.case.views import literal
from workbench.case.who import who
from workbench.errors import CaseError
from workbench.ingest.report import Made, Piece

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case


def register(case: Case, made: Sequence[Made], pieces: Sequence[Piece], shape: Piece, first: int) -> None:
    """Write the sources and segments. Raises CaseError if another load finished meanwhile.

    A case's first segment is ``shape``: it has no rows and every column, so that others may leave out what is empty.
    """
    with case.ledger.act("load", {"sources": [_told(one) for one in made]}) as db:
        if db.execute("SELECT coalesce(max(source), 0) + 1 FROM source").fetchone()[0] != first:
            raise CaseError("another load finished in this case meanwhile; please load again")
        for one in made:
            if one.report.source is not None:
                _insert(db, one)
        if pieces and not db.execute("SELECT 1 FROM segment").fetchone():
            _publish(case, db, shape)
        for piece in pieces:
            _publish(case, db, piece)


def shape(connection: duckdb.DuckDBPyConnection, file: Path) -> Piece:
    """Write a segment without rows that has every column."""
    columns = ", ".join(f"NULL::{one.type} AS {one.name}" for one in COLUMNS)
    connection.execute(
        f"COPY (SELECT {columns}, NULL::BIGINT AS first_line WHERE false) TO {literal(str(file))} (FORMAT parquet)"
    )
    return Piece("events", file, 0)


def _told(one: Made) -> dict[str, object]:
    return {name: value for name, value in one.report.as_dict().items() if name not in ("warnings", "seconds")}


def _insert(db: sqlite3.Connection, one: Made) -> None:
    report = one.report
    columns = {
        **{k: v for k, v in report.as_dict().items() if k != "warnings"},
        "warnings": json.dumps(report.warnings),
        "mtime": one.mtime,
        "columns": json.dumps(one.columns),
        "extra_keys": json.dumps(list(one.extra_keys)[:2000]),
        "loaded_at": now(),
        "loaded_by": who(),
    }
    names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
    db.execute(f"INSERT INTO source ({names}) VALUES ({marks})", list(columns.values()))


def _publish(case: Case, db: sqlite3.Connection, piece: Piece) -> None:
    segment = db.execute("SELECT coalesce(max(segment), 0) + 1 FROM segment").fetchone()[0]
    file = f"{piece.kind}/{segment:06d}.parquet"
    digest, size = sha256_file(piece.file), piece.file.stat().st_size
    publish(piece.file, case.folder.path / file)
    db.execute("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)", (segment, piece.kind, file, piece.rows, size, digest))
