"""The line to a case's engine: one connection, held while the case is open, used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from workbench.case.engine import time_limit
from workbench.engines.remote import EngineError, Remote, connect

if TYPE_CHECKING:
    from workbench.case import Case


class Line:
    """Connects when first needed, and anew where what is connected to or the time limit changed, or it failed."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._remote: Remote | None = None
        self._made_for: tuple[str, float] | None = None

    @contextmanager
    def held(self, url: str) -> Iterator[Remote]:
        """Give the connection. Raises EngineError."""
        with self._lock:
            if self._remote is None or self._made_for != (url, time_limit()):
                self.close()
                self._remote, self._made_for = connect(url), (url, time_limit())
            try:
                yield self._remote
            except EngineError:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._remote is not None:
                with suppress(EngineError):
                    self._remote.close()
            self._remote = None


@contextmanager
def connected(case: Case) -> Iterator[Remote]:
    """Give the connection to a case's engine. Raises EngineError."""
    with case.line.held(case.remote) as remote:
        yield remote
