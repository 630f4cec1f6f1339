"""One entity's own traffic, broken down: which values it has in which columns, and who else has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.case.tags import KINDS
from workbench.sqltext import literal

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import Table

#: The first words of a prompt, without the rest: prompts that fill one template begin alike.
TEMPLATE = "nullif(array_to_string(regexp_extract_all(lower(left(prompt, 400)), '[\\p{L}]+')[:5], ' '), '')"

#: What an entity is broken down by: the name of the facet and the column of ``event`` (or an expression).
FACETS = {
    "model": "model",
    "address": "client_ip",
    "network": "as_org",
    "country": "country",
    "client": "user_agent",
    "key": "api_key",
    "account": "account",
    "organisation": "organization",
    "payment": "payment_ref",
    "template": TEMPLATE,
    "operation": "operation",
    "path": "path",
    "status": "status",
    "outcome": "outcome",
}

_LISTED = 12


@dataclass(frozen=True, slots=True)
class Facet:
    """One value in one column of an entity's events: how many of its requests have it (``share`` of all, 0 to 1)."""

    facet: str
    value: Any
    requests: int
    share: float
    first: datetime | None
    last: datetime | None
    sample: str | None = None


def condition(kind: str, entity: str, name: str = "one") -> tuple[str, dict[str, object]]:
    """Return the SQL condition on ``event`` that an event belongs to an entity, and its bound value."""
    column = KINDS[kind]
    extra = " AND entity_kind = 'client'" if kind == "client" else ""
    return f"{column} = ${name}{extra}", {name: entity}


def break_down(case: Case, kind: str, entity: str, cursor: duckdb.DuckDBPyConnection) -> list[Facet]:
    """Return the most frequent values of each column that an entity's events fill, the largest first in each.

    A column in which nearly every event has another value is left out, and so is the one that names the entity.
    """
    filled = case.store.filled()
    asked = {
        facet: sql
        for facet, sql in FACETS.items()
        if sql != KINDS[kind] and ((facet == "template" and "prompt" in filled) or sql in filled)
    }
    if not asked:
        return []
    chosen, values = condition(kind, entity)
    named = ", ".join(f"{sql} AS f_{facet}" for facet, sql in asked.items())
    sets = ", ".join(f"(f_{facet})" for facet in asked)
    which = " ".join(f"WHEN NOT grouping(f_{facet})::BOOLEAN THEN {literal(facet)}" for facet in asked)
    value = " ".join(f"WHEN NOT grouping(f_{facet})::BOOLEAN THEN f_{facet}::VARCHAR" for facet in asked)
    table = case.query(
        f"""WITH mine AS (SELECT ts, left(prompt, 500) AS sample, {named} FROM event WHERE {chosen}),
        counted AS (SELECT CASE {which} END AS facet, CASE {value} END AS value, count(*) AS n,
            min(ts) AS first, max(ts) AS last, any_value(sample) AS sample FROM mine GROUP BY GROUPING SETS ({sets})),
        ranked AS (SELECT *, row_number() OVER (PARTITION BY facet ORDER BY n DESC, value) AS place,
            sum(n) OVER (PARTITION BY facet) AS of, count(*) OVER (PARTITION BY facet) AS different
            FROM counted WHERE value IS NOT NULL)
        SELECT facet, value, n, n / of, first, last, CASE WHEN facet = 'template' THEN sample END FROM ranked
        WHERE place <= {_LISTED} AND (different <= 3 OR different < 0.8 * of) ORDER BY facet, place""",
        values,
        cursor=cursor,
    )
    order = list(FACETS)
    return sorted((Facet(*row) for row in table.rows), key=lambda one: order.index(one.facet))


@dataclass(frozen=True, slots=True)
class Change:
    """An entity's last days (from ``since`` on) against all before: requests a day, and values never seen before.

    ``new`` holds, for each facet, how many of the values in the last days are new, and of how many.
    """

    since: datetime
    a_day: float
    a_day_before: float
    new: dict[str, tuple[int, int]]


def change(case: Case, kind: str, one: str, cursor: duckdb.DuckDBPyConnection, days: int = 7) -> Change | None:
    """Compare an entity's last days with its own past; None where it has no past of as many days."""
    chosen, values = condition(kind, one)
    compared = {
        facet: FACETS[facet] for facet in ("address", "model", "client", "template") if FACETS[facet] != KINDS[kind]
    }
    lists = ", ".join(
        f"count(DISTINCT v_{facet}) FILTER (ts >= since), count(DISTINCT v_{facet}) FILTER (first_{facet} >= since)"
        for facet in compared
    )
    named = ", ".join(f"{sql} AS v_{facet}" for facet, sql in compared.items())
    firsts = ", ".join(f"min(ts) OVER (PARTITION BY v_{facet}) AS first_{facet}" for facet in compared)
    row = case.query(
        f"""WITH mine AS (SELECT ts, {named} FROM event WHERE {chosen} AND ts IS NOT NULL),
        told AS (SELECT *, {firsts}, max(ts) OVER () - to_days({int(days)}) AS since,
            min(ts) OVER () AS begun FROM mine)
        SELECT any_value(since), count(*) FILTER (ts >= since) / {int(days)}, count(*) FILTER (ts < since)
            / greatest(1, epoch(any_value(since) - any_value(begun)) / 86400),
            any_value(begun) <= any_value(since) - to_days({int(days)}), {lists} FROM told""",
        values,
        cursor=cursor,
    ).rows[0]
    if not row[3]:
        return None
    counts = [(int(new), int(of)) for of, new in zip(row[4::2], row[5::2], strict=True)]
    return Change(row[0], float(row[1]), float(row[2]), {f: c for f, c in zip(compared, counts, strict=True) if c[1]})


