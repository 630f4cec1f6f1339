"""Corroboration: two independent records of the same traffic, event against event.

Where both name requests by the same id, that decides. Else an event is matched with the nearest one in time that has
the same address, status, size and so on, each the other's nearest (mutual nearest neighbours, repeated until none is
left), after the usual difference between the two has been taken off (one may log when a request began, the other when
it ended). What is confirmed, what only one side has and what contradicts is counted within the time that both cover, by
entity and over time. Two records that agree may still have one author: docs/evidence.md says what this does not prove.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from workbench.case.filter import EVERYTHING, Filter, parse_filter
from workbench.case.profile import condition
from workbench.case.views import literal
from workbench.errors import UsageError
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

_IDS = ("request_id", "trace_id")
#: What says that two events are one where no id does, where both sides usually fill it.
_SAME = ("client_ip", "status", "bytes_out", "method", "account", "model")
#: What is compared between two events that are one.
_COMPARED = (
    "account", "client_ip", "status", "outcome", "method", "model", "input_tokens", "output_tokens", "bytes_out",
)  # fmt: skip
_KEPT = tuple(dict.fromkeys((*_IDS, *_SAME, *_COMPARED)))
#: What else is read of an event.
_PLACE = ("ts", "source", "line", "item", "entity", "format")
#: One of the two records: its sources (or the name of its format), and which of their events.
_Side = tuple[frozenset[int | str], Filter]
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
_USUALLY = 0.9
ENTITY_COLUMNS = ("entity", "confirmed", "contradicted", "only_first", "only_second", "confirmed_share")
TIME_COLUMNS = ("hour", "confirmed", "contradicted", "only_first", "only_second")


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What two records say of each other; counts are of events within the time that both cover.

    ``offset`` is how much later the second one's times usually are, seconds; ``differs`` counts contradictions by
    field; ``entities`` and ``hours`` hold rows of :data:`ENTITY_COLUMNS` and :data:`TIME_COLUMNS`.
    """

    first: str
    second: str
    matched_by: str
    offset: float
    tolerance: float
    outside: tuple[int, int]
    confirmed: int
    contradicted: int
    only_first: int
    only_second: int
    differs: tuple[tuple[str, int], ...]
    entities: tuple[tuple[Any, ...], ...]
    hours: tuple[tuple[Any, ...], ...]

    def said_of(self, entity: str) -> str | None:
        """Say how much of an entity's traffic in the first record the second confirms; None where it has none."""
        for name, confirmed, contradicted, only_first, only_second, _ in self.entities:
            own = confirmed + contradicted + only_first
            if name == entity and own:
                return (
                    f"{confirmed:,} of {counted(own, 'request')} of {self.first} ({100 * confirmed / own:.0f} %) are "
                    f"confirmed by {self.second}, matched by {self.matched_by}; {contradicted:,} contradicted, "
                    f"{only_first:,} not there, {only_second:,} only there"
                )
        return None


def confirmed(found: Sequence[Corroboration], entity: str) -> tuple[str, ...]:
    """Say what each comparison confirms of an entity, or that none was made."""
    if not found:
        return ("no second record of the same traffic was compared (workbench corroborate)",)
    said = tuple(text for one in found if (text := one.said_of(entity)))
    return said or ("no comparison with a second record covers it",)


def sources_named(case: Case, text: str) -> list[int]:
    """Return the numbers of the sources that ``3``, ``3,4`` or a format's name means. Raises UsageError."""
    known = {one["source"]: one["format"] for one in case.logs()}
    parts = text.split(",")
    if all(part.strip().isdigit() for part in parts):
        found = [int(part) for part in parts]
        if lacking := [one for one in found if one not in known]:
            raise UsageError(f"there is no source {lacking[0]}; workbench sources lists them")
        return found
    found = [source for source, name in known.items() if name == text]
    if not found:
        formats = ", ".join(sorted({name for name in known.values() if name}))
        raise UsageError(f"{text!r} is no source's number and no format of this case (it has: {formats})")
    return found


