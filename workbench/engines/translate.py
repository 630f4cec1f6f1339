"""Playbooks in another engine's SQL: read by one dialect of sqlglot's (``duckdb_sql``) and written by the engine's.

Values enter the tree as typed literals and are quoted by the dialect's writer; no text is pasted. What an engine cannot
answer raises ``Untranslatable`` before anything runs.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from workbench.engines import address_sql
from workbench.engines.clickhouse_sql import ClickHouseSQL
from workbench.engines.duckdb_sql import DuckDBSQL, VariableCall
from workbench.engines.macro_sql import expand_macros
from workbench.engines.spark_sql import SparkSQL
from workbench.errors import PlaybookError

#: What writes each engine's SQL, by the name of sqlglot's own dialect.
_WRITERS: Mapping[str, type[Dialect]] = {"clickhouse": ClickHouseSQL, "spark": SparkSQL}
#: Tables of the local ledger: they tell how files were loaded, and a table that was never loaded has none of it.
LOCAL = ("source", "reject", "tag", "run")

#: What would read, write or call more than the case's tables.
_READING = (exp.ReadCSV, exp.ReadParquet, exp.Into, exp.DDL, exp.DML, exp.Command, exp.AnonymousAggFunc)

#: What a window without an order gives by the order in which records come.
_ORDERED = (
    exp.Lag, exp.Lead, exp.RowNumber, exp.FirstValue, exp.LastValue, exp.NthValue, exp.IgnoreNulls, exp.RespectNulls,
)  # fmt: skip

#: A parameter: the name of its DuckDB type and its value.
Value = tuple[str, object]


logging.getLogger("sqlglot").setLevel(logging.ERROR)


class Untranslatable(PlaybookError):  # noqa: N818 - it is an answer, not a fault
    """A question that an engine cannot answer; the message says why."""


def parse_sql(sql: str) -> exp.Expr:
    """Read DuckDB's SQL, with the macros that playbooks share in the place of their calls. Raises Untranslatable."""
    try:
        return expand_macros(_read(sql), _read)
    except SqlglotError as error:
        raise Untranslatable(f"sqlglot cannot read it: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise Untranslatable("it is nested too deeply") from error


def _read(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read=DuckDBSQL)


def typed_literal(kind: str, value: object) -> exp.Expr:
    """Return a value as a typed literal."""
    if isinstance(value, dt.datetime):
        value = value.isoformat(sep=" ", timespec="microseconds")
    if kind in ("BIGINT", "VARCHAR", "BOOLEAN") and value is not None:
        return exp.convert(value)
    return exp.cast(exp.convert(value), exp.DataType.build(kind, dialect="duckdb"))


def typed(value: object) -> Value:
    """Return a Python value with the DuckDB type that it is bound as."""
    match value:
        case bool():
            return "BOOLEAN", value
        case int():
            return "BIGINT", value
        case float():
            return "DOUBLE", value
        case dt.datetime():
            return "TIMESTAMP", value
    return "VARCHAR", value


def bound(tree: exp.Expr, values: Mapping[str, Value]) -> exp.Expr:
    """Put values in the place of ``getvariable('name')`` and ``$name``."""

    def put(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Parameter | exp.Placeholder | VariableCall):
            return node
        name = node.name.lower()
        if name not in values:
            raise Untranslatable(f"it asks for a variable {name!r} that it does not declare")
        return typed_literal(*values[name])

    return tree.transform(put)


def tables_in(tree: exp.Expr) -> set[str]:
    """Return the names of the tables that a query reads, without what it makes for itself."""
    from sqlglot.optimizer.scope import traverse_scope

    try:
        sources = [source for scope in traverse_scope(tree) for source in scope.sources.values()]
    except SqlglotError as error:
        raise Untranslatable(f"sqlglot cannot read it: {str(error).splitlines()[0]}") from error
    return {one.name.lower() for one in sources if isinstance(one, exp.Table) and isinstance(one.this, exp.Identifier)}


def harmless(tree: exp.Expr) -> None:
    """Let through what reads the case's tables and computes, and nothing by which an engine reads or does more.

    A function of DuckDB's that sqlglot knows nothing of would reach the engine under its own name, and engines have
    functions that read files, call Java or ask other servers. Raises Untranslatable.
    """
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.args.get("db"):
            continue
        if not isinstance(table.this, exp.GenerateSeries):
            raise Untranslatable(f"there is no table {table.sql('duckdb')[:60]} in the engine; there is event")
    for node in tree.find_all(exp.Anonymous, *_READING):
        if node.name.lower() in address_sql.ARGUMENTS:
            continue
        raise Untranslatable(f"the function {(node.name or node.key).lower()} has no counterpart there")


def in_order(tree: exp.Expr) -> None:
    """Raise Untranslatable for what follows the order of the records in their files: an engine does not keep that."""
    for window in tree.find_all(exp.Window):
        # A window with a name of its own is looked at where that is made.
        if window.args.get("alias") or window.args.get("order"):
            continue
        follows = isinstance(window.this.unnest(), _ORDERED) or isinstance(window.args.get("spec"), exp.WindowSpec)
        if follows:
            raise Untranslatable("it goes by the order of the records in their files, which an engine does not keep")


def translate(
    sql: str, dialect: str, event: exp.Query, derived: Mapping[str, str], values: Mapping[str, Value] | None = None
) -> str:
    """Return DuckDB's ``sql`` in an engine's dialect.

    ``event`` is the SELECT, in the engine's terms, that stands for the table ``event``; ``derived`` has the DuckDB SQL
    of tables made of it (``session``, ``account``), each of ``event`` and of those before it, and of ``source`` where
    that is known. Raises Untranslatable.
    """
    tree = parse_sql(sql)
    if not isinstance(tree, exp.Query):
        raise Untranslatable("it is not one SELECT")
    harmless(tree)
    in_order(tree)
    tree = bound(tree, values or {})
    used = tables_in(tree)
    if local := sorted(used.intersection(LOCAL) - derived.keys()):
        raise Untranslatable(
            f"it asks for {', '.join(local)}: how files were loaded and what people noted is known in the case only"
        )
    if unknown := sorted(used - {"event", *derived}):
        raise Untranslatable(f"there is no table {unknown[0]} in the engine; there are event, {', '.join(derived)}")
    parsed = {name: parse_sql(text) for name, text in derived.items()}
    for name in reversed(parsed):
        if name in used:
            used |= tables_in(parsed[name])
    if used:
        tree = _with(tree, [("event", event), *((name, text) for name, text in parsed.items() if name in used)])
    for one in tree.find_all(exp.CTE):
        one.set("materialized", None)  # DuckDB's word for it: not every engine knows it
    try:
        return written(address_sql.expand_addresses(tree, dialect), dialect)
    except SqlglotError as error:
        raise Untranslatable(f"it has no counterpart in {dialect}: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise Untranslatable("it is nested too deeply") from error


def written(tree: exp.Expr, dialect: str) -> str:
    """Return a tree of DuckDB's SQL in the dialect of an engine, with or without a ``version``. Raises SqlglotError."""
    name, _, version = dialect.partition(", version=")
    writer = _WRITERS[name](version=version) if version else _WRITERS[name]()
    return writer.generate(tree, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _with(tree: exp.Expr, tables: Sequence[tuple[str, exp.Expr]]) -> exp.Expr:
    """Put common tables before those of the query."""
    first = [exp.CTE(this=select, alias=exp.TableAlias(this=exp.to_identifier(name))) for name, select in tables]
    present = tree.args.get("with_")
    own = list(present.expressions) if present else []
    tree.set("with_", exp.With(expressions=[*first, *own], recursive=bool(present and present.args.get("recursive"))))
    return tree
