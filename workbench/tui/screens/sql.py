"""Free SQL: a query, and its answer below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import TextArea

from workbench.case.engine import Table as Result
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame, Job

ROWS = 100_000

_START = """SELECT account, count(*) AS requests, count(DISTINCT client_ip) AS addresses
FROM event
GROUP BY account
ORDER BY requests DESC
LIMIT 20"""


class SqlScreen(Frame):
    """An editor; the answer opens as a result, from which Esc comes back."""

    NAME = "sql"
    DEFAULT_CSS = """
    SqlScreen TextArea { height: 1fr; border: none; padding: 0 1; background: ansi_default; }
    SqlScreen TextArea:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("sql"))

    def body(self) -> Sequence[Widget]:
        """The editor."""
        return (TextArea(_START, show_line_numbers=True, soft_wrap=False, theme="css", compact=True),)

    def arrive(self) -> None:
        """Ready to type."""
        self.where("SQL", right="event, session, account, source, tag, reject, run")
        self.query_one(TextArea).focus()
        self.say("Ctrl-r runs the query; Esc leaves the editor, then the digits go to the places")

    def action_back(self) -> None:
        """Leave the editor first, so that keys are keys again."""
        if self.focused is not None and not self._jobs:
            self.set_focus(None)
            self.say("i or Tab goes back into the editor")
            return
        super().action_back()

    def action_run(self) -> None:
        """Ask it."""
        sql = self.query_one(TextArea).text.strip().rstrip(";")

        def work(job: Job) -> Result:
            return self.case.ask(sql, limit=ROWS, cursor=job.cursor(sql))

        def done(result: Result) -> None:
            from workbench.tui.screens.result import TableScreen

            self.say("")
            self.app.push_screen(TableScreen(result, ["SQL", "result"]))

        self.job("asking", work, done)

    def action_edit(self) -> None:
        """Back into the editor."""
        self.query_one(TextArea).focus()
