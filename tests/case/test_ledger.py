"""The ledger: older versions are brought up to date, newer ones refused, and every fault is one clear line."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.case.ledger import SCHEMA_VERSION, entry_hash
from workbench.errors import CaseError
from workbench.evidence.verify import verify
from workbench.ingest import load

_OF_RUNS = ("run", "result", "result_order", "cut", "inputs", "tools")


def make_older(folder: Path) -> None:
    """Turn a case into what version 1 wrote: fewer columns, fewer triggers, entries that tell less."""
    with sqlite3.connect(folder / "ledger.sqlite") as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        prev = ""
        for seq, at, person, action, text in db.execute("SELECT seq, at, who, action, detail FROM audit").fetchall():
            said = json.loads(text)
            for one in [said, *said.get("sources", [])]:
                for name in ("origin", "mtime", "loader", "segments", *(_OF_RUNS if action == "run" else ())):
                    one.pop(name, None)
            told = json.dumps(said, ensure_ascii=False, sort_keys=True)
            digest = entry_hash(prev, seq, at, person, action, told)
            db.execute("UPDATE audit SET detail = ?, prev = ?, hash = ? WHERE seq = ?", (told, prev, digest, seq))
            prev = digest
        for name, text in triggers:
            if name != "audit_in_order":
                db.execute(text)
        for table, columns in (
            ("source", ("origin", "loader")),
            ("load", ("first", "sources")),
            ("run", (*_OF_RUNS[1:], "segments")),
        ):
            for column in columns:
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 1")


def test_an_older_case_is_migrated_with_a_backup_and_verifies(case: Case, log: Path) -> None:
    load(case, [str(log)])
    case.tags.add("account", ["u1"], "suspect", "why")
    case.close()
    make_older(case.folder.path)
    older = (case.folder.path / "ledger.sqlite").read_bytes()
    for _ in range(2):
        with Case.open(case.folder.path) as again:
            assert ("u1", "why") in [(tag.id, tag.note) for tag in again.tags.all()]
            assert list(verify(again))
            assert [row["action"] for row in again.ledger.rows("SELECT action FROM audit")].count("migrate") == 1
            again.tags.add("account", ["u2"], "suspect")
    backup = case.folder.path / "ledger.v1.sqlite"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert len(backup.read_bytes()) == len(older)
    with sqlite3.connect(backup) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM tag").fetchone() == (1,)


@pytest.mark.parametrize(("version", "says"), [(SCHEMA_VERSION + 1, "a newer workbench"), (0, "another workbench")])
def test_a_case_of_an_unknown_version_is_refused_and_left_as_it_is(case: Case, version: int, says: str) -> None:
    case.close()
    with sqlite3.connect(case.folder.ledger) as db:
        db.execute(f"PRAGMA user_version = {version}")
    before = case.folder.ledger.read_bytes()
    with pytest.raises(CaseError, match=says):
        Case.open(case.folder.path)
    assert case.folder.ledger.read_bytes() == before


def test_a_ledger_held_by_a_hung_process_is_one_clear_line(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.case.ledger._BUSY_SECONDS", 0.1)
    holding = sqlite3.connect(case.folder.ledger, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    with Case.open(case.folder.path) as other:
        with pytest.raises(CaseError, match="held by another process that does not let go"):
            other.tags.add("account", ["u1"], "suspect")
        assert other.tags.all() == []
        holding.execute("ROLLBACK")
        assert other.tags.add("account", ["u1"], "suspect") == 1
    holding.close()


@pytest.mark.parametrize("damage", ["nothing", "noise", "a hole", "half"])
def test_a_corrupt_ledger_is_one_clear_line(case: Case, damage: str) -> None:
    case.tags.add("account", [f"u{number}" for number in range(3000)], "suspect")
    case.close()
    content = case.folder.ledger.read_bytes()
    hole = content[:4096] + os.urandom(len(content) - 8192) + content[-4096:]
    told = {"nothing": b"", "noise": os.urandom(9000), "a hole": hole, "half": content[: len(content) // 2]}
    case.folder.ledger.write_bytes(told[damage])
    with pytest.raises(CaseError) as found, Case.open(case.folder.path) as opened:
        list(verify(opened))
    assert "\n" not in str(found.value) and str(case.folder.path) in str(found.value)


UNPRIVILEGED = """
    import ctypes
    libc = ctypes.CDLL(None)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for word in (0, 1, 2):
        sets[word] &= ~0b110  # to override what a file's permissions say, or to read all the same
    assert libc.capset(header, sets) == 0
