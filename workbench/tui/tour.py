"""A tour of the UI in three minutes: each step says which key to press, and goes on when it is pressed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TourStep:
    """``key`` is Textual's name of the key that the text asks for."""

    key: str
    text: str


STEPS = (
    TourStep("j", "Triage: whom to look at first, why, and what else it could be. Press j: one further down."),
    TourStep("e", "A finding is opened up, never taken on trust. Press e: the whole reasoning."),
    TourStep("escape", "Each figure names the playbook that reproduces it. Press Esc: back to where you were."),
    TourStep("2", "Press 2: the groups of accounts that act as one."),
    TourStep("v", "Press v: who of them shares what with whom."),
    TourStep("5", "Digits go to the places. Press 5: all events, and above them how many there are over time."),
    TourStep("right_curly_bracket", "A spike stands out in the histogram. Press }: the events go there (z zooms in)."),
    TourStep("f", "Press f: every field of these events with its top values."),
    TourStep("enter", "Press Enter on a value: only the events that have it. (- would drop them.)"),
    TourStep("exclamation_mark", "The filter stands in the first line; = edits it. Press !: no filter."),
    TourStep("6", "Press 6: saved questions. Each says what it asks, why a hit matters and what else it could be."),
    TourStep("enter", "Press Enter: it asks for its parameters, and Enter again asks the question."),
    TourStep("3", "Press 3: the accounts, with their activity."),
    TourStep("t", "Press t: tag an account with a note. Enter confirms; u would take it back."),
    TourStep("8", "Press 8: everything that is tagged. From here w writes it as CSV or as a report."),
    TourStep("question_mark", "Press ?: the keys of any screen. That was the tour; :tour begins it again, q leaves."),
)  # fmt: skip


class Tour:
    """Where in the tour one is."""

    def __init__(self) -> None:
        self._at = 0

    def pressed(self, key: str) -> None:
        """Go on if this is the key that was asked for."""
        if not self.over and key == STEPS[self._at].key:
            self._at += 1

    @property
    def over(self) -> bool:
        """Whether the last key was pressed."""
        return self._at >= len(STEPS)

    @property
    def text(self) -> str:
        """What to do now; empty at the end."""
        return "" if self.over else f"tour {self._at + 1}/{len(STEPS)}  {STEPS[self._at].text}"
