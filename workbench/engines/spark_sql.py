"""DuckDB's SQL in Spark's terms: the rules that sqlglot lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import UnsupportedError
from sqlglot.generators.spark import SparkGenerator
from sqlglot.optimizer.scope import Scope, traverse_scope

from workbench.engines.duckdb_sql import Hash, ListReduce
from workbench.engines.extractors import extraction
from workbench.engines.rewrite import (
    by_tree,
    call,
    end_of,
    hexadecimal,
    is_fraction,
    is_text_node,
    json_keys,
    no_counterpart,
    order_by_place,
    ordered_array,
    place_and_length,
    plainly,
    renamed,
    sorted_by,
    whole,
)
from workbench.engines.spark_times import SPARK_TIMES, is_date, spark_moved

#: So that Spark reads a query as DuckDB does: times in UTC, a division by nothing is NULL.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
#: Of a driver in this process: it shows nothing and serves no pages.
DRIVER = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
#: Of a Spark of one's own: nobody else reaches it, its few cores get few parts of a shuffle (a cluster's own settings
#: are for its size), and a worker whose task does not heed that it was stopped is started anew.
OWN = {
    "spark.task.reaper.enabled": "true",
    "spark.task.reaper.killTimeout": "5s",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


# --- numbers --------------------------------------------------------------------------------------------------------


def _cast(node: exp.Cast) -> exp.Expr:
    if digits := hexadecimal(node):
        return call("bigint", call("conv", digits, 16, 10))
    if node.to.is_type(exp.DType.UBIGINT):
        return call("bigint", node.this)
    if node.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ):
        return type(node)(this=node.this, to=exp.DataType.build("timestampntz"))
    integer = node.to.is_type(*exp.DataType.INTEGER_TYPES)
    if integer and (is_fraction(node.this) or isinstance(node.this.unnest(), exp.Mul)):
        node.set("this", call("bround", node.this))  # DuckDB rounds, Spark cuts off
    return node


def _divided(node: exp.IntDiv) -> exp.Expr:
    return exp.Div(this=node.this, expression=node.expression) if is_fraction(node.this) else node


# --- aggregates and lists -------------------------------------------------------------------------------------------


def spark_list(node: exp.ArrayAgg, where: exp.Expr | None = None) -> exp.Expr:
    """Return the list of a group's values, of those where a condition holds, in the order that is asked for."""
    inner, order, distinct = ordered_array(node)
    collect = "collect_set" if distinct else "collect_list"
    if not order:
        return _where(call(collect, inner), where)
    keys, down = sorted_by(order)
    upwards = exp.convert(not down)
    if keys == [inner]:
        return call("sort_array", _where(call(collect, inner), where), upwards)
    if distinct:
        raise UnsupportedError("a list of different values that is sorted by another has no counterpart")
    pair = exp.to_identifier("pair")
    pairs = _where(call(collect, call("named_struct", "k", call("struct", *keys), "v", inner)), where)
    second = exp.Lambda(this=exp.Dot(this=pair, expression=exp.to_identifier("v")), expressions=[pair.copy()])
    return call("transform", call("sort_array", pairs, upwards), second)


def _where(aggregate: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=where.copy()) if where is not None else aggregate


def _joined(node: exp.GroupConcat, where: exp.Expr | None = None) -> exp.Expr:
    return call("array_join", spark_list(exp.ArrayAgg(this=node.this), where), node.args["separator"])


def _filtered(node: exp.Filter) -> exp.Expr:
    """Filter the aggregate itself, where something is put around it."""
    match node.this:
        case exp.ArrayAgg() as aggregate:
            return spark_list(aggregate, node.expression)
        case exp.GroupConcat() as aggregate:
            return _joined(aggregate, node.expression)
    return node


def _not_null(node: exp.IgnoreNulls) -> exp.Expr:
    return call("first", node.this.this, exp.true()) if isinstance(node.this, exp.AnyValue) else node


def _bracket(node: exp.Bracket) -> exp.Expr:
    """Write a part of a list or a text, or one value of a list: Spark's brackets count from 0, DuckDB's from 1."""
    place = node.expressions[0]
    if isinstance(place, exp.Slice):
        return call("substring" if is_text_node(node.this) else "slice", node.this, *place_and_length(place))
    if isinstance(place, exp.Literal):
        return node
    if isinstance(place, exp.Neg):  # sqlglot counts from 0 here too
        place = exp.Add(this=place, expression=exp.Literal.number(1))
    return call("try_element_at", node.this, call("int", place))


def _summed(node: exp.ArraySum) -> exp.Expr:
    a, x = exp.to_identifier("a"), exp.to_identifier("x")
    add = exp.Lambda(this=exp.Add(this=a, expression=x), expressions=[a.copy(), x.copy()])
    return call("aggregate", node.this, exp.cast(exp.Literal.number(0), "double"), add)


def _reduced(node: ListReduce) -> exp.Expr:
    rest = call("slice", node.this, 2, call("greatest", call("size", node.this), 1))
    return call("aggregate", rest, call("element_at", node.this, 1), node.expression)


