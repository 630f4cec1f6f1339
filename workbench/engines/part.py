"""The part of an engine's events that matters, brought here: whole entities, so that their sessions are whole too.

What is handed over is made of it by the same queries as in a case that has its events itself. It is kept among the
derived tables, in one order and with one thread, so that the same events give the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.case import Case
from workbench.case.derived import keep
from workbench.case.folder import sha256_file
from workbench.case.tags import KINDS
from workbench.engines.attached import Attached, attached, event, told, unchanged
from workbench.engines.line import connected
from workbench.engines.reader import SESSIONS, There
from workbench.engines.remote import EngineError
from workbench.engines.tables import EVENT
from workbench.engines.translate import translate, typed
from workbench.errors import QueryCancelled
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case.digest import Digest
    from workbench.case.engine import Engine

#: So many events are brought at most.
LARGEST = 20_000_000
#: Changes when a part is written in another way.
_VERSION = "part 1"
_TRIES = 5
_ORDER = "ts, source, line, item, event_id, entity, request_id"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is brought: a condition on ``event`` with its values, and the SQL (DuckDB's) of each column that is wanted.

    Of each ``kind`` one part is kept.
    """

    condition: str
    values: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=lambda: {one.name: one.name for one in EVENT})
    kind: str = "part"

    @property
    def select(self) -> str:
        """The SELECT in DuckDB's SQL."""
        chosen = ", ".join(sql if sql == name else f"{sql} AS {name}" for name, sql in self.columns.items())
        return f"SELECT {chosen} FROM event WHERE {self.condition}"