def account_activity(
    case: Case, ids: Sequence[str] | None, bins: int, cursor: duckdb.DuckDBPyConnection
) -> dict[str, list[int]]:
    """Return the requests of some accounts, or of all, in equal bins of time that span the case: one pass."""
    span = case.store.span()
    if span is None:
        return {}
    chosen = "account IN (SELECT unnest($ids::VARCHAR[]))" if ids is not None else "account IS NOT NULL"
    rows = case.query(
        f"""SELECT account, list(bin), list(n) FROM (SELECT account, count(*) AS n,
            least({bins - 1}, (epoch_us(ts) - epoch_us($first::TIMESTAMP)) * {bins}
                // (epoch_us($last::TIMESTAMP) - epoch_us($first::TIMESTAMP) + 1)) AS bin
            FROM event WHERE {chosen} AND ts IS NOT NULL GROUP BY account, bin) GROUP BY account""",
        {"first": span[0], "last": span[1], **({"ids": list(ids)} if ids is not None else {})},
        cursor=cursor,
    ).rows
    found = {one: [0] * bins for one in ids or ()}
    for one, places, numbers in rows:
        found[one] = _filled(bins, places, numbers)
    return found


def session_activity(
    case: Case, kind: str, entity: str, first: datetime, last: datetime, bins: int, cursor: duckdb.DuckDBPyConnection
) -> list[int]:
    """Return the requests of one session in equal bins from its first to its last: only its own time is read."""
    rows = case.query(
        f"""SELECT least({bins - 1}, (epoch_us(ts) - epoch_us($first::TIMESTAMP)) * {bins}
            // (epoch_us($last::TIMESTAMP) - epoch_us($first::TIMESTAMP) + 1)) AS bin, count(*)
        FROM event WHERE entity = $entity AND entity_kind = $kind AND ts BETWEEN $first AND $last GROUP BY bin""",
        {"kind": kind, "entity": entity, "first": first, "last": last},
        cursor=cursor,
    ).rows
    return _filled(bins, [place for place, _ in rows], [number for _, number in rows])


def _filled(bins: int, places: Sequence[int], numbers: Sequence[int]) -> list[int]:
    """Return the numbers at their places, and nought elsewhere."""
    found = [0] * bins
    for place, number in zip(places, numbers, strict=True):
        found[int(place)] = int(number)
    return found


def template_of(case: Case, prompt: str, cursor: duckdb.DuckDBPyConnection) -> str | None:
    """Return the template that a prompt fills."""
    sql = f"SELECT {TEMPLATE} FROM (SELECT $prompt::VARCHAR AS prompt)"
    found = case.query(sql, {"prompt": prompt}, cursor=cursor).rows[0][0]
    return None if found is None else str(found)


def having(case: Case, kind: str, facet: str, value: str, cursor: duckdb.DuckDBPyConnection) -> Table:
    """Return a table of all entities of the kind that have a value of a facet: entity, requests, first, last."""
    named = KINDS[kind]
    return case.query(
        f"""SELECT {named} AS {kind}, count(*) AS requests, min(ts) AS first, max(ts) AS last,
            any_value({"prompt" if facet == "template" else named}) AS example
        FROM event WHERE {named} IS NOT NULL AND {FACETS[facet]}::VARCHAR = $value
        GROUP BY {named} ORDER BY requests DESC, {named}""",
        {"value": value},
        cursor=cursor,
        limit=100_000,
    )


def by_hour_and_weekday(
    case: Case, kind: str, one: str, cursor: duckdb.DuckDBPyConnection
) -> list[tuple[str, int, int]]:
    """Return how many of an entity's requests fall on each hour (UTC) of each weekday: weekday, hour, requests."""
    chosen, values = condition(kind, one)
    rows = case.query(
        f"SELECT isodow(ts), hour(ts), count(*) FROM event WHERE {chosen} AND ts IS NOT NULL GROUP BY ALL",
        values,
        cursor=cursor,
    ).rows
    counted = {(day, hour): int(number) for day, hour, number in rows}
    days = enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 1)
    return [(name, hour, counted.get((day, hour), 0)) for day, name in days for hour in range(24)]
