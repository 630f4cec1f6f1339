"""The ledger's tables in SQL are those of the ledger after each change, and only what changed is copied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.case import Case, ledger_tables, views
from workbench.case.ledger import entry_hash
from workbench.ingest import load


def same_everywhere(case: Case) -> bool:
    """Say whether SQL sees each table as the ledger has it."""
    for table, types in views.LEDGER_TABLES.items():
        chosen = ", ".join(f"{name}::VARCHAR" if kind == "TIMESTAMP" else name for name, kind in types.items())
        seen = case.query(f"SELECT {chosen} FROM {table} ORDER BY ALL").rows
        held = [tuple(row) for row in case.ledger.rows(f"SELECT {', '.join(types)} FROM {table}")]
        cleaned = [
            tuple(_time(value) if types[name] == "TIMESTAMP" else value for name, value in zip(types, row, strict=True))
            for row in held
        ]
        if sorted(map(repr, seen)) != sorted(map(repr, cleaned)):
            return False
    return True


def _time(value: str | None) -> str | None:
    return value and value.replace("T", " ").replace("Z", "").replace("+00:00", "").rstrip("0").rstrip(".")


def oid(case: Case, table: str) -> int:
    """Return what tells a table of the engine from one that was made anew."""
    rows = case.query("SELECT table_oid FROM duckdb_tables() WHERE table_name = $name", {"name": table}).rows
    return int(rows[0][0])


def test_every_change_is_seen_whoever_made_it(case: Case, log: Path, tmp_path: Path) -> None:
    assert same_everywhere(case)
    load(case, [str(log)])
    assert same_everywhere(case)
    with Case.open(case.folder.path) as other:
        for who in (case, other):
            who.tags.add("account", ["u1", "u2", "u'3\x00"], "suspect", f"note {who is case}")
            assert same_everywhere(case) and same_everywhere(other)
            who.tags.remove("account", ["u2"], "suspect")
            who.tags.add("account", ["u2", "u4"], "odd")
            who.runs.record("sql", "", "SELECT 1", {}, 1, 0.5)
            assert same_everywhere(case) and same_everywhere(other)
        (tmp_path / "more.log").write_text('{"time": "2026-05-01T10:00:00Z", "user": "u9"}\n')
        load(other, [str(tmp_path / "more.log")])
        assert same_everywhere(case) and same_everywhere(other)


def test_only_what_changed_is_copied(case: Case, log: Path) -> None:
    load(case, [str(log)])
    case.tags.add("account", [f"u{number}" for number in range(500)], "suspect")
    tables = {table: oid(case, table) for table in views.LEDGER_TABLES}
    case.set_gap(5)
    case.tags.add("account", ["u1"], "suspect", "a note")
    case.runs.record("sql", "", "SELECT 1", {}, 1, 0.5)
    assert {table: oid(case, table) for table in views.LEDGER_TABLES} == tables
    assert same_everywhere(case)


def test_very_many_changes_are_copied_at_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    before = oid(case, "tag")
    monkeypatch.setattr(ledger_tables, "MANY", 10)
    case.tags.add("account", [f"u{number}" for number in range(11)], "suspect")
    assert oid(case, "tag") != before and same_everywhere(case)


def test_what_a_newer_version_did_is_seen_too(case: Case) -> None:
    case.tags.add("account", ["u1"], "suspect")
    assert same_everywhere(case)
    with case.ledger.transaction() as db:
        db.execute("UPDATE tag SET tag = 'renamed'")
        seq, prev = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        entry = (seq + 1, "2030-01-01T00:00:00Z", "somebody", "rename", json.dumps({"to": "renamed"}))
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, prev, entry_hash(prev, *entry)))
    assert case.query("SELECT tag FROM tag").rows == [("renamed",)]


def test_each_table_of_the_ledger_has_a_key() -> None:
    assert ledger_tables.KEYS.keys() == views.LEDGER_TABLES.keys()
    assert all(set(key) <= set(views.LEDGER_TABLES[table]) for table, key in ledger_tables.KEYS.items())
