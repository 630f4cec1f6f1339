"""Communities in a graph of weighted links: who hangs together more than chance links would make them.

The method is Louvain (Blondel and others, Fast unfolding of communities in large networks, 2008): each node joins the
neighbouring community that raises modularity most, then communities become the nodes, until nothing moves. Before it,
whoever hangs on by too few links is let go (a k-core, Seidman 1983).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

Link = tuple[str, str, float]
_Graph = dict[int, dict[int, float]]

#: Above 1, communities must be denser to be one.
RESOLUTION = 1.0
_PASSES = 20
#: Communities are one again where a pair across has this share of the weight of a pair within the looser of them:
#: what modularity splits because a large group's pairs are looked at in part only.
ACROSS = 0.4


def core(links: Sequence[Link], least: int) -> list[Link]:
    """Return the links among nodes that have at least ``least`` links to each other."""
    near: dict[str, set[str]] = defaultdict(set)
    for a, b, _ in links:
        near[a].add(b)
        near[b].add(a)
    loose = [one for one, others in near.items() if len(others) < least]
    while loose:
        one = loose.pop()
        for other in near.pop(one, ()):
            others = near[other]
            others.discard(one)
            if len(others) == least - 1:
                loose.append(other)
    return [link for link in links if link[0] in near and link[1] in near[link[0]]]


def communities(links: Sequence[Link]) -> list[list[str]]:
    """Return the communities, the largest first, each sorted."""
    names = sorted({one for a, b, _ in links for one in (a, b)})
    number = {name: i for i, name in enumerate(names)}
    graph: _Graph = {i: {} for i in range(len(names))}
    for a, b, weight in links:
        graph[number[a]][number[b]] = graph[number[b]][number[a]] = weight
    inner = dict.fromkeys(graph, 0.0)
    place = list(range(len(names)))
    while True:
        joined = _move(graph, inner)
        if len(set(joined.values())) == len(graph):
            break
        place = [joined[node] for node in place]
        graph, inner = _fold(graph, inner, joined)
    found: dict[int, list[str]] = defaultdict(list)
    for i, team in enumerate(_rejoined(place, [(number[a], number[b], weight) for a, b, weight in links])):
        found[team].append(names[i])
    return sorted(found.values(), key=lambda team: (-len(team), team[0]))


def _rejoined(place: list[int], links: Sequence[tuple[int, int, float]]) -> list[int]:
    """Return the community of each node, those that hang together about as densely as they do within made one."""
    while True:
        size: dict[int, int] = defaultdict(int)
        for team in place:
            size[team] += 1
        weight: dict[tuple[int, int], float] = defaultdict(float)
        for a, b, strength in links:
            weight[min(place[a], place[b]), max(place[a], place[b])] += strength
        within = {team: 2 * weight[team, team] / (n * (n - 1)) if n > 1 else 0.0 for team, n in size.items()}
        best, pair = ACROSS, None
        for (a, b), strength in sorted(weight.items()):
            looser = min(within[a], within[b])
            if a != b and looser > 0 and strength / (size[a] * size[b]) / looser > best:
                best, pair = strength / (size[a] * size[b]) / looser, (a, b)
        if pair is None:
            return place
        place = [pair[0] if team == pair[1] else team for team in place]


def _move(graph: _Graph, inner: dict[int, float]) -> dict[int, int]:
    """Let nodes move to the community that gains most, until none moves; returns each node's community."""
    degree = {node: sum(near.values()) + inner[node] for node, near in graph.items()}
    total = sum(degree.values()) or 1.0
    joined = {node: node for node in graph}
    weight = dict(degree)
    for _ in range(_PASSES):
        moved = False
        for node, near in graph.items():
            mine = joined[node]
            weight[mine] -= degree[node]
            ties: dict[int, float] = defaultdict(float)
            for other, strength in near.items():
                ties[joined[other]] += strength
            best, gain = mine, ties.get(mine, 0.0) - RESOLUTION * degree[node] * weight[mine] / total
            for team, strength in ties.items():
                better = strength - RESOLUTION * degree[node] * weight[team] / total
                if better > gain + 1e-9:
                    best, gain = team, better
            joined[node] = best
            weight[best] += degree[node]
            moved |= best != mine
        if not moved:
            break
    return joined


def _fold(graph: _Graph, inner: dict[int, float], joined: dict[int, int]) -> tuple[_Graph, dict[int, float]]:
    """Make each community a node; links within one become its own weight."""
    folded: _Graph = {team: {} for team in sorted(set(joined.values()))}
    within = dict.fromkeys(folded, 0.0)
    for node, near in graph.items():
        team = joined[node]
        within[team] += inner[node]
        for other, strength in near.items():
            if joined[other] == team:
                within[team] += strength
            else:
                folded[team][joined[other]] = folded[team].get(joined[other], 0.0) + strength
    return folded, within
