"""The keys of a screen, made from the actions table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.tui.actions import TABLE_KEYS, actions_for


class Help(ModalScreen[None]):
    """Any of its keys closes it."""

    DEFAULT_CSS = """
    Help { align: center middle; background: ansi_default; }
    Help > VerticalScroll { width: 76; max-width: 100%; height: auto; max-height: 100%; border: round ansi_bright_black;
        padding: 0 1; background: ansi_default; }
    Help Static { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "leave", "close"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        """This screen's own keys first, then every table's, then those of all screens."""
        actions = actions_for(self._of)
        own = [(a.key_label, a.help) for a in actions if a.where]
        everywhere = [(a.key_label, a.help) for a in actions if not a.where]
        everywhere.append(("Ctrl-p", "command palette"))
        with VerticalScroll():
            for title, keys in (
                (f"On this screen ({self._of})", own),
                ("In tables", TABLE_KEYS),
                ("Everywhere", everywhere),
            ):
                if keys:
                    yield Static(Content.styled(title, "bold"))
                    yield Static(Content("\n".join(f"  {key:<14} {what}" for key, what in keys) + "\n"))

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
