"""The SQL that turns lines into events and rejects, made from a format definition.

Both are one SELECT over the same parsed relation: a record with a ``reason`` is a reject, any other an event. It has
``line, item, lines, text, raw, reason, extra``, and of each mapped field the text ``p_NAME`` and the value ``v_NAME``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from workbench.case.fields import COLUMNS, NORMALISED
from workbench.formats.model import UNITS, FieldMap, Format, groups_of
from workbench.sqltext import identifier, literal

_TYPED = {field.name: field.type for field in NORMALISED}


#: Before the key of one of OpenTelemetry's attributes, which are lists of keys and values.
ATTRIBUTE = "attribute:"
#: A piece that this source does not have.
NOTHING = "NULL::VARCHAR"


@dataclass(frozen=True, slots=True)
class Parsing:
    """How to read lines: the format, and what only the file knows.

    ``present`` are the JSON members that occur; ``header`` and ``delimiter`` belong to a CSV and its relatives.
    """

    format: Format
    present: frozenset[str] = frozenset()
    header: tuple[str, ...] = ()
    delimiter: str = ","

    @property
    def columns(self) -> list[str]:
        """The normalised columns that a segment of this source has."""
        return [
            one.name
            for one in self.format.fields
            if self.format.kind != "json"
            or any(root_of(source) in self.present or source in self.present for source in one.source)
        ]

    def events(self, parsed: str, *, row_a_line: bool = False) -> str:
        """Return the events: those columns of a segment that the format fills, in the order of the lines.

        Where each line is a row, its place tells its line, and the columns that say no more are left out.
        """
        made = {name: name for name in ("source", "extra", *(() if row_a_line else ("line", "item", "lines")))}
        made["format"] = literal(self.format.name)
        made |= {name: identifier(f"v_{name}") for name in self.columns}
        chosen = ", ".join(f"CAST({made[f.name]} AS {f.type}) AS {f.name}" for f in COLUMNS if f.name in made)
        return f"SELECT {chosen}, first_line FROM {parsed} WHERE reason IS NULL"

    def rejects(self, parsed: str) -> str:
        """Return the rejects: source, line, item, lines, reason, raw (the verbatim bytes)."""
        return (
            "SELECT source, line, item::INTEGER AS item, lines::INTEGER AS lines, reason, "
            f"coalesce(raw, encode(text)) AS raw FROM {parsed} WHERE reason IS NOT NULL"
        )


def root_of(name: str) -> str:
    """Return the top-level member that a dotted name, or a path, looks into."""
    if name.startswith(ATTRIBUTE):
        return "attributes"
    found = re.match(r'\$\.(?:"([^"]+)"|(\w+))', name) if name.startswith("$") else None
    return (found[1] or found[2]) if found else name.partition(".")[0]


def skipped(fmt: Format, header_text: str | None) -> str:
    """Return the condition under which a line is neither event nor reject: a comment, or the header."""
    tests = []
    if fmt.skip:
        tests.append(f"regexp_matches(text, {literal(fmt.skip)})")
    if header_text is not None:
        tests.append(f"text = {literal(header_text)}")
    return " OR ".join(tests) or "false"


# --- the kinds ------------------------------------------------------------------------------------------------------


def values(parsing: Parsing, pieces: dict[str, str], base: str, rest: str, whole: str = "false") -> str:
    """Add to ``base`` a typed ``v_NAME`` a field, the reason a time is not one, and ``extra``.

    ``pieces`` gives for each piece's name the SQL of its text; ``rest`` the SQL of what no field takes. A value that
    does not fit its column's type stays in ``extra`` under the column's name; where ``whole`` holds it is there anyway.
    """
    fields = parsing.format.fields
    raw = {one.name: _raw(one, pieces) for one in fields}
    texts = ", ".join(f"{_shape(one, raw[one.name])} AS {identifier('p_' + one.name)}" for one in fields)
    typed = ", ".join(f"{_typed(parsing, one)} AS {identifier('v_' + one.name)}" for one in fields)
    strict = [one.name for one in fields if _TYPED[one.name] not in ("VARCHAR", "TIMESTAMP")]
    failing = {name: f"p_{name} IS NOT NULL AND v_{name} IS NULL" for name in strict}
    extra = "rest"
    if failing:
        patch = ", ".join(f"{literal(name)}, CASE WHEN {test} THEN p_{name} END" for name, test in failing.items())
        extra = (
            f"CASE WHEN NOT ({whole}) AND ({' OR '.join(f'({test})' for test in failing.values())}) "
            f"THEN json_merge_patch(coalesce(rest, '{{}}'), json_object({patch})) ELSE rest END"
        )
    has_time = any(one.name == "ts" for one in fields)
    reason = "reason"
    if has_time:
        reason = (
            "CASE WHEN reason IS NOT NULL THEN reason WHEN p_ts IS NOT NULL AND v_ts IS NULL "
            "THEN 'the time is not one: ' || left(p_ts, 60) END"
        )
    return (
        f"(SELECT * REPLACE ({reason} AS reason), {extra} AS extra FROM (SELECT *{', ' + typed if typed else ''} FROM "
        f"(SELECT *, {rest} AS rest{', ' + texts if texts else ''} FROM {base})))"
    )


def _raw(field: FieldMap, pieces: dict[str, str]) -> str:
    """Return the SQL of a field's text: the first of its pieces that is there, or all of them joined.

    A dotted name may be a path, or the name of one member as it stands.
    """
    if field.take == "span":
        if not all(s in pieces for s in field.source):
            return NOTHING
        begin, end = (f"wb_time({pieces[s]})" for s in field.source)
        return f"((epoch_us({end}) - epoch_us({begin})) / 1000.0)::VARCHAR"
    if field.join:
        return (
            " || ' ' || ".join(pieces[s] for s in field.source) if all(s in pieces for s in field.source) else NOTHING
        )
    return first([pieces[name] for source in field.source for name in (flat(source), source) if name in pieces])


def flat(source: str) -> str:
    """Return a dotted name as the path of one member of that name."""
    return f'$."{source}"'


def first(expressions: list[str]) -> str:
    """Return the SQL of the first of several pieces that is there."""
    if not expressions:
        return NOTHING
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"


def _shape(field: FieldMap, text: str) -> str:
    """Return the text of a field before it gets its type."""
    if text == NOTHING:
        return text
    if field.name == "ts":
        text = f"nullif({text}, '')"
    if field.match:
        text = f"nullif(regexp_extract({text}, {literal(field.match)}, 1), '')"
    if field.take and field.take != "span":
        text = f"wb_{field.take}({text})"
    if field.values:
        cases = " ".join(
            f"WHEN {literal(key)} THEN {literal(value)}" for key, value in field.values.items() if key != "*"
        )
        other = literal(field.values["*"]) if "*" in field.values else "NULL"
        text = f"CASE WHEN {text} IS NOT NULL THEN {f'CASE {text} {cases} ELSE {other} END' if cases else other} END"
    return text


def _typed(parsing: Parsing, field: FieldMap) -> str:
    piece, kind = identifier("p_" + field.name), _TYPED[field.name]
    if kind == "TIMESTAMP":
        time = _time(parsing, piece)
        return f"CASE WHEN {time} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31' THEN {time} END"
    if kind == "VARCHAR":
        return piece
    if field.name == "duration_ms":
        scaled = f"try_cast({piece} AS DOUBLE) * {UNITS[field.unit or 'ms']}"
        return f"CASE WHEN {scaled} >= 0 THEN {scaled} END"
    if kind == "BOOLEAN":
        return f"try_cast(lower({piece}) AS BOOLEAN)"
    if kind in ("BIGINT", "SMALLINT"):
        return f"CASE WHEN regexp_matches({piece}, '^[+-]?\\d+(\\.0+)?$') THEN try_cast({piece} AS {kind}) END"
    return f"try_cast({piece} AS {kind})"


def _time(parsing: Parsing, piece: str) -> str:
    fmt = parsing.format
    if not fmt.time_formats:
        return f"coalesce(wb_time({piece} || 'Z'), wb_time({piece}))" if fmt.zone else f"wb_time({piece})"
    # One format a call: a list of formats with a zone takes 31 February for 3 March.
    if fmt.time_year:
        tried = [f"wb_strptime({piece}, {literal(item)})" for item in fmt.time_formats]
        return f"coalesce({', '.join(tried)}, wb_time({piece}))"
    plain = f"regexp_replace({piece}, ' +', ' ', 'g')"
    tried = [f"wb_year({plain}, {literal(item)}, newest)" for item in fmt.time_formats]
    return f"coalesce(wb_time({piece}), {', '.join(tried)})"


def joined(fmt: Format, lines: str) -> str:
    """Return records: lines that belong together by the format's ``start``, ``same`` or ``partial``, else each line."""
    if not fmt.spans:
        return (
            f"(SELECT source, newest, line, NULL::BIGINT AS first_line, 0 AS item, 1 AS lines, text, raw FROM {lines})"
        )
    # Blank lines at its end are the record's, but say nothing.
    records = f"""(SELECT * REPLACE (rtrim(text, chr(10)) AS text,
        CASE WHEN right(text, 1) = chr(10) THEN coalesce(raw, encode(text)) ELSE raw END AS raw)
        FROM {join_lines(starting(fmt, lines))} WHERE NOT blank)"""
    if fmt.glue:
        glued = f"regexp_replace(text, {literal(fmt.glue)}, '', 'g')"
        return f"""(SELECT * REPLACE (CASE WHEN lines > 1 THEN {glued} ELSE text END AS text,
            CASE WHEN lines > 1 THEN coalesce(raw, encode(text)) ELSE raw END AS raw) FROM {records})"""
    if fmt.document:
        from workbench.ingest.documents import records as one_a_record

        return one_a_record(fmt.document, records)
    return records


