"""What a statement reads, by the engine's own parser: comments and odd spellings do not matter.

``DuckDBPyConnection.get_table_names`` binds what it reads: it refuses bound values and columns that are not there yet,
and names the tables behind a view in place of the view. So the parser's tree is read (``json_serialize_sql``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import duckdb

from workbench.case.macros import Macro, macros

#: Table functions that take a table's name, and a query, as text.
_BY_NAME, _BY_QUERY = "query_table", "query"
#: The texts of our own queries come again and again; longer ones (with the names of all that is tagged) seldom do.
_REMEMBERED = 20_000
_TREE = "SELECT json_serialize_sql(?)"
#: Of a tree that is deeper than Python reads, the tables are those of all names in it.
_FUNCTIONS = "SELECT json_extract_string(json_serialize_sql(?), '$..function_name')"
_ALL_NAMES = "SELECT json_extract_string(json_serialize_sql(?), '$..table_name')"


def tables_read(sql: str) -> frozenset[str]:
    """Return the lower-case names of the tables that a text of SQL reads, without those that it defines itself.

    ``EXPLAIN`` reads what it explains. Text that the engine cannot parse reads nothing.
    """
    return _remembered(sql) if len(sql) <= _REMEMBERED else _tables_read(sql)


def macros_called(sql: str) -> list[Macro]:
    """Return the macros of ours that the SELECTs of a text of SQL call, by name."""
    try:
        statements = duckdb.extract_statements(sql)
    except (duckdb.Error, TypeError):
        return []
    names = {str(name).lower() for statement in statements for name in _asked(_FUNCTIONS, statement.query)}
    return [macro for name, macro in sorted(macros().items()) if name in names]


def explained(sql: str) -> str | None:
    """Return the statement that an ``EXPLAIN`` explains, and None for any other statement."""
    try:
        starts = [start for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    except TypeError:  # no UTF-8
        return None
    text = sql.encode()

    def begins(word: str) -> bool:
        return bool(starts) and text[starts[0] : starts[0] + len(word)].decode(errors="replace").upper() == word

    if not begins("EXPLAIN"):
        return None
    starts.pop(0)
    if begins("ANALYZE"):
        starts.pop(0)
    if begins("(") and not _parses(text[starts[0] :].decode()):  # options, not a query in parentheses
        while starts and not begins(")"):
            starts.pop(0)
        starts = starts[1:]
    return text[starts[0] :].decode() if starts else ""


@lru_cache(maxsize=512)
def _remembered(sql: str) -> frozenset[str]:
    return _tables_read(sql)


def _tables_read(sql: str) -> frozenset[str]:
    statement = explained(sql)
    statement = sql if statement is None else statement
    try:
        return frozenset(_names(json.loads(_asked(_TREE, statement) or "{}")))
    except RecursionError:
        return frozenset(name.lower() for name in _asked(_ALL_NAMES, statement))


def _names(tree: Any) -> Iterator[str]:
    """Yield the tables of a tree. A name is known in what stands beside and below its definition, not in the latter."""
    rest: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while rest:
        node, defined = rest.pop()
        if isinstance(node, list):
            rest += [(item, defined) for item in node]
        elif isinstance(node, dict):
            for entry in (node.get("cte_map") or {}).get("map", ()):
                name = entry["key"].lower()
                query = entry["value"]["query_node"]
                recursive = query.get("type") == "RECURSIVE_CTE_NODE"
                rest.append((query, defined | {name} if recursive else defined))
                defined |= {name}
            rest += [(value, defined) for key, value in node.items() if key != "cte_map"]
            yield from _own_names(node, defined)


def _own_names(node: dict[str, Any], defined: frozenset[str]) -> Iterator[str]:
    name = str(node.get("table_name") or "").lower()
    if node.get("type") == "BASE_TABLE":
        if name not in defined or len(node.get("qualified_name", {}).get("path", ())) > 1:
            yield name
    elif node.get("type") == "SHOW_REF" and name:
        yield name
    elif node.get("type") == "TABLE_FUNCTION":
        function = node["function"]["function_name"].lower()
        if macro := macros().get(function):
            yield from tables_read(macro.body)
        elif function in (_BY_NAME, _BY_QUERY):
            for text in _texts(node["function"].get("arguments")):
                yield from [text.lower()] if function == _BY_NAME else tables_read(text)


def _texts(arguments: Any) -> Iterator[str]:
    """Yield the texts that stand in a function's arguments."""
    if isinstance(arguments, list):
        for argument in arguments:
            yield from _texts(argument)
    elif isinstance(arguments, dict):
        if arguments.get("kind") == "STRING":
            yield str(arguments["text"])
        for value in arguments.values():
            yield from _texts(value)


@cache
def _bare() -> duckdb.DuckDBPyConnection:
    """Return an engine without tables, which only parses."""
    return duckdb.connect(config={"threads": 1})


def _asked(question: str, sql: str) -> Any:
    """Ask the engine about a text; nothing where it cannot be said."""
    try:
        with _bare().cursor() as cursor:
            row = cursor.execute(question, [sql]).fetchone()
    except duckdb.Error:
        return ""
    return (row and row[0]) or ""


def _parses(sql: str) -> bool:
    try:
        return bool(duckdb.extract_statements(sql))
    except duckdb.Error:
        return False
