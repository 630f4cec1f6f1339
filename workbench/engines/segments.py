"""Segments for another engine: a case's events as Parquet, a folder a day, and a manifest of their hashes and logs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.acts.handover import SegmentsWritten
from workbench.case.folder import sha256_file, write_whole
from workbench.errors import ExportError, QueryCancelled
from workbench.sqltext import file_literal, literal, target_literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

MANIFEST = "manifest.json"
_ROWS = 122_880
#: What the ledger keeps of a source as JSON.
_LISTS = ("warnings", "columns", "extra_keys")


def write_segments(case: Case, folder: Path) -> dict[str, Any]:
    """Write all events to ``folder``, one ``day=YYYY-MM-DD`` folder each, and return the manifest.

    Events without a time lie in ``day=none``. The folder appears whole or not at all. Raises ExportError.
    """
    import duckdb

    from workbench.case.execute import first_line

    if folder.exists():
        raise ExportError(f"{folder} exists already; choose another folder")
    unpublished = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    cursor = case.cursor("FROM event")
    with case.folder.workspace("segments") as work:
        out = work / "out"
        try:
            copy_by_day(cursor, "event", out, "data_{i}")
            written = manifest(case, [_described(out, file, rows) for file, rows in listed(cursor, out)])
        except duckdb.InterruptException as error:
            raise QueryCancelled("cancelled") from error
        except duckdb.Error as error:
            raise ExportError(f"the segments cannot be written: {first_line(error)}") from error
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(out, unpublished)
            write_whole(unpublished / MANIFEST, json.dumps(written, indent=1, ensure_ascii=False) + "\n")
            unpublished.replace(folder)
        except OSError as error:
            shutil.rmtree(unpublished, ignore_errors=True)
            raise ExportError(f"cannot write {folder}: {error.strerror}; choose a place you can write to") from error
    case.ledger.record(SegmentsWritten(folder.name, len(written["files"]), written["rows"]))
    return written


def copy_by_day(cursor: duckdb.DuckDBPyConnection, events: str, folder: Path, named: str) -> None:
    """Write a table expression of events to a new folder, a folder a day; ``{i}`` in ``named`` is a file's number."""
    cursor.execute(
        f"COPY (SELECT *, coalesce(strftime(ts, '%Y-%m-%d'), 'none') AS day FROM {events}) TO "
        f"{target_literal(folder.resolve())} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), "
        f"ROW_GROUP_SIZE {_ROWS}, FILENAME_PATTERN {literal(named)})"
    )
    folder.mkdir(exist_ok=True)  # without events


def listed(cursor: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[Path, int]]:
    """Return the segments in a folder and the rows of each, as the files themselves count them."""
    if not any(folder.glob("*/*.parquet")):
        return []
    pattern = file_literal(folder.resolve(), "*/*.parquet")
    sql = f"SELECT file_name, num_rows FROM parquet_file_metadata({pattern}) ORDER BY file_name"
    return [(Path(name), int(rows)) for name, rows in cursor.execute(sql).fetchall()]


def manifest(case: Case, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the manifest of a folder of segments says: its files, and the logs that their events come from.

    ``sources`` has all that the ledger knows of each, so that an event leads to a line of a hashed file wherever its
    segment lies.
    """
    from workbench.case.identity import versions

    sums = {name: sum(one[name] for one in files) for name in ("rows", "bytes")}
    rows = case.ledger.rows("SELECT * FROM source ORDER BY source")
    sources = [{**dict(row), **{name: json.loads(row[name]) for name in _LISTS}} for row in rows]
    return {"case": case.name, "tools": versions(), **sums, "files": list(files), "sources": sources}


def _described(folder: Path, file: Path, rows: int) -> dict[str, Any]:
    place = str(file.relative_to(folder.resolve()))
    return {"file": place, "rows": rows, "bytes": file.stat().st_size, "sha256": sha256_file(file)}
