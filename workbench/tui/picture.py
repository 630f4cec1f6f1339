"""Pictures of the UI, for documents and reports: it is driven by keys without a terminal, then drawn as SVG."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.tui.app import WorkbenchApp
from workbench.tui.frame import Frame

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from workbench.case import Case

_PATIENCE_SECONDS = 120.0
_STEP_SECONDS = 0.02
_REST_SECONDS = 0.4


async def settle(pilot: Pilot[str | None]) -> None:
    """Wait until what the keys set off is done. Raises WorkbenchError if it takes minutes."""
    waited = 0.0
    while waited < _PATIENCE_SECONDS:
        await pilot.pause()
        app = pilot.app
        busy = [worker for worker in app.workers if not worker.is_finished]
        typing = isinstance(app.screen, Frame) and app.screen.typing
        if not busy and not typing:
            await pilot.pause()
            return
        await asyncio.sleep(_STEP_SECONDS)
        waited += _STEP_SECONDS
    raise WorkbenchError("the UI did not come to rest")


async def press(pilot: Pilot[str | None], keys: Sequence[str]) -> None:
    """Press keys, each when what the one before set off is done.

    A key is a letter or one of Textual's names (``enter``, ``ctrl+d``); anything else is typed letter by letter.
    """
    from textual.keys import Keys

    known = {key.value for key in Keys} | {"space"}
    for typed in keys:
        for key in [typed] if typed in known or "+" in typed else typed:
            await pilot.press(key)
        await settle(pilot)


def picture(case: Case, keys: Sequence[str], width: int, height: int) -> str:
    """Return the screen after these keys as an SVG."""

    async def run() -> str:
        app = WorkbenchApp(case)
        async with app.run_test(size=(width, height)) as pilot:
            await settle(pilot)
            await press(pilot, keys)
            # What waits until the cursor rests is part of the picture.
            await asyncio.sleep(_REST_SECONDS)
            await settle(pilot)
            drawn = app.export_screenshot(title=f"workbench {case.name}.case")
            # A picture must not fetch fonts from elsewhere when it is looked at.
            return re.sub(r',\s*url\("[^"]*"\)(?: format\("[^"]*"\))?', "", drawn)

    return asyncio.run(run())
