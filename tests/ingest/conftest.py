"""A new case, and one load as a test sees it: the report, the events and the rejects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench.case import Case
from workbench.ingest import Source, load


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case.create(tmp_path / "new.case") as made:
        yield made


@dataclass(frozen=True)
class Loaded:
    report: Source
    events: list[dict[str, Any]]
    rejects: list[dict[str, Any]]


def load_bytes(case: Case, folder: Path, content: bytes, name: str = "log", **options: Any) -> Loaded:
    """Load one file with this content and return all that came of it; ``extra`` as an object, ``pairs`` its members."""
    file = folder / name
    file.write_bytes(content)
    (report,) = load(case, [str(file)], again=True, **options)
    return read_source(case, report)


def read_source(case: Case, report: Source) -> Loaded:
    def rows(table: str) -> list[dict[str, Any]]:
        found = case.query(f"SELECT * FROM {table} WHERE source = $s ORDER BY line, item", {"s": report.source})
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    events = [
        {
            **row,
            "extra": json.loads(row["extra"] or "{}"),
            "pairs": json.loads(row["extra"] or "{}", object_pairs_hook=list),
        }
        for row in rows("event")
    ]
    return Loaded(report, events, rows("reject"))
