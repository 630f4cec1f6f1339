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
from workbench.tui.picture import press, settle


@dataclass
class Sitting:
    """A running UI."""

    app: WorkbenchApp
    pilot: Pilot[str | None]

    async def type(self, *keys: str) -> None:
        """Press keys one after another, each when what the one before started is done; text goes letter by letter."""
        await press(self.pilot, keys)

    async def settle(self) -> None:
        """Wait until no job and no page is under way."""
        await settle(self.pilot)

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
