"""From scores to q-values, against the case's own traffic.

The bulk of a case is innocent: campaigns are taken to be at most a fifth of all entities, so the middle of the scores
(from the 30th to the 50th of a hundred) is theirs even then. Its spread gives the scale at which innocent scores become
rarer, as in an empirical null (Efron, Large-scale simultaneous hypothesis testing, 2004); beyond the middle they are
taken to fall off exponentially, never faster than by a factor e within ``LEAST_SCALE`` of what can be scored at all in
this case, or within ``LEAST_POINTS``. The q-value is Benjamini and Hochberg's (1995): how many innocents are expected
above a score, over how many are there, without correcting for the share of innocents.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

LOWER, UPPER = 0.3, 0.5
#: Innocent scores become e times rarer within this share of the attainable score, and within so many points, at the
#: fastest: no case is so tame, and none so poor in columns, that less is safe.
LEAST_SCALE, LEAST_POINTS = 0.03, 0.35


def null_scale(scores: Sequence[float], attainable: float) -> tuple[float, float]:
    """Return where the innocent tail starts (a score that ``1 - UPPER`` exceed) and its scale."""
    ordered = sorted(scores)
    low, high = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (LOWER, UPPER))
    return high, max(LEAST_SCALE * attainable, LEAST_POINTS, (high - low) / log((1 - LOWER) / (1 - UPPER)))


def q_values(scores: Sequence[float], attainable: float) -> list[float]:
    """Return the q-value of each score, in the order given; ``attainable`` is the highest score there can be."""
    if not scores:
        return []
    start, scale = null_scale(scores, attainable)
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    q = [1.0] * len(scores)
    least = 1.0
    for place in range(len(order), 0, -1):
        one = order[place - 1]
        chance = (1 - UPPER) * exp(-(scores[one] - start) / scale) if scores[one] > start else 1.0
        least = min(least, chance * len(scores) / place)
        q[one] = least
    return q
