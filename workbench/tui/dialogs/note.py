"""A note: written in several lines, and shown as Markdown of which nothing but its looks comes through."""

from __future__ import annotations

from typing import ClassVar

from rich.markdown import Markdown
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from workbench.safetext import safe


class NoteEditor(ModalScreen[str | None]):
    """Answers with the note, or with None on Esc."""

    DEFAULT_CSS = """
    NoteEditor { align: center bottom; background: ansi_default; }
    NoteEditor > Vertical { width: 100%; height: 60%; border-top: solid ansi_bright_black; padding: 0 1;
        background: ansi_default; }
    NoteEditor Static { height: auto; }
    NoteEditor TextArea { height: 1fr; border: none; padding: 0; background: ansi_default; }
    NoteEditor TextArea:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f2", "keep", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title, self._note = title, note

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        with Vertical():
            yield Static(Content.styled(safe(self._title), "bold"))
            yield TextArea(self._note, soft_wrap=True, compact=True)
            yield Static(Content.styled("Ctrl-s keep    Esc leave    *emphasis*  - lists  # headings  `code`", "dim"))

    def on_mount(self) -> None:
        """Ready to type, at the end."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def action_keep(self) -> None:
        """Answer."""
        self.dismiss(self.query_one(TextArea).text.strip())

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)


def rendered(note: str) -> Markdown:
    """Return a note as it is drawn: no HTML is hidden, no link leads anywhere, no control character comes through."""
    from markdown_it import MarkdownIt

    shown = Markdown("", hyperlinks=False)
    shown.markup = "\n".join(safe(line) for line in note.split("\n"))
    shown.parsed = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"]).parse(shown.markup)
    return shown
