"""The whole reasoning about one entity, and two entities (or one and its peers) side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.detect.build import Built, build
from workbench.detect.model import Campaign, Finding, Triage
from workbench.detect.scoring import APART, HARVEST, LIKENESS, TOGETHER
from workbench.detect.subject import BY
from workbench.detect.triage import Row, assess
from workbench.errors import UsageError
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: What is compared: name of the figure, what it is called.
FIGURES = (
    ("requests", "requests"), ("active_days", "days with requests"), ("active_hours", "hours with requests"),
    ("addresses", "addresses"), ("agents", "clients"), ("input_tokens", "tokens sent"),
    ("output_tokens", "tokens answered"), ("mean_output", "tokens an answer"),
    ("output_ratio", "tokens answered a token sent"),
    ("prompts", "prompts"), ("different_prompts", "different prompts (about)"),
    ("template_share", "share of prompts that fill a template"), ("templates", "templates filled"),
    ("eliciting", "share of prompts that elicit"), ("night", "share of activity in the quietest 8 hours"),
    ("streamed", "share streamed"), ("warm", "share at a temperature above 0"), ("errors", "share of errors"),
    ("team_size", "entities in its group"), ("own_addresses", "addresses of its group"),
    ("own_address_share", "share of requests from them"), ("own_templates", "templates of its group"),
    ("own_template_share", "share of prompts that fill them"), ("sync", "common hours, times the expected"),
    ("own_payments", "means of payment of its group"), ("own_client_share", "share of requests by its group's clients"),
    ("own_settings_share", "share with its group's settings"),
    ("mix", "fillings as like others' as its own"),
    ("alike", "as like its nearest as its own"), ("far", "farther from everybody than the median, times the usual"),
    ("places", "networks from which its group fills one list"),
    ("network", "evidence: network"), ("payment", "evidence: payment"), ("time", "evidence: time"),
    ("wording", "evidence: wording"), ("client", "evidence: client"), ("change", "evidence: change"),
    ("harvest", "evidence: harvest"), ("score", "score"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shared:
    """Something the entity shares with others of its group; ``declared`` where an organisation explains it."""

    kind: str
    value: str
    share: float
    members: int
    holders: int
    declared: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """All about one entity: the finding, how its score adds up, what it shares, its campaign."""

    finding: Finding
    score_parts: tuple[tuple[str, float], ...]
    shared: tuple[Shared, ...]
    campaign: Campaign | None
    figures: tuple[tuple[str, object, object], ...]  # name, the entity's, the median of the case
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two columns of figures: name, the first's, the second's (or the peers' median)."""

    first: str
    second: str
    rows: tuple[tuple[str, object, object], ...]


def explain(
    case: Case, kind: str, entity: str, *, fdr: float = 0.05, cursor: duckdb.DuckDBPyConnection | None = None
) -> Explanation:
    """Return the whole reasoning about one entity. Raises UsageError where the case has none of that name."""
    made, rows, triaged = _assessed(case, kind, fdr, cursor)
    row = _named(rows, kind, entity)
    shared = case.query(
        f"SELECT kind, said, share, members, holders, declared FROM {made.table('shared')} WHERE id = $id "
        "ORDER BY share DESC, said",
        {"id": entity},
        cursor=cursor,
    )
    single = triaged.rows[row["rank"] - 1]
    by = row["by_what"]
    parts = [
        (family, weight * row[family] * row["purpose"] * row["backing"] if by == "shared" else 0.0)
        for family, weight in TOGETHER.items()
    ]
    return Explanation(
        finding=single,
        score_parts=(
            *parts,
            ("likeness", LIKENESS * row["likeness"] * row["purpose"] if by == "likeness" else 0.0),
            ("apart", APART * row["apart"] * row["purpose"] if by == "apart" else 0.0),
            ("harvest", HARVEST * row["harvest"]),
        ),
        shared=tuple(Shared(*values) for values in shared.rows),
        campaign=next((one for one in triaged.campaigns if one.name == single.campaign), None),
        figures=tuple((said, row[name], _median(rows, name)) for name, said in FIGURES),
        limits=triaged.limits,
    )


def compare(
    case: Case, kind: str, first: str, second: str | None = None, *, cursor: duckdb.DuckDBPyConnection | None = None
) -> Comparison:
    """Put two entities side by side, or one and the median of all others where no second is named.

    Raises UsageError for a name that the case does not have.
    """
    _, rows, _ = _assessed(case, kind, 0.05, cursor)
    one = _named(rows, kind, first)
    if second is not None:
        other = _named(rows, kind, second)
        return Comparison(first, second, tuple((said, one[name], other[name]) for name, said in FIGURES))
    peers = [row for row in rows if row is not one]
    said_peers = f"median of {counted(len(peers), 'other')}"
    return Comparison(first, said_peers, tuple((said, one[name], _median(peers, name)) for name, said in FIGURES))


def _assessed(
    case: Case, kind: str, fdr: float, cursor: duckdb.DuckDBPyConnection | None
) -> tuple[Built, list[Row], Triage]:
    by = "account" if kind == "client" else kind
    if by not in BY:
        raise UsageError(f"unknown kind {kind!r}; one of: {', '.join(BY)}")
    made = build(case, by, cursor)
    rows, found = assess(case, made, fdr, None, cursor)
    return made, rows, found


def _named(rows: Sequence[Row], kind: str, entity: str) -> Row:
    for row in rows:
        if row["id"] == entity:
            return row
    raise UsageError(f"there is no {kind} {entity!r} among the {len(rows):,} judged; triage lists them")


def _median(rows: Sequence[Row], name: str) -> Any:
    values = sorted(row[name] for row in rows if row[name] is not None)
    return values[len(values) // 2] if values else None
