"""The exact reader: lines, of one source or of many, parsed one by one; whatever they hold, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.segments import SegmentFile
from workbench.errors import SourceError
from workbench.ingest import json_sql, kinds, record_sql
from workbench.ingest.csv_sql import header_names
from workbench.ingest.fast_reader import SEGMENT
from workbench.ingest.report import JUMP, LoadedSource
from workbench.sqltext import file_literal, literal, parquet, target_literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    import duckdb

    from workbench.ingest.recognise import Recognised


def read(
    connection: duckdb.DuckDBPyConnection,
    known: Recognised,
    lines: Path,
    loaded: Mapping[int, LoadedSource],
    into: Path,
    *,
    before: int | None = None,
) -> list[SegmentFile]:
    """Parse the lines in a file of ``LineWriter`` that belong to the sources of ``loaded``, and account for them.

    Files are named after ``into``. ``before`` leaves out lines from that number on.
    """
    if known.format.header is None:
        return _read(connection, known, parquet(lines), loaded, into, before)
    # The names may change midway: the lines below each header are read with its names.
    header = literal(known.format.header)
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE headed AS SELECT *,
        last_value(CASE WHEN regexp_matches(text, {header}) THEN text END IGNORE NULLS)
            OVER (PARTITION BY source ORDER BY line) AS header FROM {parquet(lines)}""")
    pieces = []
    for number, (text,) in enumerate(connection.execute("SELECT DISTINCT header FROM headed ORDER BY ALL").fetchall()):
        names = known.header if text is None else header_names(known.format, text) or known.header
        which = "IS NULL" if text is None else f"= {literal(text)}"
        below = f"(SELECT * EXCLUDE (header) FROM headed WHERE header {which})"
        part = replace(known, header=names)
        pieces += _read(connection, part, below, loaded, into.with_name(f"{into.name}-{number}"), before)
    return pieces


def _read(
    connection: duckdb.DuckDBPyConnection,
    known: Recognised,
    lines: str,
    loaded: Mapping[int, LoadedSource],
    into: Path,
    before: int | None,
) -> list[SegmentFile]:
    sources = ", ".join(map(str, loaded))
    cut = f" AND line < {before}" if before is not None else ""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW given AS FROM {lines} WHERE source IN ({sources}){cut}")
    skip = f"({record_sql.skipped(known.format, known.header_text)})"
    # Where a record may span lines, a blank one may be part of it.
    spans = known.format.kind == "csv" or known.format.spans
    blank = "false" if spans else "blank"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW lines AS FROM given WHERE NOT ({skip} OR {blank})")
    parsing = parsing_of(connection, known, "lines")
    parsed = kinds.parsed(parsing, "lines")
    events, rejects = into.with_name(f"{into.name}-events.parquet"), into.with_name(f"{into.name}-rejects.parquet")
    pieces = [SegmentFile("events", events, copy(connection, parsing.events(parsed), events))]
    if known.format.records or _left(connection, events):
        pieces.append(SegmentFile("rejects", rejects, copy(connection, parsing.rejects(parsed), rejects)))
    else:
        copy(connection, _NO_REJECTS, rejects)
    _account(connection, loaded, parsing.columns, (events, rejects), f"{skip} OR blank", loose=spans)
    return [one for one in pieces if one.rows]


_NO_REJECTS = (
    "SELECT 0::INTEGER AS source, 0::BIGINT AS line, 0::INTEGER AS item, 0::INTEGER AS lines, '' AS reason, "
    "''::BLOB AS raw WHERE false"
)


def _left(connection: duckdb.DuckDBPyConnection, events: Path) -> bool:
    """Say whether any line did not become an event."""
    taken = f"SELECT sum(n) FROM (SELECT any_value(lines) AS n FROM {parquet(events)} GROUP BY source, line)"
    row = connection.execute(f"SELECT (SELECT count(*) FROM lines) > coalesce(({taken}), 0)").fetchone()
    return bool(row and row[0])


def parsing_of(connection: duckdb.DuckDBPyConnection, known: Recognised, lines: str) -> record_sql.Parsing:
    """Return how to read these lines, with the JSON members that occur in them."""
    present: frozenset[str] = frozenset()
    if known.format.kind == "json":
        rows = connection.execute(json_sql.members(known.format, lines)).fetchall()
        present = frozenset(row[0] for row in rows)
    return record_sql.Parsing(known.format, present, known.header, known.delimiter)


