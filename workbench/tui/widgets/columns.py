"""The columns of a table: how wide each is, and how its values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from workbench.tui.rows import Row
from workbench.values import column_text, is_number

#: The widest that a column is by itself, and the narrowest that one can be made.
_WIDEST, _NARROWEST = 44, 4

Write = Callable[[object], str]


class Columns:
    """Widths in cells, measured by the first page of a list; a width that was chosen stays for columns of that name."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._chosen: dict[str, int] = {}
        self.clear()

    def clear(self) -> None:
        """Forget what was measured: other rows come."""
        self.widths: list[int] = []
        self._numeric: list[bool] = []
        self._write: list[Write] = []

    def __len__(self) -> int:
        return len(self.widths)

    def measure(self, names: Sequence[str], rows: Sequence[Row], hidden: int, texts: Mapping[str, Write]) -> None:
        """Measure the columns after the ``hidden`` ones; ``texts`` says how the values of some are written."""
        self._names = names
        for place, name in enumerate(names, hidden):
            values = [row[place] for row in rows if row[place] is not None]
            write = texts.get(name) or column_text(name, values)
            written = [write(value)[: _WIDEST + 1] for value in values]
            widest = max([cell_len(name), *(cell_len(text) for text in written)])
            self._write.append(write)
            self.widths.append(self._chosen.get(name) or min(_WIDEST, widest))
            self._numeric.append(bool(values) and all(is_number(value) for value in values))

    def resize(self, at: int, step: int, most: int) -> None:
        """Make a column wider by ``step`` cells, or narrower; it stays so."""
        self._chosen[self._names[at]] = self.widths[at] = max(_NARROWEST, min(self.widths[at] + step, most))

    def heading(self, at: int, room: int) -> str:
        """Return a column's name as wide as the column; ``room`` is how wide the last one may be."""
        return self._fitted(self._names[at], at, room)

    def text(self, value: object, at: int, room: int) -> str:
        """Return a value as wide as its column; a dot stands for none."""
        return self._fitted("·" if value is None else self._write[at](value), at, room)

    def _fitted(self, text: str, at: int, room: int) -> str:
        width = self.widths[at]
        if at == len(self.widths) - 1 and not self._numeric[at] and self._names[at] not in self._chosen:
            width = max(width, room)
        length = cell_len(text)
        if length > width:
            return set_cell_size(text, width - 1) + "…"
        return " " * (width - length) + text if self._numeric[at] else set_cell_size(text, width)
