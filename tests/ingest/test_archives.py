"""Files of files: members of zip and tar are sources, rotated sets come in the order of time, bombs are stopped."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from unittest import mock

import pytest
import zstandard

from tests.ingest.conftest import load_bytes
from workbench.case import Case
from workbench.ingest import archives, load
from workbench.ingest.discover import natural_key

LINE = b'{"ts":1767225600,"user":"ana"}\n'


def test_members_of_a_zip_are_sources_of_their_own(case: Case, tmp_path: Path) -> None:
    packed = tmp_path / "logs.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/app.log", LINE * 3)
        archive.writestr("a/app.log.1.gz", gzip.compress(LINE * 2 + b"bad\n"))
        archive.writestr("../escape.log", b"hello\n")
    reports = {one.path.partition("!")[2]: one for one in load(case, [str(packed)])}
    assert {name: one.events for name, one in reports.items()} == {
        "a/app.log": 3,
        "a/app.log.1.gz": 2,
        "../escape.log": 1,
    }
    assert reports["a/app.log.1.gz"].rejects == 1
    assert not (tmp_path.parent / "escape.log").exists()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_members_of_a_tar_are_sources_in_the_order_of_time(case: Case, tmp_path: Path, mode: str) -> None:
    packed = tmp_path / f"logs.tar{mode[1:].replace(':', '.')}"
    with tarfile.open(packed, mode) as archive:  # type: ignore[call-overload]
        for name, times in (("x.log", 1), ("x.log.2", 3), ("x.log.10", 4), ("x.log.1", 2)):
            info = tarfile.TarInfo(name)
            info.size = len(LINE) * times
            archive.addfile(info, io.BytesIO(LINE * times))
        link = tarfile.TarInfo("link.log")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    reports = load(case, [str(packed)])
    assert [(one.path.partition("!")[2], one.events) for one in reports] == [
        ("x.log.10", 4), ("x.log.2", 3), ("x.log.1", 2), ("x.log", 1),
    ]  # fmt: skip


def test_a_damaged_archive_is_one_failed_source(case: Case, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and no more")
    (report,) = load(case, [str(tmp_path / "x.zip")])
    assert report.source is None
    assert report.error is not None
    assert "damaged" in report.error


def test_rotated_sets_come_in_the_order_of_time() -> None:
    names = ["access.log", "access.log.1", "access.log.10.gz", "access.log.2.gz", "app2.log", "app10.log"]
    assert sorted(names, key=natural_key) == [
        "access.log.10.gz", "access.log.2.gz", "access.log.1", "access.log", "app2.log", "app10.log",
    ]  # fmt: skip


def test_a_bomb_is_stopped_and_said(case: Case, tmp_path: Path) -> None:
    with mock.patch.object(archives, "MOST_BYTES", 1 << 20):
        report = load_bytes(case, tmp_path, gzip.compress(b"0" * 20_000_000)).report
    assert report.error == "stopped: it grew to more than 500 times its size"


def test_zstd_frames_are_read_and_a_cut_one_is_said(case: Case, tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(LINE * 3)
    assert load_bytes(case, tmp_path, packed + packed).report.events == 6
    cut = load_bytes(case, tmp_path, packed[:-6]).report
    assert cut.error == "truncated: the archive ends in the middle"
