"""A segment to be: a finished Parquet file, and where it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A finished file of a segment to be: ``kind`` is events, rejects or raw, or segments for another engine."""

    kind: str
    file: Path
    rows: int


class SegmentWriter(Protocol):
    """Takes the events of loads into a folder that is not the case's own, for its engine to read."""

    folder: Path

    def divided(
        self, connection: duckdb.DuckDBPyConnection, shape: SegmentFile, files: Sequence[SegmentFile], load: int
    ) -> AbstractContextManager[list[SegmentFile]]:
        """Write a load's events beside the folder, divided by day, and give its files with those in their place."""

    def begin(self, db: sqlite3.Connection) -> None:
        """Compare the folder with the ledger, within its transaction. Raises CaseError."""

    def publish(self, file: SegmentFile) -> str:
        """Move a written segment to its place and return that, as the ledger and the manifest name it."""

    def finish(self, db: sqlite3.Connection) -> None:
        """Write the manifest from the ledger, within its transaction."""
