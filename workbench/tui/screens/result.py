"""An answer as a table and as a chart; its rows lead on to what they name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.browse import top_values
from workbench.case.engine import Table as Result
from workbench.case.filter import Filter, quoted
from workbench.case.tags import KINDS
from workbench.charts import ChartSpec, suggest
from workbench.errors import UsageError
from workbench.playbooks import Answer, Playbook, run
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.going import open_menu, open_thing
from workbench.tui.job import Job
from workbench.tui.jobs import kind_of, tag_form
from workbench.tui.rows import Row, TableRows
from workbench.tui.widgets.chartview import ChartView
from workbench.tui.widgets.table import Table
from workbench.words import counted

_VIEWS = ("both", "table", "chart")


class ResultScreen(Frame):
    """A table with its chart above; subclasses say where the answer comes from."""

    NAME = "result"
    DEFAULT_CSS = """
    ResultScreen ChartView { height: 45%; }
    ResultScreen.-table ChartView { display: none; }
    ResultScreen.-chart Table { display: none; }
    ResultScreen.-chart ChartView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("result"))

    def __init__(self) -> None:
        super().__init__()
        self.result = Result([], [], [])
        self.entity: tuple[str, str] | None = None
        self._view = "table"
        self._has_chart = False

    def body(self) -> Sequence[Widget]:
        """Chart and table."""
        return (ChartView(), Table())

    def arrive(self) -> None:
        """Ask."""
        self.set_view("table")
        self.query_one(Table).focus()

    def answer(self, result: Result, spec: ChartSpec | None, entity: tuple[str, str] | None) -> None:
        """Show an answer."""
        self.result, self.entity = result, entity
        table = self.query_one(Table)
        table.empty = "nothing was found"
        table.show(TableRows(result))
        self.draw(spec, result)
        cut = "+" if result.cut else ""
        self.where(*self._where[0], right=f"{len(result.rows):,}{cut} rows")

    def draw(self, spec: ChartSpec | None, result: Result) -> None:
        """Draw a chart above the table, or none."""
        self._has_chart = spec is not None and bool(result.rows)
        self.query_one(ChartView).show(spec, result)
        self.set_view("both" if self._has_chart else "table")

    def set_view(self, view: str) -> None:
        """Show chart, table, or both; a chart alone has the keys."""
        self._view = view
        self.set_class(view == "table", "-table")
        self.set_class(view == "chart", "-chart")
        self.query_one(ChartView if view == "chart" else Table).focus()
        if view == "chart":
            self.say("h l move along the axis, z Z zoom, y copies the chart as text, w writes it")

    def action_view(self) -> None:
        """The next view."""
        if not self._has_chart:
            self.say("this answer has no chart: no column of it is a number")
            return
        self.say("")
        self.set_view(_VIEWS[(_VIEWS.index(self._view) + 1) % 3])

    def on_chart_view_pointed(self, event: ChartView.Pointed) -> None:
        """The table goes along."""
        self.query_one(Table).go(event.row)
        self.say(self.query_one(ChartView).told())

    def on_chart_view_opened(self, _: ChartView.Opened) -> None:
        """Deeper into the row that the chart's cursor stands for."""
        self.query_one(Table).action_open()

    def on_table_moved(self, event: Table.Moved) -> None:
        """The chart goes along."""
        if self._has_chart and self._view == "both":
            self.query_one(ChartView).point(event.table.cursor)

    def action_zoom(self, step: int) -> None:
        """See less or more of the chart."""
        if not self._has_chart:
            self.say("this answer has no chart to zoom", error=True)
        elif not self.query_one(ChartView).zoom(step):
            self.say("this is as near as it gets" if step > 0 else "this is all there is")

    def action_copy(self) -> None:
        """Copy the chart as text where it stands alone, else the value under the cursor."""
        drawing = self.query_one(ChartView).drawing() if self._view == "chart" else None
        if drawing is None:
            super().action_copy()
            return
        text = drawing.plain()
        self.app.copy_to_clipboard(text)
        self.say(f"copied the chart, {len(text):,} characters, if the terminal lets programs copy (OSC 52)")

    def focus_body(self) -> None:
        """Back to the chart where it stands alone."""
        self.query_one(ChartView if self._view == "chart" else Table).focus()

    def write_chart(self, path: Path) -> str:
        """Write the chart as it is on the screen, SVG or text; returns what to say."""
        from workbench.case.folder import sha256_file, write_whole

        drawing = self.query_one(ChartView).drawing()
        if drawing is None:
            raise UsageError("this answer has no chart to write")
        title = " ▸ ".join(self._where[0])
        write_whole(path, drawing.svg(title) if path.suffix == ".svg" else drawing.plain() + "\n")
        digest = sha256_file(path)
        with self.case.ledger.act("export", {"what": f"chart: {title}", "sha256": digest, "file": path.name}):
            pass
        return f"wrote the chart to {path} (sha256 {digest[:12]}…)"

    @property
    def has_chart(self) -> bool:
        """Whether there is a chart to write."""
        return self._has_chart

    def action_compare(self) -> None:
        """What differs from the run before."""
        self.say("only a playbook's answer can be compared with the one before", error=True)

    def action_save(self) -> None:
        """Save the question under another name."""
        self.say("only a playbook can be saved under another name; a query is saved where it is typed: 7", error=True)

    def action_again(self) -> None:
        """Ask again with other parameters, where there are any."""
        self.say("this answer has no parameters")

    def named(self, row: Row) -> tuple[str, str] | None:
        """Return kind and id of what a row stands for: by the playbook's entity, else by the cell under the cursor."""
        if self.entity and self.entity[1] in self.result.columns:
            value = row[self.result.columns.index(self.entity[1])]
            if value is not None:
                return self.entity[0], str(value)
        table = self.query_one(Table)
        name = table.columns[table.column]
        kind = kind_of(name) or ("entity" if name == "entity" else None)
        value = row[table.column]
        return (kind, str(value)) if kind and value is not None else None

    def on_table_opened(self, event: Table.Opened) -> None:
        """Deeper. (Textual calls a handler of each class, so subclasses say where to in ``deeper``.)"""
        self.deeper(event.row)

    def deeper(self, row: Row) -> None:
        """Open the sessions of an account or key; the events of anything else."""
        found = self.named(row)
        if found is None:
            self.say("this row names no account, session or address: move to a cell that does (h l)", error=True)
            return
        open_thing(self, *found)

    def action_open(self) -> None:
        """Offer all that this row names."""
        row = self.query_one(Table).current
        if row is None:
            return
        things: dict[str, str | None] = {}
        for name, value in zip(self.result.columns, row, strict=True):
            kind = kind_of(name) or (name if name == "entity" else None)
            if kind is not None and value is not None:
                things[kind] = str(value)
        events = None
        if found := self.named(row):
            things[found[0]] = found[1]
            column = {"entity": "entity", **KINDS}[found[0]]
            if column != "session":
                events = partial(self.workbench.open_events, f"{column}:{quoted(found[1])}")
        open_menu(self, "open", things, events)

    def action_tag(self) -> None:
        """Tag what the marked rows, or this one, stand for."""
        named = [found for row in self.query_one(Table).chosen() if (found := self.named(row))]
        kinds = {kind for kind, _ in named}
        if len(kinds) != 1 or "entity" in kinds:
            self.say("move to a cell that names an account, session, address or key to tag it (h l)", error=True)
            return
        tag_form(self, kinds.pop(), list(dict.fromkeys(one for _, one in named)))

    def write_rows(self, path: Path) -> str:
        """Write these rows as CSV; returns what to say."""
        from workbench.export.export import write_table

        done = write_table(self.case, self.result.columns, self.result.rows, path, " ▸ ".join(self._where[0]))
        return f"wrote {counted(done.rows, 'row')} to {done.path} (sha256 {done.sha256[:12]}…)"


