"""Hostile playbooks: ways out of the sandbox, each tried as a playbook from a stranger would be asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest import mock

from bench.hostile_base import Threat, case_of, command, first_line, write_lines
from workbench.case import Case
from workbench.errors import WorkbenchError
from workbench.evidence.verify import verify
from workbench.export.pseudonym import pseudonyms
from workbench.playbooks import run
from workbench.playbooks.model import read_playbook

HEAD = "-- title: T\n-- question: Q?\n-- why: W\n"

#: What is tried, by what it is after. CASE is the case's folder, OUT a file outside.
READS = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_csv('/etc/hosts')",
    "SELECT * FROM read_json('/etc/hosts')",
    "SELECT * FROM read_parquet('OUT')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('CASE/../*')",
    "SELECT * FROM read_text('CASE/events/../../secret.txt')",
    "SELECT * FROM read_text('CASE/events/link')",
    "SELECT * FROM read_blob('CASE/ledger.sqlite')",
    "SELECT * FROM read_text('CASE/pseudonym.key')",
    "SELECT * FROM glob('CASE/*')",
    "SELECT * FROM read_csv('/dev/stdin')",
    "SELECT * FROM parquet_kv_metadata('/etc/passwd')",
    "SELECT * FROM read_duckdb('OUT')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT getenv('HOME')",
    "SELECT * FROM case_variable_of_python",
)
NETWORK = (
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM read_parquet('s3://bucket/key')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD 'OUT'",
    "FORCE INSTALL spatial FROM community",
)
WRITES = (
    "COPY event TO 'OUT'",
    "COPY (SELECT 1) TO 'CASE/events/000001.parquet' (FORMAT parquet)",
    "COPY (SELECT 1) TO 'CASE/tmp/x.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'CASE/events/000001.parquet' (FORMAT parquet)",
    "EXPORT DATABASE 'OUT'",
    "ATTACH 'OUT' AS other",
    "ATTACH 'CASE/ledger.sqlite' AS other (TYPE sqlite)",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW event AS SELECT 1 AS event_id",
    "EXPLAIN ANALYZE CREATE OR REPLACE VIEW event AS SELECT 1 AS event_id",
    "CREATE MACRO lower(x) AS 'nothing'",
    "DROP VIEW event",
    "DELETE FROM tag",
    "UPDATE source SET sha256 = 'x'",
    "INSERT INTO tag SELECT * FROM tag",
    "WITH gone AS (DELETE FROM tag RETURNING *) SELECT * FROM gone",
    "WITH more AS (INSERT INTO tag SELECT * FROM tag RETURNING *) SELECT * FROM more",
    "EXPLAIN ANALYZE DELETE FROM tag",
    "EXPLAIN (ANALYZE) WITH gone AS (DELETE FROM tag RETURNING *) SELECT * FROM gone",
    "SELECT * FROM query('DELETE FROM tag')",
    "TRUNCATE tag",
    "CREATE TRIGGER t AFTER INSERT ON tag EXECUTE SELECT 1",
    "SELECT * FROM enable_logging(storage := 'file', storage_path := 'OUT')",
    "SELECT * FROM enable_profiling(save_location := 'OUT')",
)
SETTINGS = (
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET memory_limit = '1TB'",
    "SET threads = 64",
    "SET temp_directory = '/'",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "CALL enable_logging()",
    "SELECT * FROM enable_logging()",
    "SELECT * FROM add_grammar_extension('x')",
    "SELECT set_config('memory_limit', '1TB')",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "BEGIN TRANSACTION",
    "VACUUM",
    "CHECKPOINT",
    "USE memory",
    "SELECT 1; DROP VIEW event",
    "SELECT 1; SET memory_limit = '1TB'",
    "",
    "/* only a comment */",
)


def ask(case: Case, sql: str) -> str:
    """Ask a stranger's playbook; returns why it was refused, or nothing where it was answered."""
    try:
        run(case, read_playbook(HEAD + sql, "evil", "own", "own/evil.sql"))
    except WorkbenchError as error:
        return str(error) or "refused"
    return ""


def tried(statements: tuple[str, ...], folder: Path) -> str:
    """Try each statement; it has to be refused, and the case to be as it was."""
    out, secret = folder / "out.file", folder / "secret.txt"
    secret.write_text("secret")
    log = write_lines(folder / "a.ndjson", [{"time": "2026-05-01T10:00:00Z", "user": f"u{n}"} for n in range(9)])
    with case_of(folder, log) as case:
        case.tags.add("account", ["u1"], "suspect")
        pseudonyms(case)
        (case.folder.events / "link").symlink_to(secret)
        before = _told(case)
        for sql in statements:
            text = sql.replace("CASE", str(case.folder.path)).replace("OUT", str(out))
            assert ask(case, text), f"answered: {sql}"
            assert _told(case) == before, f"changed by: {sql}"
        (case.folder.events / "link").unlink()
        list(verify(case))
    assert not out.exists() and secret.read_text() == "secret"
    return f"{len(statements)} of {len(statements)} refused; the case verifies, nothing was written outside"


