"""Faults of the program itself: one line for the user, the details in a file."""

from __future__ import annotations

import contextlib
import traceback

from workbench.config import state_folder
from workbench.errors import InternalError
from workbench.safetext import safe


def internal(error: BaseException) -> InternalError:
    """Turn an unexpected error into one line, with its traceback in a file of the investigator's state folder."""
    file = state_folder() / "errors.log"
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as out:
            lines = "".join(traceback.format_exception(error)).splitlines()
            out.write("".join(f"{safe(line)}\n" for line in [*lines, ""]))
        file.chmod(0o600)
    said = str(error).splitlines()[0] if str(error) else "no message"
    return InternalError(f"a fault of the program ({type(error).__name__}: {said}); the details are in {file}")
