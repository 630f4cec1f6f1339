"""A table that is a folder of Parquet segments: its files, and whether they are what the manifest says."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.case.folder import sha256_file
from workbench.engines.remote import EngineError
from workbench.engines.segments import MANIFEST

#: What a manifest's entry of a log has.
_TEXTS = (
    "path", "member", "format", "sha256", "mtime", "first", "last", "error", "loaded_at", "loaded_by", "origin",
    "loader",
)  # fmt: skip
_COUNTS = ("source", "bytes", "lines", "event_lines", "events", "rejects", "skipped")


def is_folder(table: str) -> bool:
    """Say whether a table is named by a path."""
    return "/" in table


def is_here(table: str) -> bool:
    """Say whether a table is a folder of this machine, whose files can be looked at."""
    return is_folder(table) and "://" not in table


def absolute(table: str) -> str:
    """Return the full path of a table that is a folder of this machine; an address such as s3://… stays."""
    if "://" in table:
        return table
    return str(Path(table).resolve()) if is_folder(table) or Path(table).is_dir() else table


def state(folder: Path) -> str:
    """Return a hash of the names, sizes and times of change of a folder's segments. Raises EngineError."""
    files = sorted(folder.glob("**/*.parquet"))
    if not files:
        raise EngineError(f"there are no segments in {folder}; write some: workbench segments CASE -o FOLDER")
    digest = hashlib.sha256()
    for file in files:
        found = file.stat()
        digest.update(f"{file.relative_to(folder)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def check(folder: Path) -> str:
    """Hash all segments, compare them with the manifest, and return the hash of the hashes. Raises EngineError."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        listed = {one["file"]: one["sha256"] for one in told}
    except FileNotFoundError:
        listed = None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{folder / MANIFEST} cannot be read; write the segments again") from error
    found = {str(file.relative_to(folder)): sha256_file(file) for file in sorted(folder.glob("**/*.parquet"))}
    if listed is not None and listed != found:
        wrong = sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))
        raise EngineError(f"{folder}: {wrong[0]} is not what the manifest says; write the segments again")
    return hashlib.sha256("".join(f"{name} {found[name]}\n" for name in sorted(found)).encode()).hexdigest()


def logs(manifest: Path, sha256: str) -> list[dict[str, Any]]:
    """Return what a manifest says of the logs that its segments were made of, as ``sha256`` has it.

    Raises EngineError where it cannot be read, is no manifest or is another by now.
    """
    try:
        found = manifest.stat()
        return _logs(manifest, sha256, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise EngineError(f"{manifest} cannot be read: {error.strerror}; look at the segments anew: attach") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise EngineError(f"{manifest} is no manifest of segments") from error


@lru_cache(maxsize=4)
def _logs(manifest: Path, sha256: str, _changed: int, _bytes: int) -> list[dict[str, Any]]:
    content = manifest.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineError(f"{manifest} changed since it was attached; look at the segments anew: attach")
    return [_log(one) for one in json.loads(content).get("sources", [])]


def _log(told: dict[str, Any]) -> dict[str, Any]:
    """Return a log's row with all that is known of one, whoever wrote the manifest. Raises ValueError."""
    row: dict[str, Any] = {**dict.fromkeys(_TEXTS), **dict.fromkeys(_COUNTS, 0), "seconds": 0.0}
    row |= {"warnings": [], "columns": {}, "extra_keys": []}
    row |= {name: told[name] for name in row if name in told}
    numbers = all(row[name] is None or isinstance(row[name], int) for name in _COUNTS)
    if not numbers or not row["source"] or not isinstance(row["path"], str):
        raise ValueError(told)
    return row
