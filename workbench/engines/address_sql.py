"""The functions of :mod:`workbench.addresses` in the terms of each engine.

Spark gets the SQL for DuckDB with the arguments put in, and the rules of its dialect translate it as any other.
ClickHouse has a type for addresses. Where it reads or writes one in another way, these expressions say what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from workbench import addresses
from workbench.engines.duckdb_sql import DuckDBSQL

#: Their names, and those of their arguments.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    name: tuple(rest.rstrip(")").split(", ")) for name, _, rest in (text.partition("(") for text in addresses.FUNCTIONS)
}
_PATTERNS = {"ipv4": rf"^(?:{addresses.IPV4})\z", "logged": rf"^(?:{addresses.LOGGED})\z", "alone": addresses.ALONE}


def expand_addresses(tree: exp.Expr, dialect: str) -> exp.Expr:
    """Put an engine's expressions in the place of calls such as ``wb_ip_key(client_ip)``.

    Raises UnsupportedError for a wrong number of arguments.
    """

    def expand(node: exp.Expr) -> exp.Expr:
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if name not in ARGUMENTS:
            return node
        if len(node.expressions) != len(ARGUMENTS[name]):
            raise sqlglot.UnsupportedError(f"{name} wants {', '.join(ARGUMENTS[name])}")
        given = dict(zip(ARGUMENTS[name], node.expressions, strict=True))
        body = _template(name, "clickhouse" if dialect.startswith("clickhouse") else "duckdb").copy()
        return expand_addresses(exp.paren(body.transform(lambda part: _filled(part, given)), copy=False), dialect)

    return tree.transform(expand)


def _filled(part: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    if isinstance(part, exp.Column) and not part.table and part.name in given:
        return given[part.name].copy()
    if isinstance(part, exp.Placeholder):
        return exp.Literal.string(_PATTERNS[part.name])
    return part


@cache
def _template(name: str, dialect: str) -> exp.Expr:
    if dialect == "clickhouse":
        return sqlglot.parse_one(_CLICKHOUSE[name], read="clickhouse")
    call = f"{name}({', '.join(ARGUMENTS[name])})"
    return sqlglot.parse_one(addresses.FUNCTIONS[call], read=DuckDBSQL)


def _let(name: str, value: str, body: str) -> str:
    return f"arrayMap({name} -> {body}, [{value}])[1]"


def _clickhouse() -> dict[str, str]:
    alone = "regexpExtract(address, :alone, 0)"
    # ClickHouse lets "::" stand for nothing beside eight groups.
    too_many = (
        "position(groups, '::') > 0 AND countSubstrings(groups, ':') + (position(groups, '.') > 0) "
        "- (startsWith(groups, '::') OR endsWith(groups, '::')) > 7"
    )
    other = _let("groups", alone, f"if({too_many}, NULL, lower(hex(toIPv6OrNull(groups))))")
    written = f"IPv6NumToString({_bytes('key')})"
    group = "replaceRegexpOne(substring(key, {place}, 4), '^0+(.)', '\\\\1')"
    # ClickHouse writes an address with only zeros before its last two groups as if it were IPv4.
    two = f"concat('::', {group.format(place=25)}, ':', {group.format(place=29)})"
    shown = (
        f"multiIf(key IS NULL, NULL, startsWith(key, '{addresses.MAPPED_KEY}'), substring({written}, 8), "
        f"position({written}, '.') > 0, {two}, {written})"
    )
    bits = f"if(startsWith(digits, '{addresses.MAPPED_KEY}'), 96 + prefix4, prefix6)"
    first = f"tupleElement(IPv6CIDRToRange(toIPv6(IPv6NumToString({_bytes('digits')})), toUInt8({bits})), 1)"
    no_prefix = "prefix4 NOT BETWEEN 0 AND 32 OR prefix6 NOT BETWEEN 0 AND 128"
    prefix = f"toString(if(startsWith(key, '{addresses.MAPPED_KEY}'), prefix4, prefix6))"
    return {
        "wb_ip_bare": f"if(match(address, :logged), {alone}, NULL)",
        "wb_ip_key": "multiIf(match(address, :ipv4), lower(hex(toIPv6OrNull(address))), "
        f"match(address, :logged), {other}, NULL)",
        "wb_ip_address": _let("key", "wb_ip_key(address)", shown),
        "wb_ip_network_key": _let(
            "digits", "wb_ip_key(address)", f"if(digits IS NULL OR {no_prefix}, NULL, lower(hex({first})))"
        ),
        "wb_ip_network": _let("key", "wb_ip_network_key(address, prefix4, prefix6)", f"concat({shown}, '/', {prefix})"),
    }


def _bytes(key: str) -> str:
    """Return SQL for the sixteen bytes of a key; of none where that is NULL, for ClickHouse computes what it leaves."""
    return f"toFixedString(unhex(ifNull({key}, repeat('0', 32))), 16)"


_CLICKHOUSE = _clickhouse()