class PlaybookScreen(ResultScreen):
    """A playbook's answer."""

    def __init__(self, book: Playbook, given: dict[str, str]) -> None:
        super().__init__()
        self._book, self._given = book, given
        self._answer: Answer | None = None

    def arrive(self) -> None:
        """Ask the playbook."""
        super().arrive()
        changed = [
            f"{p.name}={self._given[p.name]}"
            for p in self._book.parameters
            if self._given.get(p.name, p.default) != p.default
        ]
        self.where("playbooks", self._book.title, *changed)

        def work(job: Job) -> Answer:
            return run(self.case, self._book, self._given, cursor=job.cursor(self._book.sql))

        def done(answer: Answer) -> None:
            self._answer = answer
            self.answer(answer.table, self._book.chart, self._book.entity)
            self.say(f"run {answer.run}, {answer.seconds:.2f} s")

        self.job("asking", work, done, changes=True)

    def pinned(self) -> dict[str, Any] | None:
        """The playbook with its parameters."""
        given = {
            p.name: self._given[p.name]
            for p in self._book.parameters
            if self._given.get(p.name, p.default) != p.default
        }
        title = " ".join([self._book.title, *(f"{name}={value}" for name, value in given.items())])
        return {"kind": "playbook", "title": title, "name": self._book.name, "given": self._given}

    def action_again(self) -> None:
        """Other parameters."""
        from workbench.tui.screens.playbooks import ask_playbook

        ask_playbook(self, self._book.name, self._given)

    def action_compare(self) -> None:
        """List the rows that are new, gone or changed since the playbook was asked the last time."""
        from workbench.evidence.compare import Comparison, compare

        answer = self._answer
        if answer is None:
            return

        def done(found: Comparison) -> None:
            if not found.rows:
                self.say(found.said())
                return
            table = Result(found.columns, ["VARCHAR"] * len(found.columns), found.rows)
            crumbs = ["playbooks", self._book.title, f"against run {found.run}"]
            self.app.push_screen(TableScreen(table, crumbs, None, self._book.entity, said=found.said()))

        self.job("asking the run before again", lambda job: compare(self.case, answer, job.watch), done)

    def action_save(self) -> None:
        """Save this playbook with these parameters under another name, in the case."""
        from workbench.playbooks.write import save_as
        from workbench.tui.widgets.form import Form, FormField

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(_: Job) -> Path:
                return save_as(self.case, self._book, self._given, values["name"].strip(), values["title"].strip())

            self.job("saving", work, lambda path: self.say(f"saved {path.name} in the case; 6 lists it"))

        fields = [
            FormField("name", "Name", f"{self._book.name}_2", "letters, digits, _ and -"),
            FormField("title", "Title", self._book.title, "a few words"),
        ]
        self.app.push_screen(Form("Save with these parameters", fields), answered)


