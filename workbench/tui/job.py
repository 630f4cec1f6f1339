"""What runs in a thread while one looks and types: it can be stopped, and tells how far it is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import duckdb

from workbench.errors import QueryCancelled

if TYPE_CHECKING:
    from workbench.case import Case

#: A share that falls by so many per cent is the next query's.
_NEXT = 20.0


class Job:
    """Something that runs in a thread; Esc stops it."""

    def __init__(self, what: str, case: Case, changes: bool = False, quiet: bool = False) -> None:
        self.what, self.changes, self.quiet = what, changes, quiet
        #: What an empty list says while this runs, where there is more to say than ``what``.
        self.about = ""
        self._case = case
        self._watched: duckdb.DuckDBPyConnection | None = None
        self.cancelled = False
        self.on_cancel: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._borrowed = contextlib.ExitStack()
        self._share, self._step = 0.0, 1

    def cursor(self, sql: str = "") -> duckdb.DuckDBPyConnection:
        """Return a connection that ``cancel`` interrupts and that tells its progress: the same one each time."""
        self._check()
        if self._cursor is None or sql:
            self._case.cursor(sql, self.watch)
        if self._cursor is None:
            self._cursor = self._borrowed.enter_context(self._case.store.watched())
            self._borrowed.enter_context(self.watch(self._cursor))
        self._check()
        return self._cursor

    @contextlib.contextmanager
    def watch(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let ``cancel`` interrupt this connection, until the block ends that its owner opened; then the one before it.

        Raises QueryCancelled where the job was stopped already.
        """
        with self._lock:
            before, self._watched = self._watched, cursor
        try:
            self._check()
            yield
        finally:
            with self._lock:
                self._watched = before

    def _check(self) -> None:
        if self.cancelled:
            raise QueryCancelled("cancelled")

    def started(self) -> None:
        """Take down in which thread it runs: what that asks of another engine is stopped by it."""
        with self._lock:
            self._thread = threading.get_ident()
            if self.cancelled:
                self._case.store.interrupt(self._thread)

    def cancel(self) -> None:
        """Stop it."""
        self.cancelled = True
        if self.on_cancel:
            self.on_cancel()
        with self._lock:
            if self._thread is not None:
                self._case.store.interrupt(self._thread)
            if self._watched is not None:
                with contextlib.suppress(duckdb.Error):  # closed by its owner, so nothing runs on it
                    self._watched.interrupt()

    def ended(self) -> None:
        """Give the connection back; from now on it may be another job's."""
        self._borrowed.close()
        with self._lock:
            self._cursor = None
            if self._thread is not None:
                self._case.store.resume(self._thread)
            self._thread = None

    @property
    def progress(self) -> str:
        """How far its query is, such as `` 40 %``, where the engine can tell; of several, which one it is."""
        share = self._share_done()
        if share < 0:
            return ""
        if share < self._share - _NEXT:
            self._step += 1
        self._share = share
        return f" {share:.0f} %" if self._step == 1 else f", step {self._step}, {share:.0f} %"

    def _share_done(self) -> float:
        """Return how many per cent of its query are done, or less than 0 where the engine cannot tell."""
        with self._lock:
            if self._watched is None:
                return -1.0
            try:
                return self._watched.query_progress()
            except duckdb.Error:  # closed by its owner: nobody may learn that from a timer of the UI
                return -1.0
