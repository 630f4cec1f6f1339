"""DuckDB's SQL in ClickHouse's terms: the rules that sqlglot lacks, or has for times without fractions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import sqlglot
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
    own_names,
    sorted_by,
    whole,
)

#: So that ClickHouse reads a query as DuckDB does: missing is NULL, a column goes before an alias of its name.
SETTINGS = {
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "aggregate_functions_null_for_empty": 1,
    "data_type_default_nullable": 1,
    "cast_keep_nullable": 1,
    "joined_subquery_requires_alias": 0,
    "union_default_mode": "DISTINCT",
    "session_timezone": "UTC",
    "input_format_parquet_max_block_size": 65536,
    "max_query_size": 256 << 20,  # for the names of all that is tagged
}

#: The dialect of a ClickHouse that evaluates a common table once where it is told to (before, there were errors in it).
ONCE = "clickhouse, version=26.8"
ONCE_SETTING = "enable_materialized_cte"
_SINCE = (26, 8)

_TEXT = r"(LowCardinality\()?(Nullable\()?(Fixed)?String(\(\d+\))?\)*"

#: The first character's number: UTF-8 read by hand, for ClickHouse has no function for it.
_CODE_POINT = sqlglot.parse_one(
    "multiIf(ascii(:text) < 128 AND ascii(:text) >= 0, ascii(:text), reinterpretAsUInt8(substring(:text, 1, 1)) < 224, "
    "(reinterpretAsUInt8(substring(:text, 1, 1)) - 192) * 64 + reinterpretAsUInt8(substring(:text, 2, 1)) - 128, "
    "reinterpretAsUInt8(substring(:text, 1, 1)) < 240, (reinterpretAsUInt8(substring(:text, 1, 1)) - 224) * 4096 + "
    "(reinterpretAsUInt8(substring(:text, 2, 1)) - 128) * 64 + reinterpretAsUInt8(substring(:text, 3, 1)) - 128, 65536)"
)


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Return a tree of DuckDB's SQL as one that sqlglot writes for ClickHouse."""
    return bottom_up(tree, _rewrite)


def dialect(version: str) -> str:
    """Return the dialect of a ClickHouse of this version, such as ``26.8.1.14``."""
    numbers = tuple(int(one) for one in re.findall(r"\d+", version)[:2])
    return ONCE if numbers >= _SINCE else "clickhouse"


def evaluate_once(tree: exp.Expr) -> None:
    """Let common tables that are named more than once be evaluated once and kept in memory while the query runs.

    That is only for those that have a row a group, not one an event: whatever reads ``event`` without grouping is read
    again, for it may be larger than the memory.
    """
    present = tree.args.get("with_")
    if present is None or present.args.get("recursive"):
        return
    named_so_often = Counter(table.name for table in tree.find_all(exp.Table))
    by_event = {"event"}
    for one in present.expressions:
        select = one.this
        groups = isinstance(select, exp.Select) and (select.args.get("group") or select.args.get("distinct"))
        if not groups and by_event.intersection(table.name for table in select.find_all(exp.Table)):
            by_event.add(one.alias)
        elif one.alias != "event" and named_so_often[one.alias] > 1:
            one.set("materialized", True)


def _us(time: exp.Expr) -> exp.Expr:
    return call("toUnixTimestamp64Micro", call("toDateTime64", time, 6, "UTC"))


