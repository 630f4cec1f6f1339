"""What stands in a report, whatever it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.case.tags import Tag
    from workbench.charts import Drawing
    from workbench.detect import Finding


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart with its title and the run that its figures are from."""

    title: str
    drawing: Drawing
    run: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted finding: whom it is about, who accepted it and why, and what triage says (None where it cannot)."""

    kind: str
    name: str
    tag: Tag
    finding: Finding | None
    run: int | None
    corroborated: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What stands in a report, whatever it is written as; every text is raw and escaped by the writers."""

    title: str
    intro: list[str]
    facts: list[tuple[str, str]]
    accepted: list[Accepted]
    campaigns: list[tuple[str, list[str]]] = field(default_factory=list)
    dismissed: list[tuple[str, str, str]] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    sources: list[Sequence[Any]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
