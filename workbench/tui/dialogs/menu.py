"""A few choices, each by one letter, over the foot of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.safetext import safe


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its letter, what it is, and what is behind it."""

    key: str
    label: str
    about: str = ""


class Menu(ModalScreen[str | None]):
    """Answers with the letter that was typed, or None."""

    DEFAULT_CSS = """
    Menu { align: center bottom; background: ansi_default; }
    Menu > Vertical { width: 100%; height: auto; border-top: solid ansi_bright_black; padding: 0 1;
        background: ansi_default; }
    Menu Static { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,backspace", "leave", "close")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title, self._choices = title, choices

    def compose(self) -> ComposeResult:
        """The choices under each other."""
        with Vertical():
            yield Static(Content.styled(safe(self._title), "bold"))
            for choice in self._choices:
                about = ("  " + safe(choice.about), "dim")
                yield Static(Content.assemble((f" {choice.key} ", "bold"), choice.label, about))

    def on_key(self, event: events.Key) -> None:
        """A letter chooses."""
        if any(choice.key == event.character for choice in self._choices):
            event.stop()
            self.dismiss(event.character)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
