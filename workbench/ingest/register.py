"""Naming in the ledger what a load made, and moving its files into place: one transaction, all or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.base import ABSENT
from workbench.case.acts.contents import Loaded
from workbench.case.fields import COLUMNS
from workbench.case.folder import publish, sha256_file
from workbench.case.identity import versions
from workbench.case.segments import SegmentFile
from workbench.errors import CaseError
from workbench.ingest.archives import locate
from workbench.ingest.report import LoadedSource
from workbench.sqltext import target_literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.segments import SegmentWriter
    from workbench.formats.model import Format


def register(
    case: Case,
    loaded: Sequence[LoadedSource],
    pieces: Sequence[SegmentFile],
    shape: SegmentFile | None,
    *,
    again: bool = False,
    directive: Format | None = None,
    segment_writer: SegmentWriter | None = None,
) -> None:
    """Write the sources and segments. Raises CaseError if another load brought in the same content meanwhile.

    A case's first segment is ``shape``: it has no rows and every column, so that others may leave out what is empty.
    Pieces that are ``segments`` go into the folder that ``segment_writer`` has, and every column is in each.
    ``directive`` is a format without a name to look up, such as a log_format's: the audit chain holds all of it.
    """
    hashed = [(piece, sha256_file(piece.file), piece.file.stat().st_size) for piece in pieces]
    of = ABSENT if directive is None else {k: v for k, v in asdict(directive).items() if v and k != "samples"}
    with case.ledger.act(Loaded([_told(one) for one in loaded], versions(), format=of)) as entry:
        db = entry.db
        if not again:
            _refuse_twins(db, loaded)
        for one in loaded:
            if one.report.source is not None:
                _insert(db, one, entry.at, entry.who)
        if shape and pieces and not db.execute("SELECT 1 FROM segment").fetchone():
            hashed.insert(0, (shape, sha256_file(shape.file), shape.file.stat().st_size))
        if segment_writer is not None:
            segment_writer.begin(db)
        segments = [_publish(case, db, segment_writer, *one) for one in hashed]
        entry.act = replace(entry.act, segments=segments)
        if segment_writer is not None:
            segment_writer.finish(db)


def shape(connection: duckdb.DuckDBPyConnection, file: Path) -> SegmentFile:
    """Write a segment without rows that has every column."""
    columns = ", ".join(f"NULL::{one.type} AS {one.name}" for one in COLUMNS)
    connection.execute(
        f"COPY (SELECT {columns}, NULL::BIGINT AS first_line WHERE false) TO {target_literal(file)} (FORMAT parquet)"
    )
    return SegmentFile("events", file, 0)


def _refuse_twins(db: sqlite3.Connection, made: Sequence[LoadedSource]) -> None:
    """The content was looked for when it was read; another load may have finished since."""
    for one in made:
        report = one.report
        if report.source is None or not report.bytes:
            continue
        sql = "SELECT 1 FROM source WHERE sha256 = ? AND error IS NULL"
        if db.execute(sql, (report.sha256,)).fetchone():
            raise CaseError(f"another load brought in the content of {report.path} meanwhile; please load again")


def _told(one: LoadedSource) -> dict[str, object]:
    told = {name: value for name, value in one.report.as_dict().items() if name not in ("warnings", "seconds")}
    return {**told, "mtime": one.mtime, "origin": _origin(one)}


def _origin(one: LoadedSource) -> str | None:
    """Where the file was when it was read, so that it is found from any folder."""
    return str(Path(one.report.path).absolute()) if locate(one.report.path) else None


def _insert(db: sqlite3.Connection, loaded: LoadedSource, at: str, person: str) -> None:
    report = loaded.report
    columns = {
        **{k: v for k, v in report.as_dict().items() if k != "warnings"},
        "warnings": json.dumps(report.warnings),
        "mtime": loaded.mtime,
        "columns": json.dumps(loaded.columns),
        "extra_keys": json.dumps(list(loaded.extra_keys)[:2000]),
        "loaded_at": at,
        "loaded_by": person,
        "origin": _origin(loaded),
        "loader": versions(),
    }
    names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
    db.execute(f"INSERT INTO source ({names}) VALUES ({marks})", list(columns.values()))


def _publish(
    case: Case, db: sqlite3.Connection, segment_writer: SegmentWriter | None, piece: SegmentFile, digest: str, size: int
) -> dict[str, object]:
    segment = db.execute("SELECT coalesce(max(segment), 0) + 1 FROM segment").fetchone()[0]
    if segment_writer is not None and piece.kind == "segments":
        file = segment_writer.publish(piece)
    else:
        file = f"{piece.kind}/{segment:06d}.parquet"
        publish(piece.file, case.folder.path / file)
    named = {
        "segment": segment, "kind": piece.kind, "file": file, "rows": piece.rows, "bytes": size, "sha256": digest,
    }  # fmt: skip
    db.execute("INSERT INTO segment VALUES (:segment, :kind, :file, :rows, :bytes, :sha256)", named)
    return named
