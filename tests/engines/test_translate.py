"""Playbooks in another engine's SQL: values stay values, and what cannot be said there is told before it runs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, cast

import chdb
import pytest
from sqlglot import exp

from workbench.case import views
from workbench.engines.clickhouse_sql import dialect
from workbench.engines.translate import Untranslatable, translate
from workbench.playbooks import Library

HOSTILE = "x') UNION SELECT 'stolen' -- \\' \n\"`"
EVENT = exp.select("*").from_("event_there")
DERIVED = {"session": views.sessions_select(30), "account": views.ACCOUNTS}
LOCAL = {
    "clock_jumps", "duplicates", "gaps", "rejects_by_reason", "what_was_loaded", "edited_stretches", "even_times",
    "file_times", "id_gaps", "id_times", "impossible_values", "made_up_digits", "repeated_stretches",
}  # fmt: skip


def test_a_hostile_value_comes_back_as_the_value_that_it_was() -> None:
    sql = translate("SELECT getvariable('who') AS who", "clickhouse", EVENT, {}, {"who": ("VARCHAR", HOSTILE)})
    ask = cast("Any", chdb.query)
    assert str(ask(sql, "TSVRaw")).removesuffix("\n") == HOSTILE


@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_a_value_is_one_literal_whatever_it_holds(dialect: str) -> None:
    import sqlglot

    given = {"who": ("VARCHAR", HOSTILE), "at": ("TIMESTAMP", dt.datetime(2026, 5, 1, 12)), "n": ("BIGINT", 7)}
    asked = "SELECT count(*) AS n FROM event WHERE account = getvariable('who') AND line > getvariable('n')"
    tree = sqlglot.parse_one(translate(asked, dialect, EVENT, {}, given), read=dialect)
    assert [one.name for one in tree.find_all(exp.Literal) if one.is_string] == [HOSTILE]
    assert not list(tree.find_all(exp.Union))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM source", "source"),
        ("SELECT * FROM read_parquet('/etc/passwd')", "no table"),
        ("DELETE FROM event", "not one SELECT"),
        ("SELECT * FROM secret", "no table secret"),
        ("SELECT getvariable('other') FROM event", "does not declare"),
        ("SELECT (((", "cannot read"),
        ("SELECT lag(ts) OVER (PARTITION BY account) FROM event", "order of the records"),
        ("SELECT sum(n) OVER (ROWS UNBOUNDED PRECEDING) AS s FROM (SELECT 1 AS n FROM event)", "order of the records"),
        ("SELECT list(account ORDER BY ts, line DESC) FROM event", "no counterpart"),
    ],
)
@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_what_an_engine_cannot_answer_is_told_before_it_runs(sql: str, said: str, dialect: str) -> None:
    with pytest.raises(Untranslatable, match=said):
        translate(sql, dialect, EVENT, DERIVED)


@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_all_playbooks_but_those_about_loaded_files_can_be_asked(dialect: str) -> None:
    refused = set()
    for book in Library().all():
        try:
            translate(book.sql, dialect, EVENT, DERIVED, {one.name: ("BIGINT", None) for one in book.parameters})
        except Untranslatable:
            refused.add(book.name)
    assert refused == LOCAL


def test_common_tables_named_again_are_kept_where_they_have_a_row_a_group_and_the_server_can() -> None:
    asked = (
        "WITH one AS MATERIALIZED (SELECT account, ts FROM event), pair AS (SELECT account, client_ip FROM event "
        "GROUP BY ALL), used AS (SELECT account FROM pair WHERE client_ip <> '') SELECT count(*) FROM one, one AS b, "
        "pair, pair AS d, used, used AS e"
    )
    old, new = (translate(asked, dialect(version), EVENT, DERIVED) for version in ("26.7.9.1", "26.8.1.2"))
    assert "MATERIALIZED" not in old
    assert re.findall(r"(\w+) AS MATERIALIZED", new) == ["pair", "used"]
    assert "MATERIALIZED" not in translate(asked.replace("BY ALL", "BY 1, 2"), "spark", EVENT, DERIVED)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT file('/etc/passwd')",
        "SELECT reflect('java.lang.System', 'getenv') FROM event",
        "SELECT * FROM url('http://example.org/x', 'CSV')",
        "SELECT * FROM system.users",
        "SELECT * FROM secret, (WITH secret AS (SELECT 1 AS x) SELECT x FROM secret)",
        "SELECT (SELECT any_value(name) FROM system.users) FROM event",
        "SELECT account FROM event WHERE account IN (SELECT name FROM secret)",
        "SELECT * FROM event INTO OUTFILE '/tmp/x'",
        "SELECT * FROM event; DROP TABLE logs",
        "SELECT * FROM event SETTINGS readonly = 0",
        "SELECT * FROM 'other.parquet'",
        "WITH x AS (DELETE FROM event RETURNING *) SELECT * FROM x",
    ],
)
@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_a_strangers_question_reaches_the_case_and_nothing_else_of_the_engine(sql: str, dialect: str) -> None:
    with pytest.raises(Untranslatable):
        translate(sql, dialect, EVENT, DERIVED)


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT list(x ORDER BY y DESC) FROM (SELECT 1 AS x, 2 AS y UNION ALL SELECT 7, 1)", "[1,7]"),
        ("SELECT list(x) FROM (SELECT unnest([1, 2]) AS x, unnest(['a', 'b']) AS y)", "[1,2]"),
        ("SELECT list(i ORDER BY i) FROM generate_series(1, 3) AS t(i)", "[1,2,3]"),
        ("SELECT list(i ORDER BY i) FROM range(1, 3) AS t(i)", "[1,2]"),
        ("SELECT count(*) FROM range(3)", "3"),
        ("SELECT ('0x' || '01' || 'ff0')::BIGINT", "8176"),
        ("SELECT split_part('10.2.3', '.', 2) || split_part('1', '.', 3)", "2"),
        ("SELECT CAST('2026-05-01 12:00:00.25' AS TIMESTAMP)", "2026-05-01 12:00:00.250000"),
    ],
)
def test_what_engines_would_read_otherwise_means_the_same_there(sql: str, answer: str) -> None:
    import duckdb

    ask = cast("Any", chdb.query)
    assert str(ask(translate(sql, "clickhouse", EVENT, {}), "TSVRaw")).strip() == answer
    ours = duckdb.execute(sql).fetchall()[0][0]
    assert str(ours).replace(" ", "").removesuffix("0000") == answer.replace(" ", "").removesuffix("0000")


#: What would read, call or change more than the case's tables, in an engine or here.
REACHING = """
SELECT * FROM url('http://127.0.0.1:9/x','CSV')
SELECT * FROM file('/etc/passwd','LineAsString')
SELECT * FROM s3('https://x/y')
SELECT * FROM remote('h','db','t')
SELECT * FROM executable('id','TSV','a String')
SELECT * FROM system.users
SELECT * FROM information_schema.tables
SELECT * FROM numbers(10)
SELECT file('/etc/passwd') FROM event
SELECT dictGet('d','a',1) FROM event
SELECT sleep(3) FROM event
SELECT java_method('java.lang.Runtime','getRuntime') FROM event
SELECT reflect('java.lang.System','getenv','PATH') FROM event
SELECT input_file_name() FROM event
SELECT read_files('x') FROM event
SELECT * FROM read_files('/etc')
SELECT * FROM parquet.`/etc/x`
SELECT * FROM "parquet"."/etc/x"
SELECT * FROM '/etc/passwd'
SELECT http_get('x') FROM event
SELECT * FROM event INTO OUTFILE '/tmp/x'
SELECT * FROM event FORMAT CSV
SELECT * FROM event SETTINGS readonly = 0
SELECT 1; SELECT 2
WITH x AS (DELETE FROM event RETURNING *) SELECT * FROM x
CREATE TABLE x AS SELECT 1
INSERT INTO event VALUES (1)
DROP TABLE event
COPY event TO '/tmp/x'
SELECT * FROM event, LATERAL (SELECT * FROM url('http://x'))
SELECT (SELECT count(*) FROM url('http://x')) FROM event
SELECT * FROM glob('/etc/*')
SELECT getenv('HOME')
SELECT wb_key('x')
SELECT transform(account) USING 'cat' FROM event
"""


@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_nothing_reaches_beyond_the_tables_of_the_case(dialect: str) -> None:
    tried = REACHING.strip().splitlines()
    passed = []
    for sql in tried:
        try:
            passed.append(translate(sql, dialect, EVENT, DERIVED))
        except Untranslatable:
            continue
    assert passed == [] and len(tried) > 30
