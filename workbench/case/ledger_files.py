"""Files of a case by which other programs see the ledger: ``open.sql`` and, in ``derived/``, the tables that it reads.

The plain DuckDB shell cannot read SQLite. So ``derived/tag.ndjson`` and ``derived/source.ndjson`` follow the ledger:
after each commit that changed a table, its changed rows are appended, each with the number of the audit entry up to
which it is the latest. Where a file does not follow from the chain, it is written whole. The ledger stays the record:
nothing of the workbench reads these files, and ``verify`` compares them with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbench.case import views
from workbench.case.folder import Folder, publish
from workbench.case.ledger_tables import KEYS, RowKey, changed_since, last_entry, rows_of
from workbench.case.opensql import SHOWN, file_of, open_sql
from workbench.errors import CaseError

if TYPE_CHECKING:
    import sqlite3

    from workbench.case.ledger import Ledger

#: Changes of these tables change ``open.sql``.
_IN_SCRIPT = frozenset({"segment", "setting"})
#: A file with so many lines more than twice the rows that it began with is written whole.
_SPARE_LINES = 1_000
#: For so long the files of a process that hangs are waited for; whoever changes the ledger next brings them up to date.
_PATIENCE_SECONDS, _STEP_SECONDS = 2.0, 0.005
#: Within so many bytes from its end a file has its last mark.
_TAIL = 1_000


class Mark(NamedTuple):
    """A line that ends what was appended: it is as of an audit entry (``seq``, ``hash``).

    ``lines`` is how many lines the file has, ``whole`` how many it had when it was written whole.
    """

    seq: int
    hash: str
    lines: int
    whole: int


class LedgerFiles:
    """The files of one case. Where they cannot be written they stay behind; the ledger is not touched by that."""

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self._folder, self._ledger = folder, ledger

    def follow(self) -> None:
        """Bring the files up to date, and keep them so while this process changes the case."""
        if self._ledger.readonly:
            return
        self.refresh(frozenset(SHOWN) | _IN_SCRIPT)
        self._ledger.on_commit = self.refresh

    def refresh(self, changed: frozenset[str]) -> None:
        """Bring up to date what shows these tables of the ledger."""
        if not changed & (frozenset(SHOWN) | _IN_SCRIPT):
            return
        with contextlib.suppress(OSError, CaseError), self._alone():
            for table in SHOWN:
                if table in changed:
                    self._catch_up(table)
            if changed & _IN_SCRIPT:
                self._write_script()

    def check(self, table: str) -> str:
        """Compare a table's file with the ledger: ``same``, ``behind`` (not of its last state) or ``changed``."""
        file = self._folder.derived / file_of(table)
        try:
            with self._alone(), self._ledger.reading():
                last = self._mark(file)
                if last is None or not self._in_chain(last) or changed_since(self._ledger, table, last.seq) != []:
                    return "behind"
                shown, marks = _read(file, table)
                rows = {_key(table, row): dict(row) for row in rows_of(self._ledger, table)}
                return "same" if shown == rows and all(map(self._in_chain, marks)) else "changed"
        except OSError:
            return "behind"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from writing the files at the same time. Raises OSError where one of them hangs."""
        descriptor = os.open(self._folder.derived, os.O_RDONLY)
        try:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(_STEP_SECONDS)
            yield
        finally:
            os.close(descriptor)

    def _catch_up(self, table: str) -> None:
        file = self._folder.derived / file_of(table)
        mark = self._mark(file)
        with self._ledger.reading():
            if mark is None or mark.lines > 2 * mark.whole + _SPARE_LINES or not self._in_chain(mark):
                self._write(file, table)
                return
            keys = changed_since(self._ledger, table, mark.seq)
            if keys is None:
                self._write(file, table)
            elif keys:
                self._append(file, table, keys, mark)

    def _mark(self, file: Path) -> Mark | None:
        """Return the mark at the end of a file; None where there is no such file, or it was cut off."""
        try:
            with file.open("rb") as lines:
                lines.seek(max(lines.seek(0, os.SEEK_END) - _TAIL, 0))
                tail = lines.read()
            last = json.loads(tail.rstrip(b"\n").rpartition(b"\n")[2])
            mark = Mark(**last)
        except (OSError, ValueError, TypeError):
            return None
        whole = tail.endswith(b"\n") and all(isinstance(number, int) for number in (mark.seq, mark.lines, mark.whole))
        return mark if whole else None

    def _in_chain(self, mark: Mark) -> bool:
        return bool(self._ledger.rows("SELECT 1 FROM audit WHERE seq = ? AND hash = ?", mark.seq, mark.hash))

    def _write(self, file: Path, table: str) -> None:
        seq, digest = last_entry(self._ledger)
        rows = rows_of(self._ledger, table)
        mark = Mark(seq, digest, len(rows) + 1, len(rows) + 1)
        written = self._folder.tmp / f".{file.name}.{os.getpid()}.part"
        with written.open("wb") as out:
            out.writelines(_rows(table, seq, rows))
            out.write(_line(mark._asdict()))
        publish(written, file)

    def _append(self, file: Path, table: str, keys: Sequence[RowKey], mark: Mark) -> None:
        seq, digest = last_entry(self._ledger)
        rows = rows_of(self._ledger, table, keys)
        there = {_key(table, row) for row in rows}
        gone = [dict(zip(KEYS[table], key, strict=True)) for key in keys if key not in there]
        lines = [*(_line({"seq": seq, "gone": True, **key}) for key in gone), *_rows(table, seq, rows)]
        following = Mark(seq, digest, mark.lines + len(lines) + 1, mark.whole)
        with file.open("ab") as out:
            out.write(b"".join([*lines, _line(following._asdict())]))

    def _write_script(self) -> None:
        text = open_sql(self._ledger)
        with contextlib.suppress(OSError):
            if self._folder.open_sql.read_text(encoding="utf-8") == text:
                return
        written = self._folder.tmp / f".open.sql.{os.getpid()}.part"
        written.write_text(text, encoding="utf-8")
        publish(written, self._folder.open_sql)


def _key(table: str, row: sqlite3.Row) -> RowKey:
    return tuple(row[column] for column in KEYS[table])


def _line(values: Mapping[str, object]) -> bytes:
    text = ", ".join(f"{encode_basestring(name)}: {_value(value)}" for name, value in values.items())
    return f"{{{text}}}\n".encode()


def _value(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    return str(value) if type(value) is int else json.dumps(value)


def _rows(table: str, seq: int, rows: Sequence[sqlite3.Row]) -> Iterator[bytes]:
    """Yield the lines of rows: as ``_line`` makes them, but quicker, because a case may have a hundred thousand."""
    labels = [f", {encode_basestring(name)}: " for name in ("place", *views.LEDGER_TABLES[table])]
    for row in rows:
        text = "".join(f"{label}{_value(value)}" for label, value in zip(labels, row, strict=True))
        yield f'{{"seq": {seq}{text}}}\n'.encode()


def _read(file: Path, table: str) -> tuple[dict[RowKey, dict[str, object]] | None, list[Mark]]:
    """Return the rows that a file shows, by key, and its marks; None for the rows where it is not as it was written."""
    rows: dict[RowKey, dict[str, object]] = {}
    latest: dict[RowKey, int] = {}
    marks: list[Mark] = []
    before = 0
    try:
        with file.open("rb") as lines:
            for text in lines:
                line = json.loads(text)
                if line["seq"] < before or _line(line) != text:
                    return None, marks
                before = line["seq"]
                if "hash" in line:
                    marks.append(Mark(**line))
                    continue
                key = tuple(line[column] for column in KEYS[table])
                if latest.get(key, 0) == before:
                    return None, marks
                latest[key] = before
                rows.pop(key, None)
                if "gone" not in line:
                    rows[key] = {name: value for name, value in line.items() if name != "seq"}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None, marks
    return rows, marks
