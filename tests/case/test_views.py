"""Which tables a query makes the case derive: those it reads, not columns that bear their names."""

from __future__ import annotations

import pytest

from workbench.case.views import derived_tables_in


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT ts, account, session FROM event ORDER BY account, session", set()),
        ("SELECT 1 FROM a JOIN b USING (source, account) WHERE account = 1", set()),
        ("FROM session", {"session"}),
        ("FROM a, session", {"session"}),
        ("FROM (SELECT x, account FROM b) AS a, session WHERE 1", {"session"}),
        ("FROM a JOIN b USING (account), session", {"session"}),
        ('SELECT * FROM "account" JOIN session USING (entity)', {"account", "session"}),
        ("FROM session SELECT ts, account", {"session"}),
        ("SELECT (SELECT count(*) FROM Account)", {"account"}),
        ("SELECT 1 FROM event WHERE entity IN (FROM session)", {"session"}),
        ("SUMMARIZE account", {"account"}),
    ],
)
def test_derived_tables_are_told_from_columns(sql: str, tables: set[str]) -> None:
    assert derived_tables_in(sql) == tables
