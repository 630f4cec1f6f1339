"""The ledger: what people and programs did to a case, in SQLite.

SQLite in WAL mode with full synchronisation: several processes on one host work at once, and what was confirmed
survives a crash. Every change goes through ``Ledger.act``: the change and its audit entry in one transaction.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.case.who import who
from workbench.errors import CaseError

SCHEMA_VERSION = 1
_BUSY_SECONDS = 20.0

_SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE source (
    source INTEGER PRIMARY KEY, path TEXT NOT NULL, member TEXT, format TEXT, sha256 TEXT, bytes INTEGER,
    mtime TEXT, lines INTEGER, event_lines INTEGER, events INTEGER, rejects INTEGER, skipped INTEGER,
    first TEXT, last TEXT, seconds REAL, error TEXT, warnings TEXT NOT NULL DEFAULT '[]',
    columns TEXT NOT NULL DEFAULT '{}', extra_keys TEXT NOT NULL DEFAULT '[]', loaded_at TEXT, loaded_by TEXT
);
CREATE TABLE segment (
    segment INTEGER PRIMARY KEY, kind TEXT NOT NULL, file TEXT NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL
);
CREATE TABLE load (
    load INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    what TEXT NOT NULL, state TEXT NOT NULL
);
CREATE TABLE tag (
    tag_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL, note TEXT NOT NULL,
    tagged_by TEXT NOT NULL, tagged_at TEXT NOT NULL, UNIQUE (kind, id, tag)
);
CREATE TABLE run (
    run INTEGER PRIMARY KEY, run_at TEXT NOT NULL, run_by TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    sql TEXT NOT NULL, parameters TEXT NOT NULL, rows INTEGER, seconds REAL
);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;
"""


def now() -> str:
    """Return the present time in UTC as ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def entry_hash(prev: str, seq: int, at: str, person: str, action: str, detail: str) -> str:
    """Return the hash of an audit entry: SHA-256 over a JSON list of its fields, the previous hash first."""
    body = json.dumps([prev, seq, at, person, action, detail], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode("utf-8", errors="surrogatepass")).hexdigest()


class Ledger:
    """A connection to a case's ledger; safe to share between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._local_changes = 0
        try:
            self._db = sqlite3.connect(
                path if create else f"{path.as_uri()}?mode=rw",
                uri=not create,
                timeout=_BUSY_SECONDS,
                check_same_thread=False,
                isolation_level=None,
            )
            self._db.row_factory = sqlite3.Row
            if create:
                path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if create and version == 0:
                self._db.executescript(f"BEGIN;{_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
                version = SCHEMA_VERSION
        except sqlite3.Error as error:
            raise _broken(path, error) from error
        if version != SCHEMA_VERSION:
            self._db.close()
            raise CaseError(
                f"{path.parent} was made by another version of workbench (case version {version}, "
                f"this one reads {SCHEMA_VERSION}); open it with that version"
            )

    def close(self) -> None:
        """Close the connection; what was confirmed is on the disk already."""
        with self._lock:
            self._db.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Run one of our own read queries."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock; everything inside becomes durable together, or not at all."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
                self._local_changes += 1
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error

    @contextlib.contextmanager
    def act(self, action: str, detail: dict[str, Any]) -> Iterator[sqlite3.Connection]:
        """Make a change and its audit entry in one transaction. ``detail`` may be completed inside the block."""
        with self.transaction() as db:
            yield db
            last = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            seq, prev = (last["seq"] + 1, last["hash"]) if last else (1, "")
            at, person = now(), who()
            text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
            db.execute(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
                (seq, at, person, action, text, prev, entry_hash(prev, seq, at, person, action, text)),
            )

    def version(self) -> tuple[int, int]:
        """Return a value that changes whenever this or another process changed the ledger."""
        with self._lock:
            try:
                return (self._db.execute("PRAGMA data_version").fetchone()[0], self._local_changes)
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error

    def setting(self, name: str, default: str) -> str:
        """Return a setting of the case."""
        found = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return str(found[0]["value"]) if found else default

    def set_setting(self, name: str, value: str) -> None:
        """Change a setting of the case."""
        with self.act("setting", {"name": name, "value": value}) as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _broken(path: Path, error: sqlite3.Error) -> CaseError:
    text = str(error)
    if "locked" in text:
        return CaseError(f"{path} is held by another process; close it there, or try again in a moment")
    if "readonly" in text or "read-only" in text:
        return CaseError(f"{path} cannot be written: the case is read-only here; copy it to a place you can write to")
    if "full" in text:
        return CaseError(f"{path} cannot be written: the disk is full; free some space and try again")
    if "unable to open" in text:
        return CaseError(f"{path} cannot be opened: is {path.parent} a case folder you may read?")
    return CaseError(f"{path} cannot be used ({text}); restore it from a copy of the case")
