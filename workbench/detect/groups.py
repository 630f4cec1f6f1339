"""Groups of entities that act as one, joined by ties of different kinds.

A tie's points are how rare it is among strangers: -log10 of the share of random pairs with at least as much of it. Two
entities are linked where ties of at least two kinds add up to enough. An address that half the world shares is common
among strangers, so it earns few points, and alone it never links. Then whoever hangs on a group by a single link is let
go (a k-core, Seidman 1983), and what still hangs together is a group.

Tables made: ``link`` (a, b, points by kind), ``member`` (entity, team).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from workbench.detect.profile import Run

if TYPE_CHECKING:
    import duckdb

#: Points that link two entities, from at least two kinds of ties.
ENOUGH = 4.0
#: Most points that a kind of tie can give.
MOST = 2.5
#: Links that a member of a group needs to others of it (fewer in a group too small for that).
CORE = 2
#: Share of the neighbours of the less connected end of a link that the other end must have too.
ROOTED = 0.5
#: A tie that strangers show this often says nothing.
COMMON = 0.05


def link_pairs(run: Run) -> None:
    """Make ``link`` from ``pair``, with the rates of ``stranger``."""
    run("""
CREATE TEMP TABLE held_tie AS
SELECT a, b, same_organization, tie.kind, tie.size FROM (
    SELECT a, b, same_organization, unnest([
        {'kind': 'network', 'size': least(addresses, 6) + address_share},
        {'kind': 'payment', 'size': paid::INTEGER},
        {'kind': 'wording', 'size': CASE WHEN templates >= 3 OR template_share >= 0.5 THEN template_weight ELSE 0 END},
        {'kind': 'hours', 'size': CASE WHEN together >= 3 THEN greatest(step - 1, 0) ELSE 0 END},
        {'kind': 'life', 'size': greatest(0, 1 - (starts_apart + ends_apart) / 48)}
    ]) AS tie FROM pair
) WHERE tie.size > 0""")
    run("""
CREATE TEMP TABLE stranger_tie AS
SELECT tie.kind, tie.size, count(*) AS n FROM (SELECT unnest([
    {'kind': 'network', 'size': least(addresses, 6) + address_share},
    {'kind': 'payment', 'size': paid::INTEGER},
    {'kind': 'wording', 'size': CASE WHEN templates >= 3 OR template_share >= 0.5 THEN template_weight ELSE 0 END},
    {'kind': 'hours', 'size': CASE WHEN together >= 3 THEN greatest(step - 1, 0) ELSE 0 END},
    {'kind': 'life', 'size': greatest(0, 1 - (starts_apart + ends_apart) / 48)}
]) AS tie FROM stranger) WHERE tie.size > 0 GROUP BY ALL""")
    run("""
CREATE TEMP TABLE rarity AS
SELECT kind, size,
    (sum(n) OVER (PARTITION BY kind ORDER BY size DESC) + 1) / (SELECT count(*) + 1 FROM stranger) AS rate
FROM stranger_tie""")
    run(f"""
CREATE TEMP TABLE link AS
WITH rated AS (
    SELECT t.a, t.b, t.kind, t.same_organization,
        least({MOST}, -log10(coalesce(r.rate, 1.0 / (SELECT count(*) + 1 FROM stranger)))) AS points
    FROM held_tie AS t ASOF LEFT JOIN rarity AS r ON r.kind = t.kind AND t.size <= r.size
)
SELECT a, b, any_value(same_organization) AS same_organization, sum(points) AS points, count(*) AS kinds,
    coalesce(max(points) FILTER (kind = 'network'), 0) AS network,
    coalesce(max(points) FILTER (kind = 'payment'), 0) AS payment,
    coalesce(max(points) FILTER (kind = 'wording'), 0) AS wording,
    coalesce(max(points) FILTER (kind = 'hours'), 0) AS hours, coalesce(max(points) FILTER (kind = 'life'), 0) AS life
FROM rated WHERE points > {-_log10(COMMON)} GROUP BY a, b HAVING kinds >= 2 AND sum(points) >= {ENOUGH}""")


def _rooted(near: dict[str, set[str]]) -> dict[str, set[str]]:
    """Keep the links whose ends have most of their neighbours in common: a chance link between two groups goes."""
    kept: dict[str, set[str]] = {one: set() for one in near}
    for one, others in near.items():
        for other in others:
            if one < other:
                few, many = sorted((others, near[other]), key=len)
                # Either end counts as a neighbour of itself, so both are in both.
                if 2 + sum(1 for third in few if third in many) >= ROOTED * (len(few) + 1):
                    kept[one].add(other)
                    kept[other].add(one)
    return kept


def _log10(x: float) -> float:
    from math import log10

    return log10(x)


def join_groups(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make ``member`` from ``link``: connected groups of the k-core, named by their size and order."""
    near: dict[str, set[str]] = defaultdict(set)
    for a, b in cursor.execute("SELECT a, b FROM link").fetchall():
        near[a].add(b)
        near[b].add(a)
    near = _rooted(near)
    loose = [one for one, others in near.items() if len(others) < CORE]
    while loose:
        one = loose.pop()
        for other in near.pop(one, ()):
            others = near[other]
            others.discard(one)
            if len(others) == CORE - 1:
                loose.append(other)
    teams: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(near):
        if start in seen:
            continue
        seen.add(start)
        team, todo = [], [start]
        while todo:
            one = todo.pop()
            team.append(one)
            fresh = near[one] - seen
            seen |= fresh
            todo += fresh
        teams.append(sorted(team))
    teams.sort(key=lambda team: (-len(team), team[0]))
    names = [(one, number) for number, team in enumerate(teams, start=1) for one in team]
    cursor.execute(
        "CREATE TEMP TABLE member AS SELECT unnest($ids::VARCHAR[]) AS id, unnest($teams::INTEGER[]) AS team",
        {"ids": [one for one, _ in names], "teams": [number for _, number in names]},
    )
