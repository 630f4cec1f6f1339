"""Keys take effect one after another, however fast they come.

Textual sends each key to what has the focus at that moment, and runs its binding when the key has come back up to the
application. Keys that arrive together, as over a slow link, would all go to the same widget before the first one's
binding has opened a form, and text would overtake an editing key. Here a key waits until the one before it is done.
"""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.message import Message
from textual.timer import Timer

T = TypeVar("T")

#: How often a key that must wait for rows looks whether they are there.
_LOOK_SECONDS = 0.02

#: If a key's way through the widgets was cut off (its screen is gone), the next key waits no longer than this.
_LOST_SECONDS = 1.5


class KeyDone(Message):
    """Follows a key on its way up through the widgets; a second one follows what the key's action has set off."""

    def __init__(self, number: int, second: bool) -> None:
        super().__init__()
        self.number, self.second = number, second


class ScreenUp(Message):
    """The screen or focus that a key has led to is there."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class OrderedKeys(App[T]):
    """An application in which keys take effect in the order in which they were typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._keys: deque[events.Key] = deque()
        self._number = 0
        self._under_way = False
        self._before: tuple[object, object] = (None, None)
        self._lost: Timer | None = None
        self._held = False

    def must_wait(self, key: str) -> bool:
        """Say whether a key would act on rows that are about to change; it then waits until they are there."""
        del key
        return False

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait for the one before it."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if event.key == "escape" and self._held:
                # Whoever stops a search does not mean the keys that were typed for its result.
                self._keys.clear()
                self._under_way = self._held = False
            self._keys.append(event)
            if not self._under_way:
                await self._next_key()
            return
        await super().on_event(event)

    def next_key(self, key: str) -> None:
        """Act as if ``key`` was typed before all keys that still wait."""
        self._keys.appendleft(events.Key(key, key if len(key) == 1 else None))
        if not self._under_way:
            self._under_way = True
            self.call_later(self._next_key)

    async def _next_key(self) -> None:
        if self._lost is not None:
            self._lost.stop()
        if not self._keys:
            self._under_way = False
            return
        self._under_way = True
        self._held = self.must_wait(self._keys[0].key)
        if self._held:
            self._lost = self.set_timer(_LOOK_SECONDS, self._next_key)
            return
        self._number += 1
        self._lost = self.set_timer(_LOST_SECONDS, self._next_key)
        self._before = self._place()
        target = self.focused or self.screen
        await super().on_event(self._keys.popleft())
        target.post_message(KeyDone(self._number, second=False))

    def _place(self) -> tuple[object, object]:
        return self.screen, self.focused

    async def on_key_done(self, message: KeyDone) -> None:
        """Follow the key's consequences, then let the next key come."""
        message.stop()
        if message.number != self._number:
            return
        if not message.second:
            (self.focused or self.screen).post_message(KeyDone(message.number, second=True))
        elif self._place() != self._before:
            self.screen.call_after_refresh(self.post_message, ScreenUp(message.number))
        else:
            await self._next_key()

    async def on_screen_up(self, message: ScreenUp) -> None:
        """A new screen is up."""
        if message.number == self._number:
            await self._next_key()
