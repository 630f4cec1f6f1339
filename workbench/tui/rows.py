"""Where a table's rows come from: a page at a time, fetched in a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from workbench.case.browse import EventIndex, read_events

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.engine import Table

Row = tuple[Any, ...]


class Rows(Protocol):
    """A list of known length that is read in pages; ``fetch`` may take long and is never called by the UI's thread."""

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


class TableRows:
    """Rows that are in memory already: a query's result."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns: Sequence[str] = table.columns
        self.total = len(table.rows)

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return a page."""
        return self.table.rows[offset : offset + limit]


class EventRows:
    """The events of a filter, in the order of time."""

    def __init__(self, case: Case, index: EventIndex, columns: Sequence[str]) -> None:
        self._case, self.index = case, index
        self.columns: Sequence[str] = columns
        self.total = index.total

    def fetch(self, offset: int, limit: int) -> list[Row]:
        """Return a page."""
        return read_events(self._case, self.index, self.columns, offset, limit)


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