class CountScreen(ResultScreen):
    """How often each value of a column occurs among the events of a filter."""

    def __init__(self, column: str, chosen: Filter, text: str) -> None:
        super().__init__()
        self._column, self._filter, self._text = column, chosen, text

    def arrive(self) -> None:
        """Count."""
        super().arrive()
        self.where("events", *([self._text] if self._text else []), f"count of {self._column}")

        def work(job: Job) -> list[tuple[Any, int]]:
            return top_values(self.case, self._column, self._filter, 1000, job.cursor())

        def done(rows: list[tuple[Any, int]]) -> None:
            columns, types = [self._column, "events"], ["VARCHAR", "BIGINT"]
            self.answer(Result(columns, types, [tuple(row) for row in rows]), None, None)
            with_value = Result(columns, types, [tuple(row) for row in rows if row[0] is not None])
            self.draw(ChartSpec("bar", self._column, "events"), with_value)

        self.job("counting", work, done, changes=True)

    def named(self, row: Row) -> tuple[str, str] | None:
        """The value that was counted."""
        kind = kind_of(self._column)
        return (kind, str(row[0])) if kind and row[0] is not None else None

    def deeper(self, row: Row) -> None:
        """Open those events."""
        self.workbench.open_events(f"{self._text} {self._column}:{quoted(row[0])}".strip())


class TableScreen(ResultScreen):
    """A table that was made elsewhere: the answer to a query that was typed, who else has a value."""

    def __init__(
        self,
        result: Result,
        crumbs: Sequence[str],
        spec: ChartSpec | None = None,
        entity: tuple[str, str] | None = None,
        said: str = "",
        view: str = "both",
    ) -> None:
        super().__init__()
        self._said, self._first_view = said, view
        self._answer, self._crumbs, self._spec, self._named = result, crumbs, spec, entity

    def arrive(self) -> None:
        """Show it."""
        super().arrive()
        self.where(*self._crumbs)
        spec = self._spec or suggest(self._answer.columns, self._answer.types)
        self.answer(self._answer, spec, self._named)
        if self._has_chart:
            self.set_view(self._first_view)
        if self._said:
            self.say(self._said)
