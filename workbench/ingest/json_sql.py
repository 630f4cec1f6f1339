"""The SQL for records that are JSON objects.

The object is read once for all mapped members. What no field takes stays, as an object, in ``extra``: a member is taken
away only where a column holds all that it said. ``parsed`` takes lines and is exact whatever they hold;
``parsed_columns`` takes the members as columns, as the strict reader gives them, and comes to the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from workbench.formats.model import FieldMap, Format, json_path
from workbench.ingest.record_sql import ATTRIBUTE, Parsing, flat, joined, not_null, root_of, values
from workbench.sqltext import identifier, literal

#: A key is there twice: a column takes the first value, so the whole record stays in ``extra``.
TWICE = "(reason IS NULL AND len(json_keys(text)) <> len(list_distinct(json_keys(text))))"
#: The record as it is, but without the commas before a closing bracket that the engine lets pass and others do not.
_WHOLE = r"CASE WHEN regexp_matches(text, ',\s*[}\]]') THEN json(text)::VARCHAR ELSE text END"


def split_name(name: str) -> tuple[str, str | None]:
    """Return a source's top-level member and the path inside it, None where it is the member itself.

    An attribute (see ``parse.ATTRIBUTE``) is its own path.
    """
    root = root_of(name)
    if name.startswith(ATTRIBUTE):
        return root, name
    if name.startswith("$"):
        rest = name.removeprefix("$.").removeprefix(f'"{root}"').removeprefix(root)
        return root, f"${rest}" if rest else None
    rest = name.removeprefix(root).removeprefix(".")
    return root, json_path(rest) if rest else None


def records(fmt: Format, lines: str) -> str:
    """Return the relation of records: their place, text, raw, and a reason for what is not an object."""
    escaped = r"regexp_replace(text, '\\x([0-9a-f]{2})', '\\\\x\1', 'g')"
    mended = f"""(SELECT * REPLACE (CASE WHEN raw IS NULL OR json_valid(text) THEN text ELSE {escaped} END AS text)
        FROM {joined(fmt, lines)})"""
    kind = "ARRAY" if "$" in fmt.records else "OBJECT"
    not_kind = literal(f"it is JSON, but not an {kind.lower()}: ")
    checked = f"""(SELECT *, CASE WHEN NOT json_valid(text) THEN 'it is not valid JSON'
        WHEN json_type(text) <> {literal(kind)} THEN {not_kind} || lower(json_type(text))
        WHEN text = '[]' THEN 'the array holds no records' END AS reason
        FROM {mended})"""
    if not fmt.records:
        return checked
    inner = " || ".join(f"coalesce({_inner(one)}, [])" for one in fmt.records)
    return f"""(SELECT source, newest, line, first_line, (coalesce(place, 1) - 1)::INTEGER AS item, lines,
        coalesce(record, text) AS text, raw, CASE WHEN reason IS NULL AND record IS NOT NULL
            AND json_type(record) <> 'OBJECT'
            THEN 'the record is not an object: ' || lower(json_type(record)) ELSE reason END AS reason
        FROM (SELECT * EXCLUDE (found), unnest(found)::VARCHAR AS record, generate_subscripts(found, 1) AS place FROM
            (SELECT * REPLACE (CASE WHEN len(found) > 0 THEN found ELSE [NULL::JSON] END AS found) FROM
            (SELECT *, CASE WHEN reason IS NULL THEN {inner} END AS found FROM {checked}))))"""


def _inner(path: str) -> str:
    """Return the SQL of the list of records at a path: ``a`` or ``a[*].b[*]`` is that list or those lists.

    ``a?`` is that list where there is one, else the object itself. ``a|kept|b[*]`` are the records ``b`` inside each
    ``a``, to which the member ``kept`` of that ``a`` is added.
    """
    if path.endswith("?"):
        place = path.removesuffix("?")
        return f"""CASE WHEN json_type(text, {literal(json_path(place))}) = 'ARRAY'
            THEN json_extract(text, {literal(records_path(place))}) ELSE [text::JSON] END"""
    if "|" not in path:
        return f"json_extract(text, {literal(records_path(path))})"
    outer, kept, inner = path.split("|")
    return f"""flatten(list_transform(json_extract(text, {literal(records_path(outer))}), lambda o:
        list_transform(json_extract(o, {literal(records_path(inner))}), lambda r:
            json_merge_patch(r, json_object({literal(kept)}, json_extract(o, {literal(json_path(kept))}))))))"""


def places(fmt: Format) -> list[str | None]:
    """Return the engine's paths at which a line's first records may be; None for the line itself."""
    found: list[str | None] = [records_path(inner_path(path.removesuffix("?"))) for path in fmt.records]
    return found if found and not any(path.endswith("?") for path in fmt.records) else [*found, None]


def inner_path(path: str) -> str:
    """Return a path of records without the member that is kept with them."""
    return path if "|" not in path else ".".join(path.split("|")[::2])


def records_path(path: str) -> str:
    """Return the engine's path of the records at ``a`` or ``a[*].b[*]``; ``$`` is the array itself."""
    if path == "$":
        return "$[*]"
    parts = "".join(f'."{part.removesuffix("[*]")}"{"[*]" if part.endswith("[*]") else ""}' for part in path.split("."))
    return f"${parts}" if parts.endswith("[*]") else f"${parts}[*]"


