"""The whole reasoning about one entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from workbench.detect import Explanation, explain
from workbench.detect.narrative import StyledLine, tell_explanation
from workbench.evidence.corroborate import confirmed, could_confirm, recorded
from workbench.tui.actions import bindings_for
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.navigation import open_thing
from workbench.tui.tagging import tag_form
from workbench.tui.widgets.pane import Pane

_CORROBORATION: tuple[StyledLine, ...] = (("text", ""), ("title", "Corroboration"))


class ExplainScreen(Frame):
    """Reasons with their playbooks, innocent explanations, what is shared, the figures beside the median."""

    NAME = "explain"
    DEFAULT_CSS = "ExplainScreen Pane { height: 1fr; max-height: 100%; border-top: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("explain"),
        Binding("j,down", "pane(1)", show=False),
        Binding("k,up", "pane(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "pane(15)", show=False),
        Binding("pageup,ctrl+u", "pane(-15)", show=False),
        Binding("g,home", "pane(-100000)", show=False),
        Binding("G,end", "pane(100000)", show=False),
    ]

    def __init__(self, kind: str, entity: str) -> None:
        super().__init__()
        self._kind, self._entity = kind, entity
        self._text = ""

    def body(self) -> Sequence[Widget]:
        """A text that scrolls."""
        return (Pane(),)

    def arrive(self) -> None:
        """Reason."""
        self.where("triage", self._entity)

        def work(job: Job) -> Explanation:
            return explain(self.case, self._kind, self._entity, cursor=job.cursor())

        def done(explanation: Explanation) -> None:
            lines = list(tell_explanation(explanation))
            self._show([*lines, *_CORROBORATION, ("dim", "  looking whether another log confirms it")])
            self.job("corroborating", self._corroborated, lambda confirmations: self._show_whole(lines, confirmations))

        self.job("explaining", work, done)

    def _corroborated(self, job: Job) -> list[str]:
        """Return what another log says of it, or what would."""
        compared = recorded(self.case, job.cursor())
        sentences = list(confirmed(compared, self._entity))
        if not any(corroboration.said_of(self._entity) for corroboration in compared):
            sentences += could_confirm(self.case, self._kind, self._entity, job.cursor())
        return sentences

    def _show_whole(self, lines: list[StyledLine], sentences: list[str]) -> None:
        self._show([*lines, *_CORROBORATION, *(("text", f"  {text}") for text in sentences)], stay=True)
        self.say(f"corroboration: {'; '.join(sentences)}")

    def _show(self, lines: list[StyledLine], *, stay: bool = False) -> None:
        self._text = "\n".join(text for _, text in lines)
        self.query_one(Pane).show(lines, stay=stay)

    def action_pane(self, step: int) -> None:
        """Scroll."""
        self.query_one(Pane).scroll_by(step)

    def action_tag(self) -> None:
        """Tag it."""
        tag_form(self, self._kind, [self._entity])

    def action_open(self) -> None:
        """Its sessions or events."""
        open_thing(self, self._kind, self._entity)

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self._text)
        self.say(f"copied {len(self._text):,} characters, if the terminal lets programs copy (OSC 52)")