def _told(case: Case) -> list[object]:
    """What the case says, asked on a connection of its own."""
    cursor = case.cursor()
    sizes = sorted((file.name, file.stat().st_size) for file in case.folder.events.iterdir())
    asked = ("SELECT count(*), max(account) FROM event", "FROM tag", "SELECT source, sha256 FROM source",
             "SELECT current_setting('memory_limit'), current_setting('enable_external_access')")  # fmt: skip
    return [sizes, *(cursor.execute(sql).fetchall() for sql in asked)]


def parameters(folder: Path) -> str:
    """Values of parameters that are SQL."""
    log = write_lines(folder / "a.ndjson", [{"time": "2026-05-01T10:00:00Z", "user": f"u{n}"} for n in range(9)])
    text = (
        HEAD + "SET VARIABLE word = '';  -- text: a word\nSELECT getvariable('word') AS word, count(*) AS n FROM event"
    )
    evil = ("'); COPY event TO 'x'; --", "' OR 1=1 --", "$1", "getvariable('x')", "\x00", "x" * 1_000_000, "(SELECT 1)")
    with case_of(folder, log) as case:
        for one in evil:
            assert run(case, read_playbook(text, "mine", "own", "own/mine.sql"), {"word": one}).table.rows == [(one, 9)]
    return f"{len(evil)} of {len(evil)} are values, bound, never pasted"


def greedy(folder: Path) -> str:
    """Playbooks that run for ever, answer without end, or want all memory and all disk."""
    log = write_lines(folder / "a.ndjson", [{"time": "2026-05-01T10:00:00Z"}])
    said = []
    with (
        mock.patch.dict(os.environ, {"WORKBENCH_SECONDS": "1", "WORKBENCH_MEMORY": "300MB"}),
        case_of(folder, log) as case,
    ):
        endless = "SELECT max(a.range * b.range % 7) FROM range(10000000) AS a, range(10000000) AS b"
        said.append(ask(case, endless))
        assert "stopped after 1 seconds" in said[0], said
        answer = run(case, read_playbook(HEAD + "SELECT * FROM range(1000000000000)", "e", "own", "own/e.sql"))
        assert len(answer.table.rows) == 100_000 and answer.table.cut
        for sql in ("SELECT list(range) FROM range(2000000000)", "SELECT repeat('x', 5000000000)"):
            said.append(ask(case, sql))
            assert said[-1], sql
        assert not list(case.folder.tmp.glob("**/*.tmp"))
    return f"{first_line(said[0], 60)}; results are cut at 100,000 rows; memory and spilling are limited"


def broken(folder: Path) -> str:
    """Files in the playbook folder that are none: binary, huge, links, hostile names and headers."""
    log = write_lines(folder / "a.ndjson", [{"time": "2026-05-01T10:00:00Z"}])
    with case_of(folder, log) as case:
        place = case.folder.path
    queries = place / "queries"
    (queries / "binary.sql").write_bytes(os.urandom(4000))
    (queries / "huge.sql").write_bytes(b"-- title: x\n" + b" " * (1 << 20))
    (queries / "link.sql").symlink_to("/etc/passwd")
    os.mkfifo(queries / "pipe.sql")
    (queries / "evil\x1b[31m\n.sql").write_text(HEAD + "SELECT 1")
    (queries / "markup.sql").write_text(HEAD.replace("Q?", "\x1b]52;c;eA==\x07[red]?") + "SELECT 1")
    from bench.hostile_base import only_safe

    code, out, err = command("playbook", "list", place)
    assert code == 0
    only_safe(out + err, "playbook list")
    return "said to be broken, in one line each; the others are listed"


def _threats() -> Iterator[Threat]:
    sandbox = (
        "the engine: external access off, folders limited, configuration locked, read-only transaction; SELECT only"
    )
    for name, statements in (
        ("reading outside the evidence", READS),
        ("the network and extensions", NETWORK),
        ("writing, changing, deleting", WRITES),
        ("settings, several statements, other kinds of statement", SETTINGS),
    ):
        yield Threat(f"playbook: {name} ({len(statements)} ways)", sandbox, partial(tried, statements))
    yield Threat("playbook: SQL in parameters", "SET VARIABLE with a bound value", parameters)
    yield Threat("playbook: endless, without limit", "time, rows, memory, spilling limited", greedy)
    yield Threat("playbook files that are none", "read with limits, headers shown escaped", broken)


THREATS = list(_threats())
