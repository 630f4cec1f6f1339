"""Values, names and paths as SQL text, for where the engine takes no bound value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_GLOB = re.compile(r"[*?\[]")


def literal(value: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def unglobbed(path: str | Path) -> str:
    """Return a path that the engine's file patterns match literally: it takes every path that it reads for one."""
    return _GLOB.sub(r"[\g<0>]", str(path))


def file_literal(path: str | Path, pattern: str = "") -> str:
    """Return the literal of a file that the engine reads, or of a ``pattern`` such as ``*.parquet`` in a folder."""
    return literal(unglobbed(path) + (f"/{pattern}" if pattern else ""))


def target_literal(path: str | Path) -> str:
    """Return the literal of a file or folder that the engine writes."""
    return literal(str(path))


def parquet(path: str | Path, pattern: str = "") -> str:
    """Return a table expression over one Parquet file, or over those of a folder that fit a pattern."""
    return f"read_parquet({file_literal(path, pattern)})"


def scan(files: Sequence[str | Path]) -> str:
    """Return a table expression over Parquet files given by path; a column that only some have is NULL in others."""
    listed = ", ".join(map(file_literal, files))
    return f"read_parquet([{listed}], union_by_name = true)"
