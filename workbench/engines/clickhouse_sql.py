"""DuckDB's SQL in ClickHouse's terms: the rules that sqlglot lacks, or has for times without fractions."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import UnsupportedError
from sqlglot.generators.clickhouse import ClickHouseGenerator

from workbench.engines.clickhouse_times import CLICKHOUSE_TIMES
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
    own_names,
    place_and_length,
    plainly,
    renamed,
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
#: What lets a common table be evaluated once where it is told to, from the version on in which that has no errors.
ONCE_SETTING = "enable_materialized_cte"
ONCE_SINCE = (26, 8)
#: What sqlglot takes the version of a server for that nobody named.
_UNKNOWN = (sys.maxsize,)

_TEXT = r"(LowCardinality\()?(Nullable\()?(Fixed)?String(\(\d+\))?\)*"

#: The first character's number: UTF-8 read by hand, for ClickHouse has no function for it.
_CODE_POINT = sqlglot.parse_one(
    "multiIf(ascii(:text) < 128 AND ascii(:text) >= 0, ascii(:text), reinterpretAsUInt8(substring(:text, 1, 1)) < 224, "
    "(reinterpretAsUInt8(substring(:text, 1, 1)) - 192) * 64 + reinterpretAsUInt8(substring(:text, 2, 1)) - 128, "
    "reinterpretAsUInt8(substring(:text, 1, 1)) < 240, (reinterpretAsUInt8(substring(:text, 1, 1)) - 224) * 4096 + "
    "(reinterpretAsUInt8(substring(:text, 2, 1)) - 128) * 64 + reinterpretAsUInt8(substring(:text, 3, 1)) - 128, 65536)"
)
_JSON_TYPES = {
    "Array": "ARRAY", "Object": "OBJECT", "String": "VARCHAR", "Bool": "BOOLEAN", "Double": "DOUBLE",
    "Int64": "BIGINT", "UInt64": "UBIGINT",
}  # fmt: skip


def dialect(version: str) -> str:
    """Return the dialect of a ClickHouse of this version, such as ``26.8.1.14``."""
    return f"clickhouse, version={version}"


def evaluates_once(version: str) -> bool:
    """Say whether a ClickHouse of this version evaluates a common table once where it is told to."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2]) >= ONCE_SINCE


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
    for cte in present.expressions:
        select = cte.this
        groups = isinstance(select, exp.Select) and (select.args.get("group") or select.args.get("distinct"))
        if not groups and by_event.intersection(table.name for table in select.find_all(exp.Table)):
            by_event.add(cte.alias)
        elif cte.alias != "event" and named_so_often[cte.alias] > 1:
            cte.set("materialized", True)


# --- numbers --------------------------------------------------------------------------------------------------------


def _cast(node: exp.Cast) -> exp.Expr:
    if node.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ):
        if isinstance(node, exp.TryCast):
            return call("parseDateTime64BestEffortOrNull", node.this, 6, "UTC")
        return call("CAST", node.this, "Nullable(DateTime64(6, 'UTC'))")
    if not node.to.is_type(*exp.DataType.INTEGER_TYPES):
        return node
    if digits := hexadecimal(node):
        eight_bytes = call("unhex", call("leftPad", call("ifNull", digits, ""), 16, "0"))
        return call("reinterpretAsInt64", call("reverse", eight_bytes))
    if is_fraction(node.this) or isinstance(node.this.unnest(), exp.Mul):  # DuckDB rounds, ClickHouse cuts off
        node.set("this", call("round", node.this))
    return node


def _rounded(node: exp.Round) -> exp.Expr:
    """Round halves away from zero, as DuckDB does (ClickHouse rounds them to the even)."""
    digits = node.args["decimals"].to_py() if node.args.get("decimals") else 0
    if not isinstance(digits, int) or digits < 0:
        raise UnsupportedError("rounding to other than a fixed number of decimals has no counterpart")
    scale = exp.Literal.number(f"{10**digits}.0")
    value = exp.paren(node.this)
    half = exp.Mul(this=exp.Literal.number("0.5"), expression=call("sign", value.copy()))
    moved = exp.Add(this=exp.Mul(this=value, expression=scale), expression=half)
    return exp.paren(exp.Div(this=call("trunc", moved), expression=scale.copy()))


def _divided(node: exp.IntDiv) -> exp.Expr:
    if is_fraction(node.this):
        return exp.Div(this=node.this, expression=node.expression)
    return call("intDivOrNull", node.this, node.expression)


# --- aggregates and lists -------------------------------------------------------------------------------------------


def clickhouse_list(node: exp.ArrayAgg, where: exp.Expr | None = None) -> exp.Expr:
    """Return the list of a group's values, of those where a condition holds, in the order that is asked for."""
    inner, order, distinct = ordered_array(node)
    collect = "groupUniqArray" if distinct else "groupArray"
    if not order:
        return _where(call(collect, inner), where)
    keys, down = sorted_by(order)
    sort = "arrayReverseSort" if down else "arraySort"
    if keys == [inner]:
        return call(sort, _where(call(collect, inner), where))
    if distinct:
        raise UnsupportedError("a list of different values that is sorted by another has no counterpart")
    pair = exp.to_identifier("pair")
    second = exp.Lambda(this=call("tupleElement", pair, 2), expressions=[pair.copy()])
    pairs = _where(call(collect, call("tuple", call("tuple", *keys), inner)), where)
    return call("arrayMap", second, call(sort, pairs))


