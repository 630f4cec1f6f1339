"""What the tests of engines share: segments of the sample case and a case over them for each engine that is here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.engines.attached import attach, use
from workbench.engines.segments import write_segments

#: A Spark of two worker processes, where there is Java; all its tests in one process, since it takes long to start.
SPARK = (
    [pytest.param("local-cluster[2,1,1024]", marks=pytest.mark.xdist_group("spark"))] if shutil.which("java") else []
)
#: ClickHouse's own engine in the process, and Spark.
ENGINES = ["chdb://", *SPARK]


@pytest.fixture(scope="session")
def segments(sample_case_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample case's segments; to be read only."""
    folder = tmp_path_factory.mktemp("engines") / "segments"
    with Case.open(sample_case_folder) as case:
        write_segments(case, folder)
    return folder


@pytest.fixture
def over_chdb(segments: Path, tmp_path: Path) -> Iterator[Case]:
    """A case over a copy of the segments, in ClickHouse's engine."""
    shutil.copytree(segments, tmp_path / "segments")
    with Case.create(tmp_path / "far.case") as case:
        use(case, "chdb://")
        attach(case, str(tmp_path / "segments"))
        yield case
