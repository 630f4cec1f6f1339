"""The connection to a case's engine: one, held while the case is open, used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from workbench.case.execute import time_limit
from workbench.engines.registry import connect
from workbench.engines.remote import EngineError, Remote
from workbench.errors import QueryCancelled

#: Seconds after which who waits for the connection looks whether to wait on.
_LOOK = 0.1


class SharedConnection:
    """Connects when first needed, and again where the time limit changed, or it failed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.RLock()
        self._remote: Remote | None = None
        self._made_for: float | None = None
        self._holder: tuple[int, Remote] | None = None
        self._stopped: set[int] = set()

    @contextmanager
    def held(self) -> Iterator[Remote]:
        """Give the connection. Raises EngineError, QueryCancelled where the thread was stopped."""
        me = threading.get_ident()
        while not self._lock.acquire(timeout=_LOOK):
            self._check(me)
        try:
            self._check(me)
            if self._remote is None or self._made_for != time_limit():
                self.close()
                self._remote, self._made_for = connect(self.url), time_limit()
            remote, outer = self._remote, self._holder
            self._holder = (me, remote)
            try:
                if outer is None:
                    remote.stops.clear()
                self._check(me)
                yield remote
            except EngineError:
                self.close()
                raise
            finally:
                self._holder = outer
        finally:
            self._lock.release()

    def stop(self, thread: int) -> None:
        """Stop what a thread asks or waits to ask, and let it ask nothing more until ``over``; others go on."""
        self._stopped.add(thread)
        holder = self._holder
        if holder is not None and holder[0] == thread:
            holder[1].stops.stop()

    def over(self, thread: int) -> None:
        """Let a thread ask again: it does something else now."""
        self._stopped.discard(thread)

    def _check(self, thread: int) -> None:
        if thread in self._stopped:
            raise QueryCancelled("cancelled")

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._remote is not None:
                with suppress(EngineError):
                    self._remote.close()
            self._remote = None
