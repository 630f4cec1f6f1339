"""One value, whole, over the screen."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.safetext import safe
from workbench.values import cell


class Peek(ModalScreen[bool]):
    """Shows a value; answers True when Space asks for what is behind it."""

    DEFAULT_CSS = """
    Peek { align: center bottom; background: ansi_default; }
    Peek > VerticalScroll { width: 100%; height: auto; max-height: 70%; border-top: solid ansi_bright_black;
        padding: 0 1; background: ansi_default; scrollbar-size-vertical: 1; }
    Peek Static { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,backspace", "leave(False)", "close"),
        Binding("space", "leave(True)", "record"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d", "scroll(10)", show=False),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False),
    ]

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        self._name, self._value = name, value

    def compose(self) -> ComposeResult:
        """Name, then the value with its own line breaks."""
        with VerticalScroll():
            yield Static(Content.styled(safe(self._name), "bold"))
            yield Static(Content(whole(self._value) or "(no value)"))

    def action_leave(self, deeper: bool) -> None:
        """Close."""
        self.dismiss(deeper)

    def action_scroll(self, step: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def whole(value: Any) -> str:
    """Return a value as safe text of as many lines as it has; JSON is indented."""
    if isinstance(value, str):
        return "\n".join(safe(line) for line in pretty(value).split("\n"))
    if isinstance(value, list | tuple):
        return "\n".join(cell(item) for item in value)
    return cell(value)


def pretty(text: str) -> str:
    """Return JSON indented, and any other text as it is."""
    if text[:1] not in "{[":
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (json.JSONDecodeError, RecursionError):
        return text
