"""What the dialects' rules share: what a part of a query is, and how a rule of trees becomes one of texts.

A dialect is a table, ``Generator.TRANSFORMS``: for each kind of part the rule that writes it. Most rules make another
tree of a part, whose inner parts the table writes in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import UnsupportedError
from sqlglot.generator import Generator
from sqlglot.optimizer.annotate_types import annotate_types

Part = TypeVar("Part", bound=exp.Expr)
#: How sqlglot's tables write a part.
Writer = Callable[[Any, Any], str]

_MICROSECONDS = {
    "MICROSECOND": 1, "MILLISECOND": 10**3, "SECOND": 10**6, "MINUTE": 60 * 10**6, "HOUR": 3600 * 10**6,
    "DAY": 86400 * 10**6, "WEEK": 604800 * 10**6,
}  # fmt: skip
#: Binary operators for which there are rules: sqlglot writes a chain of one kind at once, without asking the table.
_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.GT: ">", exp.LT: "<", exp.GTE: ">=", exp.LTE: "<=",
}  # fmt: skip
#: What gives text whatever its arguments are, and a number with fractions.
_TEXTS = (
    exp.Hex, exp.JSONExtractScalar, exp.Left, exp.LowerHex, exp.MD5, exp.RegexpExtract, exp.RegexpReplace, exp.Replace,
    exp.Right, exp.SplitPart,
)  # fmt: skip
_FRACTIONS = (exp.Div, exp.TimeToUnix)


def by_tree(rule: Callable[[Part], exp.Expr]) -> Writer:
    """Return the writer of a part as what a rule makes of it; as sqlglot does where that is of the part's own kind."""

    def write(generator: Generator, node: Part) -> str:
        made = rule(node)
        return plainly(generator, made) if type(made) is type(node) else generator.sql(made)

    return write


def plainly(generator: Any, node: exp.Expr) -> str:
    """Write a part as the dialect that this one extends does: by its table, which a generator has as ``USUAL``."""
    if sign := _SIGNS.get(type(node)):
        return f"{generator.sql(node, 'this')} {sign} {generator.sql(node, 'expression')}"
    if usual := generator.USUAL.get(type(node)):
        return str(usual(generator, node))
    method = getattr(generator, f"{node.key}_sql", generator.function_fallback_sql)
    return str(method(node))


def call(name: str, *given: exp.Expr | str | int | float | None) -> exp.Anonymous:
    """Return a call of one of the engine's own functions."""
    return exp.Anonymous(this=name, expressions=[exp.convert(one, copy=True) for one in given])


def no_counterpart(what: str) -> Writer:
    """Return the writer of what cannot be said in an engine."""

    def write(_generator: Generator, _node: exp.Expr) -> str:
        raise UnsupportedError(f"{what} has no counterpart")

    return write


def renamed(name: str) -> Writer:
    """Return the writer of a function of one argument as one of another name."""
    return lambda generator, node: generator.func(name, node.this)


def quoted_table(name: str, dialect: str) -> str:
    """Return the name of a table, such as ``TABLE`` or ``DATABASE.TABLE``, quoted."""
    return ".".join(exp.to_identifier(part, quoted=True).sql(dialect=dialect) for part in name.split("."))


# --- what a part is -------------------------------------------------------------------------------------------------


def is_text_node(node: exp.Expr) -> bool:
    """Say whether a part is known to be text; what is not may be a list."""
    return isinstance(node.unnest(), _TEXTS) or _typed(node).is_type(*exp.DataType.TEXT_TYPES)


def is_fraction(node: exp.Expr) -> bool:
    """Say whether a part is known to be a number with fractions: DuckDB rounds it for a whole number.

    DuckDB's ``//`` of such a number is a plain division.
    """
    node = node.unnest()
    if isinstance(node, exp.IntDiv):
        return is_fraction(node.this)
    return isinstance(node, _FRACTIONS) or _typed(node).is_type(*exp.DataType.REAL_TYPES)


