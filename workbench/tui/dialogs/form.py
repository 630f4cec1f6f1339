"""A small form over the screen: fields with a label, a default and a line of help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
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
    Form .title { text-style: bold; margin-bottom: 1; }
    Form Horizontal { height: 1; margin-top: 1; }
    Form .label { width: 24; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    Form .help { text-style: dim; }
    Form .under { padding-left: 24; }
    Form Input { height: 1; width: 1fr; border: none; padding: 0; background: ansi_default; text-style: underline; }
    Form Input:focus { border: none; background: ansi_default; background-tint: ansi_default 0%; }
    Form #problem { color: ansi_red; display: none; }
    Form #below { display: none; margin-top: 1; border-top: solid ansi_bright_black; }
    Form #keys { margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        *,
        about: str = "",
        watch: Callable[[Form, dict[str, str]], None] | None = None,
    ) -> None:
        """``watch`` is told the values at first and whenever one changes; it may answer with ``show_below``."""
        super().__init__()
        self._title, self._fields, self._about, self._watch = title, fields, about, watch

    def compose(self) -> ComposeResult:
        """The fields under each other."""
        with VerticalScroll(can_focus=False):
            yield Static(Content(safe(self._title)), classes="title")
            if self._about:
                yield Static(Content(safe(self._about)), classes="help")
            for field in self._fields:
                with Horizontal():
                    yield Static(Content(safe(field.label)), classes="label")
                    yield Input(field.default, id=f"field-{field.name}", compact=True, select_on_focus=False)
                if field.help:
                    yield Static(Content(safe(field.help)), classes="help under")
            yield Static("", id="problem")
            yield Static("", id="below")
            yield Static(Content("Enter go    Tab ↓ next field    Esc leave"), id="keys", classes="help")

    def on_mount(self) -> None:
        """Start at the first field."""
        self.query(Input).first().focus()
        self._tell()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the watcher."""
        event.stop()
        self._tell()

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(self, self._values())

    def _values(self) -> dict[str, str]:
        return {field.name: self.query_one(f"#field-{field.name}", Input).value for field in self._fields}

    def show_below(self, text: str) -> None:
        """Show something that follows from the values; hide it again with an empty text."""
        below = self.query_one("#below", Static)
        below.update(Content("\n".join(safe(line) for line in text.split("\n"))))
        below.display = bool(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers."""
        event.stop()
        inputs = list(self.query(Input))
        values = self._values()
        for field, entry in zip(self._fields, inputs, strict=True):
            try:
                if field.check:
                    field.check(entry.value)
            except WorkbenchError as error:
                problem = self.query_one("#problem", Static)
                problem.update(Content(safe(str(error))))
                problem.display = True
                entry.focus()
                return
        self.dismiss(values)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
