"""A subset of an engine's events, fetched: whole entities, so that their sessions are whole too.

What is handed over is made of it by the same queries as in a case that has its events itself. It is kept among the
derived tables, in one order and with one thread, so that the same events give the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case import views
from workbench.case.derived import keep
from workbench.case.folder import sha256_file
from workbench.case.local import LocalStore
from workbench.case.store import Condition, Provenance
from workbench.case.tags import KINDS
from workbench.engines.attachment import Attachment, event_select, provenance, unchanged
from workbench.engines.reader import SESSIONS
from workbench.engines.remote import EngineError
from workbench.engines.tables import EVENT
from workbench.engines.translate import translate, typed
from workbench.errors import QueryCancelled
from workbench.sqltext import file_literal, literal, parquet, target_literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.sources import Source
    from workbench.case.store import Watch
    from workbench.engines.store import EngineStore

#: So many events are fetched at most.
LARGEST = 20_000_000
#: Changes when a subset is written in another way.
_VERSION = "part 1"
_TRIES = 5
_ORDER = "ts, source, line, item, event_id, entity, request_id"
_EVERY_COLUMN = {column.name: column.name for column in EVENT}


class SubsetStore(LocalStore):
    """A store over one fetched file: ``event``, ``session``, ``account`` and ``source`` are temporary views of it.

    The case's own tables are read beside them. What is known of the whole table, such as its span, stays known.
    """

    def __init__(self, case: Case, whole: EngineStore, tables: Mapping[str, str], source: Provenance) -> None:
        super().__init__(case)
        self._whole, self._tables = whole, tables
        self.provenance = source
        self._lent: list[duckdb.DuckDBPyConnection] = []

    def cursor(self, sql: str = "", watch: Watch | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection that reads the subset; no table is derived for it."""
        del sql, watch
        return self.place(self._whole.local.sandbox.cursor())

    def place(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Let a connection of the case read the subset from now on."""
        self._lent.append(cursor)
        for name, select in self._tables.items():
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")
        return cursor

    def sources(self) -> list[Source]:
        """Return the logs of the whole table."""
        return self._whole.sources()

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the whole table's first and last event."""
        return self._whole.span()

    def logged(self) -> dict[str, int]:
        """Return how many events of the whole table have a value in each column."""
        return self._whole.logged()

    def filled(self) -> dict[str, int]:
        """Return the same: a case over an engine is not enriched."""
        return self._whole.logged()

    def facts(self) -> dict[str, Any]:
        """Return what is known of the whole table."""
        return self._whole.facts()

    def described(self, *, disclosed: bool = False) -> list[tuple[str, str]]:
        """Return what a report says of the engine."""
        return self._whole.described(disclosed=disclosed)

    def subset_origin(self) -> dict[str, Any]:
        """Return what a bundle says of where the subset comes from; nothing in it is a secret."""
        assert self.provenance is not None
        attachment, source = self._whole.attachment, self.provenance
        return {
            "engine": source.engine, "url": source.url, "table": source.table, "snapshot": source.snapshot,
            "table_sha256": source.table_sha256, "table_rows": attachment.rows, "map": attachment.map,
            "manifest_sha256": attachment.manifest_sha256, "part_sql": source.translated, "part_rows": source.part_rows,
            "part_sha256": source.part_sha256,
        }  # fmt: skip

    def close(self) -> None:
        """Let connections read the case again; the case itself stays open."""
        import duckdb

        for cursor in self._lent:
            for name in self._tables:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute(f"DROP VIEW IF EXISTS temp.{name}")
        self._lent = []


@contextmanager
def fetched(
    case: Case, whole: EngineStore, wanted: Condition, cursor: duckdb.DuckDBPyConnection | None = None
) -> Iterator[SubsetStore]:
    """Fetch events, and give a store over them. Raises EngineError."""
    attachment = whole.attachment
    with case.folder.workspace("part") as work:
        file = work.resolve() / "part.parquet"
        source = _linked(case, whole, attachment, wanted, file)
        store = SubsetStore(case, whole, _tables(case, whole, attachment, file), source)
        try:
            if cursor is not None:
                store.place(cursor)
            yield store
        finally:
            store.close()


def selected(case: Case, whole: EngineStore, selection: Mapping[str, object]) -> Condition:
    """Return the condition that events are of an entity that a tagged thing touches, or of the thing itself."""
    return Condition(_condition(whole, tagged_ids(case, selection)), {})


def tagged_ids(case: Case, selection: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the ids that a selection names, by kind (see ``EventStore.tagged_subset``)."""
    ids: dict[str, set[str]] = {}
    for tag in case.tags.all(tag=None if selection.get("tag") is None else str(selection["tag"])):
        if selection.get("id") in (None, tag.id):
            ids.setdefault(tag.kind, set()).add(tag.id)
    return {kind: sorted(ids[kind]) for kind in sorted(ids)}


def _condition(whole: EngineStore, named: Mapping[str, Sequence[str]]) -> str:
    own, touching = [], []
    for kind, ids in named.items():
        if kind == "session":
            own += _entities(whole, ids)
            continue
        column = KINDS[kind]
        listed = f"{column} IN ({', '.join(map(literal, ids))})"
        if kind == "client":
            own.append(f"(entity_kind = 'client' AND {listed})")
        elif kind == "account":
            own.append(listed)
        else:
            touching.append(listed)
    if touching:
        entity = "entity_kind || chr(31) || entity"
        theirs = f"SELECT {entity} FROM event WHERE entity IS NOT NULL AND ({' OR '.join(touching)})"
        own += [*touching, f"{entity} IN ({theirs})"]
    return f"({' OR '.join(own)})" if own else "false"


def _entities(whole: EngineStore, sessions: Sequence[str]) -> list[str]:
    """Return the conditions of the entities that these sessions are of."""
    sql = "SELECT DISTINCT entity_kind, entity FROM session WHERE session IN ({}) ORDER BY entity_kind, entity"
    if whole.attachment.rows > SESSIONS:  # too many to have been listed here
        rows = whole.answer(sql.format(", ".join(map(literal, sessions))), {}).table.rows
    else:
        rows = whole.query(sql.format("SELECT unnest($ids::VARCHAR[])"), {"ids": list(sessions)}).rows
    kinds: dict[str, list[str]] = {}
    for kind, entity in rows:
        kinds.setdefault(kind, []).append(literal(entity))
    return [f"(entity_kind = {literal(kind)} AND entity IN ({', '.join(listed)}))" for kind, listed in kinds.items()]


def _linked(case: Case, whole: EngineStore, attachment: Attachment, wanted: Condition, to: Path) -> Provenance:
    """Have a subset where nobody removes it, and return what a run records of it.

    Among the derived tables another subset may take its place at any time, while it is read and before.
    """
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            file, source = _kept(case, whole, attachment, wanted)
            _link(file, to)
            return source
    raise EngineError("other parts of this table are brought at the same time again and again; try it in a moment")


def select_of(wanted: Condition) -> str:
    """Return the SELECT of the wanted events, in DuckDB's SQL."""
    columns = wanted.columns or _EVERY_COLUMN
    chosen = ", ".join(sql if sql == name else f"{sql} AS {name}" for name, sql in columns.items())
    return f"SELECT {chosen} FROM event WHERE {wanted.sql}"


def _kept(case: Case, whole: EngineStore, attachment: Attachment, wanted: Condition) -> tuple[Path, Provenance]:
    """Return the file of a subset, and what a run records of it; fetched where it is not here yet."""
    described = json.dumps([_VERSION, whole.state(), select_of(wanted), dict(wanted.values)], default=str)
    key = hashlib.sha256(described.encode()).hexdigest()[:16]
    file, beside = (case.folder.derived / f"{wanted.kind}-{key}.{ending}" for ending in ("parquet", "json"))
    if not (file.exists() and beside.exists()):
        with case.folder.workspace("derive") as work:
            source = _fetch(whole, attachment, wanted, work.resolve(), work / file.name)
            (work / beside.name).write_text(json.dumps(source.as_dict(), ensure_ascii=False), encoding="utf-8")
            for name in (file, beside):
                keep(case.ledger, work / name.name, name, wanted.kind)
        for stale in case.folder.derived.glob(f"{wanted.kind}-*"):
            if stale not in (file, beside):
                with contextlib.suppress(OSError):
                    stale.unlink()
    return file, Provenance(**json.loads(beside.read_text(encoding="utf-8")))


def _fetch(whole: EngineStore, attachment: Attachment, wanted: Condition, work: Path, to: Path) -> Provenance:
    """Save the wanted events as one file in one order; returns what a run records of it."""
    values = {name: typed(value) for name, value in wanted.values.items()}
    with whole.connected() as remote:
        unchanged(attachment, remote)
        event = event_select(attachment, remote)
        count = f"SELECT count(*) AS n FROM event WHERE {wanted.sql}"
        number = int(remote.ask(translate(count, remote.dialect, event, {}, values), None).rows[0][0])
        if number > LARGEST:
            raise EngineError(
                f"that are {number:,} events of {attachment.table}, and {LARGEST:,} are brought here at most; "
                "select less, or let the engine answer: workbench sql CASE QUERY -o FILE"
            )
        sql = translate(select_of(wanted), remote.dialect, event, {}, values)
        remote.save(sql, work / "pieces")
        unchanged(attachment, remote)
        source = provenance(attachment, remote, sql)
    rows = _in_order(work, wanted, to)
    if rows != number:
        raise EngineError(f"{attachment.table} gave {rows:,} events where it had counted {number:,}; ask again")
    return replace(source, part_rows=rows, part_sha256=sha256_file(to))


def _in_order(work: Path, wanted: Condition, to: Path) -> int:
    """Write what was fetched as one file of our types in one order; one thread, so that it has the same bytes."""
    import duckdb

    from workbench.case.execute import first_line
    from workbench.case.sandbox import connect

    given = wanted.columns or _EVERY_COLUMN
    columns = ", ".join(f"{one.name if one.name in given else 'NULL'}::{one.type} AS {one.name}" for one in EVENT)
    try:
        with connect(str(work)) as bare:
            bare.execute("SET threads = 1")
            bare.execute(
                f"COPY (SELECT {columns} FROM {parquet(work / 'pieces', '*.parquet')} ORDER BY {_ORDER}) "
                f"TO {target_literal(to.resolve())} (FORMAT parquet, COMPRESSION zstd)"
            )
            counted = bare.execute(f"SELECT count(*) FROM {parquet(to.resolve())}").fetchone()
    except duckdb.InterruptException as error:
        raise QueryCancelled("cancelled") from error
    except duckdb.Error as error:
        raise EngineError(f"what the engine gave cannot be read: {first_line(error)}") from error
    return int(counted[0]) if counted else 0


def _tables(case: Case, whole: EngineStore, found: Attachment, file: Path) -> dict[str, str]:
    """Return the SELECTs of a subset's tables; the logs that its events come from are written beside it."""
    from workbench.case.sandbox import connect

    event = f"SELECT * FROM {parquet(file)}"
    types = views.LEDGER_TABLES["source"]
    known: list[dict[str, Any]] = [source.row() for source in whole.sources()]
    with connect(str(file.parent)) as bare:
        listed = f"SELECT DISTINCT source FROM ({event}) WHERE source IS NOT NULL ORDER BY source"
        numbers = {row["source"] for row in known}
        # Of the others is known only where their events are.
        known += [
            {"source": row[0], "path": found.table} for row in bare.execute(listed).fetchall() if row[0] not in numbers
        ]
        lines, sources = file.parent / "sources.ndjson", file.parent / "sources.parquet"
        rows = ({**row, "warnings": json.dumps(row.get("warnings", []))} for row in known)
        lines.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        shape = ", ".join(f"{name}: {literal(kind)}" for name, kind in types.items())
        bare.execute(
            f"COPY (SELECT {', '.join(types)} FROM read_json({file_literal(lines)}, "
            f"format = 'newline_delimited', columns = {{{shape}}})) TO {target_literal(sources)} (FORMAT parquet)"
        )
    return {
        "event": event,
        "session": views.sessions(case.gap_minutes),
        "account": views.ACCOUNTS,
        "source": f"SELECT * FROM {parquet(sources)}",
    }


def _link(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(file, to)
