"""Digits that are typed into a table: the count of the movement that follows, or each of them a place to go to."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

#: How long one digit, two, or more wait for the movement that they may be the count of.
_WAIT_SECONDS = (0.3, 1.0, 5.0)


class DigitInput:
    """The digits typed so far. Whether they are a count or places is told by what follows, or by time."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._digits = ""
        self._timer: Timer | None = None
        #: Called with a digit that names a place, and with the key that followed it, if one did.
        self.on_place: Callable[[str, str | None], None] = lambda digit, key: None

    @property
    def pending(self) -> bool:
        """Whether a digit waits for what follows."""
        return bool(self._digits)

    def type(self, digit: str, *, countable: bool) -> None:
        """Take a digit; where nothing is there to be counted it is a place at once."""
        self._stop_timer()
        self._digits += digit
        if self._digits == "0" or not countable:
            self._go()
        else:
            wait = _WAIT_SECONDS[min(len(self._digits), len(_WAIT_SECONDS)) - 1]
            self._timer = self._widget.set_timer(wait, self._go)

    def interrupt(self, key: str) -> bool:
        """Take a key that is no movement; returns whether it is for the place that the one digit before it names."""
        digits = self._take()
        is_place = len(digits) == 1 and key != "escape"
        if is_place:
            self.on_place(digits, key)
        return is_place

    def take_count(self) -> int | None:
        """Return the count that was typed, if one was; the next digit begins another."""
        digits = self._take()
        return int(digits) if digits else None

    def _go(self) -> None:
        """Take one digit or two for places, gone to one after the other; more are a count that nothing followed."""
        digits = self._take()
        if len(digits) <= 2:
            self.on_place(digits[0], digits[1:] or None)

    def _take(self) -> str:
        self._stop_timer()
        digits, self._digits = self._digits, ""
        return digits

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
