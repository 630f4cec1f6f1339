"""One playbook on DuckDB and on another engine, row by row.

Where a playbook leaves the choice to the engine (any value, the commonest of equals, an approximate count), both sides
are asked a settled form of it: the least value, the greatest of equals, the exact count.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

from sqlglot import exp

from workbench.case import Case
from workbench.engines.attachment import event_select
from workbench.engines.duckdb_sql import DuckDBSQL
from workbench.engines.remote import Remote
from workbench.engines.store import EngineStore
from workbench.engines.translate import Value, parse_sql, translate
from workbench.playbooks import Playbook
from workbench.playbooks.model import TYPES

#: Whose answers follow the order of the engine's own hash: another engine looks at another sample, or breaks a tie
#: between two templates otherwise.
BY_HASH = {"systematic_coverage", "filled_templates"}


def settled(sql: str) -> str:
    """Return DuckDB's SQL in which nothing is left to the engine's choice."""
    return parse_sql(sql).transform(_settle).sql(DuckDBSQL)


def _settle(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.AnyValue):
        return exp.Min(this=node.this)
    if isinstance(node, exp.Mode):
        return exp.Max(this=node.this)
    if isinstance(node, exp.ApproxDistinct):
        return exp.Count(this=exp.Distinct(expressions=[node.this]))
    if isinstance(node, exp.ArgMax) and not isinstance(node.expression, exp.Tuple) and not node.args.get("count"):
        return exp.ArgMax(this=node.this, expression=exp.Tuple(expressions=[node.expression, node.this.copy()]))
    return node


def compare(case: Case, far: Case, book: Playbook, remote: Remote) -> tuple[int, list[str]]:
    """Ask our engine of ``case`` and another of what ``far`` is attached to.

    Returns the number of rows and what differs. Raises Untranslatable, EngineError.
    """
    sql, values = settled(book.sql), book.bind({})
    cursor = case.cursor(book.sql)
    for one in book.parameters:
        if one.computed is not None and values[one.name] is None:
            values[one.name] = case.query(f"SELECT CAST({one.computed} AS {TYPES[one.type]})").rows[0][0]
        cursor.execute(f"SET VARIABLE {one.name} = CAST(? AS {TYPES[one.type]})", [values[one.name]])
    bound: dict[str, Value] = {one.name: (TYPES[one.type], values[one.name]) for one in book.parameters}
    store = far.store
    assert isinstance(store, EngineStore)
    event, tables = event_select(store.attachment, remote), store.tables_beside(sql)
    theirs = remote.ask(translate(sql, remote.dialect, event, tables, bound), None)
    ours = case.query(sql, cursor=cursor)
    if theirs.columns != ours.columns or len(theirs.rows) != len(ours.rows):
        return len(ours.rows), [f"{theirs.columns}, {len(theirs.rows)} rows; {ours.columns}, {len(ours.rows)} rows"]
    different = [
        f"row {number}, {name}: {a!r} and {b!r}"
        for number, (own, other) in enumerate(zip(ours.rows, theirs.rows, strict=True), start=1)
        for name, a, b in zip(ours.columns, own, other, strict=True)
        if not same(a, b)
    ]
    return len(ours.rows), different


def same(one: Any, other: Any) -> bool:
    """Say whether two values of different engines are the same; fractions may differ in the tenth digit."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dt.date) and isinstance(other, dt.date):
        return str(one)[:26] == str(other)[:26]
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)
