"""The rules for times in Spark: whole microseconds, where sqlglot has seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from workbench.engines.duckdb_sql import MicrosecondOfMinute
from workbench.engines.rewrite import by_tree, call, difference, microseconds


def _us(time: exp.Expr) -> exp.Expr:
    return call("unix_micros", exp.cast(time, "timestampltz"))


def _moment(us: exp.Expr) -> exp.Expr:
    return exp.cast(call("timestamp_micros", call("bigint", us)), "timestampntz")


def _million(us: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Div(this=us, expression=exp.Literal.number("1000000D")))


def _since_1970(node: exp.TimeToUnix) -> exp.Expr:
    if pair := difference(node.this):
        return _million(exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))))
    return _million(_us(node.this))


def _of_minute(node: MicrosecondOfMinute) -> exp.Expr:
    return exp.Mod(this=exp.paren(_us(node.this)), expression=exp.Literal.number(60_000_000))


def _length(node: exp.Expr) -> exp.Expr | None:
    """Return the length of an interval in microseconds, as a number of 64 bits: 32 hold half an hour."""
    length = microseconds(node)
    if length is not None:
        length.set("expression", exp.Literal.number(f"{length.expression.name}L"))
    return length


def spark_moved(node: exp.Add | exp.Sub) -> exp.Expr:
    """Write a time more or less an interval."""
    length = _length(node.expression)
    if length is None:
        return node
    return _moment(type(node)(this=_us(node.this), expression=call("bigint", length)))


def _compared(node: exp.GT | exp.LT | exp.GTE | exp.LTE) -> exp.Expr:
    """Compare the time between two times with an interval as numbers."""
    length, pair = _length(node.expression), difference(node.this)
    if length is None or pair is None:
        return node
    return type(node)(this=exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))), expression=length)


def _bin(node: exp.DateBin) -> exp.Expr:
    length = _length(node.this)
    if length is None:
        return node
    # DuckDB's buckets of less than a month start on Monday, 3 January 2000.
    origin = exp.Literal.number("946857600000000L")
    since = exp.paren(exp.Sub(this=_us(node.expression), expression=origin))
    steps = call("floor", exp.Div(this=since, expression=exp.paren(length)))
    return _moment(exp.Add(this=origin.copy(), expression=exp.Mul(this=steps, expression=exp.paren(length.copy()))))


def is_date(node: exp.Expr, dates: set[str]) -> bool:
    """Say whether a part is a day: DuckDB's days subtract to a number, Spark's to an interval."""
    node = node.unnest()
    if isinstance(node, exp.Min | exp.Max):
        return is_date(node.this, dates)
    if isinstance(node, exp.Column):
        return node.name.lower() in dates
    return isinstance(node, exp.Cast) and node.to.is_type(exp.DType.DATE)


def _weekday(node: exp.DayOfWeekIso) -> exp.Expr:
    return exp.paren(exp.Add(this=call("weekday", node.this), expression=exp.Literal.number(1)))


SPARK_TIMES: Mapping[type[exp.Expr], Callable[[Any, Any], str]] = {
    exp.Add: by_tree(spark_moved),
    exp.DateBin: by_tree(_bin),
    exp.DayOfWeekIso: by_tree(_weekday),
    exp.GT: by_tree(_compared),
    exp.GTE: by_tree(_compared),
    exp.LT: by_tree(_compared),
    exp.LTE: by_tree(_compared),
    MicrosecondOfMinute: by_tree(_of_minute),
    exp.TimeToUnix: by_tree(_since_1970),
    exp.UnixMicros: by_tree(lambda node: _us(node.this)),
    exp.UnixToTime: by_tree(lambda node: _moment(node.this)),
}
