"""The engine's threads give way to the keys: on two cores a heavy query would otherwise hold both.

Linux gives each thread a priority of its own; elsewhere nothing changes.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

_NICE = 10
_TASKS = Path("/proc/self/task")


def lower_priority() -> None:
    """Lower the priority of this thread, which must not be the UI's, and of those that are not Python's."""
    if sys.platform != "linux":
        return
    ours = {thread.native_id for thread in threading.enumerate()}
    with contextlib.suppress(OSError):
        others = {int(task.name) for task in _TASKS.iterdir()} - ours
        for thread in (threading.get_native_id(), *others):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, thread, _NICE)