def _where(aggregate: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=where.copy()) if where is not None else aggregate


def _joined(node: exp.GroupConcat, where: exp.Expr | None = None) -> exp.Expr:
    return call("arrayStringConcat", clickhouse_list(exp.ArrayAgg(this=node.this), where), node.args["separator"])


def _mode(node: exp.Mode, where: exp.Expr | None = None) -> exp.Expr:
    return call("arrayElement", _where(call("topK(1)", node.this), where), 1)


def _filtered(node: exp.Filter) -> exp.Expr:
    """Filter the aggregate itself, where something is put around it."""
    match node.this:
        case exp.ArrayAgg() as aggregate:
            return clickhouse_list(aggregate, node.expression)
        case exp.GroupConcat() as aggregate:
            return _joined(aggregate, node.expression)
        case exp.Mode() as aggregate:
            return _mode(aggregate, node.expression)
    return node


def _quantile(node: exp.PercentileCont) -> exp.Expr:
    return call(f"quantileExactInclusive({node.expression.sql()})", node.this)


def _not_null(node: exp.IgnoreNulls) -> exp.Expr:
    if isinstance(node.this, exp.Lag | exp.Lead):  # it reads IGNORE NULLS, and takes them all the same
        raise UnsupportedError("the value before or after, without those that are missing, has no counterpart")
    return call("any", node.this.this) if isinstance(node.this, exp.AnyValue) else node


def _before(node: exp.Lag) -> exp.Expr:
    return call("lagInFrame", node.this, node.args.get("offset") or 1, node.args.get("default"))


def _slice(node: exp.Bracket) -> exp.Expr:
    if not isinstance(node.expressions[0], exp.Slice):
        return node
    return call(
        "substringUTF8" if is_text_node(node.this) else "arraySlice", node.this, *place_and_length(node.expressions[0])
    )


def _reduced(node: ListReduce) -> exp.Expr:
    return call(
        "arrayFold",
        node.expression,
        call("arraySlice", node.this, 2),
        call("arrayElement", node.this, 1),
    )


def _kept(node: exp.ArrayFilter) -> exp.Expr:
    if len(node.expression.expressions) != 2:
        return node
    return call("arrayFilter", node.expression, node.this, call("arrayEnumerate", node.this))


def _sorted(node: exp.ArraySort) -> exp.Expr:
    return call("arraySort" if node.args.get("asc") in (None, exp.true()) else "arrayReverseSort", node.this)


# --- text and JSON --------------------------------------------------------------------------------------------------


def _split_part(node: exp.SplitPart) -> exp.Expr:
    parts = call("splitByString", node.args["delimiter"], call("assumeNotNull", node.this))
    missing = exp.Is(this=node.this.copy(), expression=exp.null())
    return call("if", missing, exp.null(), call("arrayElement", parts, node.args["part_index"]))


def _with_separator(node: exp.ConcatWs) -> exp.Expr:
    """Join texts but those that are missing: sqlglot would join them as empty ones."""
    separator, *parts = node.expressions
    texts = call("array", *(call("toString", one) for one in parts))
    there = exp.Lambda(this=call("isNotNull", exp.to_identifier("x")), expressions=[exp.to_identifier("x")])
    return call("arrayStringConcat", call("arrayFilter", there, texts), separator)


def _code_point(node: exp.Unicode) -> exp.Expr:
    return exp.paren(exp.replace_placeholders(_CODE_POINT.copy(), text=node.this))


def _arguments(keys: list[str | int] | None) -> list[str | int]:
    """Return the arguments that name a place in JSON; lists count from 1."""
    return [key + 1 if isinstance(key, int) else key for key in keys or ()]


def _json(node: exp.JSONExtractScalar) -> exp.Expr:
    keys = json_keys(node.expression)
    if keys is None:
        return call("JSON_VALUE", node.this, node.expression)
    kind = call("toString", call("JSONType", node.this, *_arguments(keys)))
    text, raw = (call(name, node.this, *_arguments(keys)) for name in ("JSONExtractString", "JSONExtractRaw"))
    return call("multiIf", _is(kind, "String"), text, _is(kind.copy(), "Null"), exp.null(), raw)


def _json_type(node: exp.JSONType) -> exp.Expr:
    """Return DuckDB's name of what stands at a place, NULL where nothing or null does."""
    kind = call("toString", call("JSONType", node.this, *_arguments(json_keys(node.expression))))
    tests = [one for name, ours in _JSON_TYPES.items() for one in (_is(kind.copy(), name), exp.Literal.string(ours))]
    return call("multiIf", *tests, exp.null())


def _is(text: exp.Expr, value: str) -> exp.Expr:
    return exp.EQ(this=text, expression=exp.Literal.string(value))


