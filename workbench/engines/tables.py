"""What stands for the table ``event`` in another engine: the columns of a table there, under our names."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from workbench.case.fields import COLUMNS, ENRICHED, Field

#: All columns of ``event``, in order, as ``workbench segments`` writes them.
EVENT = (
    Field("event_id", "VARCHAR", "SOURCE:LINE, or what the table has for it"),
    Field("entity_kind", "VARCHAR", "account, key or client"),
    Field("entity", "VARCHAR", "who acts in the event"),
    *COLUMNS,
    *ENRICHED,
)


def columns_select(table: exp.Expr, columns: Mapping[str, exp.Expr]) -> exp.Select:
    """Return the SELECT of all our columns from a table of the engine; those that it lacks are NULL."""
    chosen = [
        exp.alias_(
            columns.get(field.name) or exp.cast(exp.null(), exp.DataType.build(field.type, "duckdb")), field.name
        )
        for field in EVENT
    ]
    return exp.select(*chosen).from_(table)
