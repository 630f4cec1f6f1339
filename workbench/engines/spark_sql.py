"""DuckDB's SQL in Spark's terms: the rules that sqlglot lacks."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import UnsupportedError

from workbench.engines.extractors import taken
from workbench.engines.rewrite import (
    bottom_up,
    call,
    difference,
    end_of,
    hexadecimal,
    json_keys,
    microseconds,
    named,
    order_by_place,
    ordered_array,
    sorted_by,
    whole,
)

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


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Return a tree of DuckDB's SQL as one that sqlglot writes for Spark."""
    dates = {one.alias.lower() for one in tree.find_all(exp.Alias) if _is_date(one.this, set())}

    def rule(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Sub) and _is_date(node.this, dates) and _is_date(node.expression, dates):
            return call("datediff", node.this, node.expression)
        return _rewrite(node)

    return bottom_up(tree, rule)


def _is_date(node: exp.Expr, dates: set[str]) -> bool:
    """Say whether a part is a day: DuckDB's days subtract to a number, Spark's to an interval."""
    node = node.unnest()
    if isinstance(node, exp.Min | exp.Max):
        return _is_date(node.this, dates)
    if isinstance(node, exp.Column):
        return node.name.lower() in dates
    return isinstance(node, exp.Cast) and node.to.is_type(exp.DType.DATE)


def quoted_table(name: str) -> str:
    """Return the name of a table, ``TABLE`` or ``CATALOG.DATABASE.TABLE``, quoted."""
    return ".".join(exp.to_identifier(part, quoted=True).sql(dialect="spark") for part in name.split("."))


def _us(time: exp.Expr) -> exp.Expr:
    return call("unix_micros", exp.cast(time, "timestampltz"))


def _moment(us: exp.Expr) -> exp.Expr:
    return exp.cast(call("timestamp_micros", exp.cast(us, "bigint")), "timestampntz")


def _million(us: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Div(this=us, expression=exp.Literal.number("1000000D")))


def _rewrite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.TimeToUnix):
        if pair := difference(node.this):
            return _million(exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))))
        return _million(_us(node.this))
    if isinstance(node, exp.UnixToTime):
        return _moment(node.this)
    if isinstance(node, exp.Add | exp.Sub) and (length := microseconds(node.expression)):
        return _moment(exp.paren(type(node)(this=_us(node.this), expression=exp.cast(exp.paren(length), "bigint"))))
    if isinstance(node, exp.GT | exp.LT | exp.GTE | exp.LTE) and (length := microseconds(node.expression)):
        if pair := difference(node.this):
            return type(node)(this=exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))), expression=length)
        return node
    if isinstance(node, exp.Mod) and "xxhash64" in (named(node.this), named(node.this.unnest())):
        return call("pmod", node.this, node.expression)  # the hash has a sign here
    if isinstance(node, exp.Window) and node.args.get("alias"):
        return exp.paren(node)  # else Spark reads ``OVER own - x`` as a name
    if isinstance(node, exp.DayOfWeekIso):
        return exp.paren(exp.Add(this=call("weekday", node.this), expression=exp.Literal.number(1)))
    if isinstance(node, exp.IntDiv) and isinstance(node.this.unnest(), exp.Div):
        return exp.Div(this=node.this, expression=node.expression)
    if isinstance(node, exp.Cast):
        return _cast(node)
    if isinstance(node, exp.Quantile | exp.PercentileCont):
        return call("percentile", node.this, node.expression)
    if isinstance(node, exp.Median):
        return call("median", node.this)
    if isinstance(node, exp.ArrayAgg):
        return _array(node)
    if isinstance(node, exp.Bracket) and isinstance(node.expressions[0], exp.Slice):
        return _slice(node, node.expressions[0])
    if isinstance(node, exp.Bracket) and not isinstance(node.expressions[0], exp.Literal):
        return call("try_element_at", node.this, exp.cast(node.expressions[0], "int"))  # counts from 1, as DuckDB does
    if isinstance(node, exp.Substring) and not isinstance(node.args["start"], exp.Literal):
        node.set("start", exp.cast(node.args["start"], "int"))
        return node
    if isinstance(node, exp.RegexpExtract):
        return call("regexp_extract", node.this, _pattern(node.expression), node.args.get("group") or 0)
    if isinstance(node, exp.RegexpExtractAll):
        return call("regexp_extract_all", node.this, _pattern(node.expression), 0)
    if isinstance(node, exp.RegexpFullMatch):
        return call("rlike", node.this, _pattern(whole(node.expression)))
    if isinstance(node, exp.RegexpLike):
        return call("rlike", node.this, _pattern(node.expression))
    if isinstance(node, exp.AnyValue):
        return call("first", node.this, exp.true())
    if isinstance(node, exp.IgnoreNulls) and named(node.this) == "first":
        return call("first", *node.this.expressions)
    if isinstance(node, exp.GroupConcat):
        return call("array_join", _array(exp.ArrayAgg(this=node.this)), node.args["separator"])
    if isinstance(node, exp.ArrayFilter) and len(node.expression.expressions) == 2:
        return _from_one(node)
    if isinstance(node, exp.Filter):
        return _filtered(node)
    if isinstance(node, exp.DateBin):
        return _bin(node)
    if isinstance(node, exp.Unicode):
        return call("ascii", node.this)
    if isinstance(node, exp.Select):
        if node.args.get("having") and _orders_by_unlisted(node):
            raise UnsupportedError("Spark does not order the groups that HAVING picks by a figure that is not listed")
        return order_by_place(_where_alias(_side_by_side(node)))
    if isinstance(node, exp.GenerateSeries):
        return _series(node)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Anonymous | exp.Case):
        return _table(node)
    if isinstance(node, exp.JSONExtractScalar | exp.JSONType):
        return _json(node)
    return _function(node)