def starting(fmt: Format, lines: str) -> str:
    """Return the lines with a column that says which begin a record.

    With ``same`` it is a line in which that group is another than in the line before it; with ``partial`` one after a
    line that does not match, or is shorter than ``partial_bytes``.
    """
    if fmt.start:
        return f"(SELECT *, regexp_matches(text, {literal(fmt.start)}) AS starts FROM {lines})"
    if fmt.same:
        key = f"regexp_extract(text, {literal(fmt.same)}, 1)"
        before = f"lag({key}) OVER (PARTITION BY source ORDER BY line)"
        return f"(SELECT *, {key} = '' OR {key} IS DISTINCT FROM {before} AS starts FROM {lines})"
    goes_on = f"strlen(text) >= {fmt.partial_bytes} AND regexp_matches(text, {literal(fmt.partial or '')})"
    before = f"lag({goes_on}) OVER (PARTITION BY source ORDER BY line)"
    return f"(SELECT *, NOT coalesce({before}, false) AS starts FROM {lines})"


def join_lines(lines: str) -> str:
    """Return records of lines with a column ``starts``; lines before the first start stay alone."""
    return f"""(SELECT source, any_value(newest) AS newest, min(line) AS line, NULL::BIGINT AS first_line, 0 AS item,
        count(*)::INTEGER AS lines, string_agg(text, chr(10) ORDER BY line) AS text,
        CASE WHEN count(raw) > 0
            THEN unhex(string_agg(coalesce(hex(raw), hex(text)), '0A' ORDER BY line)) END AS raw,
        bool_and(blank) AS blank
        FROM (SELECT *, sum(starts::INTEGER) OVER (PARTITION BY source ORDER BY line ROWS UNBOUNDED PRECEDING) AS nth
            FROM {lines})
        GROUP BY source, CASE WHEN nth = 0 THEN -line ELSE nth END ORDER BY source, line)"""


