"""Lines that the case keeps: the record of an event when its log is gone, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import EvidenceError, SourceError
from workbench.evidence.records import verbatim_records
from workbench.evidence.verify import verify
from workbench.export.original import original
from workbench.ingest import load
from workbench.ingest import raw as kept

LINE = '192.0.2.{0} - - [01/May/2026:00:00:00 +0000] "GET /{1} HTTP/1.1" 200 5 "-" "caf\\xc3\\xa9"'


def log(folder: Path, lines: int, *, name: str = "access.log", end: str = "\n") -> Path:
    file = folder / name
    content = end.join(LINE.format(n % 250, n) for n in range(1, lines + 1)).encode() + b"\n"
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return file


@pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
def test_a_record_comes_from_the_log_and_when_it_is_gone_from_the_case(tmp_path: Path, case: Case, name: str) -> None:
    file = log(tmp_path, 5000, name=name, end="\r\n")
    load(case, [str(file)], keep_raw=True)
    before = original(case, "1:4321")
    assert not before.kept and before.raw == LINE.format(4321 % 250, 4321).encode()
    file.unlink()
    after = original(case, "1:4321")
    assert after.kept and after.raw == before.raw and "not there any more" in after.note
    list(verify(case))


def test_a_line_of_a_changed_log_is_never_shown(tmp_path: Path, case: Case) -> None:
    file = log(tmp_path, 10)
    load(case, [str(file)])
    load(case, [str(log(tmp_path, 12, name="other.log"))], keep_raw=True)
    for name in ("access.log", "other.log"):
        (tmp_path / name).write_bytes(b"x\n" * 10)
    with pytest.raises(SourceError, match=r"not the file that was loaded.*--keep-raw"):
        original(case, "1:3")
    found = original(case, "2:3")
    assert found.kept and found.raw == LINE.format(3, 3).encode() and "not the file that was loaded" in found.note


def test_long_and_short_sources_are_kept_alike(tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_BLOCK", 1000)
    monkeypatch.setattr(kept, "_SEGMENT", 100_000)
    monkeypatch.setattr("workbench.ingest.reading.SHORT", 50_000)
    files = [log(tmp_path, 3000, name="long.log"), log(tmp_path, 40, name="short.log"), tmp_path / "empty"]
    files[2].touch()
    load(case, [str(file) for file in files], keep_raw=True)
    for file in files:
        file.unlink()
    for source, lines in ((1, 3000), (2, 40)):
        for line in (1, 2, lines // 2, lines):
            assert original(case, f"{source}:{line}").raw == LINE.format(line % 250, line).encode()
    rows = case.ledger.rows("SELECT file FROM segment WHERE kind = 'raw'")
    assert len(rows) > 2
    list(verify(case))
    (case.folder.path / rows[0]["file"]).write_bytes(b"PAR1")
    with pytest.raises(EvidenceError):
        original(case, "1:1")
    with pytest.raises(EvidenceError, match="was changed"):
        list(verify(case))


def test_content_that_is_refused_is_not_kept(tmp_path: Path, case: Case) -> None:
    file = log(tmp_path, 10)
    load(case, [str(file)], keep_raw=True)
    twin = log(tmp_path, 10, name="twin.log")
    (report,) = load(case, [str(twin)], keep_raw=True)
    assert report.source is None
    assert len(case.ledger.rows("SELECT 1 FROM segment WHERE kind = 'raw'")) == 1


def test_a_whole_source_comes_back_as_it_was(tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_BLOCK", 1000)
    file = log(tmp_path, 400)
    load(case, [str(file)], keep_raw=True)
    found = kept.kept_source(case, 1)
    assert found is not None and b"".join(found) == file.read_bytes()
    assert kept.kept_source(case, 2) is None
    file.unlink()
    missing: list[str] = []
    wanted = [("1:7", 1, 7, 1), ("1:399", 1, 399, 1)]
    rows = list(
        verbatim_records(wanted, {1: (str(file), None, "")}, missing, lambda source: kept.kept_source(case, source))
    )
    assert [row[5] for row in rows] == [LINE.format(7, 7), LINE.format(399 % 250, 399)] and not missing
