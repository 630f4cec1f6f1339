"""A gateway's own table, read by a log format's fields: every column as loading the same records fills it."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import duckdb
import pytest

from tests.engines.conftest import ENGINES
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.evidence.runs import run_query
from workbench.formats.registry import format_named
from workbench.ingest import load
from workbench.sqltext import literal

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
#: What no table has: where in a log an event stands, and what its columns leave.
_OF_LOGS = {"event_id", "source", "line", "item", "lines", "format", "extra"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gateway's records: a log, a case of it, a table with nested columns and one with JSON in texts."""
    folder = tmp_path_factory.mktemp("gateway")
    with gzip.open(SAMPLES / "gateway.ndjson.gz", "rt", encoding="utf-8") as log:
        lines = [line.strip() for line in itertools.islice(log, 200)]
    samples = [sample.text for sample in format_named("litellm").samples if '"request_id"' in sample.text]
    (folder / "nested.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "text.ndjson").write_text("".join(f"{line}\n" for line in lines + samples), encoding="utf-8")
    with Case.create(folder / "near.case") as near:
        load(near, [str(folder / "text.ndjson")])
    db, nested, text = duckdb.connect(), *(literal(str(folder / f"{name}.ndjson")) for name in ("nested", "text"))
    names = [row[0] for row in db.execute(f"DESCRIBE FROM read_json({text}, sample_size = -1)").fetchall()]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    for table, select in {
        "text": f"FROM read_json({text}, columns = {{{columns}}})",
        "nested": f"FROM read_json({nested}, sample_size = -1)",
    }.items():
        (folder / table).mkdir()
        db.execute(f"COPY ({select}) TO {literal(str(folder / table / 'a.parquet'))}")
    return folder


@pytest.mark.parametrize("url", ENGINES)
@pytest.mark.parametrize("table", ["text", "nested"])
def test_a_gateways_table_gives_the_events_that_loading_its_records_gives(
    url: str, table: str, gateway: Path, tmp_path: Path
) -> None:
    with Case.open(gateway / "near.case") as near, Case.create(tmp_path / "far.case") as far:
        use(far, url)
        found, _ = attach(far, str(gateway / table), "litellm")
        columns = sorted(set(near.store.filled()) - _OF_LOGS)
        assert (
            {"prompt", "system_prompt", "duration_ms", "payment_ref", "api_key"} <= set(columns) <= set(found.columns)
        )
        sql = f"SELECT request_id AS id, {', '.join(columns)} FROM event"
        ours = {row[0]: row for row in near.query(sql).rows}
        theirs = run_query(far, sql, limit=None).rows
    assert len(theirs) >= 200
    wrong = [
        (row[0], name, a, b)
        for row in theirs
        for name, a, b in zip(["id", *columns], ours[row[0]], row, strict=True)
        if (a != pytest.approx(b) if isinstance(a, float) else a != b)
    ]
    assert wrong == []