def corroborate(
    case: Case,
    first: str,
    second: str,
    *,
    tolerance: float = 2.0,
    where_first: Filter = EVERYTHING,
    where_second: Filter = EVERYTHING,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Corroboration:
    """Match the events of two sources (or of all of two formats). Raises UsageError, QueryError, QueryCancelled."""
    sides = [(_records_named(case, first), where_first), (_records_named(case, second), where_second)]
    if not sides[0][0].isdisjoint(sides[1][0]):
        raise UsageError("a record cannot corroborate itself; name two different sources")
    with _near(case, sides, cursor) as (at, (one, other)), _matcher(at, cursor) as matcher:
        matcher.read("wb_first", *one)
        matcher.read("wb_second", *other)
        low, high = matcher.common()
        by, offset = matcher.match(tolerance)
        outside = matcher.leave_out(low, high)
        differs = matcher.compare(tolerance)
        entities = matcher.counts("coalesce(f.entity, s.entity)", "all_events DESC, 1")
        hours = matcher.counts("date_trunc('hour', coalesce(f.ts, s.ts))", "1")
        total = [sum(row[place] for row in hours) for place in range(1, 5)]
    shared = [(*row[:5], round(row[1] / own, 4) if (own := row[1] + row[2] + row[3]) else None) for row in entities]
    by_hour = tuple(row[:5] for row in hours)
    counts = (total[0], total[1], total[2], total[3])
    return Corroboration(first, second, by, offset, tolerance, outside, *counts, differs, tuple(shared), by_hour)


def _records_named(case: Case, text: str) -> frozenset[int | str]:
    """Return the sources that a text names; the format's name itself where nothing is known of sources."""
    if case.remote and not case.logs():
        from workbench.engines.attached import attached

        formats = {name: counts for name, counts in attached(case).formats.items() if name}
        if text in formats:
            return frozenset([text])
        if len(formats) < 2:
            raise UsageError(f"{case.name} is over a table of one record, and a second one has to confirm it")
        raise UsageError(f"{text!r} is no format of this case (it has: {', '.join(sorted(formats))})")
    return frozenset(sources_named(case, text))


def _condition(side: frozenset[int | str]) -> str:
    """Return the condition that an event is of these sources or of this format."""
    column = "format" if any(isinstance(one, str) for one in side) else "source"
    listed = (literal(one) if isinstance(one, str) else str(one) for one in sorted(side, key=str))
    return f"{column} IN ({', '.join(listed)})"


@contextlib.contextmanager
def _near(
    case: Case, sides: Sequence[_Side], cursor: duckdb.DuckDBPyConnection | None
) -> Iterator[tuple[Case, Sequence[_Side]]]:
    """Give the case in which both sides are read, and the sides as they are read there.

    From another engine only what matching needs is brought here, of the events that each side's filter lets through.
    Raises EngineError where those are too many.
    """
    if not case.remote:
        yield case, sides
        return
    from workbench.engines.part import Asked, part

    conditions: list[str] = []
    values: dict[str, object] = {}
    for number, (side, chosen) in enumerate(sides):
        sql = re.sub(r"\$(wb_f\d+)", rf"$s{number}_\1", chosen.sql)
        conditions.append(f"({_condition(side)} AND ({sql}))")
        values |= {f"s{number}_{name}": value for name, value in chosen.values.items()}
    columns = {name: name for name in (*_PLACE, "duration_ms", *_KEPT)}
    columns["extra"] = "CASE WHEN duration_ms IS NULL THEN extra END"  # it is read for a request's end
    asked = Asked(f"ts IS NOT NULL AND ({' OR '.join(conditions)})", values, columns, "compared")
    with part(case, asked, cursor) as at:
        yield at, [(side, EVERYTHING) for side, _ in sides]


@contextlib.contextmanager
def _matcher(case: Case, cursor: duckdb.DuckDBPyConnection | None) -> Iterator[_Matcher]:
    made = _Matcher(case, cursor or case.cursor())
    try:
        yield made
    finally:
        made.drop()


class _Matcher:
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
            f"ts, {_ENDED} AS ended, entity, {', '.join(_KEPT)} "
            "FROM event "
            f"WHERE {_condition(side)} AND ts IS NOT NULL AND ({chosen.sql})",
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
        for column in _IDS:
            ids = f"SELECT {column} FROM {{}} WHERE {column} IS NOT NULL"
            common = f"SELECT count(*) FROM ({ids.format('wb_first')} INTERSECT {ids.format('wb_second')})"
            if self._filled(column) and self._one(common)[0]:
                return column, self._by_id(column)
        self._keys = [name for name in _SAME if self._filled(name, _USUALLY)]
        if not self._keys:
            raise UsageError(f"the two have nothing in common to match by ({', '.join((*_IDS, *_SAME))})")
        offset = self._usual_offset()
        self._nearest(offset, tolerance, rounds=_ROUNDS)
        return ", ".join(["time", *self._keys]), round(offset, 3)

    def _usual_offset(self) -> float:
        """Choose of begin and end of requests on each side what lies most often the same time apart; returns how far.

        The peak of the cross-correlation of both sides' times, among events with the same values.
        """
        ends = [["ts", "ended"] if self._one(f"SELECT bool_or(ended > ts) FROM wb_{side}")[0] else ["ts"]
                for side in ("first", "second")]  # fmt: skip
        found = []
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
                found.append((int(peak[0][0]), moments, float(self._one(near)[0])))
        if not found:
            return 0.0
        _, self._moments, offset = max(found, key=lambda one: one[0])
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
        listed = ", ".join(f"CASE WHEN {test} THEN '{name}' END" for name, test in tests.items()) or "NULL"
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


def could_confirm(
    case: Case, kind: str, entity: str, cursor: duckdb.DuckDBPyConnection | None = None
) -> tuple[str, ...]:
    """Say which other logs of this case could confirm what one says of an entity, or that it takes another log.

    One covers a part of the same time, and shares an id with it or what two events are matched by.
    """
    chosen, bound = condition(kind, entity)
    filled = ", ".join(f"count({column})" for column in (*_IDS, *_SAME))
    rows = case.query(
        f"SELECT format, count(*) FILTER ({chosen}) AS own, count(*) AS events, min(ts), max(ts), {filled} FROM event "
        "WHERE ts IS NOT NULL AND format IS NOT NULL GROUP BY format ORDER BY own DESC, format",
        bound,
        cursor=cursor,
    ).rows
    said = []
    for one, other in product([row for row in rows if row[1]], rows):
        if one[0] == other[0] or one[3] > other[4] or other[3] > one[4]:
            continue
        ids, same = one[5 : 5 + len(_IDS)], one[5 + len(_IDS) :]
        theirs, alike = other[5 : 5 + len(_IDS)], other[5 + len(_IDS) :]
        by = [name for name, mine, has in zip(_IDS, ids, theirs, strict=True) if mine and has][:1] or [
            name
            for name, mine, has in zip(_SAME, same, alike, strict=True)
            if mine > _USUALLY * one[2] and has > _USUALLY * other[2]
        ]
        if by:
            said.append(
                f"{other[0]} covers some of the same time as {one[0]} and has {', '.join(by)} too: "
                f"workbench corroborate {case.name}.case {one[0]} {other[0]}"
            )
    return tuple(said) or (
        "no other log of this case can confirm it: one written by somebody else would, such as a proxy's or load "
        "balancer's access log, the payment provider's records, or the same request ids in another service",
    )


def recorded(case: Case, cursor: duckdb.DuckDBPyConnection | None = None) -> list[Corroboration]:
    """Return what was corroborated in a case before, made anew of what it holds now; of each pair the latest."""
    asked = {}
    for row in case.ledger.rows("SELECT detail FROM audit WHERE action = 'corroborate' ORDER BY seq"):
        told = json.loads(row["detail"])
        asked[told["first"], told["second"]] = told
    return [
        corroborate(
            case, first, second, tolerance=told["tolerance"],
            where_first=parse_filter(told["where"][0]), where_second=parse_filter(told["where"][1]), cursor=cursor,
        )
        for (first, second), told in asked.items()
    ]  # fmt: skip