def last_start(connection: duckdb.DuckDBPyConnection, known: Recognised, lines: Path) -> int | None:
    """Return the line at which the last record of these lines begins, where a record may span lines; else None."""
    parsing = record_sql.Parsing(known.format, frozenset(), known.header, known.delimiter)
    starting = kinds.starting(parsing, f"(FROM {parquet(lines)})")
    if starting is None:
        return None
    row = connection.execute(f"SELECT max(line) FROM {starting} WHERE starts").fetchone()
    return int(row[0]) if row and row[0] is not None else None


def copy(connection: duckdb.DuckDBPyConnection, select: str, file: Path) -> int:
    """Write rows as a segment's file and return how many."""
    connection.execute(f"COPY ({select}) TO {target_literal(file)} ({SEGMENT})")
    row = connection.fetchone()
    return int(row[0]) if row else 0


def _account(
    connection: duckdb.DuckDBPyConnection,
    loaded: Mapping[int, LoadedSource],
    columns: Sequence[str],
    files: tuple[Path, Path],
    skip: str,
    *,
    loose: bool,
) -> None:
    """Add to each source what came of its lines; what is left over must be what may be skipped."""
    events, rejects = files
    span = "min(ts), max(ts)" if "ts" in columns else "NULL, NULL"
    counts_ = "".join(f", count({name})" for name in columns)
    event, reject = parquet(events), parquet(rejects)
    totals = _by_source(connection, f"SELECT source, count(*), {span}{counts_} FROM {event} GROUP BY source")
    lines = """SELECT source, sum(n) FROM (SELECT source, any_value(lines) AS n FROM {} GROUP BY source, line)
        GROUP BY source"""
    of_events = _by_source(connection, lines.format(event))
    alone = f"(FROM {reject} AS r WHERE NOT EXISTS (FROM {event} AS e WHERE e.source = r.source AND e.line = r.line))"
    of_rejects = _by_source(connection, lines.format(alone))
    counts = _by_source(connection, f"SELECT source, count(*), count(*) FILTER ({skip}) FROM given GROUP BY source")
    clocks = backward(connection, events) if "ts" in columns else {}
    keys: dict[int, list[str]] = {}
    for source, name in connection.execute(
        f"SELECT DISTINCT source, unnest(json_keys(extra)) AS k FROM {event} WHERE extra IS NOT NULL ORDER BY ALL"
    ).fetchall():
        keys.setdefault(source, []).append(name)
    for source, entry in loaded.items():
        total, first, last, *filled = totals.get(source, (0, None, None))
        event_lines = int(of_events.get(source, (0,))[0])
        reject_lines = int(of_rejects.get(source, (0,))[0])
        read_lines, may_skip = counts.get(source, (0, 0))
        left = read_lines - event_lines - reject_lines
        if left != may_skip and not (loose and 0 <= left <= may_skip):
            raise SourceError(
                f"{read_lines} lines gave {event_lines} event lines and {reject_lines} rejects; please report this"
            )
        if source in clocks:
            entry.backward.add(*clocks[source])
        entry.add(
            event_lines=event_lines,
            events=total,
            rejects=reject_lines,
            span=(first, last),
            columns=dict(zip(columns, filled, strict=False)),
            extra_keys=keys.get(source, [])[:2000],
        )


def backward(
    connection: duckdb.DuckDBPyConnection, events: Path, *, row_a_line: bool = False
) -> dict[int, tuple[int, timedelta | None, datetime | None, datetime | None]]:
    """Return for each source of a piece how often its times go back, how far at most, and the first and last of them.

    With ``row_a_line`` the piece has one source, and its rows are in the order of the lines.
    """
    place, over = (
        ("file_row_number", "()") if row_a_line else ("row(line, item)", "(PARTITION BY source ORDER BY line, item)")
    )
    rows = connection.execute(f"""SELECT source, count(*) FILTER (step > to_seconds({JUMP})),
            max(step) FILTER (step > to_seconds({JUMP})), arg_min(ts, place), arg_max(ts, place)
        FROM (SELECT source, ts, lag(ts) OVER {over} - ts AS step, {place} AS place
            FROM read_parquet({file_literal(events)}, file_row_number = true) WHERE ts IS NOT NULL)
        GROUP BY source""").fetchall()
    return {source: (times, most, first, last) for source, times, most, first, last in rows}


def _by_source(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[int, Sequence[Any]]:
    return {row[0]: row[1:] for row in connection.execute(sql).fetchall()}
