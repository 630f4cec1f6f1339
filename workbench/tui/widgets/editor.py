"""The SQL editor: a text area that colours what it knows and completes the names of tables and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.style import Style
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

_KEYWORDS = (
    "ALL", "AND", "ANY", "AS", "ASC", "ASOF", "BETWEEN", "BY", "CASE", "CAST", "COUNT", "CROSS", "DESC",
    "DESCRIBE", "DISTINCT", "ELSE", "END", "EXCEPT", "EXCLUDE", "EXISTS", "FILTER", "FROM", "FULL", "GROUP",
    "HAVING", "ILIKE", "IN", "INNER", "INTERSECT", "INTERVAL", "IS", "JOIN", "LATERAL", "LEFT", "LIKE", "LIMIT",
    "NOT", "NULL", "NULLS", "OFFSET", "ON", "OR", "ORDER", "OUTER", "OVER", "PARTITION", "QUALIFY", "RANGE",
    "RECURSIVE", "REPLACE", "RIGHT", "ROWS", "SAMPLE", "SELECT", "SUMMARIZE", "THEN", "UNION", "UNNEST",
    "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH",
)  # fmt: skip
_TOKENS = re.compile(
    r"(?P<comment>--.*)|(?P<string>'(?:[^']|'')*'?)|(?P<number>\b\d+(?:\.\d+)?\b)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
)
_THEME = TextAreaTheme(
    name="workbench",
    syntax_styles={
        "keyword": Style(bold=True),
        "known": Style(color="magenta"),
        "string": Style(underline=True),
        "number": Style(),
        "comment": Style(dim=True),
    },
)


class SqlEditor(TextArea):
    """``names`` are what it completes and colours: tables and columns of the case."""

    DEFAULT_CSS = """
    SqlEditor { height: 1fr; border: none; padding: 0 1; background: ansi_default; scrollbar-size-horizontal: 0; }
    SqlEditor:focus { border: none; }
    """

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._known = {name.lower() for name in names}
        self._offered: list[str] = []
        self._start = (0, 0)
        super().__init__(text, show_line_numbers=True, soft_wrap=False, compact=True)
        self.register_theme(_THEME)
        self.theme = "workbench"

    def _build_highlight_map(self) -> None:
        """Colour each line by itself (Textual's own colouring needs a parser that is not installed)."""
        self._line_cache.clear()
        self._highlights.clear()
        for number, line in enumerate(self.document.lines):
            for token in _TOKENS.finditer(line):
                kind = str(token.lastgroup)
                if kind == "word":
                    word = token.group()
                    kind = "keyword" if word.upper() in _KEYWORDS else "known" if word.lower() in self._known else ""
                if kind:
                    start, end = (len(line[:at].encode()) for at in token.span())
                    self._highlights[number].append((start, end, kind))

    def complete(self) -> list[str]:
        """Complete the word before the cursor, or offer the next possibility; returns what is possible."""
        row, column = self.cursor_location
        if self._offered and self.get_text_range(self._start, (row, column)) in self._offered:
            current = self.get_text_range(self._start, (row, column))
            following = self._offered[(self._offered.index(current) + 1) % len(self._offered)]
        else:
            line = self.document.get_line(row)[:column]
            word = re.search(r"[A-Za-z_]\w*$", line)
            if word is None:
                self.insert("    ")
                return []
            self._start = (row, word.start())
            begun = word.group().lower()
            self._offered = [name for name in self._names if name.lower().startswith(begun)]
            self._offered += [name for name in _KEYWORDS if name.lower().startswith(begun)]
            if not self._offered:
                return []
            following = self._offered[0]
        self.replace(following, self._start, (row, column))
        return self._offered

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a line and column, from 1."""
        rows = self.document.line_count
        row = max(0, min(line - 1, rows - 1))
        self.move_cursor((row, max(0, min(column - 1, len(self.document.get_line(row))))))
