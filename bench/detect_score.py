"""How good a ranking is, and the baselines that triage is measured against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from random import Random

from bench.detect_mix import Truth
from workbench.case import Case
from workbench.detect.build import Built

WORDS = 256


@dataclass(frozen=True, slots=True)
class Quality:
    """Average precision, and recall at the lowest threshold whose precision is still at least 0.95."""

    average_precision: float
    recall_at_95: float


def quality(ranked: Sequence[str], truth: Mapping[str, Truth]) -> Quality:
    """Measure a ranking, best first."""
    hostile = sum(1 for one in truth.values() if one.campaign)
    hits, total, recall = 0, 0.0, 0.0
    for place, entity in enumerate(ranked, start=1):
        if truth[entity].campaign:
            hits += 1
            total += hits / place
        if hits >= 0.95 * place:
            recall = hits / hostile if hostile else 0.0
    return Quality(total / hostile if hostile else float("nan"), recall)


def by_columns(case: Case, made: Built, order: str) -> list[str]:
    """Return entities by a column of the judged table."""
    table = case.query(f"SELECT id FROM {made.table('judged')} ORDER BY {order} DESC NULLS LAST, id")
    return [str(row[0]) for row in table.rows]


def by_discrepancy(case: Case, made: Built) -> list[str]:
    """Rank by maximum mean discrepancy (Gretton 2012) between an entity's prompts and all, on hashed words and bigrams.

    The kernel is linear in the hashed counts of a prompt scaled to length one; the discrepancy is the unbiased one.
    """
    table = case.query(f"""
WITH word AS (
    SELECT id, hash(prompt) AS h, regexp_extract_all(lower(left(prompt, 400)), '[\\p{{L}}]+')[:64] AS w
    FROM ({made.subject.select}) WHERE prompt IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id) <= 120
), term AS (
    SELECT id, h, unnest(list_concat(list_transform(w, lambda x: hash(x) % {WORDS}),
        list_transform(range(1, len(w)), lambda i: hash(w[i], w[i + 1]) % {WORDS}))) AS d FROM word
), vector AS (
    SELECT id, h, d, count(*) AS c FROM term GROUP BY ALL
), scaled AS (
    SELECT id, h, d, c / sqrt(sum(c * c) OVER (PARTITION BY id, h)) AS v FROM vector
), size AS (SELECT id, count(DISTINCT h) AS n FROM scaled GROUP BY id
), mean AS (SELECT id, d, sum(v) / any_value(n) AS m FROM scaled JOIN size USING (id) GROUP BY id, d
), whole AS (SELECT d, sum(m) / (SELECT count(*) FROM size) AS m FROM mean GROUP BY d)
SELECT mean.id, (sum(mean.m * mean.m) * any_value(n) - 1) / greatest(any_value(n) - 1, 1)
    - 2 * sum(mean.m * coalesce(whole.m, 0)) AS d
FROM mean JOIN size USING (id) LEFT JOIN whole USING (d) GROUP BY mean.id, n ORDER BY d DESC, mean.id""")
    ranked = [str(row[0]) for row in table.rows]
    known = set(ranked)
    return ranked + [one for one in by_columns(case, made, "requests") if one not in known]


_FEATURES = (
    "requests", "active_hours", "active_days", "addresses", "agents", "mean_output", "output_ratio", "night", "warm",
    "streamed", "errors", "eliciting", "template_share", "templates", "own_address_share", "own_payments",
    "own_template_share", "sync", "start_together", "end_together",
)  # fmt: skip


def by_isolation(case: Case, made: Built, seed: int, trees: int = 100, sample: int = 256) -> list[str]:
    """Rank by an isolation forest (Liu, Ting and Zhou 2008) on the figures that triage has too."""
    table = case.query(f"SELECT id, {', '.join(_FEATURES)} FROM {made.table('judged')} ORDER BY id")
    points = [[float(value or 0) for value in row[1:]] for row in table.rows]
    dice = Random(seed)
    depths = [0.0] * len(points)
    for _ in range(trees):
        chosen = dice.sample(range(len(points)), min(sample, len(points)))
        _isolate(points, chosen, list(range(len(points))), 0, 8, dice, depths)
    order = sorted(range(len(points)), key=lambda i: depths[i])
    return [str(table.rows[i][0]) for i in order]


def _isolate(
    points: Sequence[Sequence[float]], chosen: list[int], all_: list[int], depth: int, most: int, dice: Random,
    depths: list[float],
) -> None:  # fmt: skip
    """Split the chosen ones at random until they are alone, and add to everybody's depth what it took."""
    if not all_:
        return
    if depth >= most or len(chosen) <= 1:
        left = len(chosen)
        rest = 2 * (log(left - 1) + 0.5772) - 2 * (left - 1) / left if left > 2 else float(left == 2)
        for i in all_:
            depths[i] += depth + rest
        return
    column = dice.randrange(len(points[0]))
    values = [points[i][column] for i in chosen]
    at = dice.uniform(min(values), max(values))
    for low in (True, False):
        _isolate(
            points,
            [i for i in chosen if (points[i][column] < at) == low],
            [i for i in all_ if (points[i][column] < at) == low],
            depth + 1, most, dice, depths,
        )  # fmt: skip
