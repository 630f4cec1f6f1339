"""The files of a case on disk: where each part lies, and how files appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import CaseError, ExportError

LEDGER = "ledger.sqlite"


class Folder:
    """A case folder: ``events/``, ``rejects/``, ``raw/`` and ``enrich/`` (evidence), ``derived/`` (remade), ledger."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.events = self.path / "events"
        self.rejects = self.path / "rejects"
        self.derived = self.path / "derived"
        self.enrich = self.path / "enrich"
        self.raw = self.path / "raw"
        self.queries = self.path / "queries"
        self.tmp = self.path / "tmp"
        self.ledger = self.path / LEDGER
        self.open_sql = self.path / "open.sql"

    @property
    def name(self) -> str:
        """The case's name: the folder's without ``.case``."""
        return self.path.name.removesuffix(".case") or self.path.name

    def exists(self) -> bool:
        """Say whether this is a case: a folder with a ledger in it."""
        return self.ledger.is_file()

    def create(self) -> None:
        """Make the empty folders, readable by their owner alone.

        Raises CaseError where something else is in the way or the place cannot be written.
        """
        try:
            if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
                raise CaseError(f"{self.path} exists already and is not empty; choose another name")
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise CaseError(f"cannot make {self.path}: {error.strerror}; choose a place you can write to") from error
        self.ensure()

    def ensure(self) -> None:
        """Make the inner folders that are missing (``tmp`` and ``derived`` may have been deleted)."""
        for inner in (self.events, self.rejects, self.derived, self.enrich, self.raw, self.queries, self.tmp):
            with contextlib.suppress(OSError):
                inner.mkdir(mode=0o700, exist_ok=True)

    @contextlib.contextmanager
    def workspace(self, what: str) -> Iterator[Path]:
        """Give a private folder below ``tmp``, removed afterwards; what a killed process left is swept up first."""
        try:
            self.tmp.mkdir(mode=0o700, exist_ok=True)
            self.sweep()
            work = Path(tempfile.mkdtemp(prefix=f"{what}-{os.getpid()}-", dir=self.tmp))
        except OSError as error:
            raise CaseError(f"cannot write to {self.tmp}: {error.strerror}; the case is read-only here") from error
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def sweep(self) -> None:
        """Remove workspaces of processes that are gone."""
        if not self.tmp.is_dir():
            return
        for work in self.tmp.iterdir():
            parts = work.name.split("-")
            if len(parts) >= 3 and parts[1].isdigit() and not process_alive(int(parts[1])):
                shutil.rmtree(work, ignore_errors=True)


def process_alive(pid: int) -> bool:
    """Say whether a process of this host with that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sync(path: Path) -> None:
    """Force a file or folder to the disk, so that what the ledger will name is there after a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(unpublished: Path, final: Path) -> None:
    """Move a finished file to its final name: it appears whole or not at all, and survives a power cut."""
    unpublished.chmod(0o600)
    sync(unpublished)
    unpublished.replace(final)
    sync(final.parent)


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give the file to write before ``publish`` moves it to ``path``; what is not published is removed.

    Raises ExportError where the place cannot be written.
    """
    unpublished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unpublished.touch(mode=0o600)
        yield unpublished
    except OSError as error:
        raise ExportError(f"cannot write {path}: {error.strerror}; choose a place you can write to") from error
    finally:
        with contextlib.suppress(OSError):
            unpublished.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file outside a case: it appears whole or not at all. Raises ExportError."""
    with atomic_write(path) as made:
        made.write_text(text, encoding="utf-8", errors="backslashreplace")
        publish(made, path)


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
