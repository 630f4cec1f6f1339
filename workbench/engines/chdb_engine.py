"""ClickHouse's own engine in this process, over a folder of segments."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from workbench.case.execute import QueryResult, time_limit
from workbench.engines.clickhouse_sql import ONCE_SETTING, SETTINGS, dialect, evaluates_once, text, utf8_select
from workbench.engines.folder import is_folder, is_here, state
from workbench.engines.remote import EngineError, Stops, cut_rows, first_words
from workbench.engines.rewrite import quoted_table

#: What an answer says where credentials are wrong.
CREDENTIALS = ("AUTHENTICATION_FAILED", "REQUIRED_PASSWORD", "HTTP status 401", "HTTP status 403")


class Chdb:
    """One session in memory; the tables are folders of Parquet files."""

    def __init__(self, url: str) -> None:
        from chdb.session import Session

        self.url, self.stops = url, Stops()
        self._session: Any = cast("Any", Session)()
        self._version = str(self.ask("SELECT version()", None).rows[0][0])
        self.dialect = dialect(self._version)
        once = {ONCE_SETTING: 1} if evaluates_once(self._version) else {}
        for name, value in {**SETTINGS, **once, "max_execution_time": int(time_limit()), "readonly": 2}.items():
            self._session.query(f"SET {name} = {text(value)}")

    def version(self) -> str:
        """Return the engine's name and version."""
        return f"chdb clickhouse {self._version}"

    def columns(self, table: str) -> dict[str, str]:
        """Return a table's columns and the engine's names of their types."""
        return {row[0]: row[1] for row in self.ask(f"DESCRIBE TABLE {self.source(table)}", None).rows}

    def source(self, table: str) -> str:
        """Return what stands for a table after FROM."""
        if not is_folder(table):
            return quoted_table(table, "clickhouse")
        pattern = f"{table}/**.parquet" if "://" in table else str(Path(table) / "**" / "*.parquet")
        return f"{'s3' if table.startswith('s3://') else 'file'}({text(pattern)}, 'Parquet')"

    def snapshot(self, table: str) -> str:
        """Return a text that changes when the table's data change."""
        return state(Path(table)) if is_here(table) else ""

    def ask(self, sql: str, limit: int | None) -> QueryResult:
        """Run one SELECT. Raises EngineError."""
        try:
            found = json.loads(self._run(sql, "JSONCompact"))
        except RuntimeError as error:
            raise refused(error) from error
        names, types = [one["name"] for one in found["meta"]], [one["type"] for one in found["meta"]]
        rows = [tuple(value(one, kind) for one, kind in zip(row, types, strict=True)) for row in found["data"]]
        rows, cut = cut_rows(rows, limit)
        return QueryResult(names, types, rows, cut)

    def save(self, sql: str, folder: Path) -> None:
        """Write the answer to one SELECT to a new folder, as Parquet. Raises EngineError."""
        folder.mkdir()
        whole = utf8_select(sql, {row[0]: row[1] for row in self.ask(f"DESCRIBE TABLE ({sql})", None).rows})
        try:
            self._run(f"{whole} INTO OUTFILE {text(str(folder / 'all.parquet'))} FORMAT Parquet")
        except RuntimeError as error:
            raise refused(error) from error

    def close(self) -> None:
        """Let go of the session."""
        self._session.close()

    def _run(self, sql: str, form: str = "CSV") -> str:
        """Run a query, beside the main thread so that Ctrl-C reaches that."""
        mark = text(f"workbench-{uuid.uuid4().hex}")
        self._session.query(f"SET log_comment = {mark}")
        with self.stops.asking(lambda: _kill(mark)):
            if threading.current_thread() is not threading.main_thread():
                return str(self._session.query(sql, form))
            pool = ThreadPoolExecutor(1)
            try:
                return str(pool.submit(self._session.query, sql, form).result())
            finally:
                pool.shutdown(wait=False)


def _kill(mark: str) -> None:
    """Stop the question with this comment, from a session beside the one that runs it."""
    from chdb.session import Session

    with closing(cast("Any", Session)()) as other:
        other.query(f"KILL QUERY WHERE Settings['log_comment'] = {mark} ASYNC")


def refused(error: BaseException) -> EngineError:
    """Say what ClickHouse refused, and what to do where that is known."""
    message = first_words(error).partition("DB::Exception: ")[2] or first_words(error)
    message = message.partition(" (for url ")[0]
    if "TIMEOUT_EXCEEDED" in str(error):
        return EngineError(f"ClickHouse stopped after {time_limit():,.0f} seconds; give it longer: WORKBENCH_SECONDS")
    if any(word in str(error) for word in CREDENTIALS):
        return EngineError(
            "ClickHouse refuses these credentials; see WORKBENCH_ENGINE_USER and WORKBENCH_ENGINE_PASSWORD"
        )
    return EngineError(f"ClickHouse refuses it: {message}")


def value(text: Any, kind: str) -> Any:
    """Return a value of ClickHouse's JSON as Python has it."""
    kind = kind.removeprefix("Nullable(").removesuffix(")") if kind.startswith("Nullable(") else kind
    if text is None:
        return None
    if kind.startswith("DateTime"):
        return dt.datetime.fromisoformat(text)
    if kind.startswith("Date"):
        return dt.date.fromisoformat(text)
    if kind.startswith(("Int", "UInt")):
        return int(text)
    if kind.startswith(("Float", "Decimal")):
        return float(text)
    if kind.startswith("Array("):
        return [value(one, kind[6:-1]) for one in text]
    return text
