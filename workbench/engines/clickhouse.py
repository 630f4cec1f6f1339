"""A ClickHouse server."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from workbench.case.execute import QueryResult, time_limit
from workbench.engines.chdb_engine import CREDENTIALS, refused
from workbench.engines.clickhouse_sql import ONCE_SETTING, SETTINGS, dialect, evaluates_once, text, utf8_select
from workbench.engines.remote import EngineError, Stops, credentials, cut_rows
from workbench.engines.rewrite import quoted_table
from workbench.errors import UsageError

_PIECE = 1 << 20
#: Seconds until a server has to take a connection, and to say who it is.
_CONNECT, GREETING = 10, 30
#: Inserts, deletes and mutations change this; that parts are merged in the background does not.
SNAPSHOT = """
SELECT sum(parts), hex(groupBitXor(sipHash64(partition_id, held, first, last, mutated))) FROM (
    SELECT partition_id, count() AS parts, sum(rows) AS held, min(min_block_number) AS first,
        max(max_block_number) AS last, max(if(data_version > max_block_number, data_version, 0)) AS mutated
    FROM system.parts WHERE active AND database = {database} AND table = {table} GROUP BY partition_id)"""


class ClickHouse:
    """A connection over HTTP; queries only read."""

    def __init__(self, url: str) -> None:
        import clickhouse_connect
        from clickhouse_connect.driver.exceptions import ClickHouseError
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
        self.url, self.stops = url, Stops()
        self._failures: tuple[type[Exception], ...] = (ClickHouseError, HTTPError, OSError)
        parts, secrets = urlsplit(url), credentials(url)
        self._connect: Callable[..., Any] = partial(
            clickhouse_connect.get_client,
            host=parts.hostname or "localhost",
            port=parts.port or (8443 if parts.scheme == "clickhouses" else 8123),
            database=parts.path.strip("/") or "default",
            username=secrets.get("user"),
            password=secrets.get("password", ""),
            secure=parts.scheme == "clickhouses",
            connect_timeout=_CONNECT,
            send_receive_timeout=GREETING,
        )
        try:
            self._client: Any = self._connect(
                settings={**SETTINGS, "max_execution_time": int(time_limit()), "readonly": 2}
            )
            self.dialect = dialect(str(self._client.server_version))
            if evaluates_once(str(self._client.server_version)):
                self._client.set_client_setting(ONCE_SETTING, 1)
            cast("Any", self._client).timeout = Timeout(connect=_CONNECT, read=int(time_limit()) + 10)
        except self._failures as error:
            raise _failed(error, f"{url} does not answer; is the engine up, and is this its address?") from error

    def version(self) -> str:
        """Return the engine's name and version."""
        return f"clickhouse {self._client.server_version}"

    def columns(self, table: str) -> dict[str, str]:
        """Return a table's columns and the engine's names of their types."""
        return {row[0]: row[1] for row in self.ask(f"DESCRIBE TABLE {self.source(table)}", None).rows}

    def source(self, table: str) -> str:
        """Return what stands for a table after FROM."""
        if "/" in table:
            raise UsageError(f"{table}: a table of a ClickHouse server is named DATABASE.TABLE")
        return quoted_table(table, "clickhouse")

    def snapshot(self, table: str) -> str:
        """Return a hash of what is in the table's parts, or nothing where they are not to be seen."""
        database, _, name = table.rpartition(".")
        sql = SNAPSHOT.format(database=text(database) if database else "currentDatabase()", table=text(name))
        try:
            parts, found = self.ask(sql, None).rows[0]
        except EngineError:
            return ""
        return str(found) if parts else ""

    def ask(self, sql: str, limit: int | None) -> QueryResult:
        """Run one SELECT. Raises EngineError."""
        with self._told() as question:
            result = self._client.query(sql, settings=question)
            if not result.column_names:  # of no rows the columns do not come either
                described = self._client.query(f"DESCRIBE TABLE ({sql})").result_rows
                return QueryResult([row[0] for row in described], [row[1] for row in described], [], False)
        rows, cut = cut_rows([tuple(row) for row in result.result_rows], limit)
        return QueryResult(list(result.column_names), [one.name for one in result.column_types], rows, cut)

    def save(self, sql: str, folder: Path) -> None:
        """Write the answer to one SELECT to a new folder, as Parquet, piece by piece. Raises EngineError."""
        folder.mkdir()
        whole = utf8_select(sql, {row[0]: row[1] for row in self.ask(f"DESCRIBE TABLE ({sql})", None).rows})
        with (
            self._told() as question, (folder / "all.parquet").open("wb") as file,
            closing(self._client.raw_stream(whole, fmt="Parquet", settings=question)) as answer,
        ):  # fmt: skip
            last = b""
            for piece in iter(lambda: answer.read(_PIECE), b""):
                file.write(piece)
                last = (last + piece)[-4096:]
        if not last.endswith(b"PAR1"):  # what goes wrong after the first piece stands in place of the rest
            said = EngineError(last.decode(errors="replace"))
            raise _failed(said, f"{self.url} broke off its answer; nothing was lost, ask again")

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[dict[str, str]]:
        """Give what names a question, so that it can be stopped, and say what went wrong with it."""
        number = f"workbench-{uuid.uuid4().hex}"
        with self.stops.asking(lambda: self._kill(number)):
            try:
                yield {"query_id": number}
            except self._failures as error:
                raise _failed(error, f"{self.url} no longer answers; nothing was lost, ask again") from error

    def _kill(self, number: str) -> None:
        """Stop a question, over a connection beside the one that waits for its answer."""
        with closing(self._connect()) as other:
            other.command(f"KILL QUERY WHERE query_id = {text(number)} ASYNC")


def _failed(error: Exception, away: str) -> EngineError:
    """Say what the server refused, or else that it is away."""
    known = any(word in str(error) for word in (*CREDENTIALS, "DB::Exception"))
    return refused(error) if known else EngineError(away)
