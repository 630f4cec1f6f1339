"""Connections to other engines: what each can be asked, and what goes wrong in one clear line.

An engine is named by a URL: ``clickhouse://host:8123/database`` (``clickhouses://`` over TLS), ``chdb://``
(ClickHouse's own engine in this process), ``sc://host:15002`` (Spark Connect), ``spark://host:7077``, ``local[2]`` or
``local-cluster[2,1,1024]`` (a Spark of one's own). User and password never stand in it: they come from the environment
(``WORKBENCH_ENGINE_USER``, ``WORKBENCH_ENGINE_PASSWORD``, ``WORKBENCH_ENGINE_TOKEN``) or from the user's own file
``engines.toml`` in the configuration folder.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from workbench.case.execute import Table
from workbench.config import config_folder
from workbench.errors import CaseError, QueryCancelled, UsageError
from workbench.safetext import safe
from workbench.userfiles import anything, read_toml, table

KEPT = ("user", "password", "token")


class EngineError(CaseError):
    """An engine is away, refuses, is too slow, or lost what it worked with."""


class Stops:
    """Lets another thread stop what a connection asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._how: Callable[[], object] | None = None
        self._stopped = False

    @contextmanager
    def asking(self, how: Callable[[], object]) -> Iterator[None]:
        """Ask a question that ``how`` stops in the engine; once it was stopped what goes wrong is QueryCancelled."""
        with self._lock:
            if self._stopped:
                raise QueryCancelled("cancelled")
            self._how = how
        try:
            yield
        except KeyboardInterrupt:
            with suppress(Exception):
                how()
            raise
        except Exception as error:
            if self._stopped:
                raise QueryCancelled("cancelled") from error
            raise
        else:
            if self._stopped:  # what came may not be whole
                raise QueryCancelled("cancelled")
        finally:
            with self._lock:
                self._how = None

    def stop(self) -> None:
        """Stop what is asked at the moment, and let nothing more be asked until ``clear``; returns at once."""
        with self._lock:
            self._stopped = True
            how = self._how
        if how is not None:  # it may have to connect first, and whoever calls draws a screen
            threading.Thread(target=_quietly, args=(how,), daemon=True).start()

    def clear(self) -> None:
        """Let questions be asked again."""
        with self._lock:
            self._stopped = False


def _quietly(how: Callable[[], object]) -> None:
    with suppress(Exception):
        how()


class Remote(Protocol):
    """A connection to an engine."""

    url: str
    dialect: str
    stops: Stops

    def version(self) -> str:
        """Return the engine's name and version."""

    def columns(self, table: str) -> dict[str, str]:
        """Return a table's columns and the engine's names of their types."""

    def source(self, table: str) -> str:
        """Return what stands for a table after FROM, in the engine's SQL."""

    def snapshot(self, table: str) -> str:
        """Return a text that changes when the table's data change."""

    def ask(self, sql: str, limit: int | None) -> Table:
        """Run one SELECT in the engine's own SQL. Raises EngineError."""

    def save(self, sql: str, folder: Path) -> None:
        """Write the answer to one SELECT to a new folder, as Parquet, however long it is. Raises EngineError."""

    def close(self) -> None:
        """Let go of the connection."""


def _secret(path: str, value: object) -> str:
    """Let a text through, and show nothing of what is none."""
    return "" if isinstance(value, str) else f"{path} must be a text in quotes"


_OWN = table(dict.fromkeys(KEPT, _secret))


def credentials(url: str) -> dict[str, str]:
    """Return user, password and token for an engine, from the environment or the user's ``engines.toml``.

    Raises UsageError naming that file and the key of this engine that is wrong.
    """
    stored: dict[str, str] = {}
    file = config_folder() / "engines.toml"
    with suppress(FileNotFoundError):
        stored = read_toml(file, anything).get(url, {})  # a fault in another engine's table is not in this one's way
        if wrong := _OWN(f'"{url}"', stored):
            raise UsageError(f"{safe(file)}: {wrong}")
    given = {name: os.environ.get(f"WORKBENCH_ENGINE_{name.upper()}") for name in KEPT}
    return stored | {name: value for name, value in given.items() if value}


def first_words(error: BaseException) -> str:
    """Return the first line of what an engine said, without anything secret that it may have repeated."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    for name in ("PASSWORD", "TOKEN"):
        if secret := os.environ.get(f"WORKBENCH_ENGINE_{name}"):
            text = text.replace(secret, "…")
    return text[:400]


def kept(rows: list[tuple[Any, ...]], limit: int | None) -> tuple[list[tuple[Any, ...]], bool]:
    """Cut rows to a limit, and say whether there were more."""
    return (rows, False) if limit is None else (rows[:limit], len(rows) > limit)
