"""The filter line: what an investigator types to see fewer events.

Words are looked for in the text columns. ``name:value`` compares a column: ``*`` stands for anything, ``5xx`` for a
class of statuses, ``none`` for no value, ``10.0.0.0/8`` for a network. ``name>5`` orders, ``-`` in front excludes, and
``{…}`` is an SQL condition. Addresses are compared as addresses, however they were written. Values are bound, never
pasted into SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from workbench import addresses
from workbench.case.fields import BY_NAME, ENRICHED
from workbench.case.views import WHAT
from workbench.errors import UsageError

_TYPES = {field.name: field.type for field in (*BY_NAME.values(), *ENRICHED)}

#: Short names that fingers know, beside the columns' own.
ALIASES = {
    "ip": "client_ip",
    "address": "client_ip",
    "agent": "user_agent",
    "ua": "user_agent",
    "org": "organization",
    "organisation": "organization",
    "key": "api_key",
    "in": "input_tokens",
    "out": "output_tokens",
    "owner": "as_org",
    "event": "event_id",
    "file": "source",
}
_ENTITY_COLUMNS = {"event_id": "VARCHAR", "entity": "VARCHAR", "entity_kind": "VARCHAR"}
TEXT_COLUMNS = (
    "prompt",
    "path",
    "message",
    "user_agent",
    "account",
    "client_ip",
    "operation",
    "error",
    "response",
    "extra",
)

_TOKEN = re.compile(
    r"\s*(?P<minus>-)?(?:(?P<name>[A-Za-z_][A-Za-z0-9_.]*)(?P<op>:|>=|<=|!=|=|>|<))?"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|\{(?P<sql>[^{}]*)\}|(?P<plain>[^\s"{}]+))'
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on ``event``: the SQL, its bound values, and the text that was typed."""

    sql: str
    values: dict[str, object] = field(default_factory=dict)
    text: str = ""


EVERYTHING = Filter("true")


class FilterError(UsageError):
    """The filter line is wrong at ``column`` (from 0)."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def parse_filter(text: str) -> Filter:
    """Read a filter line. Raises FilterError naming the column at which it is wrong."""
    if not text.strip():
        return EVERYTHING
    values: dict[str, object] = {}

    def bind(value: object) -> str:
        name = f"wb_f{len(values)}"
        values[name] = value
        return f"${name}"

    conditions = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise FilterError("a quote or brace is not closed", at + len(text[at:]) - len(text[at:].lstrip()))
        start = match.start("minus") if match["minus"] else max(match.start("name"), 0) or match.start()
        condition = _condition(match, start, bind)
        conditions.append(f"NOT coalesce({condition}, false)" if match["minus"] else f"({condition})")
        at = match.end()
    return Filter(" AND ".join(conditions), values, text.strip())


def _condition(match: re.Match[str], start: int, bind: Callable[[object], str]) -> str:
    if match["sql"] is not None:
        if match["name"]:
            raise FilterError("an SQL condition in braces stands alone: {status >= 500}", start)
        return match["sql"] or "true"
    value = re.sub(r"\\(.)", r"\1", match["quoted"]) if match["quoted"] is not None else match["plain"]
    if not match["name"]:
        return contains(bind(f"%{like(value)}%"))
    name = ALIASES.get(match["name"].lower(), match["name"].lower())
    if name.startswith("extra."):
        column, kind = f"(extra ->> {bind('$.' + name.removeprefix('extra.'))})", "VARCHAR"
    elif name == "what":
        column, kind = f"({WHAT})", "VARCHAR"
    elif name in _TYPES or name in _ENTITY_COLUMNS:
        column, kind = name, _TYPES[name] if name in _TYPES else _ENTITY_COLUMNS[name]
    else:
        raise FilterError(f"there is no column {match['name']!r}", start)
    return _compare(column, kind, match["op"], value, start, bind)


def _compare(column: str, kind: str, op: str, value: str, start: int, bind: Callable[[object], str]) -> str:
    if value.lower() in ("none", "null") and op in (":", "=", "!="):
        return f"{column} IS {'NOT ' if op == '!=' else ''}NULL"
    if column == "status" and re.fullmatch(r"[1-5]xx", value.lower()):
        return f"status // 100 = {bind(int(value[0]))}"
    if column == "client_ip" and "*" not in value and (condition := _address(op, value, start, bind)):
        return condition
    if column == "ts" and op in (":", "="):
        return f"strftime(ts, '%Y-%m-%d %H:%M:%S.%f') LIKE {bind(like(value.replace('T', ' ')) + '%')} ESCAPE '\\'"
    if kind == "VARCHAR" and op in (":", "=") and "*" in value:
        return f"{column} ILIKE {bind(like(value).replace('*', '%'))} ESCAPE '\\'"
    sign = {":": "=", "!=": "IS DISTINCT FROM"}.get(op, op)
    if kind == "VARCHAR":
        return f"{column} {sign} {bind(value)}"
    if kind not in ("TIMESTAMP", "BOOLEAN"):
        try:
            float(value)
        except ValueError as error:
            raise FilterError(f"{column} is a number; {value!r} is not", start) from error
    return f"{column} {sign} try_cast({bind(value)} AS {kind})"


def _address(op: str, value: str, start: int, bind: Callable[[object], str]) -> str | None:
    """A network or an address by its keys; None where the value is neither, such as the name of a host."""
    if op not in (":", "=", "!="):
        raise FilterError("addresses are compared with a network: ip:203.0.113.0/24", start)
    if "/" not in value and addresses.parse_address(value) is None:
        return None
    try:
        block = addresses.Block.of(value)
    except ValueError as error:
        raise FilterError(str(error), start) from error
    key, (first, last) = "wb_ip_key(client_ip)", block.keys
    within = f"{key} BETWEEN {bind(first)} AND {bind(last)}"
    if block.around_ipv4:
        first, last = addresses.IPV4_BLOCK.keys
        within += f" AND {key} NOT BETWEEN {bind(first)} AND {bind(last)}"
    # Most texts are out of the question without reading them as addresses.
    traces = [" OR ".join(f"contains(lower(client_ip), {bind(text)})" for text in texts) for texts in block.traces()]
    possible = " AND ".join(f"({trace})" for trace in traces) or "client_ip IS NOT NULL"
    condition = f"CASE WHEN {possible} THEN coalesce({within}, false) ELSE false END"
    return f"NOT ({condition})" if op == "!=" else condition


def quoted(value: object) -> str:
    """Return a value as the filter line writes it."""
    if value is None:
        return "none"
    text = value.isoformat(sep="T") if isinstance(value, datetime) else str(value)
    if not text or any(c in text for c in ' "{}*\\'):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def contains(pattern: str) -> str:
    """Return the condition that some text of an event fits a bound LIKE pattern."""
    return " OR ".join(f"{column} ILIKE {pattern} ESCAPE '\\'" for column in TEXT_COLUMNS)


def like(text: str) -> str:
    """Return a text as it stands in a LIKE pattern (``ESCAPE '\\'``)."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
