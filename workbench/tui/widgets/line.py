"""One line of text: the head and the foot of a screen, its messages, its key hints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from workbench.safetext import safe
from workbench.tui.style import KEY, MUTED, PLAIN
from workbench.tui.widgets.strips import fit


class Line(Widget):
    """A line with text at the left and at the right; the left is cut where both do not fit."""

    DEFAULT_CSS = "Line { height: 1; }"

    def __init__(self, *, style: Style = PLAIN, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._style = style
        self._left: list[tuple[str, Style]] = []
        self._pairs = False
        self._right = ""

    @property
    def text(self) -> str:
        """What stands at the left."""
        return "".join(text for text, _ in self._left)

    def show(self, left: str | Sequence[tuple[str, Style]], right: str = "", *, style: Style | None = None) -> None:
        """Say something else."""
        parts = [(left, style or self._style)] if isinstance(left, str) else left
        shown = [(safe(text), kind) for text, kind in parts]
        if shown != self._left or safe(right) != self._right:
            self._left, self._right = shown, safe(right)
            self.refresh()

    def hints(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show keys with what they do; ``?`` stands at the right."""
        parts: list[tuple[str, Style]] = []
        for key, what in keys:
            parts += [(f" {key} ", KEY), (f"{what} ", MUTED)]
        self._pairs = True
        self.show(parts, "? help ")

    def render_line(self, y: int) -> Strip:
        """Draw it."""
        width = self.size.width
        left = min(sum(cell_len(text) for text, _ in self._left), max(24, width // 2))
        right = self._right
        if cell_len(right) > width - left - 1:
            right = set_cell_size(right, max(0, width - left - 2)) + "…"
        room = max(0, width - cell_len(right) - (1 if right else 0))
        segments: list[Segment] = []
        for at, (text, style) in enumerate(self._left):
            length = cell_len(text)
            if self._pairs and at % 2 == 0 and length + cell_len(self._left[at + 1][0]) > room:
                break  # a key without its whole meaning is none
            if length > room:
                segments.append(Segment(set_cell_size(text, max(0, room - 1)) + ("…" if room else ""), style))
                room = 0
                break
            segments.append(Segment(text, style))
            room -= length
        segments += [Segment(" " * (room + (1 if right else 0))), Segment(right, MUTED)]
        return fit(segments, width)
