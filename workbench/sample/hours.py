"""When people and machines ask: the window of the sample, daily rhythms, and schedules built on them.

Times are milliseconds since 1970 in UTC. A schedule turns a number of requests into that many ticks (about: work that
would reach beyond the window is cut off).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from workbench.sample.dice import Dice, cumulative

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moment(text: str) -> int:
    """Return the milliseconds since 1970 of an ISO 8601 time in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


START = moment("2026-04-22T00:00")
END = moment("2026-06-05T00:00")
RELEASE = moment("2026-05-18T14:00")  # of the model atlas-4
_FIRST_WEEKDAY = 2  # the window begins on a Wednesday

# Share of activity by local hour, from midnight.
OFFICE = (0, 0, 0, 0, 0, 0, 1, 3, 8, 11, 12, 11, 7, 9, 12, 11, 10, 7, 3, 2, 2, 1, 1, 0)
EVENING = (3, 1, 1, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 4, 4, 4, 5, 6, 7, 9, 11, 12, 10, 6)
NIGHT_OWL = (10, 9, 7, 5, 2, 1, 0, 0, 1, 1, 2, 3, 4, 4, 5, 5, 5, 5, 5, 6, 8, 10, 12, 12)
EARLY = (0, 0, 0, 1, 4, 8, 10, 9, 7, 6, 5, 4, 4, 3, 3, 3, 3, 2, 2, 2, 1, 1, 0, 0)
CUSTOMERS = (2, 1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 9, 9, 9, 8, 8, 8, 9, 9, 8, 6, 4)
SCHOOL = (2, 1, 0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 4, 4, 6, 9, 11, 11, 10, 11, 12, 11, 9, 5)

WORKDAYS = (10, 11, 11, 10, 8, 1, 1)
EVERY_DAY = (10, 10, 10, 10, 10, 10, 10)
LEISURE = (8, 8, 8, 8, 9, 12, 13)
HOMEWORK = (10, 10, 10, 9, 4, 5, 11)


class Tick(NamedTuple):
    """One request to be made: when, in which run (conversation, job), and its place in that run."""

    ms: int
    run: int
    turn: int


