"""The ledger: what people and programs did to a case, in SQLite.

SQLite in WAL mode with full synchronisation: several processes on one host work at once, and what was confirmed
survives a crash. Every change goes through ``Ledger.act``: the change and its audit entry in one transaction.
What can be done to a case, and how its entries read, is in ``workbench.case.acts``.
A ledger on a medium that cannot be written is opened for reading.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from workbench.case.acts.base import Act
from workbench.case.acts.contents import Migrated, SettingChanged
from workbench.case.identity import investigator
from workbench.errors import CaseError

SCHEMA_VERSION = 2
_BUSY_SECONDS = 20.0

#: A replacing insert would slip past the other two triggers.
_IN_ORDER = (
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END"
)

_SCHEMA = f"""
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE source (
    source INTEGER PRIMARY KEY, path TEXT NOT NULL, member TEXT, format TEXT, sha256 TEXT, bytes INTEGER,
    mtime TEXT, lines INTEGER, event_lines INTEGER, events INTEGER, rejects INTEGER, skipped INTEGER,
    first TEXT, last TEXT, seconds REAL, error TEXT, warnings TEXT NOT NULL DEFAULT '[]',
    columns TEXT NOT NULL DEFAULT '{{}}', extra_keys TEXT NOT NULL DEFAULT '[]', loaded_at TEXT, loaded_by TEXT,
    origin TEXT, loader TEXT
);
CREATE TABLE segment (
    segment INTEGER PRIMARY KEY, kind TEXT NOT NULL, file TEXT NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL
);
CREATE TABLE load (
    load INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    what TEXT NOT NULL, state TEXT NOT NULL, first INTEGER, sources INTEGER
);
CREATE TABLE tag (
    tag_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL, note TEXT NOT NULL,
    tagged_by TEXT NOT NULL, tagged_at TEXT NOT NULL, UNIQUE (kind, id, tag)
);
CREATE TABLE run (
    run INTEGER PRIMARY KEY, run_at TEXT NOT NULL, run_by TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    sql TEXT NOT NULL, parameters TEXT NOT NULL, rows INTEGER, seconds REAL,
    result TEXT, result_order TEXT, cut INTEGER, segments INTEGER, inputs TEXT, tools TEXT
);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL
);
{_IN_ORDER};
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;
"""


#: What makes a ledger of each older version one of the next.
_MIGRATIONS = {
    1: (
        "ALTER TABLE source ADD COLUMN origin TEXT",
        "ALTER TABLE source ADD COLUMN loader TEXT",
        "ALTER TABLE load ADD COLUMN first INTEGER",
        "ALTER TABLE load ADD COLUMN sources INTEGER",
        "ALTER TABLE run ADD COLUMN result TEXT",
        "ALTER TABLE run ADD COLUMN result_order TEXT",
        "ALTER TABLE run ADD COLUMN cut INTEGER",
        "ALTER TABLE run ADD COLUMN segments INTEGER",
        "ALTER TABLE run ADD COLUMN inputs TEXT",
        "ALTER TABLE run ADD COLUMN tools TEXT",
        _IN_ORDER,
    ),
}


A = TypeVar("A", bound=Act)


@dataclass(slots=True)
class PendingEntry(Generic[A]):
    """An audit entry until its transaction ends: the connection, time and author, and the act, to be completed.

    ``seq`` is the entry's number, once it is written.
    """

    db: sqlite3.Connection
    at: str
    who: str
    act: A
    seq: int = 0


def schema(kind: str) -> dict[str, str]:
    """Return the definitions of this version's tables or triggers, by name."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_SCHEMA)
        return dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = ?", (kind,)).fetchall())


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
        #: Called after each commit that changed rows, with the names of the tables, and without any lock.
        self.on_commit: Callable[[frozenset[str]], None] | None = None
        self._lock = threading.RLock()
        self._local_changes = 0
        self._changed: set[str] = set()
        self.readonly = not create and not os.access(path.parent, os.W_OK)
        try:
            self._db = sqlite3.connect(
                path if create else f"{path.as_uri()}?{self._mode()}",
                uri=not create,
                timeout=_BUSY_SECONDS,
                check_same_thread=False,
                isolation_level=None,
            )
            self._db.row_factory = sqlite3.Row
            if create:
                path.chmod(0o600)
            if not self.readonly:
                self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            version = self._version()
            if create and version == 0:
                self._db.executescript(f"BEGIN;{_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
                version = SCHEMA_VERSION
            if version in _MIGRATIONS and not self.readonly:
                self._migrate()
                version = self._version()
        except sqlite3.Error as error:
            raise _broken(path, error) from error
        if version != SCHEMA_VERSION:
            self._db.close()
            raise CaseError(_other_version(path, version))

    def _mode(self) -> str:
        """Say how to open: where nothing can be written, one that was closed properly needs no write-ahead log."""
        if not self.readonly:
            return "mode=rw"
        waiting = self.path.with_name(f"{self.path.name}-wal")
        return "mode=ro" if waiting.exists() and waiting.stat().st_size else "mode=ro&immutable=1"

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        """Bring an older ledger to this version, in one transaction, with a copy of what it was beside it."""
        version = self._version()
        backup = self.path.with_name(f"{self.path.stem}.v{version}{self.path.suffix}")
        if not backup.exists():
            unpublished = backup.with_name(f".{backup.name}.{os.getpid()}.part")
            with contextlib.closing(sqlite3.connect(unpublished)) as copy:
                self._db.backup(copy)
            unpublished.chmod(0o600)
            unpublished.replace(backup)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been quicker.
            for old in range(self._version(), SCHEMA_VERSION):
                for statement in _MIGRATIONS[old]:
                    self._db.execute(statement)
            if self._version() != SCHEMA_VERSION:
                segments = self._db.execute("SELECT segment, kind, file, rows, bytes, sha256 FROM segment").fetchall()
                migrated = Migrated(version, SCHEMA_VERSION, backup.name, [dict(segment) for segment in segments])
                self._append(PendingEntry(self._db, now(), investigator(), migrated))
                self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

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
    def reading(self) -> Iterator[None]:
        """Let all reads inside see the ledger at one moment."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            try:
                self._db.execute("BEGIN")
                try:
                    yield
                finally:
                    self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise _broken(self.path, error) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock; everything inside becomes durable together, or not at all.

        A transaction inside another one is part of it.
        """
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._changed = set()
            with self._writing():
                yield self._db
            changed = frozenset(self._changed)
        if changed and self.on_commit is not None:
            self.on_commit(changed)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # A full disk may have made SQLite roll back already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            self._local_changes += 1
        except sqlite3.Error as error:
            raise _broken(self.path, error) from error

    @contextlib.contextmanager
    def act(self, act: A) -> Iterator[PendingEntry[A]]:
        """Make a change and its audit entry in one transaction. The entry's ``act`` may be completed inside the block.

        The entry says inside the block when and by whom it is done.
        """
        with self.transaction() as db:
            entry = PendingEntry(db, now(), investigator(), act)
            yield entry
            self._append(entry)

    def record(self, act: Act) -> int:
        """Write an audit entry that changes nothing else; returns its number."""
        with self.act(act) as entry:
            pass
        return entry.seq

    def _append(self, entry: PendingEntry[A]) -> None:
        last = self._db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        entry.seq, prev = (last["seq"] + 1, last["hash"]) if last else (1, "")
        # What is no UTF-8 in a file's name stands in the entry as JSON's own escape.
        text = json.dumps(entry.act.detail(), ensure_ascii=False, sort_keys=True).encode(errors="backslashreplace")
        fields = (entry.seq, entry.at, entry.who, entry.act.ACTION, text.decode())
        self._db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*fields, prev, entry_hash(prev, *fields)))
        self._changed |= entry.act.CHANGES

    def snapshot(self, path: Path) -> None:
        """Copy the ledger, as it is at this moment, to a new file."""
        with self._lock:
            try:
                with contextlib.closing(sqlite3.connect(path)) as copy:
                    path.chmod(0o600)
                    self._db.backup(copy)
            except sqlite3.Error as error:
                raise _broken(path, error) from error

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
        with self.act(SettingChanged(name, value)) as entry:
            entry.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _other_version(path: Path, version: int) -> str:
    if version in _MIGRATIONS:
        return (
            f"{path.parent} is of an older case version ({version}; this workbench writes {SCHEMA_VERSION}) and "
            "cannot be brought up to date here, where nothing can be written; copy it to a place you can write to"
        )
    age = "a newer" if version > SCHEMA_VERSION else "another"
    return (
        f"{path.parent} was made by {age} workbench (case version {version}, this one reads up to {SCHEMA_VERSION}); "
        "open it with that one"
    )


def _broken(path: Path, error: sqlite3.Error) -> CaseError:
    text = str(error)
    if "locked" in text:
        return CaseError(
            f"{path} is held by another process that does not let go; end that process (see: fuser {path.name}), "
            "or try again in a moment; nothing was changed"
        )
    if "readonly" in text or "read-only" in text:
        return CaseError(f"{path} cannot be written: the case is read-only here; copy it to a place you can write to")
    if "full" in text or "disk I/O error" in text:
        return CaseError(f"{path} cannot be written: the disk is full or fails ({text}); free some space and try again")
    if "unable to open" in text:
        return CaseError(f"{path} cannot be opened: is {path.parent} a case folder you may read?")
    return CaseError(f"{path} is damaged ({text}); restore it from a copy of the case")
