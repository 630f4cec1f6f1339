"""An answer as a table and as a chart; its rows lead on to what they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.acts.handover import ExportWritten
from workbench.case.browse import top_values
from workbench.case.execute import QueryResult
from workbench.case.filter import Filter, quoted
from workbench.case.tags import KINDS
from workbench.charts import ChartSpec, suggest, svg
from workbench.errors import UsageError
from workbench.playbooks import Answer, Playbook, run
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.export import ScreenExport
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.dialogs.playbook import playbook_form
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_menu, open_page, open_thing
from workbench.tui.routes import EventsRoute, TableRoute
from workbench.tui.rows import Row, TableRows
from workbench.tui.tagging import kind_of, tag_form
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
        self.result = QueryResult([], [], [])
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

    def answer(self, result: QueryResult, spec: ChartSpec | None, entity: tuple[str, str] | None) -> None:
        """Show an answer."""
        self.result, self.entity = result, entity
        table = self.query_one(Table)
        table.empty = "nothing was found"
        table.show(TableRows(result))
        self.draw(spec, result)
        cut = "+" if result.cut else ""
        self.where(*self._where[0], right=f"{len(result.rows):,}{cut} rows")

    def draw(self, spec: ChartSpec | None, result: QueryResult) -> None:
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
        self.say(self.query_one(ChartView).values_text())

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
        write_whole(path, svg(drawing.lines, title) if path.suffix == ".svg" else drawing.plain() + "\n")
        digest = sha256_file(path)
        self.case.ledger.record(ExportWritten(f"chart: {title}", path.name, digest))
        return f"wrote the chart to {path} (sha256 {digest[:12]}…)"

    def exports(self) -> Mapping[str, ScreenExport]:
        """The rows, and the chart where there is one."""
        chart = {"chart": ScreenExport("svg", self.write_chart)} if self._has_chart else {}
        return {"rows": ScreenExport("csv", self.write_rows), **chart}

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
        named = self.named(row)
        if named is None:
            self.say("this row names no account, session or address: move to a cell that does (h l)", error=True)
            return
        open_thing(self, *named)

    def action_open(self) -> None:
        """Offer all that this row names."""
        row = self.query_one(Table).current
        if row is None:
            return
        entities: dict[str, str | None] = {}
        for name, value in zip(self.result.columns, row, strict=True):
            kind = kind_of(name) or (name if name == "entity" else None)
            if kind is not None and value is not None:
                entities[kind] = str(value)
        events = None
        if named := self.named(row):
            entities[named[0]] = named[1]
            column = {"entity": "entity", **KINDS}[named[0]]
            if column != "session":
                events = partial(self.workbench.open, EventsRoute(f"{column}:{quoted(named[1])}"))
        open_menu(self, "open", entities, events)

    def action_tag(self) -> None:
        """Tag what the marked rows, or this one, stand for."""
        named = [entity for row in self.query_one(Table).chosen() if (entity := self.named(row))]
        kinds = {kind for kind, _ in named}
        if len(kinds) != 1 or "entity" in kinds:
            self.say("move to a cell that names an account, session, address or key to tag it (h l)", error=True)
            return
        tag_form(self, kinds.pop(), list(dict.fromkeys(entity_id for _, entity_id in named)))

    def write_rows(self, path: Path) -> str:
        """Write these rows as CSV; returns what to say."""
        from workbench.export.export import write_table

        done = write_table(self.case, self.result.columns, self.result.rows, path, " ▸ ".join(self._where[0]))
        return f"wrote {counted(done.rows, 'row')} to {done.path} (sha256 {done.sha256[:12]}…)"


class PlaybookScreen(ResultScreen):
    """A playbook's answer."""

    def __init__(self, book: Playbook, values: dict[str, str]) -> None:
        super().__init__()
        self._book, self._values = book, values
        self._answer: Answer | None = None

    def arrive(self) -> None:
        """Ask the playbook."""
        super().arrive()
        changed = [
            f"{p.name}={self._values[p.name]}"
            for p in self._book.parameters
            if self._values.get(p.name, p.default) != p.default
        ]
        self.where("playbooks", self._book.title, *changed)

        def work(job: Job) -> Answer:
            return run(self.case, self._book, self._values, cursor=job.cursor(self._book.sql))

        def done(answer: Answer) -> None:
            self._answer = answer
            self.answer(answer.table, self._book.chart, self._book.entity)
            self.say(f"run {answer.run}, {answer.seconds:.2f} s")

        self.job("asking", work, done, changes=True)

    def pinned(self) -> dict[str, Any] | None:
        """The playbook with its parameters."""
        changed = {
            p.name: self._values[p.name]
            for p in self._book.parameters
            if self._values.get(p.name, p.default) != p.default
        }
        title = " ".join([self._book.title, *(f"{name}={value}" for name, value in changed.items())])
        return {"kind": "playbook", "title": title, "name": self._book.name, "given": self._values}

    def action_again(self) -> None:
        """Other parameters."""
        playbook_form(self, self._book.name, self._values)

    def action_compare(self) -> None:
        """List the rows that are new, gone or changed since the playbook was asked the last time."""
        from workbench.evidence.compare import RunComparison, compare_runs

        answer = self._answer
        if answer is None:
            return

        def done(comparison: RunComparison) -> None:
            if not comparison.rows:
                self.say(comparison.said())
                return
            table = QueryResult(comparison.columns, ["VARCHAR"] * len(comparison.columns), comparison.rows)
            crumbs = ["playbooks", self._book.title, f"against run {comparison.run}"]
            self.workbench.open(TableRoute(table, crumbs, entity=self._book.entity, message=comparison.said()))

        self.job("asking the run before again", lambda job: compare_runs(self.case, answer, job.watch), done)

    def action_save(self) -> None:
        """Save this playbook with these parameters under another name, in the case."""
        from workbench.playbooks.write import save_as

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(_: Job) -> Path:
                return save_as(self.case, self._book, self._values, values["name"].strip(), values["title"].strip())

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
            self.answer(QueryResult(columns, types, [tuple(row) for row in rows]), None, None)
            with_value = QueryResult(columns, types, [tuple(row) for row in rows if row[0] is not None])
            self.draw(ChartSpec("bar", self._column, "events"), with_value)

        self.job("counting", work, done, changes=True)

    def named(self, row: Row) -> tuple[str, str] | None:
        """The value that was counted."""
        kind = kind_of(self._column)
        return (kind, str(row[0])) if kind and row[0] is not None else None

    def deeper(self, row: Row) -> None:
        """Open those events."""
        self.workbench.open(EventsRoute(f"{self._text} {self._column}:{quoted(row[0])}".strip()))


class TableScreen(ResultScreen):
    """A table that was made elsewhere: the answer to a query that was typed, who else has a value."""

    def __init__(self, route: TableRoute) -> None:
        super().__init__()
        self._route = route

    def arrive(self) -> None:
        """Show it."""
        super().arrive()
        route = self._route
        self.where(*route.crumbs)
        self.answer(route.table, route.chart or suggest(route.table.columns, route.table.types), route.entity)
        if self._has_chart:
            self.set_view(route.view)
        if route.message:
            self.say(route.message)

    def deeper(self, row: Row) -> None:
        """Open the page of what a row stands for, where the table is one of such; else what belongs to it."""
        named = self.named(row) if self._route.pages else None
        if named is None:
            super().deeper(row)
        else:
            open_page(self, *named)
