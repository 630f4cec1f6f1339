"""Where one can go: a record for each screen, with what it shows. A screen names one to ``app.open``, and imports none.

``router.py`` has the table from these records to the screens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.case.browse import EventIndex
    from workbench.case.execute import Table
    from workbench.case.filter import Filter
    from workbench.charts import ChartSpec
    from workbench.detect import Campaign
    from workbench.playbooks import Playbook

#: Is given ``""`` to keep or ``"-"`` to drop, a column, and the value that the events have there.
Narrow = Callable[[str, str, object], None]


@dataclass(frozen=True, slots=True)
class EventsRoute:
    """The events of a filter line: within a window (two times in ISO 8601), the cursor at a time."""

    text: str = ""
    window: Sequence[str] | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRoute:
    """One event, whole."""

    event_id: str


@dataclass(frozen=True, slots=True)
class FieldsRoute:
    """The fields of the events of a filter line, with their top values; the one chosen goes to ``narrow``."""

    index: EventIndex
    text: str
    narrow: Narrow


@dataclass(frozen=True, slots=True)
class CountRoute:
    """How often each value of a column occurs among the events of a filter, which is ``text`` as it was typed."""

    column: str
    filter: Filter
    text: str


@dataclass(frozen=True, slots=True)
class SessionsRoute:
    """The sessions that an SQL condition holds for."""

    condition: str


@dataclass(frozen=True, slots=True)
class EntityRoute:
    """The page of an account, address, key, organisation or client."""

    kind: str
    entity: str


@dataclass(frozen=True, slots=True)
class ExplainRoute:
    """The whole reasoning about an entity."""

    kind: str
    entity: str


@dataclass(frozen=True, slots=True)
class MembersRoute:
    """The members of the campaign of this name, as triage ranks them."""

    campaign: str


@dataclass(frozen=True, slots=True)
class MatrixRoute:
    """Which member of a campaign shares what with which."""

    campaign: Campaign


@dataclass(frozen=True, slots=True)
class PlaybookRoute:
    """A playbook, asked with these values as they were typed, and its answer."""

    book: Playbook
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableRoute:
    """A table that is there already. ``entity`` is the kind and the column of what its rows stand for.

    ``crumbs`` say where one is, ``message`` is shown with it, ``view`` is ``both``, ``table`` or ``chart``. With
    ``pages``, Enter opens the page of what a row stands for; else its sessions or events.
    """

    table: Table
    crumbs: Sequence[str]
    chart: ChartSpec | None = None
    entity: tuple[str, str] | None = None
    message: str = ""
    view: str = "both"
    pages: bool = False


@dataclass(frozen=True, slots=True)
class RejectsRoute:
    """The lines that could not be read."""


Route: TypeAlias = (
    EventsRoute
    | EventRoute
    | FieldsRoute
    | CountRoute
    | SessionsRoute
    | EntityRoute
    | ExplainRoute
    | MembersRoute
    | MatrixRoute
    | PlaybookRoute
    | TableRoute
    | RejectsRoute
)
