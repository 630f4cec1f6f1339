"""Acts by which something leaves a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.case.acts.base import Act, rest


@dataclass(frozen=True, slots=True)
class ExportWritten(Act):
    """A file was written; ``selection`` is what was chosen for it, by which policy, and how many rows it has."""

    ACTION = "export"
    HANDS_OVER = True
    what: str
    file: str
    sha256: str
    selection: Mapping[str, object] = rest()


@dataclass(frozen=True, slots=True)
class BundleWritten(Act):
    """A bundle of a tag or a finding was written."""

    ACTION = "bundle"
    HANDS_OVER = True
    file: str
    sha256: str
    tag: str | None
    finding: str | None
    policy: str | None
    events: int


@dataclass(frozen=True, slots=True)
class ReportWritten(Act):
    """A report of so many accepted findings was written."""

    ACTION = "report"
    HANDS_OVER = True
    file: str
    findings: int
    policy: str | None


@dataclass(frozen=True, slots=True)
class TotalsDisclosed(Act):
    """Totals were released with noise; ``spent`` is the epsilon of all releases so far."""

    ACTION = "disclose"
    HANDS_OVER = True
    policy: str
    epsilon: float
    spent: float


@dataclass(frozen=True, slots=True)
class Sealed(Act):
    """The head of the chain was written down, in a file and signed or not."""

    ACTION = "seal"
    HANDS_OVER = True
    file: str | None
    signed: bool


@dataclass(frozen=True, slots=True)
class SegmentsWritten(Act):
    """All events were written as segments for another engine."""

    ACTION = "segments"
    folder: str
    files: int
    rows: int
