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

from workbench.case.acts.contents import Corroborated
from workbench.case.filter import EVERYTHING, Filter, parse_filter
from workbench.case.profile import condition
from workbench.case.store import Condition
from workbench.errors import UsageError
from workbench.evidence.matching import IDS, KEPT, PLACE, SAME, USUALLY, Side, matcher, side_condition
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

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
    known = {log.source: log.format for log in case.sources() if log.source is not None}
    parts = text.split(",")
    if all(part.strip().isdigit() for part in parts):
        sources = [int(part) for part in parts]
        if lacking := [one for one in sources if one not in known]:
            raise UsageError(f"there is no source {lacking[0]}; workbench sources lists them")
        return sources
    sources = [source for source, name in known.items() if name == text]
    if not sources:
        formats = ", ".join(sorted({name for name in known.values() if name}))
        raise UsageError(f"{text!r} is no source's number and no format of this case (it has: {formats})")
    return sources


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
    with _near(case, sides, cursor) as (near, (one, other)), matcher(near, cursor) as records:
        records.read("wb_first", *one)
        records.read("wb_second", *other)
        low, high = records.common()
        by, offset = records.match(tolerance)
        outside = records.leave_out(low, high)
        differs = records.compare(tolerance)
        entities = records.counts("coalesce(f.entity, s.entity)", "all_events DESC, 1")
        hours = records.counts("date_trunc('hour', coalesce(f.ts, s.ts))", "1")
        total = [sum(row[place] for row in hours) for place in range(1, 5)]
    shared = [(*row[:5], round(row[1] / own, 4) if (own := row[1] + row[2] + row[3]) else None) for row in entities]
    by_hour = tuple(row[:5] for row in hours)
    counts = (total[0], total[1], total[2], total[3])
    return Corroboration(first, second, by, offset, tolerance, outside, *counts, differs, tuple(shared), by_hour)


def _records_named(case: Case, text: str) -> frozenset[int | str]:
    """Return the sources that a text names; the format's name itself where nothing is known of sources."""
    if not case.sources() and case.store.formats():
        formats = {name: counts for name, counts in case.store.formats().items() if name}
        if text in formats:
            return frozenset([text])
        if len(formats) < 2:
            raise UsageError(f"{case.name} is over a table of one record, and a second one has to confirm it")
        raise UsageError(f"{text!r} is no format of this case (it has: {', '.join(sorted(formats))})")
    return frozenset(sources_named(case, text))


@contextlib.contextmanager
def _near(
    case: Case, sides: Sequence[Side], cursor: duckdb.DuckDBPyConnection | None
) -> Iterator[tuple[Case, Sequence[Side]]]:
    """Give the case in which both sides are read, and the sides as they are read there.

    From another engine only what matching needs is brought here, of the events that each side's filter lets through.
    Raises EngineError where those are too many.
    """
    conditions: list[str] = []
    values: dict[str, object] = {}
    for number, (side, chosen) in enumerate(sides):
        sql = re.sub(r"\$(wb_f\d+)", rf"$s{number}_\1", chosen.sql)
        conditions.append(f"({side_condition(side)} AND ({sql}))")
        values |= {f"s{number}_{name}": value for name, value in chosen.values.items()}
    columns = {name: name for name in (*PLACE, "duration_ms", *KEPT)}
    columns["extra"] = "CASE WHEN duration_ms IS NULL THEN extra END"  # it is read for a request's end
    wanted = Condition(f"ts IS NOT NULL AND ({' OR '.join(conditions)})", values, columns, "compared")
    with case.store.subset(wanted, cursor) as (store, no_others):
        yield case.over(store), [(side, EVERYTHING) for side, _ in sides] if no_others else sides


def could_confirm(
    case: Case, kind: str, entity: str, cursor: duckdb.DuckDBPyConnection | None = None
) -> tuple[str, ...]:
    """Say which other logs of this case could confirm what one says of an entity, or that it takes another log.

    One covers a part of the same time, and shares an id with it or what two events are matched by.
    """
    chosen, bound = condition(kind, entity)
    filled = ", ".join(f"count({column})" for column in (*IDS, *SAME))
    rows = case.query(
        f"SELECT format, count(*) FILTER ({chosen}) AS own, count(*) AS events, min(ts), max(ts), {filled} FROM event "
        "WHERE ts IS NOT NULL AND format IS NOT NULL GROUP BY format ORDER BY own DESC, format",
        bound,
        cursor=cursor,
    ).rows
    suggestions = []
    for first, second in product([row for row in rows if row[1]], rows):
        if first[0] == second[0] or first[3] > second[4] or second[3] > first[4]:
            continue
        ids, same = first[5 : 5 + len(IDS)], first[5 + len(IDS) :]
        theirs, alike = second[5 : 5 + len(IDS)], second[5 + len(IDS) :]
        by = [name for name, mine, has in zip(IDS, ids, theirs, strict=True) if mine and has][:1] or [
            name
            for name, mine, has in zip(SAME, same, alike, strict=True)
            if mine > USUALLY * first[2] and has > USUALLY * second[2]
        ]
        if by:
            suggestions.append(
                f"{second[0]} covers some of the same time as {first[0]} and has {', '.join(by)} too: "
                f"workbench corroborate {case.name}.case {first[0]} {second[0]}"
            )
    return tuple(suggestions) or (
        "no other log of this case can confirm it: one written by somebody else would, such as a proxy's or load "
        "balancer's access log, the payment provider's records, or the same request ids in another service",
    )


def recorded(case: Case, cursor: duckdb.DuckDBPyConnection | None = None) -> list[Corroboration]:
    """Return what was corroborated in a case before, made anew of what it holds now; of each pair the latest."""
    asked = {}
    for row in case.ledger.rows("SELECT detail FROM audit WHERE action = ? ORDER BY seq", Corroborated.ACTION):
        told = json.loads(row["detail"])
        asked[told["first"], told["second"]] = told
    return [
        corroborate(
            case, first, second, tolerance=told["tolerance"],
            where_first=parse_filter(told["where"][0]), where_second=parse_filter(told["where"][1]), cursor=cursor,
        )
        for (first, second), told in asked.items()
    ]  # fmt: skip
