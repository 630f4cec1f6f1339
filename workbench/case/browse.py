"""Looking through events and other lists page by page, instantly at any depth.

Events are in the order of their times. A histogram of fine buckets over time, counted once a filter, is also the index:
the bucket of a row number is found by bisection, and only that bucket's rows are read.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from workbench.case.filter import EVERYTHING, Filter, contains, like, quoted
from workbench.case.profile import template_of
from workbench.case.tags import KINDS
from workbench.case.views import WHAT
from workbench.errors import QueryError

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import Table

BUCKETS = 16_384
_EPOCH = datetime(1970, 1, 1)
_ORDER = "ts, source, line, item"

_SECOND, _MINUTE, _HOUR, _DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
#: Widths of a histogram's bins, in microseconds, that people can think in.
_STEPS = (
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * _MINUTE for n in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(n * _HOUR for n in (1, 2, 3, 4, 6, 8, 12, 16)),
    *(n * _DAY for n in (1, 2, 3, 4, 7, 14, 28)),
)


@dataclass(slots=True)
class EventIndex:
    """Where a filter's rows lie in time: bucket ``starts[i]`` (µs since 1970) holds ``counts[i]``."""

    filter: Filter
    width: int
    starts: list[int]
    counts: list[int]
    timeless: int
    before: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.before = list(accumulate(self.counts, initial=0))

    @property
    def total(self) -> int:
        """How many events the filter lets through."""
        return self.before[-1] + self.timeless

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """First and last bucket's bounds, or None where no event has a time."""
        if not self.starts:
            return None
        return _time(self.starts[0]), _time(self.starts[-1] + self.width)

    def row_at(self, moment: datetime) -> int:
        """Return the number of the first row in or after the bucket of a time."""
        return self.before[bisect_left(self.starts, _micros(moment) - self.width + 1)]

    def histogram(self, bins: int, span: tuple[datetime, datetime] | None = None) -> Histogram:
        """Return counts in at most so many equal bins over the events' span, or over a wider one."""
        if not self.starts or bins < 1:
            return Histogram([], _EPOCH, timedelta(0))
        first, last = self.starts[0], self.starts[-1] + self.width
        if span is not None:
            first, last = min(first, _micros(span[0])), max(last, _micros(span[1]))
        step = _round_step(max(self.width, -(-(last - first) // bins)))
        if step <= _DAY:
            first -= first % step
        counts = [0] * -(-(last - first) // step)
        for start, count in zip(self.starts, self.counts, strict=True):
            counts[(start - first) // step] += count
        return Histogram(counts, _time(first), timedelta(microseconds=step))


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in equal bins of time: bin ``i`` begins at ``start + i * step``."""

    counts: list[int]
    start: datetime
    step: timedelta

    def place(self, moment: datetime) -> int:
        """Return the bin of a time, the first or last for a time outside."""
        return max(0, min(int((moment - self.start) / self.step), len(self.counts) - 1)) if self.step else 0

    def spikes(self) -> list[tuple[int, int]]:
        """Return runs of bins, first and last, that stand out from the usual count.

        A bin stands out above the usual count (the median, or the mean where most bins are nearly empty) by five times
        the median absolute deviation (as a standard deviation), and by what chance alone does to so many events.
        """
        if len(self.counts) < 5:
            return []
        middle = median(self.counts)
        spread = 1.4826 * median(abs(count - middle) for count in self.counts)
        usual = max(middle, mean(self.counts))
        limit = usual + max(5 * spread, 5 * math.sqrt(usual), 3)
        runs: list[tuple[int, int]] = []
        for place, count in enumerate(self.counts):
            if count > limit:
                joined = bool(runs) and runs[-1][1] == place - 1
                runs[-1:] = [(runs[-1][0], place)] if joined else [*runs[-1:], (place, place)]
        return runs


def build_index(
    case: Case,
    chosen: Filter = EVERYTHING,
    window: tuple[datetime, datetime] | None = None,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> EventIndex:
    """Count the events of a filter over time, within a window of time (from, to before) if one is given.

    Raises QueryError where a condition does not hold water.
    """
    width = 1_000_000
    if window is not None:
        between = "ts >= $wb_from AND ts < $wb_to"
        values = {**chosen.values, "wb_from": window[0], "wb_to": window[1]}
        chosen = Filter(f"({chosen.sql}) AND {between}" if chosen.sql != "true" else between, values, chosen.text)
    if span := window or case.store.span():
        width = max(1, int((span[1] - span[0]) / timedelta(microseconds=1)) // BUCKETS + 1)
    sql = (
        f"SELECT epoch_us(ts) // {width} AS bucket, count(*) FROM event WHERE ({chosen.sql}) "
        "GROUP BY bucket ORDER BY bucket"
    )
    rows: list[list[Any]] | list[tuple[Any, ...]]
    if chosen is EVERYTHING:
        rows = json.loads(
            case.store.derived.keep("timeline", sql, lambda: json.dumps(case.query(sql, cursor=cursor).rows))
        )
    else:
        rows = _counted(case, sql, chosen, cursor)
    timed = [(int(bucket) * width, int(count)) for bucket, count in rows if bucket is not None]
    timeless = sum(int(count) for bucket, count in rows if bucket is None)
    return EventIndex(chosen, width, [start for start, _ in timed], [count for _, count in timed], timeless)


def grown_index(
    case: Case, index: EventIndex, since: int, cursor: duckdb.DuckDBPyConnection | None = None
) -> EventIndex:
    """Return an index with the events of the sources after ``since`` added: what was counted is not counted again."""
    chosen = index.filter
    sql = (
        f"SELECT epoch_us(ts) // {index.width} AS bucket, count(*) FROM event "
        f"WHERE source > {int(since)} AND ({chosen.sql}) GROUP BY bucket"
    )
    counts = dict(zip(index.starts, index.counts, strict=True))
    timeless = index.timeless
    for bucket, count in _counted(case, sql, chosen, cursor):
        if bucket is None:
            timeless += int(count)
        else:
            start = int(bucket) * index.width
            counts[start] = counts.get(start, 0) + int(count)
    starts = sorted(counts)
    return EventIndex(chosen, index.width, starts, [counts[start] for start in starts], timeless)


def _counted(case: Case, sql: str, chosen: Filter, cursor: duckdb.DuckDBPyConnection | None) -> list[tuple[Any, ...]]:
    try:
        return case.ask(sql, chosen.values, cursor=cursor).rows
    except QueryError as error:
        # The place in our query would say nothing to somebody who typed a condition.
        raise QueryError(re.sub(r" \(line \d+, column \d+\)", "", str(error))) from error


def read_events(
    case: Case,
    index: EventIndex,
    columns: Sequence[str],
    offset: int,
    limit: int,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows ``offset`` to ``offset + limit`` of an index, in the order of time, the timeless last."""
    chosen = ", ".join(_expression(name) for name in columns)
    rows: list[tuple[Any, ...]] = []
    timed = index.before[-1]
    if offset < timed:
        at = bisect_right(index.before, offset) - 1
        to = bisect_left(index.before, min(offset + limit, timed))
        low, high = index.starts[at], index.starts[to - 1] + index.width
        values = {**index.filter.values, "wb_low": _time(low), "wb_high": _time(high)}
        rows = case.query(
            f"SELECT {chosen} FROM event WHERE ({index.filter.sql}) AND ts >= $wb_low AND ts < $wb_high "
            f"ORDER BY {_ORDER} LIMIT {limit} OFFSET {offset - index.before[at]}",
            values,
            cursor=cursor,
        ).rows
    left = limit - len(rows)
    if left > 0 and index.timeless and offset + len(rows) >= timed:
        rows += case.query(
            f"SELECT {chosen} FROM event WHERE ({index.filter.sql}) AND ts IS NULL "
            f"ORDER BY {_ORDER} LIMIT {left} OFFSET {offset + len(rows) - timed}",
            index.filter.values,
            cursor=cursor,
        ).rows
    return rows


def sorted_events(
    case: Case,
    chosen: Filter,
    columns: Sequence[str],
    by: str,
    descending: bool,
    limit: int,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Table:
    """Return the events of a filter with the largest (or smallest) values of a column; events without one are last.

    Only so many are kept at a time, so that this is one scan at any size of the case.
    """
    order = f"{_expression(by)} {'DESC' if descending else 'ASC'} NULLS LAST, {_ORDER}"
    listed = ", ".join(f"{_expression(name)} AS {name}" for name in columns)
    sql = f"SELECT {listed} FROM event WHERE ({chosen.sql}) ORDER BY {order} LIMIT {limit}"
    return case.query(sql, chosen.values, cursor=cursor)


def find_event(
    case: Case, index: EventIndex, text: str, start: int, step: int, cursor: duckdb.DuckDBPyConnection | None = None
) -> int | None:
    """Return the number of the nearest event after row ``start`` (before it, for step -1) in which a text stands.

    Events without a time are not looked through.
    """
    timed = index.before[-1]
    at = min(start, timed - 1)
    values: dict[str, object] = {**index.filter.values, "wb_text": f"%{like(text)}%"}
    place = "ts IS NOT NULL"
    if at >= 0:
        here = read_events(case, index, ["ts", "source", "line", "item"], at, 1, cursor)[0]
        values |= dict(zip(("wb_ts", "wb_source", "wb_line", "wb_item"), here, strict=True))
        sign = ">" if step > 0 else "<"
        place = f"ts {sign}= $wb_ts AND (ts, source, line, item) {sign} ($wb_ts, $wb_source, $wb_line, $wb_item)"
    elif step < 0:
        return None
    order = _ORDER if step > 0 else ", ".join(f"{name} DESC" for name in _ORDER.split(", "))
    matches = case.query(
        f"SELECT {_ORDER} FROM event WHERE ({index.filter.sql}) AND {place} AND ({contains('$wb_text')}) "
        f"ORDER BY {order} LIMIT 1",
        values,
        cursor=cursor,
    ).rows
    return row_number(case, index, matches[0], cursor) if matches else None


def row_number(
    case: Case, index: EventIndex, key: tuple[Any, ...], cursor: duckdb.DuckDBPyConnection | None = None
) -> int:
    """Return the number of the row with this time, source, line and item; where there is none, of the next one.

    It is its bucket's first, and its place in the bucket.
    """
    bucket = bisect_right(index.starts, _micros(key[0])) - 1
    if bucket < 0:
        return 0
    values = dict(zip(("wb_ts", "wb_source", "wb_line", "wb_item"), key, strict=True))
    values |= {**index.filter.values, "wb_low": _time(index.starts[bucket])}
    before = case.query(
        f"SELECT count(*) FROM event WHERE ({index.filter.sql}) AND ts >= $wb_low AND ts <= $wb_ts "
        "AND (ts, source, line, item) < ($wb_ts, $wb_source, $wb_line, $wb_item)",
        values,
        cursor=cursor,
    ).rows[0][0]
    return index.before[bucket] + int(before)


def read_event(case: Case, event_id: str) -> dict[str, Any]:
    """Return all columns of one event that have a value, with its source's path and hash. Empty if there is none.

    Where the events are in another engine, its table's where the log is not known.
    """
    source = event_id.partition(":")[0]
    where = "event_id = $id"
    if case.store.has_lines:
        if not source.isdecimal():
            return {}
        where += f" AND source = {int(source)}"
    table = case.query(f"SELECT * FROM event WHERE {where}", {"id": event_id}, limit=1)
    if not table.rows:
        return {}
    event = {name: value for name, value in zip(table.columns, table.rows[0], strict=True) if value is not None}
    if origin := case.store.origin(event.get("source")):
        event |= {"source_path": origin.path, "source_sha256": origin.sha256}
    return event


def things_of_event(case: Case, event_id: str, cursor: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Return what an event names, by kind: its session, account, key, address, organisation, source, and itself."""
    event = read_event(case, event_id)
    named = {kind: event.get(column) for kind, column in KINDS.items() if kind != "client"} | {"event": event_id}
    named["source"] = str(event["source"]) if event else None
    if event.get("account") is not None and event.get("prompt") is not None:
        named["template"] = template_of(case, event["prompt"], cursor)
    if event.get("entity") is not None and event.get("ts") is not None:
        sessions = case.query(
            "SELECT session FROM session WHERE entity_kind = $kind AND entity = $entity AND $ts BETWEEN first AND last",
            {"kind": event["entity_kind"], "entity": event["entity"], "ts": event["ts"]},
            cursor=cursor,
        ).rows
        named["session"] = sessions[0][0] if sessions else None
    return named


def filter_of_session(case: Case, session: str, cursor: duckdb.DuckDBPyConnection) -> str:
    """Return the filter line that shows a session's events."""
    sql = "SELECT entity, first, last FROM session WHERE session = $session"
    entity, first, last = case.query(sql, {"session": session}, cursor=cursor).rows[0]
    return session_filter(entity, first, last)


def session_filter(entity: str, first: datetime, last: datetime) -> str:
    """Return the filter line of an entity's events between a session's first and last."""
    return f"entity:{quoted(entity)} ts>={first.isoformat()} ts<={last.isoformat()}"


def top_values(
    case: Case,
    column: str,
    chosen: Filter = EVERYTHING,
    limit: int = 50,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> list[tuple[Any, int]]:
    """Return the most frequent values of a column among the events of a filter, with their counts."""
    table = case.query(
        f"SELECT {_expression(column)}, count(*) AS n FROM event WHERE ({chosen.sql}) "
        f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {limit}",
        chosen.values,
        cursor=cursor,
    )
    return [(value, count) for value, count in table.rows]


def _round_step(step: int) -> int:
    """Return the next width that people can think in, where there is one."""
    return next((one for one in _STEPS if one >= step), step) if step >= _SECOND else step


def _expression(column: str) -> str:
    return WHAT if column == "what" else column


def _micros(moment: datetime) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return int((moment - _EPOCH) / timedelta(microseconds=1))


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
