"""A small case with everything in it that can be tampered with, and a way to tamper."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.ingest import load
from workbench.playbooks import Library, run

Tamper = Callable[[str], None]


def requests(accounts: int = 12, each: int = 6) -> list[dict[str, object]]:
    """Return made-up gateway records: each account asks a few times, two minutes apart."""
    return [
        {
            "startTime": f"2026-05-{1 + account:02}T10:{2 * ask:02}:00Z",
            "request_id": f"req-{account:03}-{ask:02}",
            "user": f"user-{account:03}",
            "requester_ip_address": f"203.0.113.{account}",
            "model": "copied-7b",
            "prompt_tokens": 100 + ask,
            "completion_tokens": 10 * account,
            "messages": [{"role": "user", "content": f"Summarise case {account}-{ask} for the court"}],
        }
        for account in range(accounts)
        for ask in range(each)
    ]


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Two logs: one as it is, one compressed."""
    told = [json.dumps(one) for one in requests()]
    plain, packed = tmp_path / "gateway.ndjson", tmp_path / "older.ndjson.gz"
    plain.write_text("\n".join(told[:40]) + "\nno record\n")
    packed.write_bytes(gzip.compress("\n".join(told[40:]).encode()))
    return [plain, packed]


@pytest.fixture
def case(tmp_path: Path, logs: list[Path]) -> Iterator[Case]:
    """Loaded, asked, tagged and set."""
    with Case.create(tmp_path / "small.case") as made:
        load(made, [str(path) for path in logs])
        run(made, Library(made.folder.path).get("who_asks_most"))
        made.query("SELECT count(*) FROM session")
        made.tags.add("account", ["user-001", "user-002"], "suspect", "asks alike")
        made.tags.add("account", ["user-003"], "dismissed", "a class with a deadline")
        made.tags.remove("account", ["user-002"], "suspect")
        made.set_gap(45)
        yield made


@pytest.fixture
def tamper(case: Case) -> Tamper:
    """Change the ledger behind its back, as somebody would who has the file."""

    def change(sql: str) -> None:
        with sqlite3.connect(case.folder.ledger) as db:
            triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")
            db.executescript(sql)
            for _, text in triggers:
                db.execute(text)

    return change