def _kept(node: exp.ArrayFilter) -> exp.Expr:
    """Count places from 1, as DuckDB does, where a lambda asks for them."""
    if len(node.expression.expressions) != 2:
        return node
    place = node.expression.expressions[1].name
    for one in list(node.expression.this.find_all(exp.Identifier)):
        if one.name == place and not isinstance(one.parent, exp.Lambda):
            target = one.parent if isinstance(one.parent, exp.Column) else one
            target.replace(exp.paren(exp.Add(this=target.copy(), expression=exp.Literal.number(1))))
    return node


def _numbers(node: exp.GenerateSeries) -> exp.Expr:
    """Write a list of numbers whose end is left out; Spark's own would count down where it is empty."""
    start, end = node.args["start"], end_of(node)
    last = exp.Sub(this=exp.paren(end), expression=exp.Literal.number(1))
    full = call("sequence", call("bigint", start), call("bigint", last))
    empty = call("slice", call("array", call("bigint", 0)), 1, 0)
    some = exp.GT(this=exp.paren(end.copy()), expression=start.copy())
    return exp.Case(ifs=[exp.If(this=some, true=full)], default=empty)


# --- text and JSON --------------------------------------------------------------------------------------------------


def _pattern(pattern: exp.Expr) -> exp.Expr:
    """Write RE2's pattern as Java reads it: ``\\p{IsHan}`` for ``\\p{Han}``, ``\\p{Upper}`` for ``[:upper:]``."""
    if not isinstance(pattern, exp.Literal):
        return pattern
    text = re.sub(r"\\([pP])\{([A-Z][a-z]{2,})\}", r"\\\1{Is\2}", pattern.name)
    text = re.sub(r"\[:(\^?)(\w+):\]", _class, text)
    return exp.Literal.string(text.replace("(?P<", "(?<"))


def _class(match: re.Match[str]) -> str:
    """Return Java's name of a class of characters."""
    if match[2] == "word":
        return r"\W" if match[1] else r"\w"
    name = "XDigit" if match[2] == "xdigit" else "ASCII" if match[2] == "ascii" else match[2].capitalize()
    return rf"\{'P' if match[1] else 'p'}{{{name}}}"


def _extracted(node: exp.RegexpExtract) -> exp.Expr:
    return call("regexp_extract", node.this, _pattern(node.expression), node.args.get("group") or 0)


def _substring(node: exp.Substring) -> exp.Expr:
    if not isinstance(node.args["start"], exp.Literal):
        node.set("start", call("int", node.args["start"]))
    return node


def _json(node: exp.JSONExtractScalar) -> exp.Expr:
    keys = json_keys(node.expression)
    if keys is None or any("'" in str(key) or "]" in str(key) for key in keys):
        return node
    path = "".join(f"[{key}]" if isinstance(key, int) else f"['{key}']" for key in keys)
    return call("get_json_object", node.this, f"${path}")


def _json_type(node: exp.JSONType) -> exp.Expr:
    """Write whether a list, an object or another value stands at a place in JSON."""
    text = _json(exp.JSONExtractScalar(this=node.this, expression=node.expression)) if node.expression else node.this
    first = call("substring", text, 1, 1)
    tests = [
        exp.If(this=exp.EQ(this=first.copy(), expression=exp.Literal.string(sign)), true=exp.Literal.string(ours))
        for sign, ours in {"[": "ARRAY", "{": "OBJECT"}.items()
    ]
    missing = exp.Is(this=text.copy(), expression=exp.null())
    return exp.Case(ifs=[exp.If(this=missing, true=exp.null()), *tests], default=exp.Literal.string("VARCHAR"))


# --- tables ---------------------------------------------------------------------------------------------------------


def _select(node: exp.Select) -> exp.Expr:
    if node.args.get("having") and _orders_by_unlisted(node):
        raise UnsupportedError("Spark does not order the groups that HAVING picks by a figure that is not listed")
    return order_by_place(_side_by_side(node))


def _orders_by_unlisted(node: exp.Select) -> bool:
    order, listed = node.args.get("order"), [one.unalias() for one in node.expressions]
    return order is not None and any(one.this.find(exp.AggFunc) and one.this not in listed for one in order.expressions)


def _side_by_side(node: exp.Select) -> exp.Select:
    """Unfold several lists together: Spark unfolds one a SELECT. Raises UnsupportedError where one has no name."""
    unfolded = [one for one in node.expressions if isinstance(one.unalias(), exp.Explode)]
    if len(unfolded) > 1:
        places = [one.index or 0 for one in unfolded]
        if not all(one.alias for one in unfolded) or places[-1] - places[0] >= len(places):
            raise UnsupportedError("lists that are unfolded together want names and stand together: unnest(…) AS name")
        zipped = call("inline", call("arrays_zip", *(one.this.this for one in unfolded)))
        names = [exp.to_identifier(one.alias) for one in unfolded]
        unfolded[0].replace(exp.Aliases(this=zipped, expressions=names))
        for one in unfolded[1:]:
            one.pop()
    return node


