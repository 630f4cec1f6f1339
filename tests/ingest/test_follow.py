"""Following logs: whatever happens to them between two looks, each line is in the case once."""

from __future__ import annotations

import gzip
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from workbench.case import Case
from workbench.errors import SourceError
from workbench.evidence.verify import verify
from workbench.export.original import original
from workbench.ingest import load
from workbench.ingest.follow import Follower, pace

HEAD = '192.0.2.1 - - [01/May/2026:00:00:00 +0000] "GET /'


class Log:
    """A log that somebody writes, rotates and compresses; ``written`` are the numbers of its whole lines."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "access.log"
        self.path.touch()
        self.number = 0
        self.waiting = b""

    def append(self, lines: int) -> None:
        """Write so many lines."""
        content, self.waiting = self.waiting, b""
        for _ in range(lines):
            self.number += 1
            content += f'{HEAD}{self.number} HTTP/1.1" 200 5 "-" "x"\n'.encode()
        with self.path.open("ab") as file:
            file.write(content)

    def half(self) -> None:
        """Write the beginning of a line; the rest comes before anything else."""
        if self.waiting:
            return
        self.number += 1
        line = f'{HEAD}{self.number} HTTP/1.1" 200 5 "-" "x"\n'.encode()
        with self.path.open("ab") as file:
            file.write(line[:30])
        self.waiting = line[30:]

    def _shift(self) -> None:
        self.append(0)
        old = sorted(self.path.parent.glob("access.log.*"), key=lambda one: -int(one.name.split(".")[2]))
        for one in old:
            parts = one.name.split(".")
            one.rename(one.with_name(".".join([*parts[:2], str(int(parts[2]) + 1), *parts[3:]])))

    def rotate(self) -> None:
        """Rename the log and begin a new one."""
        self._shift()
        self.path.rename(self.path.with_name("access.log.1"))
        self.path.touch()

    def copy_and_truncate(self) -> None:
        """Copy the log and empty it."""
        self._shift()
        shutil.copy(self.path, self.path.with_name("access.log.1"))
        with self.path.open("r+b") as file:
            file.truncate(0)

    def compress(self) -> None:
        """Compress the newest rotated log, as logrotate does."""
        plain = self.path.with_name("access.log.1")
        if plain.exists():
            plain.with_name("access.log.1.gz").write_bytes(gzip.compress(plain.read_bytes()))
            plain.unlink()


def follower(case: Case, log: Log, **options: float) -> Follower:
    return Follower(case, [log.path], settle=options.get("settle", 0.0))


def numbers(case: Case) -> list[int]:
    return [int(row[0]) for row in case.query("SELECT path[2:]::INTEGER FROM event ORDER BY 1").rows]


def accounted(case: Case) -> None:
    for one in case.sources():
        assert one.lines == one.event_lines + one.rejects + one.skipped
    assert not case.query("SELECT * FROM reject").rows


def test_appended_lines_are_loaded_and_a_half_one_waits(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    log.append(3)
    following = follower(case, log)
    following.poll()
    assert numbers(case) == [1, 2, 3]
    log.half()
    assert following.poll().reports == [] and numbers(case) == [1, 2, 3]
    log.append(2)
    (report,) = following.poll().reports
    assert numbers(case) == [1, 2, 3, 4, 5, 6] and report.lines == 3
    assert following.poll().reports == []
    assert original(case, "2:2").raw.startswith(f"{HEAD}5".encode()) and not original(case, "2:2").kept
    log.path.unlink()
    assert original(case, "2:2").kept
    list(verify(case))
    following.close()


def test_verify_tells_a_rotated_log_from_a_changed_one(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    log.append(3)
    follower(case, log).poll()
    assert next(one for one in verify(case, originals=True) if one.what == "originals").notes == ()
    log.rotate()
    log.append(5)
    (note,) = next(one for one in verify(case, originals=True) if one.what == "originals").notes
    assert "was rotated since" in note


def test_a_log_that_was_loaded_before_is_followed_from_there(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    log.append(5)
    load(case, [str(log.path)])
    log.append(2)
    follower(case, log).poll()
    follower(case, log).poll()
    assert numbers(case) == list(range(1, 8))


def test_a_log_with_a_header_is_read_by_it_in_every_part(tmp_path: Path, case: Case) -> None:
    file = tmp_path / "usage.csv"
    file.write_text("timestamp,user,model\n2026-05-01T00:00:00Z,u1,m\n")
    following = Follower(case, [file], settle=0)
    following.poll()
    with file.open("a") as more:
        more.write("2026-05-01T00:00:01Z,u2,m\n")
    (report,) = following.poll().reports
    assert (report.lines, report.events, report.rejects) == (1, 1, 0)
    assert [row[0] for row in case.query("SELECT ts::VARCHAR FROM event ORDER BY 1").rows][1].endswith("00:00:01")


def test_a_truncated_log_without_a_copy_is_told(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    log.append(5)
    following = follower(case, log)
    following.poll()
    log.path.write_bytes(b"")
    log.append(2)
    done = following.poll()
    assert numbers(case) == list(range(1, 8)) and "not in the case" in done.notes[0]


def test_an_empty_log_that_is_rotated_before_the_next_look(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    following = follower(case, log)
    following.poll()
    log.append(3)
    log.rotate()
    log.append(1)
    following.poll()
    assert numbers(case) == [1, 2, 3, 4]


def test_a_record_of_many_lines_waits_until_it_has_ended(tmp_path: Path, case: Case) -> None:
    file = tmp_path / "app.log"
    record = "2026-05-01 00:00:0{0},123 ERROR root: it broke\nTraceback (most recent call last):\n  File x\n"
    file.write_text("".join(record.format(n) for n in range(5)))
    following = Follower(case, [file], settle=0, format="java")
    following.poll()
    with file.open("a") as more:
        more.write(record.format(5))
    following._settle = 60
    following.poll()
    with file.open("a") as more:
        more.write("    again\n" + record.format(6))
    following.poll()
    following._settle = 0
    time.sleep(0.25)
    following.poll()
    rows = case.query("SELECT message FROM event WHERE ts::VARCHAR LIKE '%:05%'").rows
    assert len(rows) == 1 and rows[0][0].endswith("again")
    accounted(case)


def test_many_rotations_while_nobody_looked(tmp_path: Path, case: Case) -> None:
    log = Log(tmp_path)
    log.append(2)
    follower(case, log).poll()
    for _ in range(3):
        log.append(2)
        log.rotate()
        log.compress()
    log.append(1)
    follower(case, log).poll()
    assert numbers(case) == list(range(1, 10))


ACTS = ("append", "append", "half", "rotate", "copy_and_truncate", "compress", "poll", "poll", "restart")


@examples(6, 25)
@given(st.lists(st.sampled_from(ACTS), min_size=3, max_size=14))
def test_each_line_is_in_the_case_once_whatever_happens(acts: list[str]) -> None:
    with TemporaryDirectory() as folder, Case.create(Path(folder) / "new.case") as case:
        log = Log(Path(folder))
        following = follower(case, log)
        following.poll()
        log.append(1)
        following.poll()
        for act in acts:
            if act == "append":
                log.append(2)
            elif act == "poll":
                following.poll()
            elif act == "restart":
                following.close()
                following = follower(case, log)
            else:
                getattr(log, act)()
        log.append(1)
        following.poll()
        following.poll()
        following.close()
        assert numbers(case) == list(range(1, log.number + 1))
        accounted(case)


def test_what_cannot_be_followed_is_said(tmp_path: Path, case: Case) -> None:
    with pytest.raises(SourceError, match="is no file"):
        Follower(case, [tmp_path])
    (tmp_path / "wide.log").write_bytes("a\nb\n".encode("utf-16"))
    with pytest.raises(SourceError, match="UTF-16"):
        Follower(case, [tmp_path / "wide.log"]).poll()


def test_the_pace_keeps_the_segments_of_a_day_few() -> None:
    at, rounds = 0.0, 0
    while at < 24 * 3600:
        at, rounds = at + pace(at), rounds + 1
    assert rounds < 1200
