"""The event store is the only thing that knows where events are: another one needs a module and a registration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from workbench.case import Case
from workbench.case.execute import QueryResult
from workbench.case.local import LocalStore
from workbench.case.settings import ENGINE_SETTING
from workbench.case.store import Answered, EventStore, Origin, Parameters, Provenance, Variables, register
from workbench.errors import CaseError, PlaybookError
from workbench.evidence.runs import run_query
from workbench.evidence.verify import verify
from workbench.ingest import load
from workbench.playbooks import run, why_not
from workbench.playbooks.model import read_playbook

FRAME = pl.DataFrame(
    {
        "event_id": ["a", "b", "c"],
        "account": ["ana", "ana", "ben"],
        "ts": [datetime(2026, 5, day, 12) for day in (1, 2, 3)],
        "output_tokens": [10, 20, 30],
    }
)
BUSIEST = """-- title: Busiest
-- question: Which accounts received the most tokens?
-- why: It shows where to look first.
-- innocent: Heavy use is no misuse.
-- needs: account, output_tokens
-- entity: account account
SELECT account, sum(output_tokens) AS tokens FROM event GROUP BY account ORDER BY tokens DESC"""


class FrameStore(LocalStore):
    """Answers from a Polars frame: what a store of another engine has to say, in a few lines."""

    url, label, has_lines = "frame://three", "Polars", False
    row_limit: int | None = 1000

    def query(
        self,
        sql: str,
        parameters: Parameters = (),
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = True,
    ) -> QueryResult:
        found = pl.SQLContext(event=FRAME, eager=True).execute(sql)
        rows = found.rows()
        cut = limit is not None and len(rows) > limit
        return QueryResult(found.columns, [str(kind) for kind in found.dtypes], rows[:limit], cut)

    def answer(
        self,
        sql: str,
        variables: Variables | None = None,
        parameters: Mapping[str, object] | None = None,
        *,
        limit: int | None = None,
        cursor: duckdb.DuckDBPyConnection | None = None,
        trusted: bool = False,
    ) -> Answered:
        source = Provenance("polars", self.url, "three", "3 rows", None, sql)
        return Answered(self.query(sql, limit=limit), "ORDER BY" in sql, source)

    def cannot_answer(self, sql: str, variables: Variables) -> str | None:
        return "it has no window functions" if "OVER" in sql else None

    def logged(self) -> dict[str, int]:
        return {name: FRAME[name].count() for name in FRAME.columns}

    def formats(self) -> Mapping[str, Mapping[str, int]]:
        return {"": {"events": FRAME.height, **self.logged()}}

    def span(self) -> tuple[datetime, datetime] | None:
        return FRAME["ts"].to_list()[0], FRAME["ts"].to_list()[-1]

    def origin(self, source: int | None) -> Origin | None:
        return Origin("three", "3 rows")

    def facts(self) -> dict[str, Any]:
        return {"engine": self.url, "events": FRAME.height}

    def state(self) -> str:
        return "3 rows"

    def check_loadable(self, *, into_segments: bool) -> None:
        raise CaseError("a frame takes no logs")


@pytest.fixture
def over_frame(tmp_path: Path) -> Iterator[Case]:
    def opened(case: Case) -> EventStore:
        return FrameStore(case)

    register(["frame"], opened)
    with Case.create(tmp_path / "f.case") as case:
        case.ledger.set_setting(ENGINE_SETTING, "frame://three")
        yield case


def test_queries_playbooks_and_facts_come_from_the_store_that_is_registered(over_frame: Case) -> None:
    assert over_frame.query("SELECT count(*) AS n FROM event").rows == [(3,)]
    assert over_frame.info()["events"] == 3 and over_frame.store.span() is not None
    book = read_playbook(BUSIEST, "busiest", "own", "busiest.sql")
    assert why_not(over_frame, book) == ""
    assert run(over_frame, book).table.rows == [("ana", 30), ("ben", 30)]


def test_runs_name_the_store_that_answered_and_the_case_verifies(over_frame: Case) -> None:
    run_query(over_frame, "SELECT account FROM event ORDER BY account")
    kept = over_frame.runs.get(1)
    assert kept is not None and kept.inputs == "3 rows" and kept.tools.endswith(", polars")
    assert list(verify(over_frame))


def test_what_a_store_cannot_answer_is_refused_by_its_name(over_frame: Case) -> None:
    book = read_playbook(
        BUSIEST.replace("GROUP BY account", "WINDOW w AS () -- OVER\nGROUP BY account"), "w", "own", "w.sql"
    )
    assert why_not(over_frame, book) == "it has no window functions"
    with pytest.raises(PlaybookError, match="Polars cannot answer w: it has no window functions"):
        run(over_frame, book)


def test_logs_are_not_loaded_where_nobody_would_look_for_them(over_frame: Case, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("2026-05-01T00:00:00Z hello\n")
    with pytest.raises(CaseError, match="a frame takes no logs"):
        load(over_frame, [str(tmp_path / "a.log")])


def test_a_case_of_an_unknown_engine_says_so(tmp_path: Path) -> None:
    with Case.create(tmp_path / "f.case") as case:
        case.ledger.set_setting(ENGINE_SETTING, "oracle://there")
        with pytest.raises(CaseError, match="no store is registered for oracle://there; registered: chdb, "):
            case.query("SELECT 1")


@contextmanager
def odd_case(folder: Path, name: str, lines: int) -> Iterator[Case]:
    log = folder / f"{lines}.log"
    log.write_text("".join(f"2026-05-01T00:00:{number:02}Z hello {lines}\n" for number in range(lines)))
    with Case.create(folder / name) as case:
        load(case, [str(log)])
        yield case


def test_a_case_of_any_name_loads_and_reads_its_own_events(tmp_path: Path) -> None:
    for number, other in enumerate(("acme1.case", "abc.case", "x1a.case"), start=5):
        with odd_case(tmp_path, other, number):
            pass
    for name in ("Moody's.case", 'a "b".case', "acme*.case", "a?c.case", "x{1,2}[ab].case", "%$#;.case"):
        with odd_case(tmp_path, name, 3) as case:
            assert case.query("SELECT count(*) FROM session").rows == [(0,)], name
            assert case.query("SELECT count(*) FROM event").rows == [(3,)], name
            assert list(verify(case)), name
