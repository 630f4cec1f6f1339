"""Which tables a statement reads, and whether it orders, by the engine's own parser."""

from __future__ import annotations

import pytest

from workbench.case import Case
from workbench.case.digest import is_ordered
from workbench.case.execute import check_statement
from workbench.case.statements import explained, tables_read
from workbench.errors import QueryError

DEEP = "+".join(["requests"] * 900)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT ts, account, session FROM event ORDER BY account, session", {"event"}),
        ("SELECT 1 FROM a JOIN b USING (source, account) WHERE account = 1", {"a", "b"}),
        ("FROM a, session", {"a", "session"}),
        ("FROM (SELECT x, account FROM b) AS a, session WHERE 1", {"b", "session"}),
        ("FROM a JOIN b USING (account), session", {"a", "b", "session"}),
        ('SELECT * FROM "account" JOIN session USING (entity)', {"account", "session"}),
        ("SELECT (SELECT count(*) FROM Account)", {"account"}),
        ("SELECT 1 FROM event WHERE entity IN (FROM session)", {"event", "session"}),
        ("SUMMARIZE account", {"account"}),
        ("DESCRIBE session", {"session"}),
        ("SHOW session", {"session"}),
        ("SELECT count(*) FROM -- the sessions\n session", {"session"}),
        ("SELECT count(*) FROM event, /* both */ session", {"event", "session"}),
        ("FROM/**/session", {"session"}),
        ("FROM main.session", {"session"}),
        ("FROM memory.main.session", {"session"}),
        ("SELECT 'FROM session' FROM event", {"event"}),
        ("SELECT nothing_of_the_kind FROM session WHERE id = $id AND n > $n", {"session"}),
        ("PIVOT session ON kind IN ('a') USING count(*)", {"session"}),
        ("UNPIVOT session ON a, b", {"session"}),
        ("FROM query_table(['session', 'account'])", {"session", "account"}),
        ("FROM query('SELECT * FROM session')", {"session"}),
        ("EXPLAIN SELECT * FROM session", {"session"}),
        ("EXPLAIN (FORMAT json) SELECT * FROM session", {"session"}),
        ("-- why\nEXPLAIN /* so */ ANALYZE (SELECT * FROM session)", {"session"}),
        ("SELECT 1 FROM account; SELECT 2 FROM session", {"account", "session"}),
        ("WITH session AS (SELECT 1) FROM session", set()),
        ("WITH session AS (FROM session) FROM session", {"session"}),
        ("WITH a AS (FROM account), b AS (FROM a) FROM a, b, main.a", {"account", "a"}),
        ("SELECT (WITH session AS (SELECT 1) FROM session), (FROM session)", {"session"}),
        ("WITH RECURSIVE session AS (SELECT 1 UNION ALL FROM session) FROM session", set()),
        (f"SELECT {DEEP} FROM session", {"session"}),
        ("this is no SQL", set()),
        ("SELECT '\ud800' FROM session", set()),
        ("", set()),
    ],
)
def test_the_tables_that_a_statement_reads(sql: str, tables: set[str]) -> None:
    assert tables_read(sql) == tables


@pytest.mark.parametrize(
    ("sql", "statement"),
    [
        ("EXPLAIN SELECT 1", "SELECT 1"),
        ("-- a\n explain /* b */ analyze\nSELECT 1", "SELECT 1"),
        ("EXPLAIN (FORMAT json)SELECT 1", "SELECT 1"),
        ("EXPLAIN (SELECT 1)", "(SELECT 1)"),
        ("EXPLAIN ANALYZE ((SELECT 1) UNION (SELECT 2))", "((SELECT 1) UNION (SELECT 2))"),
        ("EXPLAIN (ANALYZE) COPY event TO 'x'", "COPY event TO 'x'"),
        ("SELECT 'EXPLAIN'", None),
        ("SELECT 1", None),
        ("EXPLAIN", ""),
        ("", None),
    ],
)
def test_what_an_explain_explains(sql: str, statement: str | None) -> None:
    assert explained(sql) == statement


def test_a_statement_that_orders_is_told_from_one_that_names_the_words(sample_case: Case) -> None:
    cursor = sample_case.cursor()
    assert is_ordered(cursor, "SELECT 1 -- last\n ORDER BY ALL LIMIT 3")
    assert is_ordered(cursor, f"SELECT {DEEP} FROM session ORDER BY 1")
    assert not is_ordered(cursor, "WITH a AS (SELECT 1 AS b ORDER BY b) SELECT 'order by' FROM a")
    assert not is_ordered(cursor, "EXPLAIN SELECT 'order by'")
    assert not is_ordered(cursor, "order by")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM -- the sessions\n session",
        "SELECT count(*) FROM/**/session",
        "SELECT count(*) FROM main.session",
        "SELECT count(*) FROM event, -- both\n session LIMIT 1",
        "SELECT count(*) FROM query_table('session')",
    ],
)
def test_a_query_reads_sessions_however_it_is_written(sample_case: Case, sql: str) -> None:
    assert sample_case.ask(sql).rows[0][0] > 0


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'tmp/x.csv'", "COPY is not allowed"),
        ("EXPLAIN -- so\n (ANALYZE) CREATE TABLE x AS SELECT 1", "CREATE is not allowed"),
        ("EXPLAIN ANALYZE", "syntax error"),
        ("SELECT '\ud800'", "no UTF-8"),
    ],
)
def test_an_explain_of_what_writes_is_refused_however_it_is_written(sample_case: Case, sql: str, refused: str) -> None:
    with pytest.raises(QueryError, match=refused):
        sample_case.ask(sql)


def test_an_explain_may_have_comments(sample_case: Case) -> None:
    check_statement(sample_case.cursor(), "/* a */ EXPLAIN /* b */ ANALYZE -- c\n SELECT 1")
    assert sample_case.ask("/* a */ EXPLAIN /* b */ SELECT count(*) FROM session").rows
