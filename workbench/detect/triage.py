"""Triage: whom to look at first, why, what else it could be, and how many of the list are expected to be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from workbench.detect.build import Built, build
from workbench.detect.calibrate import q_values
from workbench.detect.innocent import explanations
from workbench.detect.model import Campaign, Finding, Member, Reason, Triage
from workbench.detect.reasons import reasons
from workbench.detect.scoring import HARVEST, TOGETHER
from workbench.errors import UsageError
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: A group is called a campaign where so many of its members are flagged, and this share of them.
CAMPAIGN, CAMPAIGN_SHARE = 2, 0.33

Row = dict[str, Any]


def triage(
    case: Case,
    by: str = "account",
    *,
    fdr: float = 0.05,
    top: int | None = None,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Triage:
    """Judge all entities of a kind; findings by rank, all or the ``top`` ones, and the campaigns they form.

    Flagged are those whose q-value is at most ``fdr``: of them, this share is expected to be wrong. Raises UsageError
    where the case names no such entity, QueryCancelled when interrupted.
    """
    if not 0 < fdr < 1:
        raise UsageError(f"a false discovery rate is between 0 and 1, not {fdr:g}")
    return assess(case, build(case, by, cursor), fdr, top, cursor)[1]


def assess(
    case: Case, built: Built, fdr: float, top: int | None, cursor: duckdb.DuckDBPyConnection | None = None
) -> tuple[list[Row], Triage]:
    """Return the judged rows by rank, with all figures, and the triage of them."""
    rows, base = ranked(case, built, fdr, cursor)
    names, campaigns = _campaigns(rows)
    flagged = sum(row["flagged"] for row in rows)
    return rows, Triage(
        by=built.subject.by,
        kind=built.subject.kind,
        fdr=fdr,
        entities=len(rows),
        flagged=flagged,
        expected_wrong=max((row["q_value"] for row in rows if row["flagged"]), default=0.0) * flagged,
        rows=tuple(finding(row, base, names) for row in rows[:top]),
        campaigns=tuple(campaigns),
        limits=(*built.subject.limits, *_unasked(built)),
        provenance=built.provenance,
    )


def ranked(
    case: Case, built: Built, fdr: float, cursor: duckdb.DuckDBPyConnection | None = None
) -> tuple[list[Row], Row]:
    """Return all judged rows by rank, with q-values, and what is usual in the case."""
    # Rounded: in the last digits a sum depends on the order in which its parts came.
    order = "round(score, 9) DESC, requests DESC, id"
    table = case.query(f"SELECT * FROM {built.table('judged')} ORDER BY {order}", cursor=cursor)
    rows = [dict(zip(table.columns, values, strict=True)) for values in table.rows]
    kind = built.subject.kind
    usual = case.query(f"SELECT * FROM {built.table('base')}", cursor=cursor)
    base = dict(zip(usual.columns, usual.rows[0], strict=True))
    expected = q_values([row["score"] for row in rows], base["attainable"])
    for rank, (row, q) in enumerate(zip(rows, expected, strict=True), start=1):
        row.update(rank=rank, q_value=q, flagged=q <= fdr, kind=kind)
    return rows, base


def finding(row: Row, base: Row, names: Mapping[int, str]) -> Finding:
    """Return the finding about one entity."""
    return Finding(
        rank=row["rank"],
        kind=row["kind"],
        entity=row["id"],
        campaign=names.get(row["team"]),
        score=row["score"],
        q_value=row["q_value"],
        flagged=row["flagged"],
        requests=row["requests"],
        first=row["first"],
        last=row["last"],
        reasons=reasons(row, base),
        innocent=explanations(row),
    )


def _campaigns(rows: Iterable[Row]) -> tuple[dict[int, str], list[Campaign]]:
    """Return the names of the groups that are campaigns, and the campaigns, the one with the highest scores first."""
    teams: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["team"] is not None:
            teams[row["team"]].append(row)
    hostile = [
        team
        for team, members in teams.items()
        if sum(row["flagged"] for row in members) >= max(CAMPAIGN, CAMPAIGN_SHARE * len(members))
    ]
    hostile.sort(key=lambda team: (-median(row["score"] for row in teams[team]), team))
    names = {team: f"campaign-{number}" for number, team in enumerate(hostile, start=1)}
    return names, [_campaign(names[team], teams[team]) for team in hostile]


def _campaign(name: str, members: list[Row]) -> Campaign:
    score = median(row["score"] for row in members)
    typical = min(members, key=lambda row: (abs(row["score"] - score), row["rank"]))
    return Campaign(
        name=name,
        kind=typical["kind"],
        size=len(members),
        flagged=sum(row["flagged"] for row in members),
        requests=sum(row["requests"] for row in members),
        first=min(row["first"] for row in members),
        last=max(row["last"] for row in members),
        score=score,
        reasons=_evidence(members),
        innocent=explanations(typical),
        members=tuple(
            Member(row["id"], row["score"], row["q_value"], row["flagged"], row["requests"], _adds(row))
            for row in members
        ),
    )


_SAID = {
    "network": "share addresses that hardly anyone else uses",
    "payment": "are paid for together without a common organisation",
    "time": "work in the same hours, or start and stop together",
    "wording": "fill the same templates as if from one list",
    "client": "use a client or sampling settings that hardly anyone else uses",
    "change": "came to the common addresses after a past of their own",
}


def _evidence(members: list[Row]) -> tuple[Reason, ...]:
    """Return what the members do together: how many of them, and how strong it is."""
    from workbench.detect.reasons import CITED

    reasons = []
    for family, weight in TOGETHER.items():
        having = [row for row in members if row[family] >= 0.2]
        if having:
            first = max(having, key=lambda row: row[family])
            when = "sync" if first["by_sync"] else "life"
            book, parameters = CITED[when if family == "time" else family]
            asked = {"hub": max(40, 2 * len(members)), "entity": first["id"] if first["kind"] == "account" else ""}
            given = {key: value.format_map(asked) for key, value in parameters.items()}
            strength = weight * sum(row[family] * row["purpose"] * row["backing"] for row in members) / len(members)
            text = f"{len(having):,} of {counted(len(members), 'member')} {_SAID[family]}"
            reasons.append(Reason(text, strength, book, given))
    return tuple(sorted(reasons, key=lambda one: -one.evidence))


def _adds(row: Row) -> str:
    """Return what a member's own figures add to the campaign's finding, strongest family first."""
    parts = {family: weight * row[family] * row["purpose"] * row["backing"] for family, weight in TOGETHER.items()}
    parts["harvest"] = HARVEST * row["harvest"]
    named = [
        f"{family} {value:.1f}" for family, value in sorted(parts.items(), key=lambda one: -one[1]) if value >= 0.1
    ]
    return ", ".join(named) or "nothing of its own"


_FAMILIES = (
    ("client_ip", "addresses"),
    ("payment_ref", "payment methods"),
    ("prompt", "prompts"),
    ("output_tokens", "the length of answers"),
)


def _unasked(made: Built) -> list[str]:
    """Return what could not be judged because no log of the case has it."""
    missing = [said for column, said in _FAMILIES if not made.subject.has(column)]
    return [f"not judged, since no log here has it: {', '.join(missing)}"] if missing else []
