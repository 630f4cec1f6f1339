"""Totals of a case, exact for its owner, with noise under differential privacy for others.

The unit is one account (entity): of each at most ``cap_requests`` requests and ``cap_days`` days are counted, so that
one more or less changes no total by more; discrete Laplace noise is calibrated to that (Dwork and others,
"Calibrating noise to sensitivity in private data analysis", 2006; drawn by OpenDP). The days are those of the case's
span, whether anything happened on them or not. What releases spend adds up: the audit chain keeps it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workbench.case.acts.handover import TotalsDisclosed
from workbench.errors import ExportError
from workbench.evidence.runs import cite_query

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.export.policy import Policy

COLUMNS = ("grouping", "value", "accounts", "requests", "accounts_within", "requests_within")
_RELEASES = 4
_UNBOUNDED = 1 << 62

_BOUNDED = """
WITH daily AS (
    SELECT entity, ts::DATE AS day, count(*) AS n FROM ({events})
    WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY ALL
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY entity ORDER BY hash(day, entity)) AS nth FROM daily
), bounded AS (
    SELECT entity, day, greatest(0, least(n, $most - coalesce(sum(n) OVER (PARTITION BY entity ORDER BY nth
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))::BIGINT AS n
    FROM placed WHERE nth <= $days
), whole AS (
    SELECT entity, least(sum(n), $most)::BIGINT AS n FROM daily GROUP BY entity
)
SELECT day, count(*) AS accounts, sum(n)::BIGINT AS requests FROM bounded GROUP BY day
UNION ALL SELECT NULL, count(*), coalesce(sum(n), 0)::BIGINT FROM whole"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows of :data:`COLUMNS`; ``…_within`` is how far off 95 in 100 figures are at most. Exact ones have a run."""

    rows: list[tuple[object, ...]]
    epsilon: float
    run: int | None = None


def spent(case: Case) -> float:
    """Return the epsilon that all releases of this case have spent together."""
    rows = case.ledger.rows("SELECT detail FROM audit WHERE action = ? ORDER BY seq", TotalsDisclosed.ACTION)
    return sum(float(json.loads(row["detail"])["epsilon"]) for row in rows)


def totals(
    case: Case,
    events: str,
    chosen: Mapping[str, object],
    policy: Policy | None = None,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Totals:
    """Count accounts and requests in all and by day among ``events``, a query that takes ``chosen`` as its parameters.

    With a policy the epsilon is written down as spent before anything is drawn. Raises ExportError where the policy has
    none, or the case's budget is used up.
    """
    most, days = (policy.cap_requests, policy.cap_days) if policy else (_UNBOUNDED, _UNBOUNDED)
    if policy:
        _spend(case, policy)
    sql = _BOUNDED.format(events=events)
    values = {**chosen, "most": most, "days": days}
    counted, run = (case.query(sql, values, cursor=cursor).rows, None) if policy else cite_query(case, sql, values)[1:]
    found = {row[0]: (int(row[1]), int(row[2])) for row in counted}
    whole = found.pop(None, (0, 0))
    named = _days(case)
    by_day = [found.get(day, (0, 0)) for day in named]
    columns = [[whole[0]], [whole[1]], [one[0] for one in by_day], [one[1] for one in by_day]]
    bounds = [0.0] * _RELEASES
    if policy and policy.epsilon:
        share = policy.epsilon / _RELEASES
        scales = [changes / share for changes in (1, most, days, most)]
        columns = [_noisy(values, scale) for values, scale in zip(columns, scales, strict=True)]
        # Ninety-five in a hundred draws of a Laplace distribution are within scale times ln 20.
        bounds = [math.ceil(scale * math.log(20)) for scale in scales]
    rows: list[tuple[object, ...]] = [("all", "", columns[0][0], columns[1][0], bounds[0], bounds[1])]
    rows += [
        ("day", day.isoformat(), accounts, requests, bounds[2], bounds[3])
        for day, accounts, requests in zip(named, columns[2], columns[3], strict=True)
    ]
    if policy:
        few = f"(fewer than {policy.k})"
        rows = [(*row[:2], few, "", *row[4:]) if isinstance(row[2], int) and row[2] < policy.k else row for row in rows]
    return Totals(rows, policy.epsilon or 0.0 if policy else 0.0, run)


def _days(case: Case) -> list[date]:
    span = case.store.span()
    if span is None:
        return []
    first, last = span[0].date(), span[1].date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _spend(case: Case, policy: Policy) -> None:
    if policy.epsilon is None:
        raise ExportError(f"policy {policy.name} says no epsilon, so no totals can leave under it")
    before = spent(case)
    if before + policy.epsilon > policy.budget + 1e-9:
        raise ExportError(
            f"policy {policy.name} allows an epsilon of {policy.budget:g} in all; this case has spent {before:g}, "
            f"and this release would spend {policy.epsilon:g} more"
        )
    case.ledger.record(TotalsDisclosed(policy.name, policy.epsilon, before + policy.epsilon))


def _noisy(values: Sequence[int], scale: float) -> list[int]:
    """Return counts with discrete Laplace noise, none below zero."""
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise ExportError(
            "totals with noise need the package opendp; install it: pip install 'workbench-forensics[privacy]'"
        ) from error

    dp.enable_features("contrib")
    noise = dp.m.make_laplace(dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int), scale=scale)
    return [max(0, int(value)) for value in noise(list(values))]
