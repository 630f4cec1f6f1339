"""The playbooks: what each asks, whether this case can answer, its parameters in a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from workbench.case.execute import QueryResult
from workbench.playbooks import Library, Playbook, why_not
from workbench.safetext import safe
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.playbook import playbook_form
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.rows import TableRows
from workbench.tui.widgets.table import Table
from workbench.words import counted


class PlaybooksScreen(Frame):
    """A list with, below it, what the chosen one is about."""

    NAME = "playbooks"
    DEFAULT_CSS = """
    PlaybooksScreen #about { height: auto; max-height: 9; padding: 0 1; border-top: solid ansi_bright_black; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("playbooks"))

    def __init__(self) -> None:
        super().__init__()
        self._books: dict[str, Playbook] = {}
        self._why_not: dict[str, str] = {}
        self._words = ""

    def body(self) -> Sequence[Widget]:
        """List and description."""
        return (Table(hidden=1), Static(id="about"))

    def arrive(self) -> None:
        """Read the library."""
        self.query_one(Table).focus()

        def work(_: Job) -> Library:
            library = Library(self.case.folder.path)
            self._books = {book.name: book for book in library.all()}
            self._why_not = self._reasons(translated=False)
            return library

        def done(library: Library) -> None:
            self._list("")
            if library.broken:
                name, why = next(iter(library.broken.items()))
                self.say(f"{counted(len(library.broken), 'playbook')} cannot be read; {name}: {why}", error=True)

            if self.case.store.url:  # translating takes a moment
                self.job("translating", lambda _: self._reasons(translated=True), translated)

        def translated(reasons: dict[str, str]) -> None:
            self._why_not = reasons
            self._list(self._words)

        self.job("reading", work, done, changes=True)

    def _reasons(self, *, translated: bool) -> dict[str, str]:
        return {name: why_not(self.case, book, translated=translated) for name, book in self._books.items()}

    def _list(self, words: str) -> None:
        self._words = words
        wanted = words.lower().split()
        rows: list[tuple[object, ...]] = []
        for book in self._books.values():
            text = f"{book.group} {book.name} {book.title} {book.question}".lower()
            if all(word in text for word in wanted):
                why = self._why_not[book.name]
                rows.append((book.name, book.group, book.title, f"no: {why}" if why else "yes", book.question))
        table = self.query_one(Table)
        table.empty = "no playbook contains these words: ! shows all"
        table.show(TableRows(QueryResult(["name", "group", "title", "askable", "question"], ["VARCHAR"] * 5, rows)))
        askable = sum(1 for why in self._why_not.values() if not why)
        self.where("playbooks", *([words] if words else []), right=f"{len(rows)} listed, {askable} askable here")

    def on_table_moved(self, event: Table.Moved) -> None:
        """Describe the chosen one."""
        row = event.table.current
        if row is None:
            return
        book = self._books[row[0]]
        parts = [
            Content.assemble((safe(book.question), "bold")),
            Content.assemble(("why  ", "dim"), safe(book.why)),
            *(Content.assemble(("innocent  ", "dim"), safe(text)) for text in book.innocent),
        ]
        self.query_one("#about", Static).update(Content("\n").join(parts))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Ask it."""
        playbook_form(self, event.row[0])

    def action_search(self) -> None:
        """Ask for words."""
        self.ask("find", "words of a name, a title or a question")

    def answered(self, purpose: str, text: str) -> None:
        """Words were typed."""
        if purpose == "find":
            self._list(text)

    def action_clear(self) -> None:
        """Show all."""
        self._list("")
