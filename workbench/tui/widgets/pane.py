"""The text below or beside a list: what is known of the chosen row. It scrolls; the list keeps the keys."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from workbench.safetext import safe
from workbench.tui.style import MUTED, PLAIN, TITLE

_STYLES = {"title": TITLE, "text": PLAIN, "cite": MUTED, "dim": MUTED}


class Pane(VerticalScroll, can_focus=False):
    """Lines of text with styles, wrapped under their own beginning."""

    DEFAULT_CSS = """
    Pane { height: auto; max-height: 45%; border-top: solid ansi_bright_black; padding: 0 1;
        scrollbar-size-vertical: 1; }
    Pane Static { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Static(), id=id)

    def show(self, lines: Iterable[tuple[str, str]], *, stay: bool = False) -> None:
        """Show other lines, from the top; or ``stay`` where one is, where only more came."""
        self.query_one(Static).update(Group(*(_line(style, text) for style, text in lines)))
        if not stay:
            self.scroll_home(animate=False)

    def scroll_by(self, step: int) -> None:
        """Scroll some lines."""
        self.scroll_relative(y=step, animate=False)


def _line(style: str, text: str) -> Padding | Text:
    shown = Text(safe(text.lstrip(" ")), _STYLES[style])
    return Padding(shown, (0, 0, 0, len(text) - len(text.lstrip(" ")))) if shown else Text(" ")
