"""Sessions and accounts: sortable lists; Enter goes from an account to its sessions, from a session to its events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import session_filter
from workbench.case.execute import Table as Result
from workbench.case.filter import quoted
from workbench.case.profile import account_activity, session_activity
from workbench.charts import sparkline, suggest
from workbench.errors import WorkbenchError
from workbench.sqltext import identifier, literal
from workbench.tui.actions import bindings_for
from workbench.tui.ascii_filter import ascii_only
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_menu, open_page, sessions_of
from workbench.tui.routes import EventsRoute, TableRoute
from workbench.tui.rows import QueryRows, Row
from workbench.tui.tagging import tag_form
from workbench.tui.widgets.table import Table

#: Blocks of a sparkline.
_BINS = 14
#: The activity of so many accounts is counted in one pass for all; of more, for those on the screen.
_ALL = 50_000
#: How many bars a chart of the list has at most; what does not fit is told under it.
_BARS = 1000


class EntityList(Frame):
    """What sessions and accounts have in common: a list of a derived table with tags, a condition and an order."""

    TABLE: ClassVar[str] = ""
    KEY: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[str, ...]] = ()
    ORDER: ClassVar[str] = ""
    #: For how many rows activity is counted at a time.
    BATCH: ClassVar[int] = 200

    def __init__(self, condition: str = "") -> None:
        super().__init__()
        self._condition = condition
        self._order, self._sorted = self.ORDER, "requests"
        self._activity: dict[str, str] = {}
        self._drawing: Job | None = None
        self._batch: set[str] = set()
        self._all_drawn = False

    def body(self) -> Sequence[Widget]:
        """One table."""
        return (Table(hidden=1, tagged=lambda row: row[-1] is not None),)

    def arrive(self) -> None:
        """Read the list."""
        self.query_one(Table).focus()
        self._load(self._condition)

    def _select(self, condition: str) -> str:
        kind = literal(self.NAME.removesuffix("s"))
        return (
            f"SELECT * FROM (SELECT {self.TABLE}.{self.KEY} AS wb_key, {', '.join(self.COLUMNS)}, t.tags "
            f"FROM {self.TABLE} LEFT JOIN (SELECT id, string_agg(tag, ' ' ORDER BY tagged_at, tag) AS tags FROM tag "
            f"WHERE kind = {kind} GROUP BY id) AS t ON t.id = {self.TABLE}.{self.KEY}) AS listed"
            + (f" WHERE ({condition}\n)" if condition else "")
        )

    def _load(self, condition: str, at: int = 0) -> None:
        select = self._select(condition)
        self.where(self.NAME, *([condition] if condition else []))

        def work(job: Job) -> int:
            sql = f"SELECT count(*) FROM ({select})"
            return int(self.case.ask(sql, cursor=job.cursor(sql)).rows[0][0])

        def done(total: int) -> None:
            self._condition = condition
            columns = ["wb_key", *(name.split(" AS ")[-1] for name in self.COLUMNS), "tags"]
            table = self.query_one(Table)
            table.empty = (
                "nothing fits this condition: ! takes it away"
                if condition
                else f"no {self.NAME} here: the logs name no account, key or address, or no times (9 shows the sources)"
            )
            rows = QueryRows(self.case, select, columns, total, self._order)
            table.show(rows, at=at, texts={"activity": self._sparkline})
            self._count()

        self.job(
            f"making {self.NAME}", work, done, changes=True
        ).about = f"making the list of {self.NAME} from all events: once, then it is kept with the case…"

    def _count(self) -> None:
        table = self.query_one(Table)
        marks = f"{len(table.marks):,} marked  " if table.marks else ""
        right = f"{marks}{min(table.cursor + 1, table.total):,} of {table.total:,}"
        self.where(self.NAME, *([self._condition] if self._condition else []), right=right)

    def on_table_moved(self, _: Table.Moved) -> None:
        """Keep the count, and draw the activity of what came into view."""
        self._count()
        self._draw()

    def _sparkline(self, key: object) -> str:
        return self._activity.get(str(key), "").ljust(_BINS)

    def _draw(self) -> None:
        """Count the activity of rows on the screen that lack it, in a batch that goes with the view."""
        lacking = [row for row in self.query_one(Table).in_view() if str(row[0]) not in self._activity]
        running = self._drawing if self._drawing in self._jobs else None
        whole = self.whole
        if running is not None and (whole or any(str(row[0]) in self._batch for row in lacking)):
            return
        if running is not None:
            running.cancel()  # nobody looks at these any more
        if not lacking or self._all_drawn:
            return
        batch = lacking[: self.BATCH]
        self._batch = {str(row[0]) for row in batch}

        def done(activity: dict[str, list[int]]) -> None:
            unicode = not ascii_only()
            drawn = {key: sparkline(counts, _BINS, unicode) for key, counts in activity.items()}
            self._activity |= dict.fromkeys(self._batch, "") | drawn
            self._all_drawn = whole
            self.query_one(Table).refresh()
            self._draw()

        self._drawing = self.job("drawing activity", lambda job: self.activity(batch, job), done, quiet=True)

    @property
    def whole(self) -> bool:
        """Whether the activity of the whole list is counted at once."""
        return False

    def activity(self, rows: list[Row], job: Job) -> dict[str, list[int]]:
        """Return the requests over time of these rows, by key."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Tags may have changed."""
        table = self.query_one(Table)
        if table.rows is not None:
            table.reload()

    def failed(self, error: WorkbenchError) -> None:
        """Ask for the condition again."""
        if self.query_one(Table).rows is not None:
            self._count()

    def action_filter(self) -> None:
        """Ask for a condition."""
        self.ask(
            "condition", "an SQL condition, e.g. requests > 100 AND addresses > 5", self._condition, self._complete
        )

    def _complete(self, text: str) -> list[str]:
        head, _, word = text.rpartition(" ")
        start = f"{head} " if head else ""
        names = [name.split(" AS ")[-1] for name in self.COLUMNS]
        return [f"{start}{name} " for name in (*names, "tags") if name.startswith(word)]

    def answered(self, purpose: str, text: str) -> None:
        """A condition was typed."""
        if purpose == "condition":
            self._load(text.strip())

    def action_clear(self) -> None:
        """Take the condition away."""
        self._load("")

    def action_sort(self, descending: bool) -> None:
        """Sort by the column under the cursor."""
        cell = self.query_one(Table).current_cell
        if cell is None:
            return
        self._sorted = cell[0]
        self._order = f"{identifier(cell[0])} {'DESC' if descending else 'ASC'} NULLS LAST, wb_key"
        self._load(self._condition)

    def action_chart(self) -> None:
        """Show the first of the list as bars: of the column that it is sorted by, or of the requests."""
        by = dict.fromkeys((self._sorted, "requests"))
        shown = [f"wb_key AS {self.KEY}", *(identifier(name) for name in by if name != self.KEY)]
        sql = f"SELECT {', '.join(shown)} FROM ({self._select(self._condition)}) ORDER BY {self._order} LIMIT {_BARS}"

        def done(first: Result) -> None:
            spec = suggest(first.columns, first.types)
            crumbs = [self.NAME, *([self._condition] if self._condition else []), f"first {len(first.rows):,}"]
            entity = (self.NAME.removesuffix("s"), self.KEY)
            self.workbench.open(TableRoute(first, crumbs, spec, entity, view="chart"))

        self.job("asking", lambda job: self.case.ask(sql, cursor=job.cursor(sql)), done)

    def _ids(self) -> list[str]:
        return [str(row[0]) for row in self.query_one(Table).chosen()]

    def action_tag(self) -> None:
        """Tag the marked ones, or this one."""
        tag_form(self, self.NAME.removesuffix("s"), self._ids())

    def action_open(self) -> None:
        """Offer what belongs to this one."""
        row = self.query_one(Table).current
        if row is not None:
            events = partial(self.workbench.open, EventsRoute(self.events_of(row)))
            sessions = sessions_of(self, "account", str(row[0])) if self.NAME == "accounts" else None
            open_menu(self, f"{self.NAME.removesuffix('s')} {row[0]}", self.things_of(row), events, sessions)

    def things_of(self, row: Row) -> dict[str, str | None]:
        """Return what a row names, by kind."""
        raise NotImplementedError

    def events_of(self, row: Row) -> str:
        """Return the filter line of a row's events."""
        raise NotImplementedError

    def _at(self, column: str) -> int:
        return 1 + [name.split(" AS ")[-1] for name in self.COLUMNS].index(column)


