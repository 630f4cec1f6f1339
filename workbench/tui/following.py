"""Logs that are followed while one works: a thread of its own loads what is appended and tells the screen on top."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from workbench.crash import internal
from workbench.errors import WorkbenchError
from workbench.safetext import safe
from workbench.tui.thread_priority import lower_priority
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.ingest.follow import Followed, Follower
    from workbench.tui.app import WorkbenchApp


class Following:
    """One log that is followed into the case. It is no worker of a screen: it goes on wherever one goes."""

    def __init__(self, app: WorkbenchApp, path: str) -> None:
        self._app, self.path = app, path
        self.lines = self.rejects = 0
        self.last = ""
        self.notes: list[str] = []
        self.problem: str | None = None
        self._follower: Follower | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether more is taken."""
        return self.problem is None and not self._stopped.is_set()

    def stop(self) -> None:
        """Take no more, once the piece that is being loaded is in the case. Returns at once."""
        self._stopped.set()
        if self._follower is not None:
            self._follower.stop()

    def join(self) -> None:
        """Wait until the last piece is in the case."""
        self._thread.join()

    def summary(self) -> str:
        """Return in one line what was loaded so far, and whether more will be."""
        rejects = f" ({counted(self.rejects, 'reject')})" if self.rejects else ""
        lines = (
            f"{counted(self.lines, 'line')} taken{rejects}, the last at {self.last} UTC"
            if self.last
            else "no new lines yet"
        )
        how = "F or Esc stops" if self.running else f"stopped{f': {self.problem}' if self.problem else ''}"
        return safe("; ".join([f"following: {lines}", how, *self.notes[-1:], self.path]))

    def _run(self) -> None:
        from workbench.ingest.follow import Follower

        lower_priority()
        app = self._app
        try:
            self._follower = Follower(app.case, [self.path], format=app.log_format, tz=app.tz)
            if self._stopped.is_set():
                self._follower.stop()
            self._follower.run(self._took)
        except WorkbenchError as error:
            self.problem = str(error)
        except Exception as error:
            self.problem = str(internal(error))
        app.call_later(app.followed)

    def _took(self, done: Followed) -> None:
        self.lines += sum(report.lines for report in done.reports)
        self.rejects += sum(report.rejects for report in done.reports)
        self.notes += done.notes
        if done.reports:
            self.last = time.strftime("%H:%M:%S", time.gmtime())
        self._app.call_later(self._app.followed)