def _function(node: exp.Expr) -> exp.Expr:
    match named(node):
        case name if name.startswith("wb_"):
            return taken(name.removeprefix("wb_"), node.expressions[0], "spark")
        case "hash":  # without its sign, for what is left over of a division
            return call("shiftrightunsigned", call("xxhash64", *node.expressions), 1)
        case "epoch_us":
            return _us(node.expressions[0])
        case "microsecond":
            return exp.Mod(this=exp.paren(_us(node.expressions[0])), expression=exp.Literal.number(60_000_000))
        case "list_sum":
            x = exp.to_identifier("x")
            add = exp.Lambda(
                this=exp.Add(this=exp.to_identifier("a"), expression=x.copy()), expressions=[exp.to_identifier("a"), x]
            )
            return call("aggregate", node.expressions[0], exp.cast(exp.Literal.number(0), "double"), add)
        case "list_reduce":
            values, step = node.expressions
            rest = call("slice", values, 2, call("greatest", call("size", values.copy()), 1))
            return call("aggregate", rest, call("element_at", values.copy(), 1), step)
        case "list_intersect":
            return call("array_intersect", *node.expressions)
        case "strlen":
            return call("octet_length", *node.expressions)
        case _:
            return node


def _json(node: exp.JSONExtractScalar | exp.JSONType) -> exp.Expr:
    """Write a place in JSON, and of what stands there whether it is a list or an object."""
    keys = json_keys(node.expression)
    if keys is None or any("'" in key or "]" in key for key in keys):
        return node
    text = call("get_json_object", node.this, "$" + "".join(f"['{key}']" for key in keys))
    if isinstance(node, exp.JSONExtractScalar):
        return text
    first = call("substring", text, 1, 1)
    names = {"[": "ARRAY", "{": "OBJECT"}
    tests = [exp.If(this=exp.EQ(this=first.copy(), expression=exp.Literal.string(one)), true=exp.Literal.string(told))
             for one, told in names.items()]  # fmt: skip
    known = exp.Is(this=text.copy(), expression=exp.null())
    return exp.Case(ifs=[exp.If(this=known, true=exp.null()), *tests], default=exp.Literal.string("VARCHAR"))


def _orders_by_unlisted(node: exp.Select) -> bool:
    order, listed = node.args.get("order"), [one.unalias() for one in node.expressions]
    return order is not None and any(one.this.find(exp.AggFunc) and one.this not in listed for one in order.expressions)


def _pattern(pattern: exp.Expr) -> exp.Expr:
    """Write a script's name as Java does: ``\\p{IsHan}`` for RE2's ``\\p{Han}``."""
    if isinstance(pattern, exp.Literal):
        return exp.Literal.string(re.sub(r"\\([pP])\{([A-Z][a-z]{2,})\}", r"\\\1{Is\2}", pattern.name))
    return pattern


