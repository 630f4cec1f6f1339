"""Windows of time over the events: zooming into them, moving them, and the spikes of a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.case.browse import Histogram

#: The first and the last time (UTC, naive).
Window = tuple[datetime, datetime]

#: A zoom shows this fraction of the window, around the cursor.
_ZOOM = 8


def read_window(texts: Sequence[str] | None) -> Window | None:
    """Return the window of two times in ISO 8601."""
    return (datetime.fromisoformat(texts[0]), datetime.fromisoformat(texts[1])) if texts else None


def brushed(histogram: Histogram, start: datetime, end: datetime) -> Window:
    """Return what was marked from one event to another, at least an eighth of a bin."""
    first, last = sorted((start, end))
    return first, max(last, first + histogram.step / 8) + timedelta(microseconds=1)


def zoomed_in(histogram: Histogram, shown: Window, moment: datetime) -> Window | None:
    """Return the spike in which a time is, else an eighth of what is shown around it; None where that is too little."""
    place = histogram.place(moment)
    spike = next(((low, high) for low, high in histogram.spikes() if low <= place <= high), None)
    if spike is not None and spike[1] - spike[0] + 1 < len(histogram.counts):
        window = histogram.start + spike[0] * histogram.step, histogram.start + (spike[1] + 1) * histogram.step
    else:
        half = (shown[1] - shown[0]) / _ZOOM / 2
        window = moment - half, moment + half
    return None if window[1] - window[0] < histogram.step / 1000 else window


def zoomed_out(window: Window, moment: datetime, whole: Window | None) -> Window | None:
    """Return eight times the window around a time; None where that is all there is."""
    half = (window[1] - window[0]) * _ZOOM / 2
    inside = whole is not None and (moment - half > whole[0] or moment + half < whole[1])
    return (moment - half, moment + half) if inside else None


def shifted(window: Window, step: int) -> Window:
    """Return the window of the same length after this one, or before it."""
    length = (window[1] - window[0]) * step
    return window[0] + length, window[1] + length


def next_bin(histogram: Histogram, moment: datetime, step: int) -> datetime:
    """Return the start of the next bin that is not empty, after a time or before it; else of the last or first one."""
    place = histogram.place(moment) + step
    while 0 < place < len(histogram.counts) - 1 and not histogram.counts[place]:
        place += step
    return histogram.start + max(0, place) * histogram.step


def next_spike(histogram: Histogram, moment: datetime, step: int) -> datetime | None:
    """Return the start of the next spike after a time or before it, or None where there is no further one."""
    here = histogram.place(moment)
    starts = [low for low, _ in histogram.spikes()]
    ahead = [place for place in starts if (place > here if step > 0 else place < here)]
    return histogram.start + ahead[0 if step > 0 else -1] * histogram.step if ahead else None
