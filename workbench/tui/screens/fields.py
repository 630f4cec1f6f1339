"""The fields of some events: the top values of each, with counts; Enter keeps one, minus drops it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import EventIndex, top_values
from workbench.case.execute import QueryResult
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.routes import CountRoute, Narrow
from workbench.tui.rows import Row, TableRows
from workbench.tui.widgets.table import Table
from workbench.words import counted

#: Fields whose values repeat, in the order in which one asks for them.
_FIELDS = (
    "account", "client_ip", "model", "status", "outcome", "user_agent", "api_key", "organization", "payment_ref",
    "country", "as_org", "operation", "method", "path", "host", "error", "finish_reason", "response_model",
    "temperature", "max_tokens", "logprobs", "stream", "severity", "process", "format",
)  # fmt: skip
_TOP = 5
_BAR = 20
_COLUMNS = ["field", "events", "percent", "share", "value"]


class FieldsScreen(Frame):
    """Counts field by field and shows each as it comes; ``narrow`` is told the sign, field and value chosen."""

    NAME = "fields"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("fields"))

    def __init__(self, index: EventIndex, text: str, narrow: Narrow) -> None:
        super().__init__()
        self._index, self._text, self._narrow = index, text, narrow
        self._rows: list[Row] = []

    def body(self) -> Sequence[Widget]:
        """One table."""
        table = Table()
        table.empty = "no field of these events has values that repeat"
        return (table,)

    def arrive(self) -> None:
        """Count."""
        self.query_one(Table).focus()
        self._where_now()
        self.job("reading", lambda _: self.case.store.filled(), self._count_filled, quiet=True)

    def _count_filled(self, filled: dict[str, int]) -> None:
        self._count([name for name in _FIELDS if name in filled or name == "format"])

    def _where_now(self) -> None:
        right = counted(self._index.total, "event")
        self.where("events", *([self._text] if self._text else []), "fields", right=right)

    def _count(self, left: list[str]) -> None:
        if not left:
            return
        field, *rest = left

        def work(job: Job) -> list[tuple[Any, int]]:
            return top_values(self.case, field, self._index.filter, _TOP, job.cursor())

        def done(counts: list[tuple[Any, int]]) -> None:
            of = max(1, self._index.total)
            if any(value is not None for value, _ in counts):
                self._rows += [
                    (field, number, round(100 * number / of, 1), "█" * round(_BAR * number / of), value)
                    for value, number in counts
                ]
                table = self.query_one(Table)
                table.show(TableRows(QueryResult(_COLUMNS, [], list(self._rows))), at=table.cursor)
            self._count(rest)

        self.job(f"counting {field}", work, done, quiet=True)

    def _choose(self, sign: str) -> None:
        row = self.query_one(Table).current
        if row is not None:
            self.stop_jobs()
            self.app.pop_screen()
            self._narrow(sign, str(row[0]), row[4])

    def on_table_opened(self, _: Table.Opened) -> None:
        """Keep the events with this value."""
        self._choose("")

    def action_drop(self) -> None:
        """Drop the events with this value."""
        self._choose("-")

    def action_count(self) -> None:
        """Count all values of this field."""
        row = self.query_one(Table).current
        if row is not None:
            self.workbench.open(CountRoute(str(row[0]), self._index.filter, self._text))
