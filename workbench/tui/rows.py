"""Where a table's rows come from: a page at a time, fetched in a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from workbench.case.browse import EventIndex, find_event, read_events
from workbench.case.filter import like
from workbench.sqltext import identifier
from workbench.values import cell

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import Table

Row = tuple[Any, ...]


class Rows(Protocol):
    """A list of known length that is read in pages. What reads may take long and is never called by the UI's thread."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        ...

    @property
    def total(self) -> int:
        """How many rows there are."""
        ...

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return the rows from ``offset`` on, at most ``limit``."""
        ...

    def find(self, text: str, start: int, step: int, cursor: duckdb.DuckDBPyConnection) -> int | None:
        """Return the number of the nearest row after ``start`` (before it, for step -1) in which a text stands."""
        ...


class TableRows:
    """Rows that are in memory already: a query's result."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns: Sequence[str] = table.columns
        self.total = len(table.rows)

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return a page."""
        return self.table.rows[offset : offset + limit]

    def find(self, text: str, start: int, step: int, cursor: duckdb.DuckDBPyConnection) -> int | None:
        """Look through the rows."""
        del cursor
        wanted = text.lower()
        order = range(start + 1, self.total) if step > 0 else range(start - 1, -1, -1)
        rows = self.table.rows
        return next((n for n in order if any(wanted in cell(value).lower() for value in rows[n])), None)


class EventRows:
    """The events of a filter, in the order of time."""

    def __init__(self, case: Case, index: EventIndex, columns: Sequence[str]) -> None:
        self._case, self.index = case, index
        self.columns: Sequence[str] = columns
        self.total = index.total

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return a page."""
        return read_events(self._case, self.index, self.columns, offset, limit)

    def find(self, text: str, start: int, step: int, cursor: duckdb.DuckDBPyConnection) -> int | None:
        """Let the engine look, from the row's time on."""
        return find_event(self._case, self.index, text, start, step, cursor)


class QueryRows:
    """The rows of a small derived table in an order of the investigator's choice."""

    def __init__(self, case: Case, select: str, columns: Sequence[str], total: int, order: str) -> None:
        self._case, self._select, self._order = case, select, order
        self.columns: Sequence[str] = columns
        self.total = total

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return a page."""
        sql = f"{self._select} ORDER BY {self._order} LIMIT {limit} OFFSET {offset}"
        return self._case.query(sql).rows

    def find(self, text: str, start: int, step: int, cursor: duckdb.DuckDBPyConnection) -> int | None:
        """Let the engine look."""
        place, nearest = ("n > $start", "min") if step > 0 else ("n < $start", "max")
        words = " OR ".join(f"{identifier(name)}::VARCHAR ILIKE $text ESCAPE '\\'" for name in self.columns)
        sql = (
            f"SELECT {nearest}(n) FROM (SELECT row_number() OVER (ORDER BY {self._order}) - 1 AS n, * "
            f"FROM ({self._select})) WHERE {place} AND ({words})"
        )
        number = self._case.query(sql, {"start": start, "text": f"%{like(text)}%"}, cursor=cursor).rows[0][0]
        return None if number is None else int(number)
