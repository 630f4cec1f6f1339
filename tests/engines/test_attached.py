"""A case over a table that stays where it is: asked, tagged and checked like any other."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.case.browse import build_index, read_events
from workbench.case.filter import parse_filter
from workbench.cli import cli
from workbench.engines.attachment import attach, use
from workbench.engines.remote import EngineError
from workbench.errors import PlaybookError, QueryError, UsageError
from workbench.evidence.runs import run_query
from workbench.evidence.verify import verify
from workbench.playbooks import Library, run

SECRET = "hunter2-of-the-engine"


def test_a_playbook_answers_as_in_a_case_of_ones_own_and_its_run_names_engine_sql_and_table(
    over_chdb: Case, sample_case: Case
) -> None:
    book = Library().get("shared_addresses")
    far, near = run(over_chdb, book, {"min_shared": "4"}), run(sample_case, book, {"min_shared": "4"})
    assert far.table.rows == near.table.rows and far.table.rows
    entry = over_chdb.ledger.rows("SELECT detail FROM audit WHERE action = 'run'")[-1]["detail"]
    told = json.loads(entry)
    assert told["engine"].startswith("chdb clickhouse") and "file(" in told["translated"]
    assert told["snapshot"] and len(told["table_sha256"]) == 64
    row = over_chdb.ledger.rows("SELECT tools, inputs FROM run")[-1]
    assert "clickhouse" in row["tools"] and row["inputs"] == told["snapshot"]


def test_ones_own_sql_is_duckdbs_there_too(over_chdb: Case) -> None:
    asked = "SELECT count(*) AS n, max(ts) - INTERVAL 1 HOUR AS at FROM event WHERE account IS NOT NULL"
    found = run_query(over_chdb, asked)
    assert found.columns == ["n", "at"] and found.rows[0][0] > 1000
    assert run_query(over_chdb, "SELECT account FROM event WHERE account IS NOT NULL", limit=5).cut


def test_each_log_format_is_a_table_there_too_with_keys_beyond_the_columns(over_chdb: Case, sample_case: Case) -> None:
    every, some = (f"SELECT {one} FROM litellm ORDER BY line LIMIT 20" for one in ("*", "event_id, total_tokens"))
    assert sample_case.query(every).columns == run_query(over_chdb, every).columns
    assert sample_case.query(some).rows == run_query(over_chdb, some).rows == over_chdb.ask(some).rows != []


def test_what_is_there_can_be_tagged_and_the_chain_holds(over_chdb: Case) -> None:
    (account,) = run_query(over_chdb, "SELECT min(account) AS a FROM event").rows[0]
    assert over_chdb.store.absent("account", [account, "nobody'; --"]) == ["nobody'; --"]
    assert over_chdb.tags.add("account", [account], "suspect", "") == 1
    assert list(verify(over_chdb))


def test_what_the_engine_cannot_answer_is_told_at_once(over_chdb: Case) -> None:
    with pytest.raises(PlaybookError, match="ClickHouse cannot answer clock_jumps"):
        run(over_chdb, Library().get("clock_jumps"))
    for sql in ("SELECT count(*) FROM event", "SELECT count(*) FROM event WHERE entity IS NOT NULL AND line < 0"):
        with pytest.raises(QueryError, match="in another engine"):
            list(over_chdb.stream(sql)[1])


def test_our_own_queries_are_asked_there_with_their_values(over_chdb: Case, sample_case: Case) -> None:
    chosen = parse_filter('account:usr_* 200 -agent:curl* in>100 {output_tokens < 5000} prompt:"*the*"')
    for case in (over_chdb, sample_case):
        case.cursor()
    indexes = [build_index(case, chosen) for case in (over_chdb, sample_case)]
    assert indexes[0] == indexes[1] and indexes[0].total > 60
    columns = ["event_id", "ts", "what", "status", "stream", "temperature"]
    for offset in (0, 50, indexes[0].total - 3):
        far, near = (
            read_events(case, index, columns, offset, 40)
            for case, index in zip((over_chdb, sample_case), indexes, strict=True)
        )
        assert far == near and far


def test_a_table_that_changed_since_is_not_asked_until_it_is_looked_at_anew(over_chdb: Case, tmp_path: Path) -> None:
    next((tmp_path / "segments").glob("day=*/*.parquet")).touch()
    with pytest.raises(EngineError, match="changed since it was attached"):
        run_query(over_chdb, "SELECT count(*) FROM event")
    attach(over_chdb, str(tmp_path / "segments"))
    assert run_query(over_chdb, "SELECT count(*) AS n FROM event").rows[0][0] > 1000


def test_segments_that_are_not_those_of_the_manifest_are_refused(over_chdb: Case, tmp_path: Path) -> None:
    next((tmp_path / "segments").glob("day=*/*.parquet")).unlink()
    with pytest.raises(EngineError, match="not what the manifest says"):
        attach(over_chdb, str(tmp_path / "segments"))


def test_a_table_of_a_gateways_own_is_read_by_the_format_whose_fields_it_has(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    duckdb.connect().execute(
        "COPY (SELECT 'r' || i AS request_id, 'u' || i % 3 AS \"user\", TIMESTAMP '2026-05-01' + to_hours(i) AS "
        f"\"startTime\", 'm' AS model FROM range(9) t(i)) TO '{tmp_path}/own/a.parquet'"
    )
    with Case.create(tmp_path / "own.case") as case:
        use(case, "chdb://")
        found, empty = attach(case, str(tmp_path / "own"), "litellm")
        assert found.rows == 9 and {"ts", "account", "model"} <= set(found.filled) and "prompt" in empty
        rows = run_query(case, "SELECT entity_kind, entity, count(*) AS n FROM event GROUP BY ALL ORDER BY 2").rows
        assert rows == [("account", "u0", 3), ("account", "u1", 3), ("account", "u2", 3)]


def test_an_engine_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    with Case.create(tmp_path / "away.case") as case:
        use(case, "clickhouse://127.0.0.1:9")
        with pytest.raises(EngineError, match="does not answer") as caught:
            attach(case, "logs.requests")
        assert "\n" not in str(caught.value)


def test_a_query_that_takes_too_long_is_stopped(over_chdb: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_SECONDS", "1")
    asked = "SELECT count(*) AS n FROM event AS a, event AS b, event AS c WHERE a.path || b.path <> c.path"
    with pytest.raises(EngineError, match="give it longer"):
        run_query(over_chdb, asked)


@pytest.mark.parametrize(
    "url", ["clickhouse://u:p@host/db", "sc://host:1/;token=x", "postgres://host", "clickhouse://h?password=x"]
)
def test_an_engine_is_named_without_a_secret(url: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["new", str(tmp_path / "a.case"), "--engine", url])
    assert isinstance(told.exception, UsageError)
    assert not (tmp_path / "a.case").exists()


def test_credentials_come_to_rest_nowhere(segments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.setenv(f"WORKBENCH_ENGINE_{name}", SECRET)
    with Case.create(tmp_path / "secret.case") as case:
        use(case, "clickhouse://127.0.0.1:9")
        with pytest.raises(EngineError) as caught:
            attach(case, "logs.requests")
        assert SECRET not in str(caught.value)
        use(case, "chdb://")
        attach(case, str(segments))
        run(case, Library().get("shared_addresses"))
    written = [file for file in (tmp_path / "secret.case").rglob("*") if file.is_file()]
    assert written and not [file for file in written if SECRET.encode() in file.read_bytes()]
