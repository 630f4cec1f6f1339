"""A table that was never loaded, read as a log format's records: which of its columns, or places in them, fill ours.

What a column is made of is written in DuckDB's SQL, as everything that is asked; where a record's text has to be taken
apart in an engine's own terms, a call such as ``wb_last_user(messages)`` stands for it
(``workbench.engines.extractors``).
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.case.fields import BY_NAME
from workbench.formats.model import UNITS, FieldMap, Format
from workbench.sqltext import identifier, literal

#: The shapes (``take``) that ``workbench.engines.extractors`` has, of JSON or of text.
_OF_JSON = ("last_user", "system", "text")
_KEY = "key"
_WHOLE_NUMBER = r"^[+-]?\d+(\.0+)?$"


def by_format(types: Mapping[str, str], fmt: Format) -> dict[str, str]:
    """Return the SQL of our columns that a format's fields fill from a table's columns (``types``: the engine's names).

    Fields whose shape no engine has (a URL decoded, a severity out of a number) are left out.
    """
    columns = {}
    for field in fmt.fields:
        if (text := _value(field, types)) is not None:
            columns[field.name] = text
    return columns


def _value(field: FieldMap, types: Mapping[str, str]) -> str | None:
    pieces = [_piece(one, types, of_json=field.take in _OF_JSON) for one in field.source]
    there = [(text, kind) for text, kind in pieces if text]
    if not there:
        return None
    target = BY_NAME[field.name].type
    if field.take == "span":
        if len(there) != 2:
            return None
        begin, end = (_time(text, kind) for text, kind in there)
        return f"(epoch_us({end}) - epoch_us({begin})) / 1000.0"
    if target == "TIMESTAMP":
        return _first([_time(text, kind) for text, kind in there])
    if field.join and len(there) < len(field.source):
        return None
    texts = [_text(text, kind) for text, kind in there]
    text = f"concat_ws(' ', {', '.join(texts)})" if field.join else _first(texts)
    if field.match:
        text = f"nullif(regexp_extract({text}, {literal(field.match)}, 1), '')"
    if field.take is not None:
        shaped = _shaped(field.take, text)
        if shaped is None:
            return None
        text = shaped
    if field.values:
        text = _translated(field.values, text)
    return _typed(field, target, text)


def _piece(name: str, types: Mapping[str, str], *, of_json: bool) -> tuple[str, str]:
    """Return the SQL of a source, where it is there, and the engine's type of it (empty for text out of JSON).

    A dotted name is a column of that name, else a place inside the column that its first part names.
    """
    if name in types:
        column, kind = identifier(name), types[name].lower()
        return (f"wb_json({column})", "") if of_json and _nested(kind) else (column, kind)
    root, _, rest = name.partition(".")
    if not rest or root not in types or name.startswith(("$", "@")):
        return "", ""
    column, kind = identifier(root), types[root].lower()
    path = literal("/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in rest.split(".")))
    return f"{f'wb_json({column})' if _nested(kind) else column} ->> {path}", ""


def _nested(kind: str) -> bool:
    kind = kind.removeprefix("nullable(").removeprefix("lowcardinality(")
    return kind.startswith(("tuple", "struct", "map", "array", "json", "object", "nested", "variant"))


def _text(text: str, kind: str) -> str:
    return text if not kind or "string" in kind else f"CAST({text} AS VARCHAR)"


def _time(text: str, kind: str) -> str:
    """Return a time: as it is, read from a text, or from seconds (milli-, microseconds) since 1970."""
    if any(name in kind for name in ("int", "float", "double", "decimal", "long")):
        return _since_1970(text)
    if kind and "string" not in kind:
        return f"CAST({text} AS TIMESTAMP)"
    number = f"regexp_matches({text}, '^[0-9]+([.][0-9]+)?$')"
    return (
        f"CASE WHEN {number} THEN {_since_1970(f'TRY_CAST({text} AS DOUBLE)')} ELSE TRY_CAST({text} AS TIMESTAMP) END"
    )


def _since_1970(number: str) -> str:
    micros = {11: 1_000_000, 14: 1_000, 17: 1}
    cases = [f"WHEN abs({number}) < 1e{most} THEN CAST({number} * {scale} AS BIGINT)" for most, scale in micros.items()]
    return f"make_timestamp(CASE {' '.join(cases)} END)"


def _shaped(take: str, text: str) -> str | None:
    if take in (*_OF_JSON, _KEY):
        return f"wb_{take}({text})"
    if take == "address":
        with_port, in_brackets = r"'^\d+\.\d+\.\d+\.\d+:\d+$'", r"'^\[[0-9A-Fa-f:.]+\](:\d+)?$'"
        return (
            f"CASE WHEN regexp_matches({text}, {with_port}) THEN split_part({text}, ':', 1) "
            rf"WHEN regexp_matches({text}, {in_brackets}) THEN regexp_extract({text}, '^\[([^\]]+)\]', 1) "
            f"WHEN contains({text}, ',') THEN trim(split_part({text}, ',', 1)) ELSE {text} END"
        )
    return f"replace({text}, '+', ' ')" if take == "plus" else None


def _translated(values: Mapping[str, str], text: str) -> str:
    cases = "".join(
        f" WHEN {text} = {literal(key)} THEN {literal(value)}" for key, value in values.items() if key != "*"
    )
    other = f" WHEN {text} IS NOT NULL THEN {literal(values['*'])}" if "*" in values else ""
    return f"CASE{cases}{other} END"


def _typed(field: FieldMap, target: str, text: str) -> str:
    if target == "VARCHAR":
        return text
    if target == "BOOLEAN":
        return f"TRY_CAST(lower({text}) AS BOOLEAN)"
    if target in ("BIGINT", "SMALLINT"):
        number = f"TRY_CAST(TRY_CAST({text} AS DOUBLE) AS {target})"
        return f"CASE WHEN regexp_matches({text}, {literal(_WHOLE_NUMBER)}) THEN {number} END"
    scale = f" * {UNITS[field.unit]}" if field.unit else ""
    number = f"TRY_CAST({text} AS {target}){scale}"
    return f"CASE WHEN {number} >= 0 THEN {number} END" if field.name == "duration_ms" else number


def _first(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"