def parsed_lines(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation of lines that a pattern reads."""
    return parsed_regex(parsing, joined(parsing.format, lines))


def unmapped(fmt: Format) -> list[str]:
    """Return the groups of a format's pattern that no field takes whole."""
    mapped = {source for one in fmt.fields for source in one.source if not one.match and not one.values}
    return [group for group in groups_of(fmt.pattern or "") if group not in mapped]


def parsed_regex(parsing: Parsing, records: str) -> str:
    """Return the parsed relation over records.

    A pattern with many groups is slow. Where the format gives ``quick`` patterns for the parts of a line between
    quotes, a line whose parts all fit them is cut by these, and only another by the whole pattern.
    """
    fmt = parsing.format
    assert fmt.pattern is not None
    groups = groups_of(fmt.pattern)
    whole = f"regexp_extract(text, {literal(fmt.pattern)}, [{', '.join(map(literal, groups))}])"
    base = f"""(SELECT *, CASE WHEN fits OR regexp_matches(text, {literal(fmt.pattern)}) THEN NULL
        ELSE {literal("it is not a line of " + fmt.name)} END AS reason, CASE WHEN NOT fits THEN {whole} END AS m
        FROM {_parts(fmt, records)})"""
    pieces = {group: not_null(fmt, f"m.{identifier(group)}") for group in groups}
    for number, part in enumerate(fmt.quick, 1):
        for group in groups_of(part):
            piece = f"q[{number}]" if _is_whole(part) else f"p{number}.{identifier(group)}"
            pieces[group] = f"CASE WHEN fits THEN {not_null(fmt, piece, unquote=False)} ELSE {pieces[group]} END"
    rest = {group: pieces[group] for group in unmapped(fmt)}
    return values(parsing, pieces, base, object_of(rest))


def _is_whole(part: str) -> bool:
    """Say whether a quick pattern takes a part as it is."""
    return re.fullmatch(r"\(\?P<\w+>\.\*\)", part) is not None


def _parts(fmt: Format, records: str) -> str:
    """Return the records with the parts p1, p2 … of their text and whether all of these fit."""
    if not fmt.quick:
        return f"(SELECT *, false AS fits FROM {records})"
    cut, fits = [], [f"len(q) = {len(fmt.quick)}", r"NOT contains(text, '\')"]
    for number, part in enumerate(fmt.quick, 1):
        groups = groups_of(part)
        if _is_whole(part):
            continue
        if groups:
            names = ", ".join(map(literal, groups))
            cut.append(f"regexp_extract(q[{number}], {literal(part)}, [{names}]) AS p{number}")
            fits.append(f"p{number}.{identifier(groups[0])} <> ''")
        else:
            fits.append(f"q[{number}] = {literal(part)}")
    return f"""(SELECT *, {" AND ".join(fits)} AS fits FROM
        (SELECT *, {", ".join(cut)} FROM (SELECT *, string_split(text, '"') AS q FROM {records})))"""


def not_null(fmt: Format, piece: str, *, unquote: bool = True) -> str:
    """Return the SQL of a piece, NULL where the format says that its text means nothing."""
    text = f"wb_unquote({piece})" if fmt.unquote and unquote else piece
    for null in dict.fromkeys(("", *fmt.null)):
        text = f"nullif({text}, {literal(null)})"
    return text


def object_of(pieces: dict[str, str]) -> str:
    """Return the SQL of a JSON object of those pieces that are there, or NULL where none is."""
    if not pieces:
        return "NULL::VARCHAR"
    body = ", ".join(
        f"{literal(json.dumps(name) + ':')} || to_json({piece})::VARCHAR" for name, piece in pieces.items()
    )
    return f"nullif('{{' || concat_ws(',', {body}) || '}}', '{{}}')"


def parsed_text(parsing: Parsing, lines: str) -> str:
    """Return the parsed relation of text without a pattern: the line, a time and a severity where they are found."""
    fmt = parsing.format
    plain = r"regexp_replace(text, '\x1b\[[0-9;?]*[ -/]*[@-~]', '', 'g')"
    start = f"left({plain}, 120)"
    pieces = {
        "text": "text",
        "time": f"coalesce(wb_found_time({start}), wb_yearless_time({start}, newest))::VARCHAR || 'Z'",
        "level": f"wb_found_severity({start})",
    }
    base = f"(SELECT *, NULL::VARCHAR AS reason FROM {joined(fmt, lines)})"
    return values(parsing, pieces, base, "NULL::VARCHAR")
