"""Loading straight into segments for another engine: the same events and accounting, and a folder that stays whole."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.cli import cli
from workbench.engines.attachment import use
from workbench.engines.segment_writer import SegmentFolder
from workbench.engines.segments import write_segments
from workbench.errors import CaseError, EvidenceError, UsageError
from workbench.evidence.verify import verify
from workbench.ingest import Loader, load

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
LOGS = [str(SAMPLES / name) for name in ("front-access.log", "auth.log")]


def typed(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 0, f"{words}: {done.exception!r} {done.output}"
    return done.output


def rows(folder: Path) -> list[tuple[object, ...]]:
    sql = f"SELECT * FROM read_parquet('{folder}/*/*.parquet') ORDER BY source, line, item"
    return duckdb.connect().execute(sql).fetchall()


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """A case for ClickHouse's engine whose logs were loaded straight into segments beside it."""
    (tmp_path / "odd.log").write_text('203.0.113.9 - - [01/May/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 9\nnot one\n')
    typed("new", str(tmp_path / "far.case"), "--engine", "chdb://")
    typed("load", str(tmp_path / "far.case"), *LOGS, "--segments", str(tmp_path / "segments"))
    return tmp_path / "far.case"


def test_the_segments_are_those_of_a_case_that_has_its_events_itself(far: Path, tmp_path: Path) -> None:
    with Case.create(tmp_path / "near.case") as near:
        load(near, LOGS)
        write_segments(near, tmp_path / "written")
        accounting = [(one.sha256, one.lines, one.events, one.rejects) for one in near.sources()]
    assert rows(tmp_path / "segments") == rows(tmp_path / "written")
    with Case.open(far) as case:
        assert [(one.sha256, one.lines, one.events, one.rejects) for one in case.sources()] == accounting
        assert not list(case.folder.events.iterdir())
        assert {one.what for one in verify(case)} >= {"segments", "accounting"}


def test_a_further_load_adds_to_the_folder_and_its_rejects_are_at_hand(far: Path, tmp_path: Path) -> None:
    typed("load", str(far), str(tmp_path / "odd.log"))
    told = json.loads((tmp_path / "segments/manifest.json").read_text())
    assert {one["file"] for one in told["files"]} == {
        str(file.relative_to(tmp_path / "segments")) for file in (tmp_path / "segments").glob("*/*.parquet")
    }
    assert "not one" in typed("rejects", str(far))
    with Case.open(far) as case:
        assert case.query("SELECT count(*) AS n FROM event WHERE source = 3").rows == [(1,)]
        list(verify(case, originals=True))


def test_what_a_load_that_was_stopped_left_is_gone_after_the_next(
    far: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sorted((tmp_path / "segments").glob("**/*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Case.open(far) as case, monkeypatch.context() as patched:
        segment_folder = SegmentFolder(case, tmp_path / "segments")
        patched.setattr(SegmentFolder, "finish", full)
        with pytest.raises(CaseError, match="the case is as it was"):
            Loader(case, segment_writer=segment_folder).load([str(tmp_path / "odd.log")])
        assert len(case.sources()) == 2
    assert sorted((tmp_path / "segments").glob("**/*")) != whole
    typed("load", str(far), str(tmp_path / "odd.log"))
    assert len(list((tmp_path / "segments").glob("day=2026-05-01/load-*.parquet"))) == 2
    with Case.open(far) as case:
        list(verify(case))


def test_a_changed_segment_is_named(far: Path, tmp_path: Path) -> None:
    file = next((tmp_path / "segments").glob("day=*/*.parquet"))
    file.write_bytes(file.read_bytes()[:-9] + b"123456789")
    with Case.open(far) as case, pytest.raises(EvidenceError, match=r"day=.* was changed"):
        list(verify(case))


def test_only_this_cases_folder_is_filled(far: Path, tmp_path: Path) -> None:
    with Case.create(tmp_path / "other.case") as other:
        with pytest.raises(CaseError, match="--segments FOLDER") as caught:
            use(other, "chdb://")
            load(other, LOGS)
        assert "\n" not in str(caught.value)
        with pytest.raises(CaseError, match="another case"):
            SegmentFolder(other, tmp_path / "segments")
        (tmp_path / "segments/manifest.json").unlink()
        with pytest.raises(CaseError, match="no load of this case wrote"):
            SegmentFolder(other, tmp_path / "segments")
    typed("new", str(tmp_path / "near.case"))
    done = CliRunner().invoke(cli, ["load", str(tmp_path / "near.case"), *LOGS, "--segments", str(tmp_path / "x")])
    assert isinstance(done.exception, UsageError) and "has its events itself" in str(done.exception)
    with Case.open(far) as case, pytest.raises(CaseError, match="lacks the segment"):
        Loader(case, segment_writer=SegmentFolder(case, tmp_path / "elsewhere")).load([str(tmp_path / "odd.log")])