class SessionsScreen(EntityList):
    """Sessions, all or those of one entity."""

    NAME, TABLE, KEY = "sessions", "session", "session"
    COLUMNS = (
        "first", "last - first AS length", "requests", "session AS activity",
        "errors", "addresses", "entity", "input_tokens", "output_tokens",
        "entity_kind", "session",
    )  # fmt: skip
    ORDER = "requests DESC, wb_key"
    BATCH = 5
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("sessions"))

    def activity(self, rows: list[Row], job: Job) -> dict[str, list[int]]:
        """Read each session's own time."""
        kind, entity = self._at("entity_kind"), self._at("entity")
        cursor = job.cursor()
        return {
            str(row[0]): session_activity(self.case, row[kind], row[entity], row[1], row[1] + row[2], _BINS, cursor)
            for row in rows
            if row[1] is not None
        }

    def events_of(self, row: Row) -> str:
        """The entity's events between the session's first and last."""
        first, length, entity = row[1], row[2], row[self._at("entity")]
        return session_filter(str(entity), first, first + length)

    def things_of(self, row: Row) -> dict[str, str | None]:
        """The entity, if it is an account or a key."""
        kind = row[self._at("entity_kind")]
        return {kind: str(row[self._at("entity")])}

    def on_table_opened(self, event: Table.Opened) -> None:
        """Deeper: its events."""
        self.workbench.open(EventsRoute(self.events_of(event.row)))


class AccountsScreen(EntityList):
    """Accounts."""

    NAME, TABLE, KEY = "accounts", "account", "account"
    COLUMNS = (
        "account", "requests", "account AS activity",
        "days", "addresses", "errors", "output_tokens", "input_tokens", "models", "user_agents",
        "api_keys", "organization", "first", "last",
    )  # fmt: skip
    ORDER = "requests DESC, wb_key"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("accounts"))

    @property
    def whole(self) -> bool:
        """Unless there are too many: it is the same pass over the events."""
        return self.query_one(Table).total <= _ALL

    def activity(self, rows: list[Row], job: Job) -> dict[str, list[int]]:
        """Count all accounts, or these."""
        ids = None if self.whole else [str(row[0]) for row in rows]
        return account_activity(self.case, ids, _BINS, job.cursor())

    def events_of(self, row: Row) -> str:
        """All events of the account."""
        return f"account:{quoted(str(row[0]))}"

    def things_of(self, row: Row) -> dict[str, str | None]:
        """The account itself, whose sessions can be opened, and its organisation."""
        return {"account": str(row[0]), "organisation": row[self._at("organization")]}

    def on_table_opened(self, event: Table.Opened) -> None:
        """Deeper: its page."""
        open_page(self, "account", str(event.row[0]))