def _cast(node: exp.Cast) -> exp.Expr:
    if digits := hexadecimal(node):
        return exp.cast(call("conv", digits, 16, 10), "bigint")
    if node.to.is_type(exp.DType.UBIGINT):
        return exp.cast(node.this, "bigint")
    if node.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ):
        return type(node)(this=node.this, to=exp.DataType.build("timestampntz"))
    if node.to.is_type(*exp.DataType.INTEGER_TYPES) and isinstance(node.this.unnest(), exp.Div | exp.Mul):
        node.set("this", call("bround", node.this))  # DuckDB rounds, Spark cuts off
    return node


def _array(node: exp.ArrayAgg) -> exp.Expr:
    inner, order, distinct = ordered_array(node)
    collect = "collect_set" if distinct else "collect_list"
    if not order:
        return call(collect, inner)
    keys, down = sorted_by(order)
    if keys == [inner]:
        return call("sort_array", call(collect, inner), exp.convert(not down))
    if distinct:
        raise UnsupportedError("a list of different values that is sorted by another has no counterpart")
    pair = exp.to_identifier("pair")
    pairs = call(collect, call("named_struct", "k", call("struct", *keys), "v", inner))
    second = exp.Lambda(this=exp.Dot(this=pair, expression=exp.to_identifier("v")), expressions=[pair.copy()])
    return call("transform", call("sort_array", pairs, exp.convert(not down)), second)


def _slice(node: exp.Bracket, part: exp.Slice) -> exp.Expr:
    texts = isinstance(node.this, exp.LowerHex | exp.Lower | exp.Hex | exp.MD5)
    return call("substring" if texts else "slice", node.this, 1, part.expression)


def _from_one(node: exp.ArrayFilter) -> exp.Expr:
    """Count places from 1, as DuckDB does, where a lambda asks for them."""
    place = node.expression.expressions[1].name
    for one in list(node.expression.this.find_all(exp.Identifier)):
        if one.name == place and not isinstance(one.parent, exp.Lambda):
            target = one.parent if isinstance(one.parent, exp.Column) else one
            target.replace(exp.paren(exp.Add(this=target.copy(), expression=exp.Literal.number(1))))
    return node


def _filtered(node: exp.Filter) -> exp.Expr:
    """Filter the aggregate itself, where something was put around it."""
    around = node.this
    if named(around) in ("sort_array", "array_join"):
        inner = exp.Filter(this=around.expressions[0], expression=node.expression)
        return call(around.name, inner, *around.expressions[1:])
    return node


def _bin(node: exp.DateBin) -> exp.Expr:
    length = microseconds(node.this)
    if length is None:
        return node
    # DuckDB's buckets of less than a month start on Monday, 3 January 2000.
    origin = exp.Literal.number("946857600000000L")
    since = exp.paren(exp.Sub(this=_us(node.expression), expression=origin))
    steps = call("floor", exp.Div(this=since, expression=exp.paren(length)))
    return _moment(
        exp.paren(exp.Add(this=origin.copy(), expression=exp.Mul(this=steps, expression=exp.paren(length.copy()))))
    )


def _series(node: exp.GenerateSeries) -> exp.Expr:
    """Write a list of numbers whose end is left out; Spark's own would count down where it is empty."""
    start, end = node.args["start"], end_of(node)
    last = exp.paren(exp.Sub(this=exp.paren(end), expression=exp.Literal.number(1)))
    full = call("sequence", exp.cast(start, "bigint"), exp.cast(last, "bigint"))
    empty = call("slice", call("array", exp.cast(exp.Literal.number(0), "bigint")), 1, 0)
    return exp.Case(
        ifs=[exp.If(this=exp.GT(this=exp.paren(end.copy()), expression=start.copy()), true=full)], default=empty
    )


def _table(node: exp.Table) -> exp.Expr:
    """Write a series that stands as a table as the rows of a list."""
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    column = alias.columns[0].name if alias.columns else "range"
    return exp.select(exp.alias_(exp.Explode(this=node.this), column)).subquery(alias.name)


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


def _where_alias(node: exp.Select) -> exp.Select:
    """Put a column's own words where WHERE names it by its alias: Spark does not know it there."""
    where = node.args.get("where")
    if where is None or not node.expressions:
        return node
    made = {one.alias.lower(): one.this for one in node.expressions if isinstance(one, exp.Alias)}
    from_ = node.args.get("from_")
    taken = {column.name.lower() for one in made.values() for column in one.find_all(exp.Column)}
    for column in list(where.find_all(exp.Column)):
        name = column.name.lower()
        if from_ is not None and not column.table and name in made and name not in taken and "sign" in name:
            column.replace(exp.paren(made[name].copy()))
    return node
