"""A ClickHouse server over HTTP: the same answers, and what goes wrong with it in one clear line, nothing lost."""

from __future__ import annotations

import base64
import io
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.case.execute import QueryResult
from workbench.cli import cli
from workbench.detect import triage
from workbench.engines.attachment import attach, use
from workbench.engines.registry import connect
from workbench.engines.remote import EngineError
from workbench.evidence.runs import run_query
from workbench.evidence.verify import verify
from workbench.export.answer import write_answer
from workbench.playbooks import Library, run

pytestmark = pytest.mark.slow

USER, PASSWORD = "investigator", "of-the-server"
COUNT = "SELECT count(*) AS n FROM event"


@pytest.fixture
def server(segments: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A server with the sample's events as the table logs.requests; ``args`` ends with its port."""
    script = Path(__file__).with_name("clickhouse_server.py")
    started = [sys.executable, str(script), str(segments), USER, PASSWORD]
    monkeypatch.setenv("WORKBENCH_ENGINE_USER", USER)
    monkeypatch.setenv("WORKBENCH_ENGINE_PASSWORD", PASSWORD)
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.args = [*started, process.stdout.readline().strip()]
        yield process
        process.kill()


def port(server: subprocess.Popen[str]) -> str:
    assert isinstance(server.args, list)
    return str(server.args[-1])


def tell(server: subprocess.Popen[str], sql: str) -> None:
    """Change the server's table, as its owner does."""
    request = urllib.request.Request(f"http://127.0.0.1:{port(server)}/", data=sql.encode())
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())
    urllib.request.urlopen(request).close()


@pytest.fixture
def far(server: subprocess.Popen[str], tmp_path: Path) -> Iterator[Case]:
    """A case over the server's table, with a tag."""
    with Case.create(tmp_path / "far.case") as case:
        use(case, f"clickhouse://127.0.0.1:{port(server)}/logs")
        attach(case, "requests")
        case.tags.add("account", ["u-1"], "suspect")
        yield case


def test_a_server_answers_as_the_case_itself(far: Case, sample_case: Case, tmp_path: Path) -> None:
    book = Library().get("shared_addresses")
    assert run(far, book).table.rows == run(sample_case, book).table.rows
    asked = "SELECT event_id, ts, account, prompt FROM event ORDER BY event_id"
    for case, name in ((far, "far.csv"), (sample_case, "near.csv")):
        write_answer(case, asked, tmp_path / name)
    assert (tmp_path / "far.csv").read_bytes() == (tmp_path / "near.csv").read_bytes()
    flagged = [{row.entity for row in triage(case).rows if row.flagged} for case in (far, sample_case)]
    assert flagged[0] == flagged[1] and len(flagged[0]) > 10


def test_an_answer_without_rows_has_its_columns(far: Case) -> None:
    found = run_query(far, "SELECT account, count(*) AS n FROM event WHERE account = 'nobody' GROUP BY account")
    assert (found.columns, found.rows) == (["account", "n"], [])


def test_a_table_that_grew_is_noticed_and_one_whose_parts_were_merged_is_not(
    far: Case, server: subprocess.Popen[str]
) -> None:
    triage(far)
    tell(server, "OPTIMIZE TABLE logs.requests FINAL")
    assert triage(far).flagged > 10
    tell(server, "INSERT INTO logs.requests (event_id) VALUES ('new')")
    for ask in (lambda: triage(far), lambda: run_query(far, COUNT)):
        with pytest.raises(EngineError, match="changed since it was attached"):
            ask()
    attach(far, "requests")
    grown = run_query(far, COUNT).rows
    tell(server, "ALTER TABLE logs.requests DELETE WHERE event_id = 'new' SETTINGS mutations_sync = 2")
    with pytest.raises(EngineError, match="changed since it was attached"):
        run_query(far, COUNT)
    attach(far, "requests")
    assert run_query(far, COUNT).rows[0][0] == grown[0][0] - 1


def test_wrong_credentials_and_a_server_that_is_away_are_one_line_and_cost_no_tag(
    far: Case, server: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_ENGINE_PASSWORD", "another")
    path = str(far.folder.path)
    said = failing("triage", path)
    assert "refuses these credentials" in said and "another" not in said
    monkeypatch.setenv("WORKBENCH_ENGINE_PASSWORD", PASSWORD)
    server.kill()
    server.wait()
    for arguments in (
        ("triage", path), ("sql", path, COUNT), ("sql", path, COUNT, "-o", f"{path}.csv"), ("sessions", path),
        ("playbook", "run", path, "who_asks_most"), ("attach", path, "t"), ("tag", path, "account", "u-2", "suspect"),
    ):  # fmt: skip
        assert "does not answer" in failing(*arguments)
    assert [(one.id, one.tag) for one in far.tags.all()] == [("u-1", "suspect")]
    assert [check.said for check in verify(far)]


def failing(*arguments: str) -> str:
    """Run a command that fails, and return its one line."""
    done = CliRunner().invoke(cli, list(arguments))
    assert done.exit_code and isinstance(done.exception, EngineError), done.output
    assert "\n" not in str(done.exception)
    return str(done.exception)


def test_what_takes_too_long_there_is_stopped(far: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_SECONDS", "1")
    with pytest.raises(EngineError, match="give it longer"):
        run_query(far, "SELECT count(*) AS n FROM event AS a, event AS b, event AS c WHERE a.path || b.path <> c.path")


class Odd(BaseHTTPRequestHandler):
    """Answers everything in one way, however wrong."""

    answer: tuple[int, bytes, str] = (200, b"", "")

    def do_POST(self) -> None:
        """Answer so."""
        status, body, code = self.answer
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not status:
            self.connection.close()
            return
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, b"<html>who are you</html>", ""), "refuses these credentials"),
        ((403, b"Forbidden", ""), "refuses these credentials"),
        ((403, b"Code: 516. DB::Exception: x: Authentication failed. (AUTHENTICATION_FAILED)", "516"), "refuses these"),
        ((502, b"<html>\nBad gateway\n</html>", ""), "does not answer"),
        ((200, b"<html>a login page</html>", ""), "does not answer"),
        ((0, b"", ""), "does not answer"),
    ],
)
def test_whatever_answers_in_its_place_is_told_in_one_line(answer: tuple[int, bytes, str], said: str) -> None:
    handler = type("Handler", (Odd,), {"answer": answer})
    with HTTPServer(("127.0.0.1", 0), handler) as odd:
        threading.Thread(target=odd.serve_forever, daemon=True).start()
        with pytest.raises(EngineError, match=said) as caught:
            connect(f"clickhouse://127.0.0.1:{odd.server_address[1]}/logs")
        odd.shutdown()
    assert "\n" not in str(caught.value)


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engines.clickhouse.GREETING", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(EngineError, match="does not answer"):
        connect(f"clickhouse://127.0.0.1:{silent.getsockname()[1]}/logs")


def test_an_answer_that_breaks_off_is_told(far: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engines.clickhouse import ClickHouse

    rest = b"PAR1 half a file, and then: Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)"
    for body, said in ((rest, "Memory limit"), (b"PAR1 half", "broke off")):
        monkeypatch.setattr(ClickHouse, "ask", lambda *_: QueryResult(["name", "type"], [], [("n", "UInt64")]))
        with closing(connect(far.store.url)) as remote:
            monkeypatch.setattr(remote._client, "raw_stream", lambda *_, body=body, **__: io.BytesIO(body))  # type: ignore[attr-defined]
            with pytest.raises(EngineError, match=said):
                remote.save("SELECT count() AS n", tmp_path / said.replace(" ", "-"))
