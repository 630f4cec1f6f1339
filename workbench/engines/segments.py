"""Segments for another engine: a case's events as Parquet, a folder a day, with their hashes in a manifest."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.folder import sha256_file, write_whole
from workbench.case.views import literal
from workbench.errors import ExportError, QueryCancelled

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

MANIFEST = "manifest.json"
_ROWS = 122_880


def write_segments(case: Case, folder: Path) -> dict[str, Any]:
    """Write all events to ``folder``, one ``day=YYYY-MM-DD`` folder each, and return the manifest.

    Events without a time lie in ``day=none``. The folder appears whole or not at all. Raises ExportError.
    """
    import duckdb

    from workbench.case.engine import first_line
    from workbench.case.who import tools

    if folder.exists():
        raise ExportError(f"{folder} exists already; choose another folder")
    made = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    cursor = case.cursor("FROM event")
    with case.folder.workspace("segments") as work:
        out = work / "out"
        try:
            cursor.execute(
                "COPY (SELECT *, coalesce(strftime(ts, '%Y-%m-%d'), 'none') AS day FROM event) TO "
                f"{literal(str(out.resolve()))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), "
                f"ROW_GROUP_SIZE {_ROWS})"
            )
            out.mkdir(exist_ok=True)  # a case without events
            manifest = {"case": case.name, "tools": tools(), **_manifest(cursor, out)}
        except duckdb.InterruptException as error:
            raise QueryCancelled("cancelled") from error
        except duckdb.Error as error:
            raise ExportError(f"the segments cannot be written: {first_line(error)}") from error
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(out, made)
            write_whole(made / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
            made.replace(folder)
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise ExportError(f"cannot write {folder}: {error.strerror}; choose a place you can write to") from error
    with case.ledger.act(
        "segments", {"folder": folder.name, "files": len(manifest["files"]), "rows": manifest["rows"]}
    ):
        pass
    return manifest


def _manifest(cursor: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    """List the files of a folder of segments: path, rows, bytes and SHA-256."""
    pattern = literal(str(folder.resolve() / "*" / "*.parquet"))
    files = []
    if any(folder.glob("*/*.parquet")):
        sql = f"SELECT file_name, num_rows FROM parquet_file_metadata({pattern}) ORDER BY file_name"
        for name, rows in cursor.execute(sql).fetchall():
            file = Path(name)
            place = str(file.relative_to(folder.resolve()))
            files.append({"file": place, "rows": rows, "bytes": file.stat().st_size, "sha256": sha256_file(file)})
    return {"rows": sum(one["rows"] for one in files), "bytes": sum(one["bytes"] for one in files), "files": files}
