"""An empty case, and a log to load into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.case import Case


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case.create(tmp_path / "a.case") as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "some.ndjson"
    told = [{"time": f"2026-05-01T10:00:{second:02}Z", "user": f"u{second % 5}"} for second in range(50)]
    file.write_text("\n".join(json.dumps(one) for one in told))
    return file
