"""A table that is a folder of Parquet segments: its files, and whether they are what the manifest says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.case.folder import sha256_file
from workbench.case.sources import Source
from workbench.engines.remote import EngineError
from workbench.engines.segments import MANIFEST

#: What a manifest counts of a log.
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


def check_manifest(folder: Path) -> str:
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


def manifest_sources(manifest: Path, sha256: str) -> list[Source]:
    """Return the logs that a manifest's segments were made of, as ``sha256`` has it.

    Raises EngineError where it cannot be read, is no manifest or is another by now.
    """
    try:
        found = manifest.stat()
        return _sources(manifest, sha256, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise EngineError(f"{manifest} cannot be read: {error.strerror}; look at the segments anew: attach") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise EngineError(f"{manifest} is no manifest of segments") from error


@lru_cache(maxsize=4)
def _sources(manifest: Path, sha256: str, _changed: int, _bytes: int) -> list[Source]:
    content = manifest.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineError(f"{manifest} changed since it was attached; look at the segments anew: attach")
    return [_source(entry) for entry in json.loads(content).get("sources", [])]


def _source(entry: dict[str, Any]) -> Source:
    """Return a source with all that is known of it, whoever wrote the manifest. Raises ValueError, TypeError."""
    names = {field.name for field in fields(Source)}
    source = Source(**{name: value for name, value in entry.items() if name in names})
    counts = (getattr(source, name) for name in _COUNTS)
    numbers = all(count is None or isinstance(count, int) for count in counts)
    if not numbers or not source.source or not isinstance(source.path, str):
        raise ValueError(entry)
    return source
