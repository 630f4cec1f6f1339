"""The rule under the head: the places with their digits, so that nobody has to know them by heart."""

from __future__ import annotations

from collections.abc import Iterator

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.actions import PLACES
from workbench.tui.style import KEY, MUTED, TITLE
from workbench.tui.widgets.strips import fit

#: Names where the whole ones do not fit.
_SHORT = {"playbooks": "books", "timeline": "time"}
_WRITTEN = {"sql": "SQL"}
#: So much of a name stands even in the narrowest terminal.
_LEAST = 3


class Places(Widget):
    """One line: digit and name of each place, the one where one is standing out."""

    DEFAULT_CSS = "Places { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._here = ""

    def show(self, here: str) -> None:
        """Say in which place one is."""
        if here != self._here:
            self._here = here
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw it, names cut as the width demands."""
        del y
        width = self.size.width
        names, space = _names(width)
        parts: list[Segment] = []
        for (digit, place, _), name in zip(PLACES, names, strict=True):
            parts += [Segment("─" * bool(parts), MUTED), Segment(digit, KEY)]
            parts.append(Segment(f"{space}{name}{space}", TITLE if place == self._here else MUTED))
        used = sum(part.cell_length for part in parts)
        return fit([*parts, Segment("─" * max(0, width - used), MUTED)], width)


def _names(width: int) -> tuple[list[str], str]:
    """Return the places' names as they fit into a width, and what stands around them."""
    for names, space in _choices():
        if sum(len(name) + 2 * len(space) + 2 for name in names) - 1 <= width:
            return names, space
    return [name[:_LEAST] for _, name, _ in PLACES], ""


def _choices() -> Iterator[tuple[list[str], str]]:
    """Yield the names from the most room to the least."""
    whole = [_WRITTEN.get(name, name) for _, name, _ in PLACES]
    short = [_SHORT.get(name, name) for name in whole]
    yield whole, " "
    yield whole, ""
    yield short, ""
    for length in range(8, _LEAST, -1):
        yield [name[:length] for name in short], ""
