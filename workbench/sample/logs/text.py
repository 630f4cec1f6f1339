"""Times and files as logs have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from gzip import GzipFile
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from workbench.sample.hours import DAY, HOUR, MINUTE, SECOND

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)
def _date(day: int) -> tuple[str, str, str]:
    at = datetime.fromtimestamp(day * DAY // SECOND, UTC)
    month = _MONTHS[at.month - 1]
    return at.strftime("%Y-%m-%d"), f"{at.day:02d}/{month}/{at.year}", f"{month} {at.day:2d}"


def _clock(ms: int) -> str:
    rest = ms % DAY
    return f"{rest // HOUR:02d}:{rest % HOUR // MINUTE:02d}:{rest % MINUTE // SECOND:02d}"


def iso_time(ms: int) -> str:
    """Return ``2026-05-18T14:00:00.000Z``."""
    return f"{_date(ms // DAY)[0]}T{_clock(ms)}.{ms % SECOND:03d}Z"


def combined(ms: int) -> str:
    """Return ``18/May/2026:14:00:00 +0000``."""
    return f"{_date(ms // DAY)[1]}:{_clock(ms)} +0000"


def rfc3164(ms: int) -> str:
    """Return ``May 18 14:00:00``."""
    return f"{_date(ms // DAY)[2]} {_clock(ms)}"


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open a text file to write, gzipped (without time or name, so that bytes repeat) where its name says so."""
    if path.suffix != ".gz":
        with path.open("w", encoding="utf-8", newline="\n") as plain:
            yield plain
        return
    with (
        path.open("wb") as raw,
        GzipFile("", "wb", 9, raw, mtime=0) as packed,
        TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
    ):
        yield text