class Part(Case):
    """A case whose events are those that were brought: its connections read them, and its runs say whence they came."""

    def __init__(self, case: Case, tables: Mapping[str, str], said: Mapping[str, Any]) -> None:
        super().__init__(case.folder, case.ledger)
        self._case, self._tables, self.said = case, tables, said
        self._lent: list[duckdb.DuckDBPyConnection] = []

    @property
    def remote(self) -> str:
        """Nothing: what is asked of a part is answered here."""
        return ""

    @property
    def engine(self) -> Engine:
        """The case's own engine."""
        return self._case.engine

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the whole case's first and last event."""
        return self._case.span()

    def logged_columns(self) -> dict[str, int]:
        """Return how many events of the whole case have a value in each column."""
        return self._case.logged_columns()

    def cursor(
        self, sql: str = "", watch: Callable[[duckdb.DuckDBPyConnection], None] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Return a connection on which ``event``, ``session``, ``account`` and ``source`` are of this part."""
        cursor = self.placed(self.engine.cursor())
        if watch:
            watch(cursor)
        return cursor

    def placed(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Let a connection read this part from now on."""
        self._lent.append(cursor)
        for name, select in self._tables.items():
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")
        return cursor

    def record_run(
        self,
        kind: str,
        name: str,
        sql: str,
        parameters: Mapping[str, object],
        rows: int,
        seconds: float,
        digest: Digest | None = None,
        elsewhere: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a run down, with the engine that was asked and what came from it."""
        return super().record_run(kind, name, sql, parameters, rows, seconds, digest, elsewhere or self.said)

    def close(self) -> None:
        """Let connections read the case again; the case itself stays open."""
        import duckdb

        for cursor in self._lent:
            for name in self._tables:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute(f"DROP VIEW IF EXISTS temp.{name}")
        self._lent = []


def whence(at: Case, case: Case) -> dict[str, Any]:
    """Return what a package of a part says of where it comes from; nothing in it is a secret."""
    assert isinstance(at, Part)
    found, said = attached(case), dict(at.said)
    return {
        **{name: said[name] for name in ("engine", "url", "table", "snapshot", "table_sha256")},
        "table_rows": found.rows, "map": found.map, "manifest_sha256": found.manifest_sha256,
        "part_sql": said["translated"], "part_rows": said["part_rows"], "part_sha256": said["part_sha256"],
    }  # fmt: skip


def things(case: Case, chosen: Mapping[str, object]) -> dict[str, list[str]]:
    """Return what a selection names, by kind (see ``workbench.case.near``)."""
    found: dict[str, list[str]] = {}
    for one in case.tags.all(tag=None if chosen.get("tag") is None else str(chosen["tag"])):
        if chosen.get("id") in (None, one.id):
            found.setdefault(one.kind, []).append(one.id)
    return {kind: sorted(set(ids)) for kind, ids in sorted(found.items())}


@contextmanager
def brought(
    case: Case, named: Mapping[str, Sequence[str]] | None, cursor: duckdb.DuckDBPyConnection | None = None
) -> Iterator[Part]:
    """Bring the events of all entities that these things touch, all events where None, and give a case over them.

    ``cursor`` is a connection of the case that reads them too until then. Raises EngineError where that are too many,
    or the table is no longer the one that was attached.
    """
    with part(case, Asked("true") if named is None else Asked(_condition(case, named)), cursor) as found:
        yield found


@contextmanager
def part(case: Case, asked: Asked, cursor: duckdb.DuckDBPyConnection | None = None) -> Iterator[Part]:
    """Bring events, and give a case over them. Raises EngineError."""
    found = attached(case)
    with case.folder.workspace("part") as work:
        here = work.resolve() / "part.parquet"
        said = _linked(case, found, asked, here)
        made = Part(case, _tables(case, found, here), said)
        try:
            if cursor is not None:
                made.placed(cursor)
            yield made
        finally:
            made.close()


def _condition(case: Case, named: Mapping[str, Sequence[str]]) -> str:
    """Return the condition that events are of an entity that a thing touches, or of the thing itself."""
    own, touching = [], []
    for kind, ids in named.items():
        if kind == "session":
            own += _entities(case, ids)
            continue
        column = KINDS[kind]
        listed = f"{column} IN ({', '.join(views.literal(one) for one in ids)})"
        if kind == "client":
            own.append(f"(entity_kind = 'client' AND {listed})")
        elif kind == "account":
            own.append(listed)
        else:
            touching.append(listed)
    if touching:
        who = "entity_kind || chr(31) || entity"
        theirs = f"SELECT {who} FROM event WHERE entity IS NOT NULL AND ({' OR '.join(touching)})"
        own += [*touching, f"{who} IN ({theirs})"]
    return f"({' OR '.join(own)})" if own else "false"


def _entities(case: Case, sessions: Sequence[str]) -> list[str]:
    """Return the conditions of the entities that these sessions are of."""
    sql = "SELECT DISTINCT entity_kind, entity FROM session WHERE session IN ({}) ORDER BY entity_kind, entity"
    if attached(case).rows > SESSIONS:  # too many to have been listed here
        from workbench.engines.ask import asked

        listed = ", ".join(views.literal(one) for one in sessions)
        rows = asked(case, sql.format(listed), {})[0].rows
    else:
        rows = case.query(sql.format("SELECT unnest($ids::VARCHAR[])"), {"ids": list(sessions)}).rows
    kinds: dict[str, list[str]] = {}
    for kind, entity in rows:
        kinds.setdefault(kind, []).append(views.literal(entity))
    return [
        f"(entity_kind = {views.literal(kind)} AND entity IN ({', '.join(listed)}))" for kind, listed in kinds.items()
    ]


def _linked(case: Case, found: Attached, asked: Asked, here: Path) -> dict[str, Any]:
    """Have a part where nobody removes it, and return what a run says of it.

    Among the derived tables another part may take its place at any time, while it is read and before.
    """
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            file, said = _kept(case, found, asked)
            _link(file, here)
            return said
    raise EngineError("other parts of this table are brought at the same time again and again; try it in a moment")


def _kept(case: Case, found: Attached, asked: Asked) -> tuple[Path, dict[str, Any]]:
    """Return the file of a part, and what a run says of it; brought where it is not here yet."""
    state = There(case).state()
    key = hashlib.sha256(json.dumps([_VERSION, state, asked.select, asked.values], default=str).encode()).hexdigest()[
        :16
    ]
    file, beside = (case.folder.derived / f"{asked.kind}-{key}.{ending}" for ending in ("parquet", "json"))
    if not (file.exists() and beside.exists()):
        with case.folder.workspace("derive") as work:
            said = _bring(case, found, asked, work.resolve(), work / file.name)
            (work / beside.name).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            for one in (file, beside):
                keep(case.ledger, work / one.name, one, asked.kind)
        for stale in case.folder.derived.glob(f"{asked.kind}-*"):
            if stale not in (file, beside):
                with contextlib.suppress(OSError):
                    stale.unlink()
    return file, json.loads(beside.read_text(encoding="utf-8"))


def _bring(case: Case, found: Attached, asked: Asked, work: Path, made: Path) -> dict[str, Any]:
    """Save the events of a part as one file in one order; returns what a run says of it."""
    values = {name: typed(value) for name, value in asked.values.items()}
    with connected(case) as remote:
        unchanged(found, remote)
        of = event(found, remote)
        count = f"SELECT count(*) AS n FROM event WHERE {asked.condition}"
        number = int(remote.ask(translate(count, remote.dialect, of, {}, values), None).rows[0][0])
        if number > LARGEST:
            raise EngineError(
                f"that are {number:,} events of {found.table}, and {LARGEST:,} are brought here at most; select less, "
                "or let the engine answer: workbench sql CASE QUERY -o FILE"
            )
        sql = translate(asked.select, remote.dialect, of, {}, values)
        remote.save(sql, work / "pieces")
        unchanged(found, remote)
        said = told(found, remote, sql)
    rows = _in_order(work, asked, made)
    if rows != number:
        raise EngineError(f"{found.table} gave {counted(rows, 'event')} where it had counted {number:,}; ask again")
    return {**said, "part_rows": rows, "part_sha256": sha256_file(made)}


def _in_order(work: Path, asked: Asked, made: Path) -> int:
    """Write what was brought as one file of our types in one order; one thread, so that it has the same bytes."""
    import duckdb

    from workbench.case.engine import connect, first_line

    columns = ", ".join(
        f"{one.name if one.name in asked.columns else 'NULL'}::{one.type} AS {one.name}" for one in EVENT
    )
    pieces, to = (views.literal(str(one)) for one in (work / "pieces" / "*.parquet", made.resolve()))
    try:
        with connect(str(work)) as bare:
            bare.execute("SET threads = 1")
            bare.execute(
                f"COPY (SELECT {columns} FROM read_parquet({pieces}) ORDER BY {_ORDER}) TO {to} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            counted = bare.execute(f"SELECT count(*) FROM read_parquet({to})").fetchone()
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise EngineError(f"what the engine gave cannot be read: {first_line(error)}") from error
    return int(counted[0]) if counted else 0


def _tables(case: Case, found: Attached, file: Path) -> dict[str, str]:
    """Return the SELECTs of the tables of a part; the logs that its events come from are written beside it."""
    from workbench.case.engine import connect

    event = f"SELECT * FROM read_parquet({views.literal(str(file))})"
    types = views.LEDGER_TABLES["source"]
    known = [{name: one.get(name) for name in types} for one in case.logs()]
    with connect(str(file.parent)) as bare:
        listed = f"SELECT DISTINCT source FROM ({event}) WHERE source IS NOT NULL ORDER BY source"
        numbers = {one["source"] for one in known}
        # Of the others is known only where their events are.
        known += [
            {"source": row[0], "path": found.table} for row in bare.execute(listed).fetchall() if row[0] not in numbers
        ]
        lines = file.parent / "sources.ndjson"
        told = (json.dumps({**one, "warnings": json.dumps(one.get("warnings", []))}) for one in known)
        lines.write_text("".join(f"{one}\n" for one in told), encoding="utf-8")
        shape = ", ".join(f"{name}: {views.literal(kind)}" for name, kind in types.items())
        source = views.literal(str(file.parent / "sources.parquet"))
        bare.execute(
            f"COPY (SELECT {', '.join(types)} FROM read_json({views.literal(str(lines))}, "
            f"format = 'newline_delimited', columns = {{{shape}}})) TO {source} (FORMAT parquet)"
        )
    return {
        "event": event,
        "session": views.sessions(case.gap_minutes),
        "account": views.ACCOUNTS,
        "source": f"SELECT * FROM read_parquet({source})",
    }


def _link(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(file, to)