def members(fmt: Format, lines: str) -> str:
    """Return a query of the names of the top-level members that occur."""
    keys = f"SELECT DISTINCT json_keys(text) AS keys FROM {records(fmt, lines)} WHERE reason IS NULL"
    return f"SELECT name FROM (SELECT DISTINCT unnest(keys) AS name FROM ({keys})) WHERE name IS NOT NULL"


def parsed(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation over lines."""
    fmt = parsing.format
    fields = chosen(parsing)
    roots = {s: split_name(s) for one in fields for s in one}
    inner = {s for s, (root, path) in roots.items() if path and root in fmt.embedded}
    asked = [s for s in roots if s not in inner and not s.startswith(ATTRIBUTE)]
    names = list(dict.fromkeys(asked + [json_root(roots[s][0]) for s in inner]))
    texts = {name: f"m[{index}]" for index, name in enumerate(names, 1)}
    pieces = texts | {
        s: f"av[list_position(ak, {literal(s.removeprefix(ATTRIBUTE))})]" for s in roots if s.startswith(ATTRIBUTE)
    }
    for source in inner:
        root, path = roots[source]
        pieces[source] = _inside(texts[json_root(root)], path or "$")
    always, when = taken(parsing, fields, pieces)
    rest = "NULL" if set(parsing.present) <= set(always) else _WHOLE
    if rest != "NULL" and (always or when):
        gone = ", ".join(
            [literal(f"{json.dumps(name)}:null") for name in always]
            + [f"CASE WHEN {test} THEN {literal(f'{json.dumps(name)}:null')} END" for name, test in when.items()]
        )
        patch = "'{' || concat_ws(',', " + gone + ") || '}'"
        rest = f"nullif(json_merge_patch(text, {patch})::VARCHAR, '{{}}')"
    whole = f"WHEN {TWICE} THEN {_WHOLE} " if always or when else ""
    paths = "[" + ", ".join(literal(json_path(name)) for name in names) + "]"
    read = f"json_extract_string(text, {paths})" if names else "NULL::VARCHAR[]"
    pairs = "[]::JSON[]"
    if any(s.startswith(ATTRIBUTE) for s in roots):
        pairs = "CASE WHEN reason IS NULL THEN json_extract(text, '$.attributes[*]') END"
    base = f"""(SELECT *, list_transform(pairs, lambda p: p ->> '$.key') AS ak,
        list_transform(pairs, lambda p: wb_otel_value(json_extract(p, '$.value'))) AS av FROM
        (SELECT *, CASE WHEN reason IS NULL THEN {read} END AS m, {pairs} AS pairs FROM {records(fmt, lines)}))"""
    rest = f"CASE WHEN reason IS NOT NULL THEN NULL {whole}ELSE {rest} END"
    return values(parsing, _nulled(fmt, pieces), base, rest, TWICE)


def as_text(parsing: Parsing) -> set[str]:
    """Return the members that the strict reader may give as text: one column takes all that they say."""
    fields = chosen(parsing)
    always, _ = taken(parsing, fields, dict.fromkeys((s for one in fields for s in one), "x"))
    asked = {split_name(s)[0] for one in fields for s in one if split_name(s)[1]}
    return set(always) - asked


def parsed_columns(parsing: Parsing, base: str, columns: dict[str, str]) -> str:
    """Return the parsed relation over ``base``, which has each member in the column that ``columns`` names.

    Those of ``as_text`` are text, all others JSON.
    """
    fmt = parsing.format
    fields = chosen(parsing)
    plain = as_text(parsing)
    pieces: dict[str, str] = {}
    texts: dict[str, str] = {}
    for source in dict.fromkeys(s for one in fields for s in one):
        root, path = split_name(source)
        column = identifier(columns[root])
        text = column
        if root not in plain:
            # In a projection of its own, or each use of the text reads the JSON anew.
            text = texts[column] = identifier(f"text {columns[root]}")
        if path is None:
            pieces[source] = text
        elif root in fmt.embedded:
            pieces[source] = _inside(text, path)
        else:
            pieces[source] = f"json_extract_string({column}, {literal(path)})"
    always, when = taken(parsing, fields, pieces)
    kept = []
    for name, column in columns.items():
        if name not in always:
            member = f"{literal(json.dumps(name, ensure_ascii=False) + ':')} || {identifier(column)}::VARCHAR"
            kept.append(f"CASE WHEN {when[name]} THEN NULL ELSE {member} END" if name in when else member)
    rest = f"nullif('{{' || concat_ws(',', {', '.join(kept)}) || '}}', '{{}}')" if kept else "NULL::VARCHAR"
    if texts:
        read = ", ".join(f"{column} ->> '$' AS {text}" for column, text in texts.items())
        base = f"(SELECT *, {read} FROM {base})"
    return values(parsing, _nulled(fmt, pieces), base, rest)


def _nulled(fmt: Format, pieces: dict[str, str]) -> dict[str, str]:
    return {name: not_null(fmt, piece) for name, piece in pieces.items()} if fmt.null else pieces


def _inside(text: str, path: str) -> str:
    """Return the SQL of a member of an object that may also be the JSON of one in a string."""
    return f"CASE WHEN wb_is_object({text}) THEN json_extract_string({text}, {literal(path)}) END"


def json_root(name: str) -> str:
    """Return a top-level name as a source that is read as it is."""
    return f'$."{name}"' if "." in name or name.startswith("$") else name


def chosen(parsing: Parsing) -> list[list[str]]:
    """Return for each field of the format those of its sources whose top-level member occurs."""
    return [_present(one.source, parsing.present) for one in parsing.format.fields]


def _present(sources: Iterable[str], present: frozenset[str]) -> list[str]:
    members = []
    for source in sources:
        if "." in source and source in present:
            members.append(flat(source))
        if split_name(source)[0] in present:
            members.append(source)
    return members


def taken(parsing: Parsing, fields: list[list[str]], pieces: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return which top-level members columns hold whole: always, and under a condition (SQL).

    Of a field's alternatives only the first that occurs in the file is taken away; one that other alternatives look
    into is taken where it is no object.
    """
    always: list[str] = []
    when: dict[str, str] = {}
    for field, sources in zip(parsing.format.fields, fields, strict=True):
        if field.take == "key":
            # Whichever is taken, no raw key stays.
            when |= {split_name(s)[0]: f"wb_key({pieces[s]}) <> {pieces[s]}" for s in sources if not split_name(s)[1]}
        first = next((s for s in sources if split_name(s)[1] is None), None)
        if first is None or field.match:
            continue
        name = split_name(first)[0]
        before = {split_name(s)[0] for s in sources[: sources.index(first)]}
        if before - {name}:
            continue
        piece = pieces[first]
        condition = _holds_whole(field, piece)
        if condition == "true" and before:
            condition = f"NOT wb_is_object({piece})"
        if condition == "true":
            always.append(name)
        elif condition:
            when[name] = condition
    return list(dict.fromkeys(always)), {name: test for name, test in when.items() if name not in always}


def _holds_whole(field: FieldMap, piece: str) -> str | None:
    if field.values:
        same = ", ".join(literal(key) for key, value in field.values.items() if key == value)
        return f"{piece} IN ({same})" if same and field.take is None else None
    if field.take in (None, "key"):
        return "true"
    if field.take == "last_user":
        return f"wb_whole_conversation({piece})"
    if field.take == "text":
        return f"NOT wb_is_object({piece}) AND NOT wb_is_list({piece})"
    return None
