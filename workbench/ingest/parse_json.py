"""The SQL for records that are JSON objects.

The object is read once for all mapped members. What no field takes stays, as an object, in ``extra``: a member is taken
away only where a column holds all that it said.
"""

from __future__ import annotations

import json

from workbench.case.views import literal
from workbench.formats.model import FieldMap, Format
from workbench.ingest.parse import Parsing, joined, not_null, values

#: A key is there twice: a column takes the first value, so the whole record stays in ``extra``.
TWICE = "(reason IS NULL AND len(json_keys(text)) <> len(list_distinct(json_keys(text))))"

#: The record as it is, but without the commas before a closing bracket that the engine lets pass and others do not.
STRICT = r"CASE WHEN regexp_matches(text, ',\s*[}\]]') THEN json(text)::VARCHAR ELSE text END"


def json_path(name: str) -> str:
    """Return the engine's JSON path of a dotted name; one that begins with ``$`` is taken as it is."""
    if name.startswith("$"):
        return name
    return "$" + "".join(f'."{part}"' for part in name.split("."))


def records(fmt: Format, lines: str) -> str:
    """Return the relation of records: line, item, lines, text, raw, and a reason for what is not an object."""
    escaped = r"regexp_replace(text, '\\x([0-9a-f]{2})', '\\\\x\1', 'g')"
    mended = f"""(SELECT * REPLACE (CASE WHEN raw IS NULL OR json_valid(text) THEN text ELSE {escaped} END AS text)
        FROM {joined(fmt, lines)})"""
    checked = f"""(SELECT *, CASE WHEN NOT json_valid(text) THEN 'it is not valid JSON'
        WHEN json_type(text) <> 'OBJECT' THEN 'it is JSON, but not an object: ' || lower(json_type(text)) END AS reason
        FROM {mended})"""
    if not fmt.records:
        return checked
    path = json_path(fmt.records)
    return f"""(SELECT line, (coalesce(place, 1) - 1)::INTEGER AS item, lines, coalesce(record, text) AS text, raw,
        CASE WHEN reason IS NULL AND record IS NOT NULL AND json_type(record) <> 'OBJECT'
            THEN 'the record is not an object: ' || lower(json_type(record)) ELSE reason END AS reason
        FROM (SELECT * EXCLUDE (found), unnest(found)::VARCHAR AS record, generate_subscripts(found, 1) AS place FROM
            (SELECT *, CASE WHEN reason IS NULL AND json_array_length(text, {literal(path)}) > 0
                THEN json_extract(text, {literal(path + "[*]")}) ELSE [NULL::JSON] END AS found FROM {checked})))"""


def members(fmt: Format, lines: str) -> str:
    """Return a query of the names that occur: each top-level member, and each deeper one that the format maps."""
    deep = sorted({s for one in fmt.fields for s in one.source if "." in s.removeprefix("$.") or s.startswith("$")})
    base = f"(SELECT text FROM {records(fmt, lines)} WHERE reason IS NULL)"
    inside = [s for s in deep if s.split(".", 1)[0] in fmt.embedded]
    asked = [s for s in deep if s not in inside]
    top = f"SELECT DISTINCT unnest(keys) AS name FROM (SELECT DISTINCT json_keys(text) AS keys FROM {base})"
    for source in inside:
        top += f" UNION ALL SELECT {literal(source)}"
    if asked:
        paths = "[" + ", ".join(literal(json_path(s)) for s in asked) + "]"
        names = "[" + ", ".join(literal(s) for s in asked) + "]"
        top += f""" UNION ALL SELECT {names}[place] FROM (SELECT DISTINCT unnest(list_filter(range(1, {len(asked) + 1}),
            lambda place: found[place])) AS place
            FROM (SELECT DISTINCT json_exists(text, {paths}) AS found FROM {base}))"""
    return top


def parsed(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation."""
    fmt = parsing.format
    fields = [_present(one, parsing.present) for one in fmt.fields]
    wanted = list(dict.fromkeys(source for one in fields for source in one))
    inner = {s: s.split(".", 1) for s in wanted if s.split(".", 1)[0] in fmt.embedded and "." in s}
    names = list(dict.fromkeys([s for s in wanted if s not in inner] + [root for root, _ in inner.values()]))
    pieces = {name: f"m[{index}]" for index, name in enumerate(names, 1)}
    for source, (root, rest) in inner.items():
        whole = pieces[root]
        pieces[source] = (
            f"CASE WHEN wb_is_object({whole}) THEN json_extract_string({whole}, {literal(json_path(rest))}) END"
        )
    rest = _rest(parsing, fields, pieces)
    if fmt.null:
        pieces = {name: not_null(fmt, piece) for name, piece in pieces.items()}
    paths = "[" + ", ".join(literal(json_path(name)) for name in names) + "]"
    read = f"json_extract_string(text, {paths})" if names else "NULL::VARCHAR[]"
    base = f"(SELECT *, CASE WHEN reason IS NULL THEN {read} END AS m FROM {records(fmt, lines)})"
    return values(parsing, pieces, base, rest, TWICE)


def _present(one: FieldMap, present: frozenset[str]) -> list[str]:
    return [source for source in one.source if source in present]


def _rest(parsing: Parsing, fields: list[list[str]], pieces: dict[str, str]) -> str:
    """Return the SQL of the members that no column holds whole, or NULL.

    Only top-level members are taken away, and of a field's alternatives only the first that occurs in the file.
    """
    always: list[str] = []
    when: dict[str, str] = {}
    for one, sources in zip(parsing.format.fields, fields, strict=True):
        if not sources or "." in sources[0] or sources[0].startswith("$") or one.match or one.values:
            continue
        piece = pieces[sources[0]]
        if one.take in (None, "key"):
            always.append(sources[0])
        elif one.take == "last_user":
            when[sources[0]] = f"wb_whole_conversation({piece})"
        elif one.take == "text":
            when[sources[0]] = f"NOT wb_is_object({piece}) AND NOT wb_is_list({piece})"
    top = {name for name in parsing.present if "." not in name and not name.startswith("$")}

    def kept(taken: list[str], conditions: list[tuple[str, str]]) -> str:
        if conditions:
            (name, test), *others = conditions
            return f"CASE WHEN {test} THEN {kept([*taken, name], others)} ELSE {kept(taken, others)} END"
        if top <= set(taken):
            return "NULL"
        patch = json.dumps(dict.fromkeys(taken))
        return f"nullif(json_merge_patch(text, {literal(patch)})::VARCHAR, '{{}}')" if taken else STRICT

    whole = f"WHEN {TWICE} THEN {STRICT} " if always or when else ""
    return f"CASE WHEN reason IS NOT NULL THEN NULL {whole}ELSE {kept(always, list(when.items()))} END"