# --- tables ---------------------------------------------------------------------------------------------------------


def _select(node: exp.Select) -> exp.Expr:
    return own_names(order_by_place(_side_by_side(node)))


def _side_by_side(node: exp.Select) -> exp.Select:
    """Unfold several lists together, as DuckDB does: ClickHouse would give each value of one with all of the other."""
    unfolded = [one for one in node.expressions if isinstance(one.unalias(), exp.Explode)]
    if len(unfolded) > 1:
        zipped = call("arrayJoin", call("arrayZipUnaligned", *(one.unalias().this for one in unfolded)))
        for place, one in enumerate(unfolded, start=1):
            one.unalias().replace(call("tupleElement", zipped.copy(), place))
    return node


def _series(node: exp.Table) -> exp.Expr:
    """Write a series that stands as a table as the rows of a list."""
    if not isinstance(node.this, exp.GenerateSeries):
        return node
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    column = alias.columns[0].name if alias.columns else "range"
    return exp.select(exp.alias_(call("arrayJoin", node.this), column)).subquery(alias.name)


class ClickHouseSQL(ClickHouse):
    """What questions are written with; ``version`` is the server's."""

    class Generator(ClickHouseGenerator):
        """The rules: for each kind of part, what is written."""

        USUAL = ClickHouseGenerator.TRANSFORMS
        TRANSFORMS = {  # noqa: RUF012 - as sqlglot declares it
            **USUAL,
            **CLICKHOUSE_TIMES,
            exp.Anonymous: lambda self, node: extraction(self, node, "clickhouse") or plainly(self, node),
            exp.ArrayAgg: by_tree(clickhouse_list),
            exp.ArrayFilter: by_tree(_kept),
            exp.ArrayIntersect: lambda self, node: self.func("arrayIntersect", *node.expressions),
            exp.ArraySort: by_tree(_sorted),
            exp.Bracket: by_tree(_slice),
            exp.ByteLength: renamed("length"),
            exp.Cast: by_tree(_cast),
            exp.ConcatWs: by_tree(_with_separator),
            exp.Contains: lambda self, node: f"{self.func('position', node.this, node.expression)} > 0",
            # a backslash is what ClickHouse escapes with anyway
            exp.Escape: lambda self, node: (
                f"({self.sql(node.this)})" if node.expression.name == "\\" else plainly(self, node)
            ),
            exp.Filter: by_tree(_filtered),
            exp.GenerateSeries: lambda self, node: self.func("range", node.args["start"], end_of(node)),
            exp.GroupConcat: by_tree(_joined),
            Hash: lambda self, node: self.func("cityHash64", self.func("tuple", *node.expressions)),
            exp.IgnoreNulls: by_tree(_not_null),
            exp.IntDiv: by_tree(_divided),
            exp.JSONExtractScalar: by_tree(_json),
            exp.JSONType: by_tree(_json_type),
            exp.Lag: by_tree(_before),
            exp.Left: lambda self, node: self.func("leftUTF8", node.this, node.expression),
            ListReduce: by_tree(_reduced),
            exp.LogicalAnd: renamed("min"),
            exp.LogicalOr: renamed("max"),
            exp.Lower: renamed("lowerUTF8"),
            exp.Median: renamed("quantileExactInclusive(0.5)"),
            exp.Mode: by_tree(_mode),
            exp.PercentileCont: by_tree(_quantile),
            exp.PercentileDisc: no_counterpart("a quantile that is one of the values"),
            exp.Quantile: no_counterpart("a quantile that is one of the values"),
            exp.RegexpExtract: lambda self, node: self.func(
                "regexpExtract", node.this, node.expression, node.args.get("group") or exp.Literal.number(0)
            ),
            exp.RegexpExtractAll: lambda self, node: self.func(
                "extractAll", self.func("assumeNotNull", node.this), node.expression
            ),
            exp.RegexpFullMatch: lambda self, node: self.func("match", node.this, whole(node.expression)),
            exp.Right: lambda self, node: self.func("rightUTF8", node.this, node.expression),
            exp.Round: by_tree(_rounded),
            exp.Select: by_tree(_select),
            exp.SplitPart: by_tree(_split_part),
            exp.Table: by_tree(_series),
            exp.Translate: lambda self, node: self.func(
                "translateUTF8", node.this, node.args["from_"], node.args["to"]
            ),
            exp.TryCast: by_tree(_cast),
            exp.Unicode: by_tree(_code_point),
        }

        def preprocess(self, expression: exp.Expr) -> exp.Expr:
            """Let common tables be evaluated once, where the server can."""
            if ONCE_SINCE <= self.dialect.version < _UNKNOWN:
                evaluate_once(expression)
            return super().preprocess(expression)


# --- ClickHouse's own SQL -------------------------------------------------------------------------------------------


def text(value: object) -> str:
    """Return a value as ClickHouse writes it."""
    return exp.convert(value).sql(dialect="clickhouse")


def utf8_select(sql: str, types: Mapping[str, str]) -> str:
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