"""


def unprivileged(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python as somebody whom the folder's permissions hold for, even where the tester is root."""
    command = [sys.executable, "-c", textwrap.dedent(UNPRIVILEGED) + textwrap.dedent(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[2])


READS = """
    import sys
    from pathlib import Path
    from workbench.case import Case
    from workbench.errors import CaseError
    from workbench.evidence.verify import verify
    with Case.open(Path(sys.argv[1])) as case:
        print(case.query("SELECT count(*) FROM event").rows[0][0], len(list(verify(case))))
        for act in (lambda: case.tags.add("account", ["u1"], "x"), lambda: case.set_gap(5)):
            try:
                act()
            except CaseError as error:
                print(error)
"""


def test_a_case_where_nothing_can_be_written_is_read_and_says_so(case: Case, log: Path) -> None:
    load(case, [str(log)])
    case.close()
    paths = [*case.folder.path.rglob("*"), case.folder.path]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        ran = unprivileged(READS, str(case.folder.path))
        said = ran.stdout.splitlines()
        assert said[0] == "50 6", ran.stderr
        assert len(said) == 3 and all("the case is read-only here" in line for line in said[1:])
    finally:
        for path in paths:
            path.chmod(0o755)


FULL = """
    import resource, sys
    from pathlib import Path
    from workbench.case import Case
    from workbench.errors import WorkbenchError
    from workbench.ingest import load
    from workbench.export import export
    with Case.open(Path(sys.argv[1])) as case:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), -1))
        for act in (
            lambda: case.tags.add("account", [f"user {n}" for n in range(20000)], "many"),
            lambda: load(case, [sys.argv[2]]),
            lambda: export(case, "events", Path(sys.argv[1]).with_name("out.csv")),
        ):
            try:
                act()
                print("done")
            except WorkbenchError as error:
                print(error)
"""


def test_a_full_disk_is_one_clear_line_and_loses_nothing(case: Case, log: Path, tmp_path: Path) -> None:
    load(case, [str(log)])
    case.tags.add("account", ["u1"], "suspect")
    case.close()
    big = tmp_path / "big.log"
    big.write_text("\n".join(f"2026-05-01T10:00:00Z host app[{n}]: {os.urandom(30).hex()}" for n in range(20000)))
    command = [sys.executable, "-c", textwrap.dedent(FULL), str(case.folder.path), str(big), "200000"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[2])
    said = ran.stdout.splitlines()
    assert len(said) == 3 and "Traceback" not in ran.stderr, ran.stderr
    assert "the disk is full or fails" in said[0], said
    assert "done" not in said[:2], said
    with Case.open(case.folder.path) as again:
        assert [tag.id for tag in again.tags.all()] == ["u1"]
        assert again.query("SELECT count(*) FROM event").rows == [(50,)]
        assert list(verify(again))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_corrupt_segment_is_one_clear_line(case: Case, log: Path) -> None:
    load(case, [str(log)])
    segment = max(case.folder.events.iterdir(), key=lambda file: file.stat().st_size)
    segment.write_bytes(segment.read_bytes()[:-20])
    with pytest.raises(CaseError, match="cannot be read"), Case.open(case.folder.path) as again:
        again.query("SELECT count(*) FROM event")


def test_who_acts_is_the_login_the_configured_name_or_what_was_said(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.case.identity import investigator

    assert investigator() == "tester"
    monkeypatch.delenv("WORKBENCH_USER")
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50000 192.0.2.1 22")
    assert investigator().endswith(" from 198.51.100.7")
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "investigator").write_text("Ana Ruiz\n")
    assert investigator().startswith("Ana Ruiz (") and investigator().endswith(" from 198.51.100.7)")
    monkeypatch.setenv("WORKBENCH_USER", "b\udcff")
    case.tags.add("account", ["u1"], "suspect")
    assert case.tags.all()[0].tagged_by == "b\\udcff"
