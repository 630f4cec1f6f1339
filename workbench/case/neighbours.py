"""Whom an entity is beside: the others of its kind that share addresses, payments, keys, prompts or clients with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.case.profile import FACETS, condition
from workbench.case.tags import KINDS
from workbench.words import plural

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: What one person seldom shares with a stranger; what many do, wording and programs, ties more loosely.
CLOSE = ("payment", "key", "address", "organisation", "account")
LOOSE = ("client", "template")

#: Of an entity with more different values of a facet than this, those of most of its requests are looked for.
_VALUES = 500
#: So many others are kept for one facet, those that share most.
_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Tie:
    """What another entity shares of one facet: how many values, and how many of its requests have one of them.

    ``weight`` adds up one over the number of others that have each value: what few share ties more closely.
    """

    entity: str
    facet: str
    shared: int
    weight: float
    requests: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who shares a facet with an entity: how many others have each of its values, and what each of them shares."""

    holders: Mapping[str, int]
    ties: list[Tie]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another entity of the same kind with all that it shares, by facet; requests are those of its strongest tie."""

    entity: str
    close: float
    loose: float
    shared: Mapping[str, int]
    requests: int
    first: datetime | None
    last: datetime | None

    def shared_text(self) -> str:
        """Return what it shares in words: "5 addresses, 1 payment"."""
        counts = [(facet, self.shared[facet]) for facet in (*CLOSE, *LOOSE) if facet in self.shared]
        return ", ".join(f"{number:,} {plural(facet, number)}" for facet, number in counts)


def facets(case: Case, kind: str) -> list[str]:
    """Return by what this case can tell who is beside an entity of the kind, the quick ones to count first."""
    filled = case.store.filled()
    return [
        facet
        for facet in (*CLOSE, *LOOSE)
        if FACETS[facet] != KINDS[kind] and (FACETS[facet] in filled or (facet == "template" and "prompt" in filled))
    ]


def sharing(case: Case, kind: str, one: str, facet: str, cursor: duckdb.DuckDBPyConnection) -> Sharing:
    """Return who shares values of a facet with an entity: one pass over the events, set-wise."""
    chosen, bound = condition(kind, one)
    named, value = KINDS[kind], FACETS[facet]
    only = " AND entity_kind = 'client'" if kind == "client" else ""
    table = case.query(
        f"""WITH mine AS (SELECT {value} AS value FROM event WHERE {chosen} GROUP BY value
            ORDER BY count(*) DESC, value LIMIT {_VALUES}),
        held AS MATERIALIZED (SELECT entity, value, count(*) AS n, min(ts) AS first, max(ts) AS last
            FROM (SELECT {named} AS entity, {value} AS value, ts FROM event WHERE {named} <> $one{only})
            WHERE value IN (SELECT value FROM mine WHERE value IS NOT NULL) GROUP BY entity, value),
        weighed AS (SELECT *, 1 / count(*) OVER (PARTITION BY value) AS weight FROM held),
        most AS (SELECT entity, count(*) AS shared, sum(weight) AS weight, sum(n) AS n, min(first) AS first,
            max(last) AS last FROM weighed GROUP BY entity ORDER BY weight DESC, entity LIMIT {_KEPT})
        SELECT true, entity::VARCHAR, shared, weight, n, first, last FROM most
        UNION ALL SELECT false, value::VARCHAR, count(*), NULL, NULL, NULL, NULL FROM held GROUP BY value""",
        bound,
        cursor=cursor,
    )
    return Sharing(
        {name: int(number) for is_tie, name, number, *_ in table.rows if not is_tie},
        [
            Tie(name, facet, int(shared), weight, int(number), first, last)
            for is_tie, name, shared, weight, number, first, last in table.rows
            if is_tie
        ],
    )


def neighbours(ties: Iterable[Tie]) -> list[Neighbour]:
    """Return who is beside an entity, put together from its ties by several facets: the closest first."""
    found: dict[str, list[Tie]] = {}
    for tie in ties:
        found.setdefault(tie.entity, []).append(tie)
    beside = [
        Neighbour(
            entity,
            sum(tie.weight for tie in held if tie.facet in CLOSE),
            sum(tie.weight for tie in held if tie.facet in LOOSE),
            {tie.facet: tie.shared for tie in held},
            max(tie.requests for tie in held),
            min((tie.first for tie in held if tie.first is not None), default=None),
            max((tie.last for tie in held if tie.last is not None), default=None),
        )
        for entity, held in found.items()
    ]
    return sorted(beside, key=lambda one: (-one.close, -one.loose, one.entity))
