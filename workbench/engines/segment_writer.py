"""Loading straight into segments: a folder that one case's loads fill, a folder a day, for the case's engine to read.

The case keeps the accounting, the rejected lines and the hash of every segment; the events never lie in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.folder import process_alive, sync
from workbench.case.segments import SegmentFile
from workbench.engines.attachment import attachment
from workbench.engines.folder import is_here
from workbench.engines.segments import MANIFEST, copy_by_day, listed, manifest
from workbench.errors import CaseError

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: What a segment's name begins with, before the number of its load.
_NAMED = "load-"


def filled(case: Case) -> Path | None:
    """Return the folder that the case's loads filled before, if it is attached to it."""
    if not case.ledger.rows("SELECT 1 FROM segment WHERE kind = 'segments' LIMIT 1"):
        return None
    table = attachment(case.ledger, case.name).table
    return Path(table) if is_here(table) else None


class SegmentFolder:
    """The folder that a case's loads fill; its manifest says whose it is. Raises CaseError where it is not ours."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._case = case
        self.folder = folder.resolve()
        self._claim()

    def _claim(self) -> None:
        file = self.folder / MANIFEST
        try:
            if any(self.folder.glob("**/*.parquet")) and not file.exists():
                raise CaseError(f"{self.folder} has segments that no load of this case wrote; choose another folder")
            self.folder.mkdir(parents=True, exist_ok=True)
            with (
                contextlib.suppress(FileExistsError),
                file.open("x", encoding="utf-8", errors="backslashreplace") as new,
            ):
                new.write(self._manifest([]))
            owner = json.loads(file.read_text(encoding="utf-8")).get("chain")
        except OSError as error:
            raise CaseError(f"cannot write {self.folder}: {error.strerror}; choose another folder") from error
        except (ValueError, AttributeError) as error:
            raise CaseError(f"{file} cannot be read; choose another folder") from error
        if owner != self._chain():
            raise CaseError(f"{self.folder} holds the segments of another case; choose another folder")

    def _chain(self) -> str:
        """Return what tells this case from others: the hash of the first entry of its audit chain."""
        return str(self._case.ledger.rows("SELECT hash FROM audit WHERE seq = 1")[0]["hash"])

    def _manifest(self, files: list[dict[str, Any]]) -> str:
        told = {**manifest(self._case, files), "chain": self._chain()}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"

    @contextlib.contextmanager
    def divided(
        self, connection: duckdb.DuckDBPyConnection, shape: SegmentFile, pieces: Sequence[SegmentFile], load: int
    ) -> Iterator[list[SegmentFile]]:
        """Write a load's events beside the folder, divided by day, and give its pieces with those in their place.

        What was not published is removed. Raises CaseError.
        """
        files = [str(one.file) for one in pieces if one.kind == "events"]
        others = [one for one in pieces if one.kind != "events"]
        staged = self.folder.with_name(f".{self.folder.name}.{os.getpid()}.part")
        try:
            self._sweep()
            if files:
                event = views.event_view([str(shape.file), *files])
                copy_by_day(connection, f"({event})", staged, f"{_NAMED}{load:06d}-{{i}}")
            yield [*others, *(SegmentFile("segments", file, rows) for file, rows in listed(connection, staged))]
        except OSError as error:
            raise CaseError(f"cannot write {self.folder}: {error.strerror}; the case is as it was") from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def begin(self, db: sqlite3.Connection) -> None:
        """Hold the folder against the ledger, and remove what a load that was stopped left there. Raises CaseError."""
        known = {row["file"] for row in db.execute("SELECT file FROM segment WHERE kind = 'segments'")}
        there = {str(file.relative_to(self.folder)) for file in self.folder.glob("**/*.parquet")}
        if lacking := sorted(known - there):
            raise CaseError(f"{self.folder} lacks the segment {lacking[0]}, which this case has: give the whole folder")
        left = sorted(there - known)
        if strange := [one for one in left if not Path(one).name.startswith(_NAMED)]:
            raise CaseError(f"{self.folder} has {strange[0]}, which no load of this case wrote; choose another folder")
        for one in left:
            (self.folder / one).unlink()

    def publish(self, piece: SegmentFile) -> str:
        """Move a written segment to its place and return that, as the ledger and the manifest name it."""
        place = f"{piece.file.parent.name}/{piece.file.name}"
        final = self.folder / place
        final.parent.mkdir(parents=True, exist_ok=True)
        sync(piece.file)
        piece.file.replace(final)
        sync(final.parent)
        return place

    def finish(self, db: sqlite3.Connection) -> None:
        """Write the manifest anew from the ledger."""
        files = [
            {name: row[name] for name in ("file", "rows", "bytes", "sha256")}
            for row in db.execute("SELECT * FROM segment WHERE kind = 'segments' ORDER BY file")
        ]
        made = self.folder / f".{MANIFEST}.{os.getpid()}.part"
        made.write_text(self._manifest(files), encoding="utf-8", errors="backslashreplace")
        sync(made)
        made.replace(self.folder / MANIFEST)
        sync(self.folder)

    def _sweep(self) -> None:
        """Remove what processes that are gone left beside the folder."""
        for one in self.folder.parent.glob(f".{self.folder.name}.*.part"):
            number = one.name.split(".")[-2]
            if number.isdigit() and not process_alive(int(number)):
                shutil.rmtree(one, ignore_errors=True)
