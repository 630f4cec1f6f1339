"""Matching two records of the same traffic, event by event: by a shared id, or by what both say within a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from workbench.case.filter import Filter
from workbench.errors import UsageError
from workbench.sqltext import literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

IDS = ("request_id", "trace_id")
#: What says that two events are one where no id does, where both sides usually fill it.
SAME = ("client_ip", "status", "bytes_out", "method", "account", "model")
#: What is compared between two events that are one.
_COMPARED = (
    "account", "client_ip", "status", "outcome", "method", "model", "input_tokens", "output_tokens", "bytes_out",
)  # fmt: skip
KEPT = tuple(dict.fromkeys((*IDS, *SAME, *_COMPARED)))
#: What else is read of an event.
PLACE = ("ts", "source", "line", "item", "entity", "format")
#: One of the two records: its sources (or the name of its format), and which of their events.
Side = tuple[frozenset[int | str], Filter]
#: When a request ended: by how long it took, or as a log without that says it (LiteLLM's spend log).
_ENDED = (
    "coalesce(ts + to_microseconds((duration_ms * 1000)::BIGINT), try_cast(extra ->> '$.endTime' AS TIMESTAMP), ts)"
)
#: Seconds within which the usual difference of the clocks is looked for.
_WIDEST = 300.0
#: Events of the first side that it is looked for with.
_SAMPLED = 1000
_ROUNDS = 8
#: A field says that two events are one where this share of both sides' events have it.
USUALLY = 0.9


def side_condition(side: frozenset[int | str]) -> str:
    """Return the condition that an event is of these sources or of this format."""
    column = "format" if any(isinstance(one, str) for one in side) else "source"
    listed = (literal(one) if isinstance(one, str) else str(one) for one in sorted(side, key=str))
    return f"{column} IN ({', '.join(listed)})"


@contextlib.contextmanager
def matcher(case: Case, cursor: duckdb.DuckDBPyConnection | None) -> Iterator[Matcher]:
    """Give a matcher whose temporary tables are dropped afterwards."""
    matching = Matcher(case, cursor or case.cursor())
    try:
        yield matching
    finally:
        matching.drop()


class Matcher:
    """The temporary tables: wb_first and wb_second (events), wb_pair (their numbers, and what differs)."""

    def __init__(self, case: Case, cursor: duckdb.DuckDBPyConnection) -> None:
        self._case, self._cursor = case, cursor
        self._keys: list[str] = []
        self._moments: tuple[str, ...] = ("ts", "ts")

    def _run(self, sql: str, values: dict[str, object] | None = None) -> list[tuple[Any, ...]]:
        return self._case.query(sql, values or (), cursor=self._cursor).rows

    def _one(self, sql: str) -> tuple[Any, ...]:
        return self._run(sql)[0]

    def drop(self) -> None:
        """Let go of the temporary tables."""
        import duckdb

        with contextlib.suppress(duckdb.Error):
            for name in ("wb_first", "wb_second", "wb_pair"):
                self._cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def read(self, table: str, side: frozenset[int | str], chosen: Filter) -> None:
        """Keep of one side what matching needs."""
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT row_number() OVER (ORDER BY ts, source, line, item) AS n, "
            f"ts, {_ENDED} AS ended, entity, {', '.join(KEPT)} "
            "FROM event "
            f"WHERE {side_condition(side)} AND ts IS NOT NULL AND ({chosen.sql})",
            chosen.values,
        )

    def common(self) -> tuple[Any, Any]:
        """Return the first and the last moment that both sides cover."""
        spans = [self._one(f"SELECT min(ts), max(ts), count(*) FROM {table}") for table in ("wb_first", "wb_second")]
        if not all(span[2] for span in spans):
            raise UsageError("one of the two has no events with times (or none that fit its filter)")
        return max(span[0] for span in spans), min(span[1] for span in spans)

    def leave_out(self, low: Any, high: Any) -> tuple[int, int]:
        """Drop what is in no pair and not within a time; returns how many that were on each side."""
        left = []
        for side in ("first", "second"):
            sql = f"ts NOT BETWEEN $low AND $high AND n NOT IN (SELECT {side}_n FROM wb_pair)"
            edges = {"low": low, "high": high}
            left.append(int(self._run(f"SELECT count(*) FROM wb_{side} WHERE {sql}", edges)[0][0]))
            self._run(f"DELETE FROM wb_{side} WHERE {sql}", edges)
        return left[0], left[1]

    def _filled(self, column: str, share: float = 0.0) -> bool:
        """Say whether both sides fill a column, in more than a share of their events."""
        sides = [self._one(f"SELECT count({column}), count(*) FROM wb_{side}") for side in ("first", "second")]
        return all(filled > share * events for filled, events in sides)

    def match(self, tolerance: float) -> tuple[str, float]:
        """Fill wb_pair; returns by what, and how much later the second side's times usually are."""
        for column in IDS:
            ids = f"SELECT {column} FROM {{}} WHERE {column} IS NOT NULL"
            common = f"SELECT count(*) FROM ({ids.format('wb_first')} INTERSECT {ids.format('wb_second')})"
            if self._filled(column) and self._one(common)[0]:
                return column, self._by_id(column)
        self._keys = [name for name in SAME if self._filled(name, USUALLY)]
        if not self._keys:
            raise UsageError(f"the two have nothing in common to match by ({', '.join((*IDS, *SAME))})")
        offset = self._usual_offset()
        self._nearest(offset, tolerance, rounds=_ROUNDS)
        return ", ".join(["time", *self._keys]), round(offset, 3)

    def _usual_offset(self) -> float:
        """Choose of begin and end of requests on each side what lies most often the same time apart; returns how far.

        The peak of the cross-correlation of both sides' times, among events with the same values.
        """
        ends = [["ts", "ended"] if self._one(f"SELECT bool_or(ended > ts) FROM wb_{side}")[0] else ["ts"]
                for side in ("first", "second")]  # fmt: skip
        offsets = []
        for moments in product(*ends):
            apart = f"(epoch_us(s.{moments[1]}) - epoch_us(f.{moments[0]})) / 1e6"
            pairs = (
                f"SELECT {apart} AS apart FROM (SELECT *, {self._key()} AS k FROM wb_first "
                f"WHERE n % greatest(1, (SELECT count(*) FROM wb_first) // {_SAMPLED}) = 0) AS f "
                f"JOIN (SELECT *, {self._key()} AS k FROM wb_second) AS s USING (k) WHERE abs({apart}) <= {_WIDEST}"
            )
            peak = self._run(
                f"SELECT count(*) AS n, round(apart) AS bin FROM ({pairs}) GROUP BY bin ORDER BY n DESC, abs(bin)"
            )
            if peak:
                near = f"SELECT median(apart) FROM ({pairs}) WHERE abs(apart - ({float(peak[0][1])!r})) <= 1.5"
                offsets.append((int(peak[0][0]), moments, float(self._one(near)[0])))
        if not offsets:
            return 0.0
        _, self._moments, offset = max(offsets, key=lambda one: one[0])
        return offset

    def _key(self) -> str:
        """What has to be equal, as one value."""
        return "concat_ws(chr(31), " + ", ".join(f"coalesce({one}::VARCHAR, chr(30))" for one in self._keys) + ")"

    def _by_id(self, column: str) -> float:
        """Pair equal ids; where one occurs several times on a side, in the order of time."""
        nth = f"row_number() OVER (PARTITION BY {column} ORDER BY n) AS nth"
        self._run(
            f"CREATE OR REPLACE TEMP TABLE wb_pair AS SELECT f.n AS first_n, s.n AS second_n, "
            f"(epoch_us(s.ts) - epoch_us(f.ts)) / 1e6 AS apart "
            f"FROM (SELECT *, {nth} FROM wb_first WHERE {column} IS NOT NULL) AS f "
            f"JOIN (SELECT *, {nth} FROM wb_second WHERE {column} IS NOT NULL) AS s USING ({column}, nth)"
        )
        return round(float(self._one("SELECT coalesce(median(apart), 0) FROM wb_pair")[0]), 3)

    def _nearest(self, offset: float, within: float, *, rounds: int) -> None:
        """Pair what is each other's nearest in time among those with the same values, until nothing more pairs."""
        self._run("CREATE OR REPLACE TEMP TABLE wb_pair (first_n BIGINT, second_n BIGINT, apart DOUBLE)")
        key = self._key()
        mine, theirs = self._moments
        sides = {
            "f": f"SELECT n, {mine} AS ts, {key} AS k FROM wb_first WHERE n NOT IN (SELECT first_n FROM wb_pair)",
            "s": f"SELECT n, {theirs} - to_microseconds({int(offset * 1e6)}) AS ts, {key} AS k "
            "FROM wb_second WHERE n NOT IN (SELECT second_n FROM wb_pair)",
        }

        def nearest(side: str, other: str) -> str:
            both = " UNION ALL ".join(
                f"SELECT m.n, t.n AS other, abs(epoch_us(t.ts) - epoch_us(m.ts)) / 1e6 AS apart "
                f"FROM {side} AS m ASOF JOIN {other} AS t ON m.k = t.k AND m.ts {sign} t.ts"
                for sign in (">=", "<=")
            )
            return f"SELECT n, arg_min(other, (apart, other)) AS other, min(apart) AS apart FROM ({both}) GROUP BY n"

        for _ in range(rounds):
            before = self._one("SELECT count(*) FROM wb_pair")[0]
            self._run(
                f"INSERT INTO wb_pair WITH f AS MATERIALIZED ({sides['f']}), s AS MATERIALIZED ({sides['s']}), "
                f"fs AS ({nearest('f', 's')}), sf AS ({nearest('s', 'f')}) "
                f"SELECT fs.n, fs.other, (epoch_us(b.{theirs}) - epoch_us(a.{mine})) / 1e6 FROM fs "
                "JOIN sf ON sf.n = fs.other AND sf.other = fs.n "
                "JOIN wb_first AS a ON a.n = fs.n JOIN wb_second AS b ON b.n = fs.other WHERE fs.apart <= $within",
                {"within": within},
            )
            if self._one("SELECT count(*) FROM wb_pair")[0] == before:
                break

    def compare(self, tolerance: float) -> tuple[tuple[str, int], ...]:
        """Note what differs in each pair; returns how often each field does."""
        tests = {name: f"f.{name} <> s.{name}" for name in _COMPARED if name not in self._keys and self._filled(name)}
        if not self._keys:
            usual = self._one("SELECT coalesce(median(apart), 0) FROM wb_pair")[0]
            tests["time"] = f"abs(apart - ({float(usual)!r})) > {float(tolerance)!r}"
        listed = ", ".join(f"CASE WHEN {test} THEN {literal(name)} END" for name, test in tests.items()) or "NULL"
        self._run(
            f"CREATE OR REPLACE TEMP TABLE wb_pair AS SELECT p.*, "
            f"list_filter([{listed}]::VARCHAR[], lambda x: x IS NOT NULL) AS differs "
            "FROM wb_pair AS p JOIN wb_first AS f ON f.n = first_n JOIN wb_second AS s ON s.n = second_n"
        )
        found = self._run(
            "SELECT name, count(*) FROM (SELECT unnest(differs) AS name FROM wb_pair) GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        return tuple((str(name), int(number)) for name, number in found)

    def counts(self, group: str, order: str) -> list[tuple[Any, ...]]:
        """Count by a group: confirmed, contradicted, only on the first side, only on the second."""
        return self._run(
            f"SELECT {group}, count(*) FILTER (f.n IS NOT NULL AND s.n IS NOT NULL AND len(differs) = 0), "
            "count(*) FILTER (f.n IS NOT NULL AND s.n IS NOT NULL AND len(differs) > 0), "
            "count(*) FILTER (s.n IS NULL), count(*) FILTER (f.n IS NULL), count(*) AS all_events "
            "FROM wb_first AS f LEFT JOIN wb_pair AS p ON p.first_n = f.n "
            f"FULL JOIN wb_second AS s ON s.n = p.second_n GROUP BY 1 ORDER BY {order}"
        )
