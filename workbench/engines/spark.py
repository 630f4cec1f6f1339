"""Apache Spark: Spark Connect, a cluster's master, or a Spark of one's own."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import logging
import os
import threading
import uuid
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.case.execute import Table, time_limit
from workbench.engines.folder import is_folder, is_here, state
from workbench.engines.remote import EngineError, Stops, credentials, first_words, kept
from workbench.engines.rewrite import quoted_table
from workbench.engines.spark_sql import DRIVER, OWN, SETTINGS

#: What is said where workers are lost, again and again, until a task or the application is given up.
_LOST = ("ExecutorLostFailure", "Master removed our application", "FetchFailed")
#: What a Connect server says that was started anew between two questions.
_ANEW = ("NO_ACTIVE_SESSION", "INVALID_HANDLE", "SESSION_CHANGED")
_AWAY = ("CONNECT", "UNAVAILABLE", "unreachable", "refused", "Master", "stopped")
#: A server that is away is asked again so often, each time after a longer pause: about five seconds in all.
_RETRIES = 4
#: Seconds until a question that goes on is stopped again.
_AGAIN = 0.3
#: Rows that come here at once.
_PIECE = 500_000
_PLACE = "_workbench_place"


class Spark:
    """A session; queries only read."""

    dialect = "spark"

    def __init__(self, url: str) -> None:
        from pyspark.sql import SparkSession

        self.url, self.stops, self._connects = url, Stops(), url.startswith("sc://")
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes to the terminal itself
        warnings.filterwarnings("ignore", module="pyspark")
        for name in ("pyspark", "py4j", "grpc", "SQLQueryContextLogger"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        builder: Any = SparkSession.builder
        try:
            if self._connects:
                from pyspark.sql.connect.client.retries import DefaultPolicy

                self._session: Any = builder.remote(_connect_url(url)).getOrCreate()
                self._session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
            else:
                settings = {**SETTINGS, **DRIVER}
                if urlsplit(url).scheme != "spark":
                    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
                    settings |= OWN
                for name, value in settings.items():
                    builder = builder.config(name, value)
                self._session = builder.master(url).appName("workbench").getOrCreate()
                self._session.sparkContext.setLogLevel("OFF")
            for name, value in SETTINGS.items():
                self._session.conf.set(name, value)
        except Exception as error:
            raise self._failed(error) from error

    def version(self) -> str:
        """Return the engine's name and version."""
        return f"spark {self._session.version}"

    def columns(self, table: str) -> dict[str, str]:
        """Return a table's columns and the engine's names of their types."""
        try:
            return dict(self._session.sql(f"SELECT * FROM {self.source(table)} LIMIT 0").dtypes)
        except Exception as error:
            raise self._failed(error) from error

    def source(self, table: str) -> str:
        """Return what stands for a table after FROM."""
        return f"parquet.`{table.replace('`', '``')}`" if is_folder(table) else quoted_table(table, "spark")

    def snapshot(self, table: str) -> str:
        """Return a text that changes when the table's data change, as far as its files are to be seen here."""
        return state(Path(table)) if is_here(table) else ""

    def ask(self, sql: str, limit: int | None) -> Table:
        """Run one SELECT. Raises EngineError."""
        with self._held():
            frame = self._session.sql(sql)
            found = frame.collect() if limit is None else frame.limit(limit + 1).collect()
            rows = [tuple(_value(one) for one in row) for row in found]
            types = [kind for _, kind in frame.dtypes]
        rows, cut = kept(rows, limit)
        return Table(list(frame.columns), types, rows, cut)

    def save(self, sql: str, folder: Path) -> None:
        """Write the answer to one SELECT to a new folder, as Parquet, piece by piece. Raises EngineError."""
        from pyarrow.parquet import write_table
        from pyspark.sql.functions import monotonically_increasing_id, shiftright

        folder.mkdir()
        with self._held():
            # A row's number is that of its part of the answer, times 2^33, and its place there: parts and rows are in
            # the order that was asked for.
            frame = self._session.sql(sql).withColumn(_PLACE, monotonically_increasing_id()).persist()
            try:
                parts = frame.groupBy(shiftright(_PLACE, 33)).count().collect()
                for number, (low, high) in enumerate(pieces(dict(parts), _PIECE)):
                    piece = frame.where((frame[_PLACE] >= low) & (frame[_PLACE] < high)).drop(_PLACE)
                    write_table(piece.toArrow(), folder / f"{number:06}.parquet")
            finally:
                frame.unpersist()

    def close(self) -> None:
        """Leave the session to the process, where it still works: another question of the case takes it up again."""
        with contextlib.suppress(Exception):
            if self._connects:
                self._session.client.set_retry_policies([])  # a server that is away is not asked to forget us
                self._session.stop()
            elif self._session.sparkContext._jsc.sc().isStopped():
                self._session.stop()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Stop what takes too long or is not wanted any more, and say what went wrong in one line."""
        name, ended, over = f"workbench-{uuid.uuid4().hex}", threading.Event(), threading.Event()

        def late() -> None:
            over.set()
            self._stop(name, ended)

        timer = threading.Timer(time_limit(), late)
        timer.daemon = True
        with self.stops.asking(lambda: self._stop(name, ended)):
            timer.start()
            try:
                if self._connects:
                    self._session.addTag(name)
                else:
                    self._session.sparkContext.setJobGroup(name, "workbench", True)
                yield
            except Exception as error:
                if over.is_set():
                    raise EngineError(
                        f"Spark was stopped after {time_limit():,.0f} seconds; give it longer: WORKBENCH_SECONDS"
                    ) from error
                raise self._failed(error) from error
            finally:
                ended.set()
                timer.cancel()
                if self._connects:
                    self._session.removeTag(name)

    def _stop(self, name: str, ended: threading.Event) -> None:
        """Stop the jobs of one question until it ends: between two of them there is nothing to stop."""
        while True:
            with contextlib.suppress(Exception):
                if self._connects:
                    self._session.interruptTag(name)
                else:
                    self._session.sparkContext.cancelJobGroup(name)
            if ended.wait(_AGAIN):
                return

    def _failed(self, error: BaseException) -> EngineError:
        message, whole = first_words(error), str(error)
        if "UNAUTHENTICATED" in whole or "PERMISSION_DENIED" in whole:
            return EngineError("Spark refuses these credentials; see WORKBENCH_ENGINE_TOKEN")
        if any(word in whole for word in _ANEW):
            return EngineError(f"{self.url} was started anew meanwhile; nothing was lost, ask again")
        if any(word in whole for word in _LOST):
            return EngineError(
                "Spark lost workers more often than it may start again; nothing was lost here, ask again"
            )
        if "JAVA_GATEWAY" in whole or "JAVA_HOME" in whole:
            return EngineError(
                "a Spark of one's own wants Java (17 or newer), which is not there: install it, or use sc://"
            )
        if any(word in whole for word in _AWAY) and "SQLSTATE" not in whole:
            return EngineError(f"{self.url} does not answer; is the engine up, and is this its address?")
        return EngineError(f"Spark refuses it: {message}")


def pieces(parts: Mapping[int, int], most: int) -> list[tuple[int, int]]:
    """Return the ranges of numbers (from, below) that divide parts of so many rows into pieces of about ``most``.

    At least one, so that an answer without rows has its columns.
    """
    bounds, held = [0], 0
    for part, rows in sorted(parts.items()):
        if held and held + rows > most:
            bounds.append(part << 33)
            held = 0
        cuts = [(part << 33) + place for place in range(most, rows, most)]
        bounds += cuts
        held += rows - most * len(cuts)
    return list(itertools.pairwise([*bounds, 1 << 62]))


def _connect_url(url: str) -> str:
    token = credentials(url).get("token")
    return f"{url}/;token={token}" if token else url


def _value(value: Any) -> Any:
    """Return a value of Spark's as DuckDB's would come: plain lists, floats, times without a zone."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return value
