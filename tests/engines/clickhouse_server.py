"""A ClickHouse server for tests: its HTTP interface over the same engine in this process (chdb), nothing more.

Run as ``python clickhouse_server.py FOLDER USER PASSWORD``: prints its port, and has the table ``logs.requests`` of the
folder's segments.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from chdb.session import Session


class Handler(BaseHTTPRequestHandler):
    """Answers a query of one user with what the engine says."""

    user: tuple[str, str]

    def do_POST(self) -> None:
        """Run the query in the body or the address."""
        given = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self._named() != self.user:
            self._send(403, b"Code: 516. DB::Exception: x: Authentication failed. (AUTHENTICATION_FAILED)", "516")
            return
        try:
            set_here = [
                f"{name} = {value}" if value.isdigit() else f"{name} = '{value}'"
                for name, value in given.items()
                if name not in _TRANSPORT and not name.startswith("param_")
            ]
            session = cast("Any", Session)()  # all of a process are of one engine
            session.query(f"USE {given.get('database', 'default')}")
            # In the process questions have no name of their own, but a comment.
            set_here.append(f"log_comment = '{given.get('query_id', '')}'")
            for one in set_here:
                session.query(f"SET {one}")
            asked = (given.get("query", "") + body).replace("WHERE query_id", "WHERE Settings['log_comment']")
            found = session.query(asked, given.get("default_format", "TabSeparated"))
        except RuntimeError as error:
            text = str(error).encode()
            self._send(500, text, text.split(b".")[0].removeprefix(b"Code: ").decode())
            return
        self._send(200, bytes(found.bytes()))

    do_GET = do_POST  # noqa: N815

    def _named(self) -> tuple[str, str]:
        import base64

        kind, _, word = (self.headers.get("Authorization") or "").partition(" ")
        user, _, password = base64.b64decode(word).decode().partition(":") if kind == "Basic" else ("", "", "")
        return self.headers.get("X-ClickHouse-User", user), self.headers.get("X-ClickHouse-Key", password)

    def _send(self, status: int, text: bytes, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


#: What the client says of the transport, not of the query.
_TRANSPORT = {
    "query",
    "database",
    "query_id",
    "session_id",
    "session_timeout",
    "default_format",
    "compress",
    "enable_http_compression",
    "wait_end_of_query",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "role",
    "client_protocol_version",
    "readonly",
    "cancel_http_readonly_queries_on_client_close",
}


def main(folder: str, user: str, password: str) -> None:
    """Make the table and serve."""
    Handler.user = (user, password)
    session = cast("Any", Session)()
    session.query("CREATE DATABASE logs")
    session.query(
        "CREATE TABLE logs.requests ENGINE = MergeTree ORDER BY tuple() SETTINGS allow_nullable_key = 1 AS "
        f"SELECT * FROM file('{folder}/**/*.parquet', 'Parquet')"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
