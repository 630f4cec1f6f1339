"""The pages of a list: which of them have arrived, which were asked for, and for which list."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from workbench.tui.rows import Row

#: How many rows a page has, and how many pages are kept.
PAGE = 200
_KEPT = 60


class Pages:
    """Rows by page. A page that was asked for before the list changed is not taken: it has another ``generation``."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()
        self.generation = 0

    def clear(self) -> None:
        """Forget all rows: the list, or what is in it, changed."""
        self._pages.clear()
        self._asked.clear()
        self.generation += 1

    def row(self, number: int) -> Row | None:
        """Return a row if it has arrived."""
        page = self._pages.get(number // PAGE)
        place = number % PAGE
        return page[place] if page is not None and place < len(page) else None

    def rows(self) -> Iterator[Row]:
        """Yield all rows that have arrived."""
        for page in self._pages.values():
            yield from page

    def awaited(self, number: int) -> bool:
        """Whether the page of a row was asked for and has not arrived."""
        return number // PAGE in self._asked

    def to_ask(self, first: int, last: int) -> list[int]:
        """Return the pages of these rows that nobody asked for; from now on they count as asked for."""
        lacking = [
            page
            for page in range(first // PAGE, last // PAGE + 1)
            if page not in self._pages and page not in self._asked
        ]
        self._asked.update(lacking)
        return lacking

    def answered(self, page: int, generation: int) -> bool:
        """Take down that a page is on its way no more; returns whether it is one of this list."""
        if generation != self.generation:
            return False
        self._asked.discard(page)
        return True

    def keep(self, page: int, rows: Sequence[Row]) -> None:
        """Keep the rows of a page, and the latest pages."""
        self._pages[page] = rows
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
