"""What a load says while it runs and when it is done, and what it keeps of each source until it is registered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workbench.case.sources import Source
from workbench.errors import WorkbenchError
from workbench.words import counted

#: A request is written when it ends and has the time of its start: only a longer step back is worth a word. Seconds.
JUMP = 300


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: which source of how many, what is being done to it, bytes read of how many where known."""

    name: str
    number: int
    of: int
    stage: str
    bytes: int
    total: int | None
    lines: int


@dataclass(slots=True)
class Backward:
    """How often a source's times go back by more than ``JUMP`` seconds from event to event, and how far at most."""

    times: int = 0
    most: timedelta = timedelta()
    #: The time of the last event so far.
    last: datetime | None = None

    def add(self, times: int, most: timedelta | None, first: datetime | None, last: datetime | None) -> None:
        """Add what a piece holds, and the step from the piece before; ``first`` and ``last`` are its events' times."""
        step = self.last - first if self.last is not None and first is not None else timedelta()
        over = step > timedelta(seconds=JUMP)
        self.times += times + over
        self.most = max(self.most, most or timedelta(), step if over else timedelta())
        self.last = last or self.last

    def told(self) -> str:
        """Return the warning."""
        span = timedelta(seconds=round(self.most.total_seconds()))
        often = counted(self.times, "time")
        return f"its times go back by more than {JUMP} s {often}, at most by {span}; they are kept so"


@dataclass(slots=True)
class LoadedSource:
    """A source that was read: its report and what the ledger keeps besides; its pieces may be shared with others."""

    report: Source
    mtime: str | None = None
    columns: dict[str, int] = field(default_factory=dict)
    extra_keys: dict[str, None] = field(default_factory=dict)
    not_utf8: int = 0
    encoding: str = "utf-8"
    #: The byte at the end of UTF-16 that is half a character.
    cut: bytes = b""
    span: tuple[datetime | None, datetime | None] = (None, None)
    backward: Backward = field(default_factory=Backward)

    def add(
        self,
        *,
        event_lines: int,
        events: int,
        rejects: int,
        span: tuple[datetime | None, datetime | None],
        columns: dict[str, int],
        extra_keys: list[str],
    ) -> None:
        """Add what came of some of its lines."""
        report = self.report
        report.event_lines += event_lines
        report.events += events
        report.rejects += rejects
        for name, count in columns.items():
            if count:
                self.columns[name] = self.columns.get(name, 0) + count
        self.extra_keys.update(dict.fromkeys(extra_keys))
        firsts = [one for one in (self.span[0], span[0]) if one is not None]
        lasts = [one for one in (self.span[1], span[1]) if one is not None]
        self.span = (min(firsts, default=None), max(lasts, default=None))

    def finish(self, warning: str | None) -> None:
        """Complete the report once all lines were read; ``warning`` is about its times."""
        report = self.report
        report.skipped = report.lines - report.event_lines - report.rejects
        report.first, report.last = map(_iso, self.span)
        if self.not_utf8:
            report.warnings.append(
                f"{counted(self.not_utf8, 'line')} with bytes that are not UTF-8; such bytes appear as \\xNN"
            )
        if self.encoding != "utf-8":
            report.warnings.append(f"the file is {self.encoding.upper()}; lines are counted after decoding")
        if self.cut:
            report.warnings.append(
                f"the file ends inside a character: its last byte, 0x{self.cut.hex()}, is in no line"
            )
        if report.events and not self.columns.get("ts"):
            report.warnings.append("no times were found: its events take part in no session and no time chart")
        elif warning:
            report.warnings.append(warning)
        if self.backward.times:
            report.warnings.append(self.backward.told())


def failed(name: str, error: WorkbenchError) -> LoadedSource:
    """Return what there is of a source that could not be read."""
    return LoadedSource(Source(None, name, error=str(error)))


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="microseconds") + "Z"
