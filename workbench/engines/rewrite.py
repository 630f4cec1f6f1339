"""What the rules of the dialects share: asking what a part of a query is, and building calls."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import UnsupportedError

Rule = Callable[[exp.Expr], exp.Expr]

_SPANS = {"to_hours": 3600, "to_minutes": 60, "to_days": 86400, "to_seconds": 1, "to_milliseconds": 0.001}
_UNITS = {"MICROSECOND": 1e-6, "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}


def call(name: str, *given: exp.Expr | str | int | float | None) -> exp.Anonymous:
    """Return a call of one of the engine's own functions."""
    return exp.Anonymous(this=name, expressions=[exp.convert(one, copy=True) for one in given])


def named(node: exp.Expr) -> str:
    """Return the lower-case name of a function that sqlglot knows no more of."""
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else ""


def microseconds(node: exp.Expr) -> exp.Expr | None:
    """Return the length of an interval that is written as one, in microseconds; None where it is none."""
    if isinstance(node, exp.Paren):
        return microseconds(node.this)
    seconds: float | None = None
    value: exp.Expr | None = None
    if named(node) == "tointervalmicrosecond":
        length: exp.Expr = node.expressions[0]
        return length
    if isinstance(node, exp.Anonymous) and named(node) in _SPANS:
        seconds, value = _SPANS[named(node)], node.expressions[0]
    elif isinstance(node, exp.ToDays):
        seconds, value = 86400, node.this
    elif isinstance(node, exp.Interval) and node.unit is not None:
        seconds = _UNITS.get(node.unit.name.upper().removesuffix("S"))
        value = exp.Literal.number(node.this.name) if node.this.is_string else node.this
    if seconds is None or value is None:
        return None
    return exp.Mul(this=exp.paren(value, copy=True), expression=exp.Literal.number(round(seconds * 1e6)))


def whole(pattern: exp.Expr) -> exp.Expr:
    """Return a pattern that only fits a whole text."""
    if isinstance(pattern, exp.Literal):
        return exp.Literal.string(f"^(?:{pattern.name})$")
    return exp.Concat(expressions=[exp.Literal.string("^(?:"), pattern, exp.Literal.string(")$")])


def difference(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Return the two times that are subtracted, where a node is one time less another."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Sub) and microseconds(node.expression) is None:
        return node.this, node.expression
    return None


def ordered_array(node: exp.ArrayAgg) -> tuple[exp.Expr, list[exp.Expr], bool]:
    """Return what a list is made of, in which order, and whether of different values only."""
    inner = node.this
    order: list[exp.Expr] = []
    if isinstance(inner, exp.Order):
        order, inner = inner.expressions, inner.this
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        inner = inner.expressions[0]
        if isinstance(inner, exp.Order):
            order, inner = inner.expressions, inner.this
    return inner, order, distinct


def sorted_by(order: list[exp.Expr]) -> tuple[list[exp.Expr], bool]:
    """Return what a list is sorted by, and whether downwards. Raises UnsupportedError where that differs by key."""
    down = {bool(one.args.get("desc")) for one in order}
    if len(down) > 1:
        raise UnsupportedError("a list sorted upwards by one thing and downwards by another has no counterpart")
    return [one.this for one in order], down.pop()


def end_of(series: exp.GenerateSeries) -> exp.Expr:
    """Return the number before which a series of numbers ends."""
    end: exp.Expr = series.args["end"]
    if series.args.get("is_end_exclusive"):
        return end
    return exp.paren(exp.Add(this=exp.paren(end), expression=exp.Literal.number(1)))


def hexadecimal(node: exp.Cast) -> exp.Expr | None:
    """Return the digits of a number that is written as ``('0x' || digits)::BIGINT``; None where it is not."""
    parts: list[exp.Expr] = []
    inner = node.this.unnest()
    while isinstance(inner, exp.DPipe):
        parts.insert(0, inner.expression)
        inner = inner.this.unnest()
    if not parts or not (isinstance(inner, exp.Literal) and inner.is_string and inner.name.lower() == "0x"):
        return None
    return parts[0] if len(parts) == 1 else call("concat", *parts)


def bottom_up(tree: exp.Expr, rule: Rule) -> exp.Expr:
    """Apply a rule to every part of a tree, the inner ones first."""
    for node in reversed(list(tree.walk(bfs=True))):
        made = rule(node)
        if made is not node:
            if node is tree:
                tree = made
            else:
                node.replace(made)
    return tree


def order_by_place(node: exp.Expr) -> exp.Expr:
    """Name what a SELECT orders by by its place, where it is one of its columns: engines differ in what a name means.

    DuckDB takes the result's column of a name before the table's.
    """
    if not isinstance(node, exp.Select) or not node.args.get("order") or node.is_star:
        return node
    places = {
        one.alias_or_name.lower(): place
        for place, one in enumerate(node.expressions, start=1)
        if not (isinstance(one, exp.Column) and one.alias_or_name == one.name)
    }
    for ordered in node.args["order"].expressions:
        column = ordered.this
        if isinstance(column, exp.Column) and not column.table and column.name.lower() in places:
            ordered.set("this", exp.Literal.number(places[column.name.lower()]))
    return node


def own_names(node: exp.Expr) -> exp.Expr:
    """Name a SELECT's columns without their table, as DuckDB does, where they have no name of their own."""
    if isinstance(node, exp.Select):
        chosen = [
            exp.alias_(one, one.name, copy=False)
            if isinstance(one, exp.Column) and one.table and not one.is_star
            else one
            for one in node.expressions
        ]
        node.set("expressions", chosen)
    return node


def json_keys(path: exp.Expr | None) -> list[str] | None:
    """Return the keys of a place in JSON, a path (``$.a.b``) or a pointer (``/a/b``); None for any other."""
    if isinstance(path, exp.JSONPath):
        return [str(part.this) for part in path.expressions if isinstance(part, exp.JSONPathKey)]
    if isinstance(path, exp.Literal) and path.name.startswith("/"):
        return [one.replace("~1", "/").replace("~0", "~") for one in path.name[1:].split("/")]
    return None
