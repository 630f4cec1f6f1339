"""What was changed in a case is found, and the first thing that does not fit is named."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.evidence.conftest import Tamper
from workbench.case import Case
from workbench.case.ledger import entry_hash
from workbench.errors import EvidenceError
from workbench.evidence.verify import verify


def all_fits(case: Case, **options: object) -> str:
    return "\n".join(f"{one.what}: {one.said} {one.notes}" for one in verify(case, **options))  # type: ignore[arg-type]


def test_an_untouched_case_fits(case: Case) -> None:
    said = all_fits(case, originals=True)
    assert "72 rows" not in said and "accounting" in said and "originals: 2 of 2" in said
    assert "earlier" not in said


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE tag SET note = 'something else' WHERE id = 'user-001'", "tag account user-001 suspect"),
        ("UPDATE tag SET tagged_by = 'somebody else' WHERE id = 'user-001'", "tag account user-001 suspect"),
        ("UPDATE tag SET tagged_at = '2020-01-01T00:00:00Z' WHERE id = 'user-003'", "tag account user-003"),
        ("DELETE FROM tag WHERE id = 'user-003'", "user-003 dismissed is in the audit chain, but not in the ledger"),
        (
            "INSERT INTO tag (kind, id, tag, note, tagged_by, tagged_at) "
            "VALUES ('account', 'user-009', 'guilty', '', 'me', 'now')",
            "user-009 guilty is in no entry",
        ),
        ("UPDATE setting SET value = '5'", "setting session_gap_minutes"),
        ("UPDATE source SET sha256 = 'f00'", "sha256 of source 1"),
        ("UPDATE source SET path = '/elsewhere' WHERE source = 2", "path of source 2"),
        ("UPDATE source SET rejects = 0, skipped = 1 WHERE source = 1", "rejects of source 1"),
        ("DELETE FROM source WHERE source = 2", "source 2 is in the audit chain, but not"),
        ("UPDATE segment SET sha256 = 'f00' WHERE segment = 2", "sha256 of segment 2"),
        ("DELETE FROM segment WHERE segment = 2", "segment 2 is in the audit chain, but not"),
        ("UPDATE run SET sql = 'SELECT 1'", "what run 1 asked"),
        ("UPDATE run SET result = 'f00'", "result of run 1"),
        ("UPDATE run SET parameters = '{}'", "what run 1 asked"),
        ("DELETE FROM run", "run 1 is in the audit chain, but not"),
        ("UPDATE audit SET detail = replace(detail, 'asks alike', 'guilty') WHERE action = 'tag'", "was changed"),
        ("UPDATE audit SET who = 'somebody else' WHERE seq = 3", "entry 3 (run) was changed"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00Z' WHERE seq = 2", "entry 2 (load) was changed"),
        ("DELETE FROM audit WHERE seq = 4", "entry 4 is missing"),
        ("DELETE FROM audit WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM audit", "it is empty"),
        ("DELETE FROM audit WHERE action = 'setting'", "setting session_gap_minutes is in no entry"),
        ("UPDATE audit SET seq = 100 WHERE seq = 5", "entry 5 is missing"),
    ],
)
def test_a_changed_ledger_is_found(case: Case, tamper: Tamper, sql: str, says: str) -> None:
    tamper(sql)
    with pytest.raises(EvidenceError) as found:
        all_fits(case)
    assert says in str(found.value)


def test_a_colleague_who_goes_on_tagging_meanwhile_is_no_tampering(case: Case) -> None:
    checks = verify(case)
    for what in ("ledger", "audit chain"):
        assert next(checks).what == what
    with Case.open(case.folder.path) as other:
        other.tags.add("account", ["user-005"], "suspect", "seen just now")
        other.tags.remove("account", ["user-001"], "suspect")
        other.set_gap(7)
    assert [check.what for check in checks][:2] == ["ledger against chain", "segments"]


def test_a_removed_trigger_is_found(case: Case) -> None:
    with sqlite3.connect(case.folder.ledger) as db:
        db.execute("DROP TRIGGER audit_no_update")
    with pytest.raises(EvidenceError, match="triggers"):
        all_fits(case)


def test_the_ledger_itself_refuses_to_change_the_chain(case: Case) -> None:
    with sqlite3.connect(case.folder.ledger) as db:
        for sql in (
            "UPDATE audit SET who = 'x'",
            "DELETE FROM audit",
            "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        ):
            with pytest.raises(sqlite3.Error):
                db.execute(sql)


def test_the_experts_way_to_check_the_chain_works(case: Case) -> None:
    """The program that docs/evidence.md gives needs nothing of this one, and finds what was changed."""
    document = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    found = re.search(r"    python3 - <<'EOF'\n(.*?)    EOF\n", document, re.DOTALL)
    assert found
    command = [sys.executable, "-I", "-c", textwrap.dedent(found[1])]
    ran = subprocess.run(command, cwd=case.folder.path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == head(case)


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_changed_byte_in_a_segment_is_found(case: Case, place: int) -> None:
    segment = max(case.folder.events.iterdir(), key=lambda file: file.stat().st_size)
    flip(segment, place)
    with pytest.raises(EvidenceError, match=f"{segment.name} was changed"):
        all_fits(case)


def test_a_missing_or_linked_segment_is_found(case: Case, tmp_path: Path) -> None:
    segment = max(case.folder.events.iterdir())
    segment.rename(tmp_path / "aside")
    with pytest.raises(EvidenceError, match="is missing"):
        all_fits(case)
    segment.symlink_to(tmp_path / "aside")
    with pytest.raises(EvidenceError, match="is missing"):
        all_fits(case)


def test_swapped_segments_are_found(case: Case) -> None:
    first, second = sorted(case.folder.events.iterdir())[-2:]
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    with pytest.raises(EvidenceError, match="was changed"):
        all_fits(case)


def test_a_swapped_source_is_found_and_a_lost_one_is_said(case: Case, logs: list[Path]) -> None:
    logs[0].unlink()
    assert "gateway.ndjson) is not here" in all_fits(case, originals=True)
    logs[0].write_text("another log\n")
    with pytest.raises(EvidenceError, match=r"gateway\.ndjson is not the file that was loaded"):
        all_fits(case, originals=True)


def test_a_changed_derived_table_is_found(case: Case) -> None:
    file = next(case.folder.derived.iterdir())
    flip(file, 50)
    with pytest.raises(EvidenceError, match=f"derived/{file.name} was changed"):
        all_fits(case)
    file.unlink()
    all_fits(case)


def test_a_file_that_no_load_made_is_said(case: Case) -> None:
    (case.folder.events / "999999.parquet").write_bytes(b"PAR1")
    assert "events/999999.parquet belongs to no load" in all_fits(case)


def head(case: Case) -> str:
    return str(case.ledger.rows("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")[0]["hash"])


def test_a_truncated_chain_is_found_given_an_earlier_head(case: Case, tamper: Tamper) -> None:
    written_down = head(case)
    case.tags.add("account", ["user-004"], "suspect")
    all_fits(case, heads=[written_down])
    latest = head(case)
    tamper("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit); DELETE FROM tag WHERE id = 'user-004'")
    all_fits(case, heads=[written_down])
    with pytest.raises(EvidenceError, match="entries were removed or rewritten"):
        all_fits(case, heads=[latest])


def test_a_chain_that_was_rewritten_to_fit_is_found_given_an_earlier_head(case: Case) -> None:
    """Whoever has the file can recompute all hashes; what was written down elsewhere they cannot change."""
    written_down = head(case)
    with sqlite3.connect(case.folder.ledger) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        rows = db.execute("SELECT seq, at, who, action, detail FROM audit ORDER BY seq").fetchall()
        prev = ""
        for seq, at, person, action, text in rows:
            told = text.replace("asks alike", "confessed")
            digest = entry_hash(prev, seq, at, person, action, told)
            db.execute("UPDATE audit SET detail = ?, prev = ?, hash = ? WHERE seq = ?", (told, prev, digest, seq))
            prev = digest
        db.execute("UPDATE tag SET note = 'confessed' WHERE note = 'asks alike'")
        for _, text in triggers:
            db.execute(text)
    all_fits(case)
    with pytest.raises(EvidenceError, match="entries were removed or rewritten"):
        all_fits(case, heads=[written_down])


def test_a_clock_that_goes_back_is_said_and_loses_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.case.ledger.now", lambda: "2001-01-01T00:00:00.000000Z")
    case.tags.add("account", ["user-005"], "suspect")
    assert "the clock went back" in all_fits(case)
    assert "user-005" in {tag.id for tag in case.tags.all()}


def test_files_are_their_owners_alone(case: Case) -> None:
    for where, _, names in os.walk(case.folder.path):
        assert Path(where).stat().st_mode & 0o077 == 0, where
        for name in names:
            if not name.endswith(("-wal", "-shm")):
                assert Path(where, name).stat().st_mode & 0o077 == 0, name
