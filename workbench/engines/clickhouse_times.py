"""The rules for times in ClickHouse: whole microseconds, where sqlglot has seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from workbench.engines.duckdb_sql import MicrosecondOfMinute
from workbench.engines.rewrite import by_tree, call, difference, microseconds

_MILLION = exp.Literal.number("1000000.0")


def _us(time: exp.Expr) -> exp.Expr:
    return call("toUnixTimestamp64Micro", call("toDateTime64", time, 6, "UTC"))


def _since_1970(node: exp.TimeToUnix) -> exp.Expr:
    if pair := difference(node.this):
        less = exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1])))
        return exp.paren(exp.Div(this=less, expression=_MILLION.copy()))
    return exp.paren(exp.Div(this=_us(node.this), expression=_MILLION.copy()))


def _moment(us: exp.Expr) -> exp.Expr:
    return call("fromUnixTimestamp64Micro", us, "UTC")


def _of_minute(node: MicrosecondOfMinute) -> exp.Expr:
    return exp.Mod(this=exp.paren(_us(node.this)), expression=exp.Literal.number(60_000_000))


def _moved(node: exp.Add | exp.Sub) -> exp.Expr:
    """Write a time more or less an interval."""
    length = microseconds(node.expression)
    if length is None:
        return node
    return type(node)(this=node.this, expression=call("toIntervalMicrosecond", call("toInt64", length)))


def _compared(node: exp.GT | exp.LT | exp.GTE | exp.LTE) -> exp.Expr:
    """Compare the time between two times with an interval as numbers."""
    length, pair = microseconds(node.expression), difference(node.this)
    if length is None or pair is None:
        return node
    return type(node)(this=exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))), expression=length)


def _bin(node: exp.DateBin) -> exp.Expr:
    length = microseconds(node.this)
    if length is None:
        return node
    # DuckDB's buckets of less than a month start on Monday, 3 January 2000.
    origin = exp.Literal.number(946_857_600_000_000)
    since = exp.paren(exp.Sub(this=_us(node.expression), expression=origin))
    steps = call("floor", exp.Div(this=since, expression=exp.paren(length)))
    moment = exp.Add(this=origin.copy(), expression=exp.Mul(this=steps, expression=exp.paren(length.copy())))
    return _moment(call("toInt64", moment))


CLICKHOUSE_TIMES: Mapping[type[exp.Expr], Callable[[Any, Any], str]] = {
    exp.Add: by_tree(_moved),
    exp.DateBin: by_tree(_bin),
    exp.GT: by_tree(_compared),
    exp.GTE: by_tree(_compared),
    exp.LT: by_tree(_compared),
    exp.LTE: by_tree(_compared),
    MicrosecondOfMinute: by_tree(_of_minute),
    exp.TimeToUnix: by_tree(_since_1970),
    exp.UnixMicros: by_tree(lambda node: _us(node.this)),
    exp.UnixToTime: by_tree(lambda node: _moment(call("accurateCastOrNull", node.this, "Int64"))),
    exp.Sub: by_tree(_moved),
}
