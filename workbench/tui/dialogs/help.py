"""The keys of a screen, made from the actions table."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.tui.actions import TABLE_KEYS, common_actions, own_actions


class Help(ModalScreen[None]):
    """Any of its keys closes it."""

    DEFAULT_CSS = """
    Help { align: center middle; background: ansi_default; }
    Help > VerticalScroll { width: 100%; height: 100%; padding: 0 1; background: ansi_default;
        scrollbar-size-vertical: 1; }
    Help Static { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "leave", "close"),
        Binding("pagedown,ctrl+d,space", "move(1)", show=False),
        Binding("pageup,ctrl+u", "move(-1)", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        """This screen's own keys first, then every table's, then those of all screens."""
        own = [(action.key_label, action.help) for action in own_actions(self._of)]
        everywhere = [(action.key_label, action.help) for action in common_actions(self._of)]
        everywhere.append(("Ctrl-p", "command palette"))
        with VerticalScroll():
            for title, keys in (
                (f"On this screen ({self._of})", own),
                ("In tables", TABLE_KEYS),
                ("Everywhere", everywhere),
            ):
                if keys:
                    yield Static(Content.styled(title, "bold"))
                    yield Static(Content("\n".join(_line(key, what) for key, what in keys) + "\n"))

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Scroll a page."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=step * (scroll.size.height - 1), animate=False)

    def action_scroll(self, step: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _line(key: str, what: str) -> str:
    """Return a key with what it does, broken under itself where a narrow screen needs it."""
    first, *more = textwrap.wrap(what, 62)
    return "\n".join([f"  {key:<13} {first}", *(" " * 16 + text for text in more)])
