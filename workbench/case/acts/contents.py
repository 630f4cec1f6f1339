"""Acts that make what a case holds: the case itself, settings, loads, runs, derived tables, playbooks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.case.acts.base import ABSENT, Absent, Act, rest
from workbench.case.state import Stamp, State

#: The setting that holds the moments that investigators noted, as a JSON list.
MOMENTS = "moments"


@dataclass(frozen=True, slots=True)
class Created(Act):
    """The case was made."""

    ACTION = "create"
    name: str


@dataclass(frozen=True, slots=True)
class Migrated(Act):
    """The ledger was brought to a newer version; ``backup`` is the copy of it as it was."""

    ACTION = "migrate"
    CHANGES = frozenset({"source", "segment", "run"})
    from_: int
    to: int
    backup: str
    segments: Sequence[Mapping[str, Any]]

    def apply(self, state: State, stamp: Stamp) -> None:
        """The older version did not say which segments a load wrote."""
        state.older = stamp.seq
        state.segments |= {segment["segment"]: dict(segment) for segment in self.segments}


@dataclass(frozen=True, slots=True)
class SettingChanged(Act):
    """A setting of the case got a value."""

    ACTION = "setting"
    CHANGES = frozenset({"setting"})
    name: str
    value: str

    def apply(self, state: State, stamp: Stamp) -> None:
        """The setting has the value."""
        del stamp
        state.settings[self.name] = self.value


class Enriched(SettingChanged):
    """A database or look-up was added, or removed where the value is empty: a setting too."""

    ACTION = "enrich"


@dataclass(frozen=True, slots=True)
class MomentNoted(Act):
    """An investigator noted what happened at a time (UTC, ISO 8601)."""

    ACTION = "moment"
    CHANGES = frozenset({"setting"})
    at: str
    what: str
    by: str
    noted_at: str | Absent = ABSENT

    def apply(self, state: State, stamp: Stamp) -> None:
        """The setting holds one moment more."""
        del stamp
        state.settings[MOMENTS] = self.added_to(state.settings.get(MOMENTS, "[]"))

    def added_to(self, setting: str) -> str:
        """Return the setting with this moment at its end."""
        return json.dumps([*json.loads(setting), {"at": self.at, "what": self.what, "by": self.by}])


@dataclass(frozen=True, slots=True)
class Loaded(Act):
    """Logs were read: the accounting of each, and the segments that hold their events and rejects."""

    ACTION = "load"
    CHANGES = frozenset({"source", "segment"})
    sources: Sequence[Mapping[str, Any]]
    loader: str | Absent = ABSENT
    segments: Sequence[Mapping[str, Any]] | Absent = ABSENT
    format: Mapping[str, Any] | Absent = ABSENT

    def apply(self, state: State, stamp: Stamp) -> None:
        """A source without a number could not be read, and has no row."""
        for source in self.sources:
            if source["source"] is not None:
                state.sources[source["source"]] = {**source, "loaded_at": stamp.at, "loaded_by": stamp.who}
        if self.segments is not ABSENT:
            state.segments |= {segment["segment"]: dict(segment) for segment in self.segments}

    def keys(self, table: str) -> Sequence[tuple[object, ...]] | None:
        """Return the numbers of the sources."""
        numbers = [(source["source"],) for source in self.sources if source["source"] is not None]
        return numbers if table == "source" else None


@dataclass(frozen=True, slots=True)
class LoadCancelled(Act):
    """A load was stopped by whoever ran it."""

    ACTION = "load cancelled"
    what: str


@dataclass(frozen=True, slots=True)
class LoadKilled(Act):
    """The process of a load ended before it was done."""

    ACTION = "load killed"
    what: str


@dataclass(frozen=True, slots=True)
class Ran(Act):
    """A query, a playbook, a triage or an export was run; ``elsewhere`` is what an engine beyond this machine says."""

    ACTION = "run"
    CHANGES = frozenset({"run"})
    kind: str
    name: str
    parameters: Mapping[str, object]
    rows: int
    sql_sha256: str | Absent = ABSENT
    run: int | Absent = ABSENT
    result: str | Absent | None = ABSENT
    result_order: str | Absent | None = ABSENT
    cut: int | Absent | None = ABSENT
    segments: int | Absent = ABSENT
    inputs: str | Absent = ABSENT
    tools: str | Absent = ABSENT
    elsewhere: Mapping[str, object] = rest()

    @property
    def hands_over(self) -> bool:
        """An export is recorded as a run too."""
        return self.kind == "export"

    def apply(self, state: State, stamp: Stamp) -> None:
        """An older version did not say the number: runs were counted."""
        number = len(state.runs) + 1 if self.run is ABSENT else self.run
        state.runs[number] = {**self.detail(), "run_at": stamp.at, "run_by": stamp.who}

    def keys(self, table: str) -> Sequence[tuple[object, ...]] | None:
        """Return the run's number."""
        del table
        return None if self.run is ABSENT else [(self.run,)]


@dataclass(frozen=True, slots=True)
class TableDerived(Act):
    """A derived table was made of the segments up to ``segments``."""

    ACTION = "derive"
    HANDS_OVER = True
    table: str
    file: str
    sha256: str
    tools: str | Absent = ABSENT
    segments: int | Absent = ABSENT

    def apply(self, state: State, stamp: Stamp) -> None:
        """The file has this hash."""
        del stamp
        state.derived[self.file] = self.sha256


@dataclass(frozen=True, slots=True)
class PlaybookSaved(Act):
    """A query was saved as a playbook of the case."""

    ACTION = "playbook"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Corroborated(Act):
    """Two records of the same traffic were compared; ``counts`` is how many events agree, and the like."""

    ACTION = "corroborate"
    first: str
    second: str
    tolerance: float
    where: Sequence[str]
    counts: Mapping[str, object] = rest()
