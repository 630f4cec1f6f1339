"""An answer of any length as a file: the same from a case of one's own and from an engine, and it can be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from tests.engines.conftest import SPARK
from workbench.case import Case
from workbench.cli import cli
from workbench.engines.attachment import attach, use
from workbench.engines.spark import pieces
from workbench.errors import ExportError, QueryError, UsageError
from workbench.evidence.runs import replay, run_query
from workbench.export.answer import write_answer
from workbench.ingest import load

pytestmark = pytest.mark.slow

EVENTS = "SELECT event_id, ts, account, prompt, input_tokens FROM event ORDER BY event_id"


def rows(sql: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(sql).fetchall()


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_an_engine_writes_the_file_that_a_case_of_ones_own_writes(
    ending: str, over_chdb: Case, sample_case: Case, tmp_path: Path
) -> None:
    far, near = tmp_path / f"far.{ending}", tmp_path / f"near.{ending}"
    there, here = write_answer(over_chdb, EVENTS, far), write_answer(sample_case, EVENTS, near)
    assert there.rows == here.rows > 30_000
    if ending == "parquet":
        read = "SELECT * FROM read_parquet('{}')"
        assert rows(read.format(far)) == rows(read.format(near))
    else:
        assert far.read_bytes() == near.read_bytes()
    hashes = {case.ledger.rows("SELECT result FROM run")[-1]["result"] for case in (over_chdb, sample_case)}
    assert len(hashes) == 1
    for case, done in ((over_chdb, there), (sample_case, here)):
        assert done.run is not None and replay(case, done.run).same


def test_more_rows_than_are_shown_are_written_in_their_order(over_chdb: Case, tmp_path: Path) -> None:
    asked = (
        "SELECT a.event_id AS a, b.event_id AS b FROM event AS a, (SELECT event_id FROM event ORDER BY 1 LIMIT 5) AS b "
        "ORDER BY a.event_id DESC, b.event_id"
    )
    assert run_query(over_chdb, asked, over_chdb.store.row_limit).cut
    done = write_answer(over_chdb, asked, tmp_path / "many.parquet")
    assert done.rows > (over_chdb.store.row_limit or 0)
    file = f"read_parquet('{tmp_path}/many.parquet')"
    moved = f"SELECT a, b, lag(a) OVER () AS c, lag(b) OVER () AS d FROM {file}"
    assert rows(f"SELECT count(*) FROM ({moved}) WHERE a > c OR a = c AND b < d") == [(0,)]


@pytest.mark.parametrize("url", SPARK)
def test_what_spark_brings_in_pieces_is_whole_and_in_order(
    url: str, segments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engines.spark._PIECE", 5000)
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, str(segments))
        done = write_answer(far, "SELECT event_id, ts FROM event ORDER BY event_id DESC", tmp_path / "all.parquet")
    ids = [row[0] for row in rows(f"SELECT event_id FROM read_parquet('{tmp_path}/all.parquet')")]
    assert done.rows == len(ids) == len(set(ids)) > 30_000
    assert ids == sorted(ids, reverse=True)


def test_pieces_leave_no_row_out_and_take_none_twice() -> None:
    parts = {0: 3, 1: 9, 2: 1, 4: 4, 5: 0}
    places = {(part << 33) + place for part, count in parts.items() for place in range(count)}
    found = pieces(parts, 4)
    taken = [place for low, high in found for place in places if low <= place < high]
    assert sorted(taken) == sorted(places)
    assert all(sum(low <= place < high for place in places) <= 4 for low, high in found)
    assert len(pieces({}, 4)) == 1


def test_what_an_engine_wrote_can_be_loaded_into_a_case_of_its_own(over_chdb: Case, tmp_path: Path) -> None:
    part = tmp_path / "part.ndjson"
    done = write_answer(over_chdb, "SELECT * FROM event WHERE account IS NOT NULL", part)
    columns = "account, ts, client_ip, prompt, output_tokens, temperature"
    with Case.create(tmp_path / "part.case") as case:
        (report,) = load(case, [str(part)])
        assert (report.format, report.events, report.rejects) == ("workbench", done.rows, 0)
        loaded = case.query(f"SELECT extra ->> 'event_id' AS e, {columns} FROM event ORDER BY e").rows
    asked = f"SELECT event_id, {columns} FROM event WHERE account IS NOT NULL ORDER BY event_id"
    assert run_query(over_chdb, asked).rows == loaded


def test_sessions_are_listed_with_the_tags_that_they_have_here(over_chdb: Case, sample_case: Case) -> None:
    (session,) = run_query(over_chdb, "SELECT min(session) AS s FROM session").rows[0]
    arguments = ["--where", "requests > 40 OR session = '" + session + "'", "--format", "csv"]
    for case in (over_chdb, sample_case):
        case.tags.add("session", [session], "odd")
    far, near = (
        CliRunner().invoke(cli, ["sessions", str(case.folder.path), *arguments]) for case in (over_chdb, sample_case)
    )
    assert far.exit_code == 0 and "odd" in far.output
    assert far.output == near.output


def test_a_file_that_cannot_be_written_and_a_question_that_is_none_are_refused(
    sample_case: Case, over_chdb: Case, tmp_path: Path
) -> None:
    for case in (sample_case, over_chdb):
        with pytest.raises(UsageError, match=r"\.csv, \.ndjson"):
            write_answer(case, EVENTS, tmp_path / "answer.xlsx")
        with pytest.raises(ExportError, match="cannot write"):
            write_answer(case, EVENTS, tmp_path / "nowhere" / "answer.csv")
    with pytest.raises(QueryError):
        write_answer(sample_case, "DELETE FROM event", tmp_path / "answer.parquet")
    with pytest.raises(QueryError, match="one query"):
        write_answer(sample_case, "SELECT 1; SELECT 2", tmp_path / "answer.parquet")
    assert not list(tmp_path.glob("answer*"))


def test_logs_are_not_loaded_into_a_case_whose_events_are_elsewhere(over_chdb: Case, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("2026-05-01T00:00:00Z hello\n")
    done = CliRunner().invoke(cli, ["load", str(over_chdb.folder.path), str(tmp_path / "x.log")])
    assert "in another engine" in str(done.exception)


def test_the_cases_own_tables_are_asked_here(over_chdb: Case) -> None:
    over_chdb.tags.add("account", ["u-1"], "odd")
    done = CliRunner().invoke(cli, ["sql", str(over_chdb.folder.path), "SELECT id, tag FROM tag", "--format", "csv"])
    assert done.exit_code == 0 and "u-1,odd" in done.output