def _rewrite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.TimeToUnix):
        if pair := difference(node.this):
            less = exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))
            return exp.paren(exp.Div(this=exp.paren(less), expression=exp.Literal.number("1000000.0")))
        return exp.paren(exp.Div(this=_us(node.this), expression=exp.Literal.number("1000000.0")))
    if isinstance(node, exp.UnixToTime):
        return call("fromUnixTimestamp64Micro", call("accurateCastOrNull", node.this, "Int64"), "UTC")
    if isinstance(node, exp.Add | exp.Sub) and (length := microseconds(node.expression)):
        return type(node)(this=node.this, expression=call("toIntervalMicrosecond", call("toInt64", length)))
    if isinstance(node, exp.GT | exp.LT | exp.GTE | exp.LTE) and (length := microseconds(node.expression)):
        if pair := difference(node.this):
            return type(node)(this=exp.paren(exp.Sub(this=_us(pair[0]), expression=_us(pair[1]))), expression=length)
        return node
    if isinstance(node, exp.Round):
        return _rounded(node)
    if isinstance(node, exp.IntDiv):
        if isinstance(node.this.unnest(), exp.Div):  # of seconds with fractions DuckDB's // is a plain division
            return exp.Div(this=node.this, expression=node.expression)
        return call("intDivOrNull", node.this, node.expression)
    if isinstance(node, exp.Quantile | exp.PercentileCont):
        return call(f"quantileExactInclusive({node.expression.sql()})", node.this)
    if isinstance(node, exp.Median):
        return call("quantileExactInclusive(0.5)", node.this)
    if isinstance(node, exp.ArrayAgg):
        return _array(node)
    if isinstance(node, exp.Bracket) and isinstance(node.expressions[0], exp.Slice):
        return _slice(node, node.expressions[0])
    if isinstance(node, exp.Lag) and not isinstance(node.parent, exp.IgnoreNulls):
        return call("lagInFrame", node.this, 1, None)
    if isinstance(node, exp.Explode):
        return call("arrayJoin", node.this)
    if isinstance(node, exp.RegexpFullMatch):
        return call("match", node.this, whole(node.expression))
    if isinstance(node, exp.RegexpLike):
        return call("match", node.this, node.expression)
    if isinstance(node, exp.RegexpExtract):
        return call("regexpExtract", node.this, node.expression, node.args.get("group") or 0)
    if isinstance(node, exp.RegexpExtractAll):
        return call("extractAll", call("assumeNotNull", node.this), node.expression)
    if isinstance(node, exp.ApproxDistinct):
        return call("uniq", node.this)
    if isinstance(node, exp.AnyValue):
        return call("any", node.this)
    if isinstance(node, exp.IgnoreNulls) and named(node.this) == "any":
        return call("any", *node.this.expressions)
    if isinstance(node, exp.Mode):
        return call("arrayElement", call("topK(1)", node.this), 1)
    if isinstance(node, exp.Filter):
        return _filtered(node)
    if isinstance(node, exp.Cast) and node.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ):
        if isinstance(node, exp.TryCast):
            return call("parseDateTime64BestEffortOrNull", node.this, 6, "UTC")
        return call("CAST", node.this, "Nullable(DateTime64(6, 'UTC'))")
    if isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.INTEGER_TYPES):
        return _integer(node)
    if isinstance(node, exp.GenerateSeries):
        return call("range", node.args["start"], end_of(node))
    if isinstance(node, exp.Select):
        return own_names(order_by_place(_side_by_side(node)))
    if isinstance(node, exp.Table) and named(node.this) == "range":
        return _series(node)
    if isinstance(node, exp.GroupConcat):
        return call("arrayStringConcat", _array(exp.ArrayAgg(this=node.this)), node.args["separator"])
    if isinstance(node, exp.LogicalAnd | exp.LogicalOr):
        return (exp.Min if isinstance(node, exp.LogicalAnd) else exp.Max)(this=node.this)
    if isinstance(node, exp.ArraySort):
        return call("arraySort" if node.args.get("asc") in (None, exp.true()) else "arrayReverseSort", node.this)
    if isinstance(node, exp.ArrayFilter) and len(node.expression.expressions) == 2:
        return call("arrayFilter", node.expression, node.this, call("arrayEnumerate", node.this))
    if isinstance(node, exp.DateBin):
        return _bin(node)
    if isinstance(node, exp.Unicode):
        return exp.paren(exp.replace_placeholders(_CODE_POINT.copy(), text=node.this))
    if isinstance(node, exp.Left):
        return call("leftUTF8", node.this, node.expression)
    if isinstance(node, exp.ConcatWs):
        return _joined(node)
    if isinstance(node, exp.Escape) and node.expression.name == "\\":  # what ClickHouse escapes with anyway
        return exp.paren(node.this, copy=False)
    if isinstance(node, exp.Right):
        return call("rightUTF8", node.this, node.expression)
    if isinstance(node, exp.Lower):
        return call("lowerUTF8", node.this)
    if isinstance(node, exp.Translate):
        return call("translateUTF8", node.this, node.args["from_"], node.args["to"])
    if isinstance(node, exp.JSONExtractScalar):
        return _json(node)
    if isinstance(node, exp.JSONType):
        return _json_type(node)
    if isinstance(node, exp.SplitPart):
        return _split_part(node)
    if isinstance(node, exp.Contains):
        return exp.GT(this=call("position", node.this, node.expression), expression=exp.Literal.number(0))
    return _function(node)


