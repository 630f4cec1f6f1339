"""What a format takes out of a record's text (see ``workbench.formats``), in the terms of each engine.

A message is its text, or JSON: a list of messages with roles, or an object that holds one. A key that looks like a
secret is replaced by a hash of it, as loading does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.generator import Generator

#: What the names of the calls begin with.
PREFIX = "wb_"
_SECRET = "^(sk|pk|rk|key|api|xai|gsk|AIza|Bearer)[-_ A-Za-z0-9]{12,}"  # noqa: S105 - what a key looks like


def extraction(generator: Generator, node: exp.Anonymous, dialect: str) -> str:
    """Write a call such as ``wb_last_user(messages)`` in an engine's terms; nothing for any other function."""
    name = node.name.lower()
    if not name.startswith(PREFIX):
        return ""
    text = exp.var(generator.sql(exp.paren(node.expressions[0], copy=False)))
    # the template is the engine's own SQL, so the rules for DuckDB's do not apply to it
    written = exp.replace_placeholders(_template(name.removeprefix(PREFIX), dialect).copy(), x=text)
    return f"({written.sql(dialect=dialect)})"


@cache
def _template(name: str, dialect: str) -> exp.Expr:
    return sqlglot.parse_one(_TAKES[dialect][name], read=dialect)


def _clickhouse() -> Mapping[str, str]:
    # A list cannot be missing in ClickHouse, so what may be is asked for first.
    x = "assumeNotNull(:x)"

    def kind(json: str) -> str:
        return f"toString(JSONType({json}))"

    def inner(json: str) -> str:
        return f"if(JSONHas({json}, 'text'), JSONExtractString({json}, 'text'), JSONExtractString({json}, 'content'))"

    def parts(json: str) -> str:
        each = f"if({kind('p')} = 'String', JSONExtractString(p), {inner('p')})"
        return (
            f"multiIf({kind(json)} = 'String', JSONExtractString({json}), "
            f"{kind(json)} = 'Array', arrayStringConcat(arrayMap(p -> {each}, JSONExtractArrayRaw({json})), '\\n'), "
            f"{kind(json)} = 'Object' AND (JSONHas({json}, 'text') OR JSONHas({json}, 'content')), {inner(json)}, NULL)"
        )

    def role(json: str, who: str) -> str:
        last = (
            f"arrayElement(arrayFilter(o -> JSONExtractString(o, 'role') = '{who}', JSONExtractArrayRaw({json})), -1)"
        )
        return parts(f"JSONExtractRaw({last}, 'content')")

    messages, system = (f"JSONExtractRaw({x}, '{name}')" for name in ("messages", "system"))
    first = f"substring(trimLeft({x}), 1, 1)"
    is_list, is_object = (f"({first} = '{sign}' AND isValidJSON({x}))" for sign in "[{")
    choice = f"JSONExtractRaw({x}, 'choices', 1, 'message', 'content')"
    answer = ", ".join(
        parts(one)
        for one in (choice, f"JSONExtractRaw({x}, 'choices', 1, 'text')", f"JSONExtractRaw({x}, 'content')",
                    f"JSONExtractRaw({x}, 'output_text')")
    )  # fmt: skip
    known = "if(:x IS NULL, NULL, {})"
    return {
        "last_user": known.format(
            f"multiIf({is_list}, coalesce({role(x, 'user')}, {parts(x)}), "
            f"{is_object}, coalesce({role(messages, 'user')}, {parts(x)}, {x}), {x})"
        ),
        "system": known.format(
            f"multiIf({is_list}, {role(x, 'system')}, "
            f"{is_object}, coalesce({role(messages, 'system')}, {parts(system)}), NULL)"
        ),
        "text": known.format(
            f"multiIf({is_object}, coalesce({answer}, {x}), {is_list}, coalesce(nullIf({parts(x)}, ''), {x}), {x})"
        ),
        "key": f"if(match(:x, '{_SECRET}'), concat('sha256:', "
        "substring(lower(hex(SHA256(replaceRegexpOne(:x, '^Bearer +', '')))), 1, 16)), :x)",
        "json": "toJSONString(:x)",
    }


def _spark() -> Mapping[str, str]:
    def parts(text: str) -> str:
        # from_json gives a text as it is, and a list or an object inside as its JSON
        listed = f"from_json({text}, 'ARRAY<STRUCT<text:STRING,content:STRING>>')"
        return (
            f"CASE WHEN {text} LIKE '[%' THEN coalesce(array_join(transform({listed}, "
            f"p -> coalesce(p.text, p.content)), '\\n'), {text}) WHEN {text} LIKE '{{%' THEN "
            f"coalesce(get_json_object({text}, '$.text'), get_json_object({text}, '$.content')) ELSE {text} END"
        )

    def role(json: str, who: str) -> str:
        listed = f"from_json({json}, 'ARRAY<STRUCT<role:STRING,content:STRING>>')"
        return parts(f"try_element_at(filter({listed}, o -> o.role = '{who}'), -1).content")

    messages, system = (f"get_json_object(:x, '$.{name}')" for name in ("messages", "system"))
    first = "substring(ltrim(:x), 1, 1)"
    places = ("$.choices[0].message.content", "$.choices[0].text", "$.content", "$.output_text")
    answer = ", ".join(parts(f"get_json_object(:x, '{place}')") for place in places)
    return {
        "last_user": f"CASE {first} WHEN '[' THEN coalesce({role(':x', 'user')}, {parts(':x')}) "
        f"WHEN '{{' THEN coalesce({role(messages, 'user')}, {parts(':x')}, :x) ELSE :x END",
        "system": f"CASE {first} WHEN '[' THEN {role(':x', 'system')} WHEN '{{' THEN coalesce("
        f"{role(messages, 'system')}, {parts(system)}) END",
        "text": f"CASE {first} WHEN '{{' THEN coalesce({answer}, :x) "
        f"WHEN '[' THEN coalesce(nullif({parts(':x')}, ''), :x) ELSE :x END",
        "key": f"CASE WHEN :x RLIKE '{_SECRET}' THEN concat('sha256:', "
        "substring(sha2(regexp_replace(:x, '^Bearer +', ''), 256), 1, 16)) ELSE :x END",
        "json": "to_json(:x)",
    }


_TAKES = {"clickhouse": _clickhouse(), "spark": _spark()}
NAMES = frozenset(_TAKES["spark"])
