"""What the tests of engines share: segments of the sample case and a case over them for each engine that is here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.engines.registry import connect
from workbench.engines.segments import write_segments
from workbench.engines.spark import Spark

#: A Spark of two worker processes, where there is Java; all its tests in one process, since it takes long to start.
SPARK = (
    [pytest.param("local-cluster[2,1,1024]", marks=(pytest.mark.xdist_group("spark"), pytest.mark.slow))]
    if shutil.which("java")
    else []
)
#: ClickHouse's own engine in the process, and Spark.
ENGINES = ["chdb://", *SPARK]

#: On small data Java spends most of its time on making code fast that then hardly runs: all in all a fifth is left.
_FOR_SMALL_DATA = """\
spark.driver.extraJavaOptions   -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.sql.codegen.wholeStage    false
spark.sql.codegen.factoryMode   NO_CODEGEN
spark.sql.ui.explainMode        simple
spark.sql.maxPlanStringLength   1000
"""


@pytest.fixture(scope="session", autouse=True)
def spark_for_small_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Configure the Spark of the tests as its owner does, by a file."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(_FOR_SMALL_DATA)
    os.environ["SPARK_CONF_DIR"] = str(folder)


def table_of(segments: Path, url: str) -> str:
    """Return what a case over an engine attaches: the folder, or a table in Spark's memory of the same."""
    return str(segments) if url == "chdb://" else _in_memory(segments, url)


@cache
def _in_memory(segments: Path, url: str) -> str:
    with closing(connect(url)) as remote:
        assert isinstance(remote, Spark)
        remote._session.sql(f"CACHE TABLE requests AS SELECT * FROM {remote.source(str(segments))}")
    return "requests"


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
