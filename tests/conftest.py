"""What all tests share: a world of their own, and a case of the sample logs that is built once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from workbench.case import Case
from workbench.engines import register_engines

register_engines()

# The same examples each time, so that a failure is the change's; WORKBENCH_EXPLORE=1 looks for new ones.
settings.register_profile("steady", derandomize=not os.environ.get("WORKBENCH_EXPLORE"))
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_LOGS = [
    ROOT / "sample_logs" / name
    for name in ("gateway.ndjson.gz", "front-access.log", "front-access.log.1.gz", "auth.log")
]


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tester's own settings, playbooks and unkept cases out of the tests, and the tests out of them."""
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBENCH_USER", "tester")
    for name in ("NO_COLOR", "SSH_CONNECTION", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def sample_case_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of the sample logs; to be read only."""
    from workbench.detect import triage
    from workbench.ingest import load

    os.environ["WORKBENCH_CONFIG"] = str(tmp_path_factory.mktemp("config"))
    folder = tmp_path_factory.mktemp("sample") / "sample.case"
    with Case.create(folder) as case:
        reports = load(case, [str(path) for path in SAMPLE_LOGS])
        assert not [one.error for one in reports if one.error]
        case.cursor("FROM session, account")
        triage(case)  # what most screens, exports and reports show: made once, not by each test
    return folder


@pytest.fixture
def sample_case(sample_case_folder: Path, tmp_path: Path) -> Iterator[Case]:
    """A fresh copy of the sample case, open."""
    copy = tmp_path / "sample.case"
    shutil.copytree(sample_case_folder, copy)
    with Case.open(copy) as case:
        yield case


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything be tried that takes minutes, on Spark."""
    parser.addoption("--thorough", action="store_true", help="all playbooks on Spark, not a choice; Spark Connect")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, where it was not asked for."""
    if not config.getoption("thorough"):
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(pytest.mark.skip(reason="takes a minute; --thorough tries it"))
