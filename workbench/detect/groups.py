"""Groups of entities that act as one, joined by ties of different kinds.

A tie's points are how rare it is among strangers: -log10 of the share of random pairs with at least as much of it. Two
entities are linked where ties of at least two kinds add up to enough. An address that half the world shares is common
among strangers, so it earns few points, and alone it never links; only most of both ones' prompts in common templates
does. The communities of the links are the groups.

Tables made: ``link`` (a, b, points), ``member`` (entity, team).
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from workbench.detect.tables import Run

if TYPE_CHECKING:
    import duckdb

#: Points that link two entities, from at least two kinds of ties.
ENOUGH = 4.0
#: Most points that a kind of tie can give.
MOST = 2.5
#: Of a client's name and of sampling settings, which strangers take over from the same examples, fewer.
MOST_CLIENT = 1.6
#: Links that a member of a group needs to others of it (fewer in a group too small for that).
CORE = 2
#: So many common templates, and such a share of both ones' prompts in them, link without another tie: strangers do not
#: phrase most of their questions alike.
SAME_TEMPLATES, SAME_SHARE = 3, 0.25
#: A tie that strangers show this often says nothing.
COMMON = 0.05


_TIES = """[
    {'kind': 'network', 'size': least(addresses, 6) + network_share},
    {'kind': 'payment', 'size': paid::INTEGER},
    {'kind': 'wording', 'size': CASE WHEN templates >= 3 OR template_share >= 0.5 THEN template_weight ELSE 0 END},
    {'kind': 'client', 'size': client_weight},
    {'kind': 'settings', 'size': settings_weight},
    {'kind': 'hours', 'size': CASE WHEN together >= 3 THEN greatest(step - 1, 0) ELSE 0 END},
    {'kind': 'life', 'size': greatest(0, 1 - (starts_apart + ends_apart) / 48)}
]"""


def link_pairs(run: Run) -> None:
    """Make ``link`` from ``pair``, with the rates of ``stranger``."""
    alone = f"templates >= {SAME_TEMPLATES} AND template_share >= {SAME_SHARE}"
    run(f"""
CREATE TEMP TABLE held_tie AS
SELECT a, b, alone, tie.kind, tie.size FROM (SELECT a, b, {alone} AS alone, unnest({_TIES}) AS tie FROM pair)
WHERE tie.size > 0""")
    run(f"""
CREATE TEMP TABLE rarity AS
SELECT kind, size, (sum(n) OVER (PARTITION BY kind ORDER BY size DESC) + 1) / (drawn + 1) AS rate
FROM (SELECT tie.kind, tie.size, count(*) AS n FROM (SELECT unnest({_TIES}) AS tie FROM stranger)
    WHERE tie.size > 0 GROUP BY ALL), (SELECT count(*) AS drawn FROM stranger)""")
    run(f"""
CREATE TEMP TABLE link AS
SELECT a, b, (sum(points) - {ENOUGH - 2}) ** 2 AS points, bool_or(kind IN ('network', 'payment')) AS firm FROM (
    SELECT t.a, t.b, t.kind, t.alone, -log10(coalesce(r.rate, 1 / (drawn + 1))) AS rare,
        least(rare, CASE WHEN t.kind IN ('client', 'settings') THEN {MOST_CLIENT} ELSE {MOST} END) AS points
    FROM held_tie AS t ASOF LEFT JOIN rarity AS r ON r.kind = t.kind AND t.size <= r.size,
        (SELECT count(*) AS drawn FROM stranger)
) WHERE points > {-log10(COMMON)} GROUP BY a, b
HAVING (count(*) >= 2 AND sum(points) >= {ENOUGH}) OR (any_value(alone) AND bool_or(kind = 'wording'))""")


def join_groups(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make ``member`` from ``link``: the communities of its links, numbered from the largest.

    Links by addresses or payment come first; those by anything else alone join whoever has none of the
    former, so that two campaigns that use the same templates stay apart.
    """
    from workbench.detect.communities import communities, core

    links = cursor.execute("SELECT a, b, points, firm FROM link ORDER BY a, b").fetchall()
    firm, loose = ([(a, b, points) for a, b, points, is_firm in links if is_firm is kept] for kept in (True, False))
    anchored = core(firm, CORE)
    placed = {one for a, b, _ in anchored for one in (a, b)}
    free = [link for link in loose if link[0] not in placed and link[1] not in placed]
    teams = communities([*anchored, *core(free, CORE)])
    names = [(one, number) for number, team in enumerate(teams, start=1) for one in team]
    cursor.execute(
        "CREATE TEMP TABLE member AS SELECT unnest($ids::VARCHAR[]) AS id, unnest($teams::INTEGER[]) AS team",
        {"ids": [one for one, _ in names], "teams": [number for _, number in names]},
    )
