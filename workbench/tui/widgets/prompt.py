"""The line at the bottom in which one types: filters, commands, paths, names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

Completer = Callable[[str], Sequence[str]]


class Prompt(Input):
    """A one-line input with a history and completion; hidden until it is asked for something."""

    DEFAULT_CSS = """
    Prompt { display: none; height: 1; border: none; padding: 0; background: ansi_default; }
    Prompt:focus { border: none; background: ansi_default; background-tint: ansi_default 0%; }
    Prompt.-shown { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("up", "history(-1)", show=False),
        Binding("down", "history(1)", show=False),
        Binding("tab", "complete", show=False),
    ]

    @dataclass
    class Answered(Message):
        """Enter: ``purpose`` is what was asked for."""

        purpose: str
        text: str

    @dataclass
    class Left(Message):
        """Esc: nothing was answered."""

        purpose: str

    def __init__(self) -> None:
        super().__init__(id="prompt", select_on_focus=False, compact=True)
        self._purpose = ""
        self._histories: dict[str, list[str]] = {}
        self._at = 0
        self._complete: Completer | None = None
        self._offered: list[str] = []

    def ask(self, purpose: str, hint: str, value: str = "", complete: Completer | None = None) -> None:
        """Show the line and wait for an answer."""
        self._purpose, self._complete, self._offered = purpose, complete, []
        self.placeholder, self.value = hint, value
        self._at = len(self._histories.setdefault(purpose, []))
        self.cursor_position = len(value)
        self.add_class("-shown")
        self.focus()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-shown")

    def wrong_at(self, column: int) -> None:
        """Put the cursor where the text is wrong."""
        self.add_class("-shown")
        self.focus()
        self.cursor_position = column

    async def action_submit(self) -> None:
        """Answer."""
        history = self._histories[self._purpose]
        if self.value and (not history or history[-1] != self.value):
            history.append(self.value)
        self.post_message(self.Answered(self._purpose, self.value))

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.close()
        self.post_message(self.Left(self._purpose))

    def action_history(self, step: int) -> None:
        """Earlier and later answers to the same question."""
        history = self._histories.get(self._purpose, [])
        self._at = max(0, min(self._at + step, len(history)))
        self.value = history[self._at] if self._at < len(history) else ""
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        """Complete the word; pressed again, the next possibility."""
        if self._complete is None:
            return
        if not self._offered or self.value not in self._offered:
            self._offered = list(self._complete(self.value))
            following = 0
        else:
            following = (self._offered.index(self.value) + 1) % len(self._offered)
        if self._offered:
            self.value = self._offered[following]
            self.cursor_position = len(self.value)