def name_in_where(tree: exp.Expr) -> None:
    """Put a column's own words where WHERE names it by its alias: Spark does not know it there.

    As in DuckDB a column that is read goes before an alias of its name.
    """
    for scope in traverse_scope(tree):
        select, where = scope.expression, scope.expression.args.get("where")
        if not isinstance(select, exp.Select) or where is None:
            continue
        words = {one.alias.lower(): one.this for one in select.expressions if isinstance(one, exp.Alias)}
        read = {name.lower() for source in scope.sources.values() for name in _columns(source)}
        for column in list(where.find_all(exp.Column)):
            name = column.name.lower()
            if column.parent_select is select and not column.table and name in words and name not in read:
                column.replace(exp.paren(words[name], copy=True))


def _columns(source: Scope | exp.Expr) -> Iterator[str]:
    """Yield the names of the columns of what a SELECT reads, as far as they are known."""
    if not isinstance(source, Scope) or not isinstance(query := source.expression, exp.Query):
        return
    yield from (name for name in query.named_selects if name != "*")
    if query.is_star:
        for inner in source.sources.values():
            yield from _columns(inner)


def _series(node: exp.Table) -> exp.Expr:
    """Write a series that stands as a table as the rows of a list."""
    if not isinstance(node.this, exp.GenerateSeries):
        return node
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    column = alias.columns[0].name if alias.columns else "range"
    return exp.select(exp.alias_(exp.Explode(this=node.this), column)).subquery(alias.name)


class SparkSQL(Spark):
    """What questions are written with."""

    class Generator(SparkGenerator):
        """The rules: for each kind of part, what is written."""

        USUAL = SparkGenerator.TRANSFORMS
        TRANSFORMS = {  # noqa: RUF012 - as sqlglot declares it
            **USUAL,
            **SPARK_TIMES,
            exp.Anonymous: lambda self, node: extraction(self, node, "spark") or plainly(self, node),
            exp.AnyValue: lambda self, node: self.func("first", node.this, exp.true()),
            exp.ArrayAgg: by_tree(spark_list),
            exp.ArrayFilter: by_tree(_kept),
            exp.ArrayIntersect: lambda self, node: self.func("array_intersect", *node.expressions),
            exp.ArraySum: by_tree(_summed),
            exp.Bracket: by_tree(_bracket),
            exp.ByteLength: renamed("octet_length"),
            exp.Cast: by_tree(_cast),
            exp.Filter: by_tree(_filtered),
            exp.GenerateSeries: by_tree(_numbers),
            exp.GroupConcat: by_tree(_joined),
            # without its sign, for what is left over of a division
            Hash: lambda self, node: self.func("shiftrightunsigned", self.func("xxhash64", *node.expressions), "1"),
            exp.IgnoreNulls: by_tree(_not_null),
            exp.IntDiv: by_tree(_divided),
            exp.JSONExtractScalar: by_tree(_json),
            exp.JSONType: by_tree(_json_type),
            ListReduce: by_tree(_reduced),
            exp.Median: renamed("median"),
            exp.PercentileCont: lambda self, node: self.func("percentile", node.this, node.expression),
            exp.PercentileDisc: no_counterpart("a quantile that is one of the values"),
            exp.Quantile: no_counterpart("a quantile that is one of the values"),
            exp.RegexpExtract: by_tree(_extracted),
            exp.RegexpExtractAll: lambda self, node: self.func(
                "regexp_extract_all", node.this, _pattern(node.expression), "0"
            ),
            exp.RegexpFullMatch: lambda self, node: self.func("rlike", node.this, _pattern(whole(node.expression))),
            exp.RegexpLike: lambda self, node: self.func("rlike", node.this, _pattern(node.expression)),
            exp.Select: by_tree(_select),
            exp.Sub: lambda self, node: self.days_between(node) or by_tree(spark_moved)(self, node),
            exp.Substring: by_tree(_substring),
            exp.Table: by_tree(_series),
            exp.TryCast: by_tree(_cast),
            exp.Unicode: renamed("ascii"),
            # else Spark reads ``OVER own - x`` as a name
            exp.Window: lambda self, node: (
                f"({plainly(self, node)})" if node.args.get("alias") else plainly(self, node)
            ),
        }

        _dates: set[str] = set()  # noqa: RUF012

        def preprocess(self, expression: exp.Expr) -> exp.Expr:
            """Note which names stand for days, and let WHERE name no alias."""
            name_in_where(expression)
            self._dates = {one.alias.lower() for one in expression.find_all(exp.Alias) if is_date(one.this, set())}
            return super().preprocess(expression)

        def days_between(self, node: exp.Sub) -> str:
            """Write one day less another; nothing for any other difference."""
            if is_date(node.this, self._dates) and is_date(node.expression, self._dates):
                return self.func("datediff", node.this, node.expression)
            return ""