def _function(node: exp.Expr) -> exp.Expr:
    match named(node):
        case name if name.startswith("wb_"):
            return taken(name.removeprefix("wb_"), node.expressions[0], "clickhouse")
        case "hash":
            return call("cityHash64", call("tuple", *node.expressions))
        case "epoch_us":
            return _us(node.expressions[0])
        case "microsecond":
            return exp.Mod(this=exp.paren(_us(node.expressions[0])), expression=exp.Literal.number(60_000_000))
        case "list_sum":
            return call("arraySum", *node.expressions)
        case "list_reduce":
            values, step = node.expressions
            return call("arrayFold", step, call("arraySlice", values, 2), call("arrayElement", values.copy(), 1))
        case "list_intersect":
            return call("arrayIntersect", *node.expressions)
        case "strlen":
            return call("length", *node.expressions)
        case _:
            return node


def _series(node: exp.Table) -> exp.Expr:
    """Write a series that stands as a table as the rows of a list."""
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    column = alias.columns[0].name if alias.columns else "range"
    return exp.select(exp.alias_(call("arrayJoin", node.this), column)).subquery(alias.name)


def _filtered(node: exp.Filter) -> exp.Expr:
    """Filter the aggregate itself, where something was put around it."""
    around = node.this
    if named(around) in ("arraysort", "arrayreversesort", "arrayelement"):
        inner = exp.Filter(this=around.expressions[0], expression=node.expression)
        return call(around.name, inner, *around.expressions[1:])
    return node


def _integer(node: exp.Cast) -> exp.Expr:
    if digits := hexadecimal(node):
        eight_bytes = call("unhex", call("leftPad", call("ifNull", digits, ""), 16, "0"))
        return call("reinterpretAsInt64", call("reverse", eight_bytes))
    if isinstance(node.this.unnest(), exp.Div | exp.Mul):  # DuckDB rounds, ClickHouse cuts off
        node.set("this", call("round", node.this))
    return node


def _side_by_side(node: exp.Select) -> exp.Select:
    """Unfold several lists together, as DuckDB does: ClickHouse would give each value of one with all of the other."""
    unfolded = [one for one in node.expressions if named(one.unalias()) == "arrayjoin"]
    if len(unfolded) > 1:
        zipped = call("arrayJoin", call("arrayZipUnaligned", *(one.unalias().expressions[0] for one in unfolded)))
        for place, one in enumerate(unfolded, start=1):
            one.unalias().replace(call("tupleElement", zipped.copy(), place))
    return node


def _joined(node: exp.ConcatWs) -> exp.Expr:
    """Join texts but those that are missing: sqlglot would join them as empty ones."""
    separator, *parts = node.expressions
    texts = call("array", *(call("toString", one) for one in parts))
    there = exp.Lambda(this=call("isNotNull", exp.to_identifier("x")), expressions=[exp.to_identifier("x")])
    return call("arrayStringConcat", call("arrayFilter", there, texts), separator)


def _rounded(node: exp.Round) -> exp.Expr:
    """Round halves away from zero, as DuckDB does (ClickHouse rounds them to the even)."""
    scale = 10 ** int(node.args["decimals"].name) if node.args.get("decimals") else 1
    value = exp.paren(node.this)
    half = exp.Mul(this=exp.Literal.number("0.5"), expression=call("sign", value.copy()))
    moved = exp.Add(this=exp.Mul(this=value, expression=exp.Literal.number(f"{scale}.0")), expression=half)
    return exp.paren(exp.Div(this=call("trunc", moved), expression=exp.Literal.number(f"{scale}.0")))