def _typed(node: exp.Expr) -> exp.DataType:
    found = annotate_types(node.copy(), dialect="duckdb").type
    return found if isinstance(found, exp.DataType) else exp.DataType.build("unknown")


def microseconds(node: exp.Expr) -> exp.Expr | None:
    """Return the length of an interval that is written as one, in microseconds; None where it is none."""
    if isinstance(node, exp.Paren):
        return microseconds(node.this)
    if not isinstance(node, exp.Interval) or node.unit is None:
        return None
    length = _MICROSECONDS.get(node.unit.name.upper().removesuffix("S"))
    if length is None:
        return None
    value = exp.Literal.number(node.this.name) if node.this.is_string else node.this
    return exp.Mul(this=exp.paren(value, copy=True), expression=exp.Literal.number(length))


def difference(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Return the two times that are subtracted, where a node is one time less another."""
    node = node.unnest()
    if isinstance(node, exp.Sub) and microseconds(node.expression) is None:
        return node.this, node.expression
    return None


def whole(pattern: exp.Expr) -> exp.Expr:
    """Return a pattern that only fits a whole text."""
    if isinstance(pattern, exp.Literal):
        return exp.Literal.string(f"^(?:{pattern.name})$")
    return exp.Concat(expressions=[exp.Literal.string("^(?:"), pattern, exp.Literal.string(")$")])


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


def place_and_length(part: exp.Slice) -> tuple[exp.Expr, exp.Expr]:
    """Return where a slice begins, from 1, and how long it is. Raises UnsupportedError for one from the end."""
    first, last = part.this or exp.Literal.number(1), part.expression
    if last is None or part.args.get("step") or isinstance(first, exp.Neg) or isinstance(last, exp.Neg):
        raise UnsupportedError("a slice from the end, or with steps, has no counterpart")
    if first == exp.Literal.number(1):
        return first, last
    less = exp.Sub(this=exp.paren(last, copy=True), expression=exp.paren(first, copy=True))
    return first, exp.Add(this=less, expression=exp.Literal.number(1))


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


def json_keys(path: exp.Expr | None) -> list[str | int] | None:
    """Return the keys, and the places in lists from 0, of a path in JSON (``$.a.b[0]``) or a pointer (``/a/b``).

    None for one that is computed. Raises UnsupportedError for a path that is no path of names.
    """
    if isinstance(path, exp.Literal) and path.name.startswith("/"):
        return [one.replace("~1", "/").replace("~0", "~") for one in path.name[1:].split("/")]
    if isinstance(path, exp.Literal):
        path = DuckDB().to_json_path(path)
    if not isinstance(path, exp.JSONPath):
        return None
    parts = [part for part in path.expressions if not isinstance(part, exp.JSONPathRoot)]
    keys = [part.this for part in parts if isinstance(part, exp.JSONPathKey | exp.JSONPathSubscript)]
    if len(keys) < len(parts) or not all(isinstance(key, str | int) for key in keys):
        raise UnsupportedError("a place in JSON that is no path of names has no counterpart")
    return keys


# --- what a whole SELECT wants --------------------------------------------------------------------------------------


def order_by_place(node: exp.Select) -> exp.Select:
    """Name what a SELECT orders by by its place, where it is one of its columns: engines differ in what a name means.

    DuckDB takes the result's column of a name before the table's.
    """
    if not node.args.get("order") or node.is_star:
        return node
    places = {one.alias.lower(): place for place, one in enumerate(node.expressions, start=1) if one.alias}
    for ordered in node.args["order"].expressions:
        column = ordered.this
        if isinstance(column, exp.Column) and not column.table and column.name.lower() in places:
            ordered.set("this", exp.Literal.number(places[column.name.lower()]))
    return node


def own_names(node: exp.Select) -> exp.Select:
    """Name a SELECT's columns without their table, as DuckDB does, where they have no name of their own."""
    chosen = [
        exp.alias_(one, one.name, copy=False) if isinstance(one, exp.Column) and one.table and not one.is_star else one
        for one in node.expressions
    ]
    node.set("expressions", chosen)
    return node
