"""Looking through events and other lists page by page, instantly at any depth.

Events are in the order of their times. A histogram of fine buckets over time, counted once a filter, is also the index:
the bucket of a row number is found by bisection, and only that bucket's rows are read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from workbench.case.filter import EVERYTHING, Filter

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

BUCKETS = 16_384
_EPOCH = datetime(1970, 1, 1)
_ORDER = "ts, source, line, item"


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

    def histogram(self, bins: int) -> tuple[list[int], datetime, timedelta]:
        """Return counts in so many equal bins over the span, the first bin's start, and a bin's width."""
        if not self.starts or bins < 1:
            return [], _EPOCH, timedelta(0)
        first, last = self.starts[0], self.starts[-1] + self.width
        step = max(self.width, -(-(last - first) // bins))
        counts = [0] * min(bins, -(-(last - first) // step))
        for start, count in zip(self.starts, self.counts, strict=True):
            counts[(start - first) // step] += count
        return counts, _time(first), timedelta(microseconds=step)


def build_index(case: Case, chosen: Filter = EVERYTHING, cursor: duckdb.DuckDBPyConnection | None = None) -> EventIndex:
    """Count the events of a filter over time. Raises QueryError where a condition does not hold water."""
    bounds = case.ledger.rows("SELECT min(first) AS first, max(last) AS last FROM source")[0]
    width = 1_000_000
    if bounds["first"]:
        first, last = (datetime.fromisoformat(bounds[name]) for name in ("first", "last"))
        width = max(1, int((last - first) / timedelta(microseconds=1)) // BUCKETS + 1)
    table = case.ask(
        f"SELECT epoch_us(ts) // {width} AS bucket, count(*) FROM event WHERE {chosen.sql} "
        "GROUP BY bucket ORDER BY bucket",
        chosen.values,
        cursor=cursor,
    )
    timed = [(int(bucket) * width, int(count)) for bucket, count in table.rows if bucket is not None]
    timeless = sum(int(count) for bucket, count in table.rows if bucket is None)
    return EventIndex(chosen, width, [start for start, _ in timed], [count for _, count in timed], timeless)


def read_events(
    case: Case,
    index: EventIndex,
    columns: Sequence[str],
    offset: int,
    limit: int,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows ``offset`` to ``offset + limit`` of an index, in the order of time, the timeless last."""
    chosen = ", ".join(columns)
    rows: list[tuple[Any, ...]] = []
    timed = index.before[-1]
    if offset < timed:
        at = bisect_right(index.before, offset) - 1
        to = bisect_left(index.before, min(offset + limit, timed))
        low, high = index.starts[at], index.starts[to - 1] + index.width
        values = {**index.filter.values, "wb_low": _time(low), "wb_high": _time(high)}
        rows = case.query(
            f"SELECT {chosen} FROM event WHERE {index.filter.sql} AND ts >= $wb_low AND ts < $wb_high "
            f"ORDER BY {_ORDER} LIMIT {limit} OFFSET {offset - index.before[at]}",
            values,
            cursor=cursor,
        ).rows
    left = limit - len(rows)
    if left > 0 and index.timeless and offset + len(rows) >= timed:
        rows += case.query(
            f"SELECT {chosen} FROM event WHERE {index.filter.sql} AND ts IS NULL "
            f"ORDER BY {_ORDER} LIMIT {left} OFFSET {offset + len(rows) - timed}",
            index.filter.values,
            cursor=cursor,
        ).rows
    return rows


def read_event(case: Case, event_id: str) -> dict[str, Any]:
    """Return all columns of one event that have a value, with its source's path and hash. Empty if there is none."""
    source = event_id.partition(":")[0]
    if not source.isdigit():
        return {}
    table = case.query(
        "SELECT event.*, source.path AS source_path, source.sha256 AS source_sha256 "
        f"FROM event JOIN source USING (source) WHERE source = {int(source)} AND event_id = $id",
        {"id": event_id},
        limit=1,
    )
    if not table.rows:
        return {}
    return {name: value for name, value in zip(table.columns, table.rows[0], strict=True) if value is not None}


def top_values(
    case: Case,
    column: str,
    chosen: Filter = EVERYTHING,
    limit: int = 50,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> list[tuple[Any, int]]:
    """Return the most frequent values of a column among the events of a filter, with their counts."""
    table = case.query(
        f"SELECT {column}, count(*) AS n FROM event WHERE {chosen.sql} GROUP BY 1 ORDER BY n DESC, 1 LIMIT {limit}",
        chosen.values,
        cursor=cursor,
    )
    return [(value, count) for value, count in table.rows]


def _micros(moment: datetime) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return int((moment - _EPOCH) / timedelta(microseconds=1))


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
