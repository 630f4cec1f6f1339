"""A case over a table that stays where it is: which engine, which table, how its columns are named, what it holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from workbench.case import views
from workbench.case.fields import BY_NAME
from workbench.engines import folder
from workbench.engines.remote import EngineError, Remote, check_url, connect
from workbench.engines.tables import EVENT, event_select
from workbench.engines.translate import RULES, parse, translate
from workbench.errors import UsageError
from workbench.formats.model import UNITS, FieldMap

if TYPE_CHECKING:
    from workbench.case import Case

ENGINE, TABLE = "engine", "engine_table"
SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Attached:
    """A table of an engine. ``columns`` has the SQL (DuckDB's) of each of our columns that it fills."""

    url: str
    table: str
    map: str
    columns: dict[str, str]
    filled: dict[str, int]
    rows: int
    first: str | None
    last: str | None
    snapshot: str
    sha256: str | None
    version: str


def use(case: Case, url: str) -> None:
    """Let a new case have its events in an engine. Raises UsageError."""
    case.ledger.set_setting(ENGINE, check_url(url))


def attached(case: Case) -> Attached:
    """Return what the case is attached to. Raises UsageError where that is nothing yet."""
    text = case.ledger.setting(TABLE, "")
    if not text:
        raise UsageError(f"{case.name} has an engine but no table yet: workbench attach {case.name}.case TABLE")
    return Attached(**json.loads(text))


def attach(case: Case, table: str, mapping: str = SEGMENTS) -> tuple[Attached, list[str]]:
    """Look at a table, write down how it is read and what it holds; returns that and the columns that nothing fills.

    ``mapping`` is ``segments`` where the columns have our names, else the name of a log format whose fields the table's
    columns are. Raises UsageError, EngineError.
    """
    url = case.ledger.setting(ENGINE, "")
    if not url:
        raise UsageError(f"{case.name} has no engine; make a case that has one: workbench new CASE --engine URL")
    table = folder.absolute(table)
    local = folder.is_folder(table) and "://" not in table
    sha256 = folder.check(Path(table)) if local else None
    remote = connect(url)
    try:
        snapshot = remote.snapshot(table)
        types = remote.columns(table)
        columns = _same_names(types) if mapping == SEGMENTS else _by_format(types, mapping)
        if not columns:
            raise UsageError(
                f"{table} has no column that --map {mapping} knows; it has: {', '.join(sorted(types)[:12])}"
            )
        found = Attached(url, table, mapping, columns, {}, 0, None, None, snapshot, sha256, remote.version())
        counts = ", ".join(f"count({name}) AS n_{name}" for name in columns)
        ask = translate(
            f"SELECT count(*) AS n, min(ts) AS first, max(ts) AS last, {counts} FROM event",
            remote.dialect, event(found, remote), {},
        )  # fmt: skip
        rows, first, last, *filled = remote.ask(ask, None).rows[0]
    finally:
        remote.close()
    told = asdict(found) | {
        "rows": int(rows),
        "first": str(first) if first else None,
        "last": str(last) if last else None,
        "filled": {name: int(count) for name, count in zip(columns, filled, strict=True) if count},
    }
    case.ledger.set_setting(TABLE, json.dumps(told))
    return Attached(**told), [field.name for field in EVENT if field.name not in told["filled"]]


def event(found: Attached, remote: Remote) -> exp.Select:
    """Return the SELECT, in the engine's terms, that stands for ``event``."""
    rule = RULES[remote.dialect]
    columns = {name: rule(parse(f"SELECT {text}")).expressions[0] for name, text in found.columns.items()}
    source = sqlglot.parse_one(f"SELECT 1 FROM {remote.source(found.table)}", read=remote.dialect)
    lacking = {"entity": views.ENTITY, "entity_kind": views.ENTITY_KIND, "event_id": "request_id"}
    if lacking := {name: text for name, text in lacking.items() if name not in columns}:
        inner = event_select(source.args["from_"].this, columns).subquery("t")
        columns = {field.name: exp.column(field.name) for field in EVENT}
        columns |= {name: rule(parse(f"SELECT {text}")).expressions[0] for name, text in lacking.items()}
        return event_select(inner, columns)
    return event_select(source.args["from_"].this, columns)


def unchanged(found: Attached, remote: Remote) -> None:
    """Raise EngineError where the table is not the one that was attached."""
    if remote.snapshot(found.table) != found.snapshot:
        raise EngineError(
            f"{found.table} changed since it was attached, so answers would not fit the runs before; "
            f"look at it anew: workbench attach CASE {found.table}"
        )


def _same_names(types: dict[str, str]) -> dict[str, str]:
    return {field.name: views.identifier(field.name) for field in EVENT if field.name in types}


def _by_format(types: dict[str, str], mapping: str) -> dict[str, str]:
    """Return the SQL of the columns that a format's plain fields name; nested and shaped fields are left out."""
    from workbench.formats.registry import format_named

    fields = {field.name: field for field in format_named(mapping).fields}
    found = {}
    for name, field in fields.items():
        source = next((one for one in field.source if one in types), None)
        if source is not None and field.take is None and field.match is None:
            found[name] = _value(field, source, types[source])
    return found


def _value(field: FieldMap, source: str, kind: str) -> str:
    """Return one column's SQL: translated by the format's values, scaled by its unit, of our type."""
    target, column = BY_NAME[field.name].type, views.identifier(source)
    if field.values:
        cases = "".join(
            f" WHEN CAST({column} AS VARCHAR) = {views.literal(key)} THEN {views.literal(value)}"
            for key, value in field.values.items()
            if key != "*"
        )
        other = f" WHEN {column} IS NOT NULL THEN {views.literal(field.values['*'])}" if "*" in field.values else ""
        return f"CASE{cases}{other} END"
    if target == "TIMESTAMP":
        return f"TRY_CAST({column} AS TIMESTAMP)" if "string" in kind.lower() else f"CAST({column} AS TIMESTAMP)"
    scale = f" * {UNITS[field.unit]}" if field.unit else ""
    return f"TRY_CAST({column} AS {target}){scale}"
