"""Free SQL: a query, and its answer as table and chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.case.execute import Table as Result
from workbench.case.fields import COLUMNS
from workbench.errors import UsageError, WorkbenchError
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.routes import TableRoute
from workbench.tui.widgets.editor import SqlEditor

ROWS = 100_000
_KEPT = 50

_START = """SELECT entity, count(*) AS requests, count(DISTINCT client_ip) AS addresses
FROM event
GROUP BY entity
ORDER BY requests DESC
LIMIT 20"""


class SqlScreen(Frame):
    """An editor; the answer opens as a result, from which Esc comes back."""

    NAME = "sql"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("sql"))

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__()
        self._text = str(kept.get("text") or _START)
        self._history = [str(query) for query in kept.get("history", [])]
        self._at = len(self._history)

    def body(self) -> Sequence[Widget]:
        """The editor."""
        names = [*self.case.tables(), *(field.name for field in COLUMNS), "entity", "entity_kind", "event_id"]
        return (SqlEditor(self._text, list(dict.fromkeys(names))),)

    def arrive(self) -> None:
        """Ready to type."""
        self.where("SQL", right=" ".join(self.case.tables()))
        self._editor.focus()
        self.say("Ctrl-r runs the query; Esc leaves the editor, then the digits go to the places")

    @property
    def _editor(self) -> SqlEditor:
        return self.query_one(SqlEditor)

    def remember(self) -> dict[str, Any]:
        """The text and what was asked before."""
        return {"text": self._editor.text, "history": self._history}

    def focus_body(self) -> None:
        """Back to typing."""
        self._editor.focus()

    def action_back(self) -> None:
        """Leave the editor first, so that keys are keys again."""
        if self.focused is not None and not self._jobs:
            self.set_focus(None)
            self.say("i goes back into the editor")
            return
        super().action_back()

    def action_run(self) -> None:
        """Ask it."""
        sql = self._editor.text.strip().rstrip(";")
        if sql and self._history[-1:] != [sql]:
            self._history = [*self._history, sql][-_KEPT:]
        self._at = len(self._history)

        def work(job: Job) -> Result:
            from workbench.evidence.runs import run_query

            return run_query(self.case, sql, ROWS, job.cursor(sql))

        def done(result: Result) -> None:
            self.say("")
            self.workbench.open(TableRoute(result, ["SQL", "result"]))

        self.job("asking", work, done)

    def failed(self, error: WorkbenchError) -> None:
        """Put the cursor where the engine stopped reading."""
        place = re.search(r"\(line (\d+), column (\d+)\)", str(error))
        if place:
            self._editor.go_to(int(place[1]), int(place[2]))

    def action_edit(self) -> None:
        """Back into the editor."""
        self._editor.focus()

    def action_complete(self) -> None:
        """Complete a name."""
        if self.focused is None:
            self._editor.focus()
            return
        offered = self._editor.complete()
        self.say("  ".join(offered[:12]) + (" …" if len(offered) > 12 else "") if len(offered) > 1 else "")

    def action_history(self, step: int) -> None:
        """An earlier or later query."""
        self._at = max(0, min(self._at + step, len(self._history)))
        if self._at < len(self._history):
            self._editor.load_text(self._history[self._at])
        else:
            self.say("no later query")

    def action_save(self) -> None:
        """Ask for the playbook's header and write it into the case."""
        sql = self._editor.text.strip().rstrip(";")

        def check(text: str) -> None:
            if not re.fullmatch(r"[a-z][a-z0-9_]{1,60}", text.strip()):
                raise UsageError(f"{text!r} cannot be a playbook's name: use small letters, digits and _")

        def some(text: str) -> None:
            if not text.strip():
                raise UsageError("say it in a few words: whoever asks the playbook later reads this")

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(_: Job) -> Path:
                from workbench.playbooks import save

                return save(self.case, sql, **{key: value.strip() for key, value in values.items()})

            self.job("saving", work, lambda path: self.say(f"saved {path}; 6 lists it"))

        fields = [
            FormField("name", "Name", "", "small letters, digits and _", check),
            FormField("title", "Title", "", "a few words", some),
            FormField("question", "Question", "", "what it asks, in plain words", some),
            FormField("why", "Why", "", "why a hit matters", some),
            FormField("innocent", "Innocent explanation", "", "what else a hit could be", some),
        ]
        self.app.push_screen(Form("Save as a playbook of this case", fields), answered)
