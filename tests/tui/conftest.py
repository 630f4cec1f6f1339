"""Driving the UI as an investigator does, and reading its screen as one sees it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from workbench.case import Case
from workbench.tui.app import WorkbenchApp
from workbench.tui.frame import Frame
from workbench.tui.widgets.table import Table


@dataclass
class Sitting:
    """A running UI."""

    app: WorkbenchApp
    pilot: Pilot[str | None]

    async def type(self, *keys: str) -> None:
        """Press keys one after another, each when what the one before started is done; text goes letter by letter."""
        names = {" ": "space", "/": "slash", ":": "colon", "?": "question_mark", "=": "equals_sign", "-": "minus"}
        for key in keys:
            plain = len(key) > 1 and key not in _KEYS.split() and "+" not in key and "_bracket" not in key
            for one in key if plain else [key]:
                await self.pilot.press(names.get(one, one))
            await self.settle()

    async def settle(self) -> None:
        """Wait until no job and no page is under way."""
        for _ in range(400):
            await self.pilot.pause()
            frame = self.app.screen
            workers = [w for w in self.app.workers if not w.is_finished]
            pending = any(table._typed for table in frame.query(Table)) if isinstance(frame, Frame) else False
            if not workers and not pending:
                await self.pilot.pause()
                return
            await self.pilot.pause(0.02)
        raise AssertionError("the UI did not come to rest")

    def text(self, styles: bool = False) -> str:
        """Return the screen as it is seen, line by line; with ``styles``, emphasis is written around it."""
        lines = []
        for strip in self.app.screen._compositor.render_strips():
            line = ""
            for segment in strip:
                marks = _marks(segment.style) if styles else ""
                line += f"<{marks}|{segment.text}>" if marks and segment.text.strip() else segment.text
            lines.append(line.rstrip())
        return "\n".join(lines)


_KEYS = (
    "f7 enter escape tab up down left right home end pageup pagedown space backspace slash colon plus "
    "equals_sign ampersand exclamation_mark left_square_bracket right_square_bracket"
)


def _marks(style: object) -> str:
    found = [name for name in ("bold", "dim", "reverse", "underline") if getattr(style, name, False)]
    color = getattr(style, "color", None)
    if color is not None and color.name not in ("default", "ansi_default"):
        found.append(color.name)
    return " ".join(found)


Open = Callable[..., AbstractAsyncContextManager[Sitting]]


@pytest.fixture
def sitting() -> Open:
    """Open the UI over a case in a terminal of a size."""

    @contextlib.asynccontextmanager
    async def run(case: Case, *, size: tuple[int, int] = (80, 24), **options: object) -> AsyncIterator[Sitting]:
        app = WorkbenchApp(case, **options)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            one = Sitting(app, pilot)
            await one.settle()
            yield one

    return run