def _array(node: exp.ArrayAgg) -> exp.Expr:
    inner, order, distinct = ordered_array(node)
    collect = "groupUniqArray" if distinct else "groupArray"
    if not order:
        return call(collect, inner)
    keys, down = sorted_by(order)
    sort = "arrayReverseSort" if down else "arraySort"
    if keys == [inner]:
        return call(sort, call(collect, inner))
    if distinct:
        raise UnsupportedError("a list of different values that is sorted by another has no counterpart")
    pair = exp.to_identifier("pair")
    second = exp.Lambda(this=call("tupleElement", pair, 2), expressions=[pair.copy()])
    return call("arrayMap", second, call(sort, call(collect, call("tuple", call("tuple", *keys), inner))))


def _slice(node: exp.Bracket, part: exp.Slice) -> exp.Expr:
    texts = (exp.Anonymous, exp.LowerHex, exp.Lower, exp.MD5)
    name = "substringUTF8" if isinstance(node.this, texts) and not isinstance(node.this, exp.ArrayAgg) else "arraySlice"
    if isinstance(node.this, exp.Anonymous) and named(node.this).startswith(("array", "group", "extractall", "split")):
        name = "arraySlice"
    return call(name, node.this, 1, part.expression)


def _bin(node: exp.DateBin) -> exp.Expr:
    length = microseconds(node.this)
    if length is None:
        return node
    # DuckDB's buckets of less than a month start on Monday, 3 January 2000.
    origin = exp.Literal.number(946_857_600_000_000)
    since = exp.paren(exp.Sub(this=_us(node.expression), expression=origin))
    steps = call("floor", exp.Div(this=since, expression=exp.paren(length)))
    moment = exp.Add(this=origin.copy(), expression=exp.Mul(this=steps, expression=exp.paren(length.copy())))
    return call("fromUnixTimestamp64Micro", call("toInt64", moment), "UTC")


def _json(node: exp.JSONExtractScalar) -> exp.Expr:
    keys = json_keys(node.expression)
    if keys is None:
        return call("JSON_VALUE", node.this, node.expression)
    kind = call("toString", call("JSONType", node.this, *keys))
    text, raw = (call(name, node.this.copy(), *keys) for name in ("JSONExtractString", "JSONExtractRaw"))
    return call("multiIf", _is(kind, "String"), text, _is(kind.copy(), "Null"), exp.null(), raw)


def _json_type(node: exp.JSONType) -> exp.Expr:
    """Return DuckDB's name of what stands at a place, NULL where nothing or null does."""
    kind = call("toString", call("JSONType", node.this, *(json_keys(node.expression) or ())))
    names = {"Array": "ARRAY", "Object": "OBJECT", "String": "VARCHAR", "Bool": "BOOLEAN", "Double": "DOUBLE",
             "Int64": "BIGINT", "UInt64": "UBIGINT"}  # fmt: skip
    tests = [one for name, told in names.items() for one in (_is(kind.copy(), name), exp.Literal.string(told))]
    return call("multiIf", *tests, exp.null())


def _split_part(node: exp.SplitPart) -> exp.Expr:
    parts = call("splitByString", node.args["delimiter"], call("assumeNotNull", node.this))
    missing = exp.Is(this=node.this.copy(), expression=exp.null())
    return call("if", missing, exp.null(), call("arrayElement", parts, node.args["part_index"]))


def _is(text: exp.Expr, value: str) -> exp.Expr:
    return exp.EQ(this=text, expression=exp.Literal.string(value))


def text(value: object) -> str:
    """Return a value as ClickHouse writes it."""
    return exp.convert(value).sql(dialect="clickhouse")


def written(sql: str, types: Mapping[str, str]) -> str:
    """Return a SELECT of the same, whose texts are UTF-8 whatever bytes the table has: others read no other texts."""
    chosen = []
    for name, kind in types.items():
        column = exp.to_identifier(name, quoted=True).sql(dialect="clickhouse")
        if re.fullmatch(_TEXT, kind):
            chosen.append(f"toValidUTF8({column}) AS {column}")
        elif re.fullmatch(rf"Array\({_TEXT}\)", kind):
            chosen.append(f"arrayMap(x -> toValidUTF8(x), {column}) AS {column}")
        else:
            chosen.append(column)
    return f"SELECT {', '.join(chosen)} FROM ({sql})"


def quoted_table(name: str) -> str:
    """Return the name of a table, ``TABLE`` or ``DATABASE.TABLE``, quoted."""
    return ".".join(exp.to_identifier(part, quoted=True).sql(dialect="clickhouse") for part in name.split("."))
