"""``open.sql`` shows the plain DuckDB shell what the ledger has when it is read, whoever changed it and when."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from workbench.case import Case, ledger_files
from workbench.case.ledger_files import LedgerFiles
from workbench.errors import EvidenceError
from workbench.evidence.verify import verify
from workbench.ingest import load

ROOT = Path(__file__).resolve().parents[2]
TAGS = "SELECT kind, id, tag, note, tagged_by, tagged_at FROM tag ORDER BY ALL"


@pytest.fixture
def shell(case: Case, log: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """A plain engine in the folder of a loaded case, which has executed ``open.sql``."""
    load(case, [str(log)])
    with opened(case.folder.path, monkeypatch) as plain:
        yield plain


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    monkeypatch.chdir(folder)
    plain = duckdb.connect()
    plain.execute((folder / "open.sql").read_text(encoding="utf-8"))
    return plain


def in_ledger(case: Case) -> list[tuple[object, ...]]:
    return sorted(
        (tag.kind, tag.id, tag.tag, tag.note, tag.tagged_by, datetime.fromisoformat(tag.tagged_at).replace(tzinfo=None))
        for tag in case.tags.all()
    )


def shows_the_ledger(plain: duckdb.DuckDBPyConnection, case: Case) -> bool:
    return plain.execute(TAGS).fetchall() == in_ledger(case)


def state_of_files(case: Case) -> list[str]:
    return [LedgerFiles(case.folder, case.ledger).check(table) for table in ("source", "tag")]


def test_tags_are_seen_as_they_are_when_the_shell_asks(case: Case, shell: duckdb.DuckDBPyConnection) -> None:
    assert shell.execute(TAGS).fetchall() == []
    case.tags.add("account", ["u1", "u2", "u3"], "suspect", "first")
    assert shows_the_ledger(shell, case) and len(in_ledger(case)) == 3
    case.tags.add("account", ["u2"], "suspect", "a better note")
    case.tags.remove("account", ["u3"], "suspect")
    case.tags.add("account", ["u3"], "cleared")
    assert shows_the_ledger(shell, case)
    joined = "SELECT count(*) FROM event JOIN tag ON tag.id = event.account WHERE tag.tag = 'suspect'"
    assert shell.execute(joined).fetchall() == [(20,)]
    assert shell.execute("SELECT path, lines FROM source").fetchall() == [(case.sources()[0].path, 50)]
    assert state_of_files(case) == ["same", "same"]


@pytest.mark.parametrize(
    "text",
    [
        "'\"; DROP VIEW event; --",
        "a\nb\r\n\tc",
        "nul \x00 and \x1b",
        "line\u2028end \u202e \\ \\u0041",
        "é" * 70_000,
    ],
)
def test_hostile_ids_and_notes_come_through_as_they_are(
    case: Case, shell: duckdb.DuckDBPyConnection, text: str
) -> None:
    case.tags.add("account", [text, "u1"], "suspect", text)
    case.tags.add("account", [text], "odd", "")
    assert shows_the_ledger(shell, case)
    case.tags.remove("account", [text], "suspect")
    assert shows_the_ledger(shell, case) and state_of_files(case) == ["same", "same"]


def test_a_tag_of_no_time_is_shown_without_one(case: Case, shell: duckdb.DuckDBPyConnection) -> None:
    with case.ledger.transaction() as db:
        db.execute("INSERT INTO tag VALUES (1, 'account', 'u1', 'old', '', 'somebody', 'yesterday')")
    (case.folder.derived / "tag.ndjson").unlink()
    case.tags.add("account", ["u2"], "suspect")
    assert shell.execute("SELECT id, tagged_at IS NULL FROM tag ORDER BY id").fetchall() == [
        ("u1", True),
        ("u2", False),
    ]


def test_a_new_session_gap_and_a_new_log_are_in_the_script(
    case: Case, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(case, [str(log)])
    (tmp_path / "more.ndjson").write_text(
        '{"time": "2026-05-01T10:20:00Z", "user": "u1"}\n{"time": "2026-05-01T10:40:00Z", "user": "u1"}\n'
    )
    load(case, [str(tmp_path / "more.ndjson")])
    sessions = "SELECT count(*) FROM session WHERE entity = 'u1'"
    with opened(case.folder.path, monkeypatch) as plain:
        assert plain.execute("SELECT count(*) FROM source").fetchall() == [(2,)]
        assert plain.execute(sessions).fetchall() == [(1,)]
    case.set_gap(15)
    with opened(case.folder.path, monkeypatch) as plain:
        assert plain.execute(sessions).fetchall() == [(3,)] == case.query(sessions).rows


PERSON = """
import sys
from pathlib import Path
from workbench.case import Case
me, folder = sys.argv[1], Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
with Case.open(folder) as case:
    for number in range(20):
        case.tags.add("account", [f"{me}-{number}", "everybody"], "suspect", f"note {number} of {me}")
        case.tags.remove("account", [f"{me}-{number - 1}"], "suspect")
