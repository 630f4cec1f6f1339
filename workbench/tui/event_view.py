"""What the screen of events shows: the rows of a filter line and a window of time, counted and read in a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.case.browse import EventIndex, build_index, grown_index, row_number, sorted_events
from workbench.case.fields import BY_NAME, ENRICHED, NORMALISED_NAMES
from workbench.tui.rows import EventRows, Rows, TableRows

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.filter import Filter
    from workbench.tui.time_window import Window

#: What is shown where the logs have it, in this order.
_USUAL = (
    "ts", "account", "client_ip", "what", "status", "model", "input_tokens", "output_tokens", "outcome", "process",
    "severity", "operation", "bytes_out", "duration_ms", "user_agent", "api_key", "organization", "country", "as_org",
    "host", "error", "format",
)  # fmt: skip

#: The columns that a filter line can name, beside those that every event has.
FIELDS = (*NORMALISED_NAMES, *(field.name for field in ENRICHED))

#: The columns that can be shown.
COLUMNS = ("ts", "what", "entity", "entity_kind", *FIELDS, "source", "line", "format", "extra")

#: How many events a list in another order than that of time shows.
_SORTED = 1000

#: What orders an event among all: time, source, line, and the item within the line.
Anchor = tuple[datetime, int, int, int]


@dataclass(frozen=True, slots=True)
class EventView:
    """The events of a filter and a window. ``rows`` have ``event_id`` and the columns; the cursor starts on row ``at``.

    ``total`` is how many events the case has. ``last_source`` is the number of the last source when they were read,
    ``counted_source`` that of the last one that ``index`` counts; None where more was loaded meanwhile.
    """

    index: EventIndex
    rows: Rows
    at: int
    total: int
    last_source: int
    counted_source: int | None


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """Which view is wanted; no ``columns`` stand for the usual ones.

    ``order`` is the column of a list that is not in the order of time, and whether its largest values come first. The
    cursor stays on the event of ``anchor``, or on what comes next, or is on the last one where ``at_end``. Where only
    more came since the view ``grown_from``, what came is counted and nothing else.
    """

    filter: Filter
    window: Window | None
    columns: Sequence[str] = ()
    order: tuple[str, bool] | None = None
    anchor: Anchor | None = None
    at_end: bool = False
    grown_from: EventView | None = None


def last_source(case: Case) -> int:
    """Return the number of the source that was loaded last; 0 where none was."""
    return int(case.ledger.rows("SELECT coalesce(max(source), 0) AS n FROM source")[0]["n"])


def read_view(case: Case, request: ViewRequest, cursor: duckdb.DuckDBPyConnection) -> EventView:
    """Count and read a view. Takes seconds on a large case, so it belongs into a job."""
    last = last_source(case)
    index = _index(case, request, cursor)
    # Where more came meanwhile, it is not known what was counted: the next time all is.
    counted = last if last == last_source(case) else None
    at = 0
    if request.at_end:
        at = index.total - 1
    elif request.anchor and not request.order:
        at = row_number(case, index, request.anchor, cursor)
    filled = case.store.filled()
    columns = request.columns or [name for name in _USUAL if name in filled or name in ("what", "format")]
    listed = ["event_id", *columns]
    rows: Rows = EventRows(case, index, listed)
    if request.order:
        rows = TableRows(sorted_events(case, index.filter, listed, *request.order, _SORTED, cursor))
    return EventView(index, rows, at, case.info()["events"], last, counted)


def _index(case: Case, request: ViewRequest, cursor: duckdb.DuckDBPyConnection) -> EventIndex:
    old = request.grown_from
    if old is not None and old.index.starts and old.counted_source is not None:
        return grown_index(case, old.index, old.counted_source, cursor)
    return build_index(case, request.filter, request.window, cursor)


assert set(_USUAL) <= {*BY_NAME, "what"}
