"""A small form over the screen: fields with a label, a default and a line of help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.errors import WorkbenchError
from workbench.safetext import safe


@dataclass(frozen=True, slots=True)
class FormField:
    """One field; ``check`` raises WorkbenchError for text that does not fit."""

    name: str
    label: str
    default: str = ""
    help: str = ""
    check: Callable[[str], object] | None = None


class Form(ModalScreen[dict[str, str] | None]):
    """Asks for several values; answers with them by name, or with None on Esc."""

    DEFAULT_CSS = """
    Form { align: center middle; background: ansi_default; }
    Form > VerticalScroll { width: 76; max-width: 100%; height: auto; max-height: 100%; border: round ansi_bright_black;
        padding: 0 1; background: ansi_default; }
    Form Static { height: auto; }
    Form .label { margin-top: 1; text-style: bold; }
    Form .help { text-style: dim; }
    Form Input { height: 1; border: none; padding: 0; background: ansi_default; text-style: underline; }
    Form Input:focus { border: none; background: ansi_default; background-tint: ansi_default 0%; }
    Form #problem { color: ansi_red; margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, fields: Sequence[FormField], *, about: str = "") -> None:
        super().__init__()
        self._title, self._fields, self._about = title, fields, about

    def compose(self) -> ComposeResult:
        """The fields under each other."""
        with VerticalScroll(can_focus=False):
            yield Static(Content(safe(self._title)), classes="label")
            if self._about:
                yield Static(Content(safe(self._about)), classes="help")
            for field in self._fields:
                yield Static(Content(safe(field.label)), classes="label")
                yield Input(field.default, id=f"field-{field.name}", compact=True, select_on_focus=False)
                if field.help:
                    yield Static(Content(safe(field.help)), classes="help")
            yield Static("", id="problem")
            yield Static(Content("Enter go    Tab ↓ next field    Esc leave"), classes="help")

    def on_mount(self) -> None:
        """Start at the first field."""
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers."""
        event.stop()
        inputs = list(self.query(Input))
        values = {field.name: entry.value for field, entry in zip(self._fields, inputs, strict=True)}
        for field, entry in zip(self._fields, inputs, strict=True):
            try:
                if field.check:
                    field.check(entry.value)
            except WorkbenchError as error:
                self.query_one("#problem", Static).update(Content(safe(str(error))))
                entry.focus()
                return
        self.dismiss(values)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