class Schedule(Protocol):
    """Anything that spreads requests over time."""

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return about ``count`` ticks in time order."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The hours of somebody who lives ``offset`` hours east of UTC, between ``first`` and ``last``."""

    offset: float = 0.0
    hours: Sequence[float] = EVERY_DAY
    weekdays: Sequence[float] = EVERY_DAY
    first: int = START
    last: int = END

    def days(self) -> list[int]:
        """Return the local midnights within the rhythm's life."""
        shift = round(self.offset * HOUR)
        return [day - shift for day in range(START, END + DAY, DAY) if self.first - DAY < day - shift < self.last]

    def weekday(self, midnight: int) -> int:
        """Return the local weekday (0 is Monday) of a local midnight."""
        return ((midnight + round(self.offset * HOUR) - START) // DAY + _FIRST_WEEKDAY) % 7

    def hour_at(self, ms: int) -> float:
        """Return the local hour of the day."""
        return ((ms - START) / HOUR + self.offset) % 24


def varied(hours: Sequence[float], dice: Dice) -> list[float]:
    """Return somebody's own version of common hours: shifted by up to two hours, and uneven."""
    shift = dice.pick((-2, -1, -1, 0, 0, 0, 0, 1, 1, 2))
    return [hours[(h - shift) % 24] * dice.uniform(0.5, 1.5) for h in range(24)]


def _tidy(ticks: list[Tick], first: int, last: int) -> list[Tick]:
    low, high = max(START, first), min(END, last)
    return sorted(tick for tick in ticks if low <= tick.ms < high)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Human work: sessions of several turns, with a pause to read and write between them."""

    rhythm: Rhythm
    turns: float = 4.0
    pause_s: float = 75.0
    peak: tuple[int, float] | None = None  # a time, and how many times busier the three days from it are

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return sessions on days and hours drawn from the rhythm."""
        days = self.rhythm.days()
        if not days:
            return []
        weights = [self.rhythm.weekdays[self.rhythm.weekday(day)] * dice.lognormal(1.0, 0.6) for day in days]
        if self.peak is not None:
            at, factor = self.peak
            weights = [w * factor if at - DAY < d < at + 2 * DAY else w for d, w in zip(days, weights, strict=True)]
        by_day, by_hour = cumulative(weights), cumulative(self.rhythm.hours)
        out: list[Tick] = []
        run = tries = 0
        first, last = max(START, self.rhythm.first), min(END, self.rhythm.last)
        while len(out) < count and tries < 4 * count + 50:
            tries += 1
            day = days[min(bisect(by_day, dice.random() * by_day[-1]), len(days) - 1)]
            hour = min(bisect(by_hour, dice.random() * by_hour[-1]), 23)
            at = day + hour * HOUR + dice.below(HOUR)
            if not first <= at < last:
                continue
            for turn in range(min(count - len(out), max(1, round(dice.lognormal(self.turns, 0.7))))):
                out.append(Tick(at, run, turn))
                at += round(dice.lognormal(self.pause_s, 0.8) * SECOND) + 1500
            run += 1
        return _tidy(out, first, last)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A product's traffic: its customers' hours, growth over the weeks, conversations of a few turns."""

    rhythm: Rhythm
    turns: float = 1.0
    pause_s: float = 60.0
    growth: float = 0.0  # 0.5: half as busy again at the end as at the start

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return customers' conversations spread over all days."""
        rhythm = self.rhythm
        days = rhythm.days()
        if not days:
            return []
        weights = [
            rhythm.weekdays[rhythm.weekday(day)] * (1 + self.growth * i / len(days)) * dice.lognormal(1.0, 0.15)
            for i, day in enumerate(days)
        ]
        by_day, by_hour = cumulative(weights), cumulative(rhythm.hours)
        out: list[Tick] = []
        run = 0
        while len(out) < count:
            day = days[min(bisect(by_day, dice.random() * by_day[-1]), len(days) - 1)]
            hour = min(bisect(by_hour, dice.random() * by_hour[-1]), 23)
            at = day + hour * HOUR + dice.below(HOUR)
            turns = 1 if self.turns <= 1 else max(1, round(dice.lognormal(self.turns, 0.6)))
            for turn in range(min(turns, count - len(out))):
                out.append(Tick(at, run, turn))
                at += round(dice.lognormal(self.pause_s, 0.6) * SECOND)
            run += 1
        return _tidy(out, rhythm.first, rhythm.last)


@dataclass(frozen=True, slots=True)
class Jobs:
    """Machine work in runs: a nightly batch, an evaluation, a CI pipeline."""

    rhythm: Rhythm
    size: int = 40  # requests in a run
    pause_s: float = 6.0
    at_hour: float | None = None  # local hour of a scheduled job; None: by the rhythm's hours
    spread: float = 0.3  # how unequal the runs are
    extra: Sequence[int] = ()  # times at which a run certainly starts, such as a model's release

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return runs on days drawn from the rhythm."""
        days = self.rhythm.days()
        weights = [self.rhythm.weekdays[self.rhythm.weekday(day)] for day in days]
        if not days or not any(weights):
            return []
        by_day, by_hour = cumulative(weights), cumulative(self.rhythm.hours)
        wanted = max(1, round(count / self.size))
        starts = [at for at in self.extra if self.rhythm.first <= at < self.rhythm.last][:wanted]
        while len(starts) < wanted:
            if self.at_hour is not None:
                # Scheduled: every so many days, in turn.
                place = (len(starts) + 0.5) / wanted * by_day[-1]
                day = days[min(bisect(by_day, place), len(days) - 1)]
                starts.append(day + round((self.at_hour + dice.uniform(0, 0.1)) * HOUR))
            else:
                day = days[min(bisect(by_day, dice.random() * by_day[-1]), len(days) - 1)]
                starts.append(day + min(bisect(by_hour, dice.random() * by_hour[-1]), 23) * HOUR + dice.below(HOUR))
        out: list[Tick] = []
        share = count / wanted
        for run, start in enumerate(sorted(starts)):
            at = start
            for turn in range(max(1, round(share * dice.lognormal(1.0, self.spread)))):
                out.append(Tick(at, run, turn))
                at += round(dice.lognormal(self.pause_s, 0.5) * SECOND)
        return _tidy(out, self.rhythm.first, self.rhythm.last)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Homework: little for weeks, then more and more until a deadline, and nothing after it."""

    rhythm: Rhythm
    deadline: int
    eager: float = 0.35  # 0: all at the last minute, 1: evenly from the first day
    turns: float = 4.0
    pause_s: float = 110.0

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return sessions that crowd before the deadline, at hours of the rhythm."""
        by_hour = cumulative(self.rhythm.hours)
        out: list[Tick] = []
        run = 0
        while len(out) < count:
            back = dice.random() * dice.random() * dice.random() if dice.random() > self.eager else dice.random()
            local = self.deadline - round(back * 12 * DAY) + round(self.rhythm.offset * HOUR)
            hour = min(bisect(by_hour, dice.random() * by_hour[-1]), 23)
            at = local - local % DAY + hour * HOUR + dice.below(HOUR) - round(self.rhythm.offset * HOUR)
            if not START <= at < self.deadline:
                at = self.deadline - dice.between(1, 300) * MINUTE
            for turn in range(min(count - len(out), max(1, round(dice.lognormal(self.turns, 0.6))))):
                out.append(Tick(at, run, turn))
                at += round(dice.lognormal(self.pause_s, 0.7) * SECOND)
            run += 1
        return _tidy(out, START, self.deadline + 20 * MINUTE)


@dataclass(frozen=True, slots=True)
class Bursts:
    """A load test: a few tries on one or two days, at a steady rate."""

    starts: Sequence[int]
    pause_s: float = 0.8

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return equal bursts at the given starts."""
        out: list[Tick] = []
        for run, start in enumerate(self.starts):
            at = float(start)
            for turn in range(max(1, count // len(self.starts))):
                out.append(Tick(round(at), run, turn))
                at += self.pause_s * SECOND * dice.uniform(0.8, 1.2)
        return _tidy(out, START, END)


@dataclass(frozen=True)
class Waves:
    """Work handed out from one place: all who share the ``tide`` move with it, hour by hour, day and night."""

    tide: Sequence[float]  # intensity of each hour of the window
    first: int
    last: int
    beats: Sequence[int] = (0,)  # minutes of the hour at which work is handed out
    _sums: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        low, high = (self.first - START) // HOUR, (self.last - START) // HOUR
        self._sums.extend(cumulative([w if low <= h < high else 0.0 for h, w in enumerate(self.tide)]))

    def ticks(self, count: int, dice: Dice) -> list[Tick]:
        """Return ``count`` ticks that follow the tide evenly."""
        sums = self._sums
        if not sums or sums[-1] <= 0:
            return []
        out: list[Tick] = []
        for i in range(count):
            hour = min(bisect(sums, (i + dice.random()) / count * sums[-1]), len(sums) - 1)
            late = dice.lognormal(4.0, 0.9)
            at = START + hour * HOUR + dice.pick(self.beats) * MINUTE + round(min(late, 50.0) * MINUTE)
            out.append(Tick(at, hour, i))
        return _tidy(out, self.first, self.last)
