"""Which files a call means: files, folders, globs, and ``-`` for standard input."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workbench.case.identity import utf8
from workbench.errors import SourceError
from workbench.ingest import archives

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read; ``path`` is None for standard input. ``name`` is what the case will call it.

    ``member`` is the name of a file inside the zip or tar archive at ``path``.
    """

    name: str
    path: Path | None
    member: str | None = None
    #: Of a slice: how the log begins, by which it is recognised, and the file where it is open already.
    sample: bytes | None = None
    file: IO[bytes] | None = None


def find_inputs(arguments: Iterable[str]) -> tuple[list[Input], list[tuple[str, SourceError]]]:
    """Expand arguments to inputs, each once, folders in natural order; and what could not be found."""
    inputs: dict[str, Input] = {}
    failed: list[tuple[str, SourceError]] = []
    for argument in arguments:
        if argument == STDIN:
            inputs[STDIN] = Input("(standard input)", None)
            continue
        found = _expand(argument)
        if not found:
            failed.append((argument, SourceError(_why_nothing(argument))))
        for path in found:
            try:
                members = archives.members(path)
            except SourceError as error:
                failed.append((str(path), error))
                continue
            if members is None:
                inputs[os.path.realpath(path)] = Input(utf8(str(path)), path)
            for member in sorted(members or [], key=natural_key):
                inputs[f"{os.path.realpath(path)}!{member}"] = Input(utf8(f"{path}!{member}"), path, member)
    return list(inputs.values()), failed


def _expand(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        return sorted(_files_below(path), key=natural_key)
    if path.exists():
        return [path]
    if glob.has_magic(argument):
        files: list[Path] = []
        for match in sorted(glob.glob(argument, recursive=True), key=natural_key):  # noqa: PTH207 - a whole pattern, not one below a folder
            below = Path(match)
            files += sorted(_files_below(below), key=natural_key) if below.is_dir() else [below]
        return files
    return []


def _files_below(folder: Path) -> Iterable[Path]:
    """Regular files only: a link, a device or a pipe in a folder of evidence is not followed."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.endswith(".case"))
        for name in names:
            path = Path(where, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _why_nothing(argument: str) -> str:
    path = Path(argument)
    if path.is_dir():
        return "the folder holds no files"
    if path.is_symlink():
        return "the link leads nowhere"
    return "no file matches" if glob.has_magic(argument) else "there is no such file"


def natural_key(path: str | Path) -> tuple[list[tuple[int, int | str]], int]:
    """Order names as people do, ``log2`` before ``log10``; rotated sets by time: ``log.2.gz``, ``log.1``, ``log``."""
    name = str(path)
    found = re.match(r"(.*?)(?:\.(\d{1,4}))?(?:\.(?:gz|bz2|xz|zst))?$", name, re.DOTALL)
    base, turn = (found[1], int(found[2] or 0)) if found else (name, 0)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", base) if part], -turn