"""


def test_processes_that_tag_at_once_leave_no_tag_out(
    case: Case, shell: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    people = [
        subprocess.Popen(
            [sys.executable, "-c", PERSON, str(me), str(case.folder.path)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for me in range(3)
    ]  # fmt: skip
    for person in people:
        assert person.stdout and person.stdout.readline() == "ready\n"
    for person in people:
        assert person.stdin
        person.stdin.write("go\n")
        person.stdin.flush()
    for person in people:
        _, problems = person.communicate()
        assert person.returncode == 0, problems
    assert shows_the_ledger(shell, case) and len(in_ledger(case)) == 4
    assert state_of_files(case) == ["same", "same"]
    assert list(verify(case))


def test_a_file_that_fell_behind_catches_up_with_the_next_change_or_opening(
    case: Case, shell: duckdb.DuckDBPyConnection
) -> None:
    case.tags.add("account", ["u1"], "suspect")
    case.ledger.on_commit = None  # as if the process had died between the commit and the file
    case.tags.add("account", ["u2"], "suspect")
    case.tags.remove("account", ["u1"], "suspect")
    assert state_of_files(case) == ["same", "behind"]
    notes = [note for check in verify(case) for note in check.notes]
    assert any("derived/tag.ndjson" in note for note in notes)
    with Case.open(case.folder.path) as again:
        assert shows_the_ledger(shell, again) and state_of_files(again) == ["same", "same"]


def test_a_process_that_hangs_keeps_nobody_from_tagging(
    case: Case, shell: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "_PATIENCE_SECONDS", 0.02)
    held = os.open(case.folder.derived, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    case.tags.add("account", ["u1"], "suspect")
    assert [tag.id for tag in case.tags.all()] == ["u1"] and list(verify(case))
    os.close(held)
    assert state_of_files(case) == ["same", "behind"]
    case.tags.add("account", ["u2"], "suspect")
    assert shows_the_ledger(shell, case)


@pytest.mark.parametrize("damage", ["deleted", "cut off", "empty", "an older copy", "lines left out", "nulls"])
def test_a_damaged_file_is_remade(case: Case, shell: duckdb.DuckDBPyConnection, damage: str) -> None:
    file = case.folder.derived / "tag.ndjson"
    case.tags.add("account", ["u1"], "suspect", "why")
    earlier = file.read_bytes()
    case.tags.add("account", ["u2", "u3"], "suspect", "why")
    content = file.read_bytes()
    damaged = {
        "cut off": content[:-30], "empty": b"", "an older copy": earlier,
        "lines left out": content[: content.index(b"\n") + 5], "nulls": content + bytes(4096),
    }  # fmt: skip
    file.unlink()
    if damage != "deleted":
        file.write_bytes(damaged[damage])
    case.tags.remove("account", ["u2"], "suspect")
    assert shows_the_ledger(shell, case) and state_of_files(case) == ["same", "same"]


def test_what_is_not_yet_whole_is_not_seen(case: Case, shell: duckdb.DuckDBPyConnection) -> None:
    case.tags.add("account", ["u1"], "suspect")
    before = shell.execute(TAGS).fetchall()
    with (case.folder.derived / "tag.ndjson").open("ab") as file:
        file.write(b'{"seq": 99, "place": 9, "kind": "account", "id": "u9", "tag": "x", "note": ""}\n{"seq": 99, "pl')
    assert shell.execute(TAGS).fetchall() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"note": "why"', b'"note": "guilty"'),
        (b'"tagged_by": "tester"', b'"tagged_by": "a colleague"'),
        (b'"id": "u2"', b'"id": "u4"'),
        (b'"kind": "account", "id": "u2"', b'"kind":  "account", "id": "u2"'),
        (b'"hash": "', b'"hash": "0'),
        (b'{"seq": 3,', b'{"seq": 4,'),
    ],
)
def test_a_changed_file_is_found_by_verify_and_remade_when_it_is_deleted(
    case: Case, shell: duckdb.DuckDBPyConnection, old: bytes, new: bytes
) -> None:
    case.tags.add("account", ["u1", "u2"], "suspect", "why")
    case.tags.add("account", ["u3"], "suspect", "why")
    file = case.folder.derived / "tag.ndjson"
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
    with pytest.raises(EvidenceError, match=r"derived/tag\.ndjson was changed; delete it"):
        list(verify(case))
    file.unlink()
    assert list(verify(case))
    case.tags.add("account", ["u5"], "suspect")
    assert shows_the_ledger(shell, case)


def test_a_ledger_from_a_backup_is_shown_and_not_the_one_before(
    case: Case, shell: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    case.tags.add("account", ["u1"], "suspect")
    case.ledger.snapshot(tmp_path / "backup")
    case.tags.add("account", ["u2"], "suspect", "lost with the disk")
    case.close()
    for left in case.folder.path.glob("ledger.sqlite*"):
        left.unlink()
    shutil.copyfile(tmp_path / "backup", case.folder.ledger)
    with Case.open(case.folder.path) as again:
        assert shows_the_ledger(shell, again) and [tag.id for tag in again.tags.all()] == ["u1"]
        again.tags.add("account", ["u3"], "suspect", "found anew")
        assert shows_the_ledger(shell, again)


def test_a_file_does_not_grow_for_ever(
    case: Case, shell: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "_SPARE_LINES", 20)
    for number in range(60):
        case.tags.add("account", ["u1"], "suspect", f"note {number}")
    assert len((case.folder.derived / "tag.ndjson").read_bytes().splitlines()) < 30
    assert shows_the_ledger(shell, case)


def test_a_case_of_before_gets_its_files_when_it_is_opened(
    case: Case, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(case, [str(log)])
    case.tags.add("account", ["u1"], "suspect", "why")
    case.close()
    for file in case.folder.derived.glob("*.ndjson"):
        file.unlink()
    case.folder.open_sql.write_text("SELECT 1;\n")
    with Case.open(case.folder.path) as again, opened(case.folder.path, monkeypatch) as plain:
        assert shows_the_ledger(plain, again) and len(again.tags.all()) == 1
    assert case.folder.open_sql.stat().st_mode & 0o777 == 0o600
    assert {file.stat().st_mode & 0o777 for file in case.folder.derived.glob("*.ndjson")} == {0o600}
