"""What triage says: findings about entities and campaigns, with reasons and innocent explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workbench.case.store import Provenance

#: The columns of a triage table, in their order.
COLUMNS = (
    "rank", "kind", "entity", "campaign", "score", "q_value", "flagged", "requests", "first", "last", "reasons",
    "innocent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a sentence with figures, and the playbook that reproduces it.

    ``evidence`` is the family's part of the score (0 to its weight).
    """

    text: str
    evidence: float
    playbook: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Innocent:
    """One innocent explanation as tested: what speaks for it, what against, and which record would settle it.

    ``verdict`` is ``fits``, ``does not fit`` or ``open`` (the data cannot say).
    """

    name: str
    verdict: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    settled_by: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of triage. Times are UTC; ``q_value`` is the expected share of wrong ones among all ranked this high."""

    rank: int
    kind: str
    entity: str
    campaign: str | None
    score: float
    q_value: float
    flagged: bool
    requests: int
    first: datetime
    last: datetime
    reasons: tuple[Reason, ...]
    innocent: tuple[Innocent, ...]

    def row(self) -> tuple[object, ...]:
        """Return the values of :data:`COLUMNS`, reasons and innocent explanations as sentences."""
        explained = [f"{one.name}: {one.verdict}" for one in self.innocent]
        return (
            self.rank, self.kind, self.entity, self.campaign, round(self.score, 2), float(f"{self.q_value:.3g}"),
            self.flagged, self.requests, self.first, self.last, [reason.text for reason in self.reasons], explained,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """What one entity adds to a campaign: its score, and each family's evidence (0 to 1)."""

    entity: str
    score: float
    q_value: float
    flagged: bool
    requests: int
    adds: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A group of entities that act as one: its members, the evidence of coordination, the explanations tested."""

    name: str
    kind: str
    size: int
    flagged: int
    requests: int
    first: datetime
    last: datetime
    score: float
    reasons: tuple[Reason, ...]
    innocent: tuple[Innocent, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Triage:
    """The answer of triage: findings by rank, campaigns by score, and what this case could not be asked.

    ``expected_wrong`` is how many of the flagged ones are expected to be innocent; ``provenance`` is what a run
    records of another engine that read the events.
    """

    by: str
    kind: str
    fdr: float
    entities: int
    flagged: int
    expected_wrong: float
    rows: tuple[Finding, ...]
    campaigns: tuple[Campaign, ...]
    limits: tuple[str, ...]
    provenance: Provenance | None = None

    @property
    def said(self) -> str:
        """How many are flagged, and how many of those are expected to be wrong, as a sentence."""
        wrong = f"about {self.expected_wrong:.1f}" if self.expected_wrong >= 0.05 else "fewer than 0.1"
        return f"{self.flagged:,} of {self.entities:,} flagged; {wrong} of them are expected to be innocent"
