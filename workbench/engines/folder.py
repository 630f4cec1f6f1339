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


def manifest_sha256(folder: Path) -> str | None:
    """Return the hash of a folder's manifest, None where it has none."""
    file = folder / MANIFEST
    return sha256_file(file) if file.is_file() else None


def logs(folder: Path, sha256: str) -> list[dict[str, Any]]:
    """Return what a folder's manifest says of the logs that its segments were made of, as ``sha256`` has it.

    Raises EngineError where it cannot be read or is another by now.
    """
    file = folder / MANIFEST
    try:
        found = file.stat()
        return _logs(file, sha256, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise EngineError(f"{file} cannot be read: {error.strerror}; look at the segments anew: attach") from error


@lru_cache(maxsize=4)
def _logs(file: Path, sha256: str, _changed: int, _bytes: int) -> list[dict[str, Any]]:
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineError(f"{file} changed since it was attached; look at it anew: workbench attach CASE {file.parent}")
    return list(json.loads(content).get("sources", []))
