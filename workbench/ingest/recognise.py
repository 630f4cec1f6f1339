"""Which format a file is of, told from the content of its first lines.

The engine's own functions test the lines, so what recognises a line is what will read it; all files of a batch at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.errors import SourceError
from workbench.formats.model import Format, json_path
from workbench.ingest import documents
from workbench.ingest.csv_sql import header_names, sniff_header
from workbench.ingest.json_sql import places
from workbench.ingest.lines import first_lines
from workbench.ingest.record_sql import flat
from workbench.sqltext import literal

if TYPE_CHECKING:
    import duckdb

#: How many lines are looked at, at most.
SAMPLE_LINES = 50
_ENOUGH = 0.5
#: Formats of at least this priority are of one program.
_PARTICULAR = 50
#: Characters of lines that are tested in one query; where one source has more than twice that, a format a query.
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Recognised:
    """The format chosen; ``header`` (with its verbatim text) and ``delimiter`` for a CSV."""

    format: Format
    header: tuple[str, ...] = ()
    header_text: str | None = None
    delimiter: str = ","


def head_of(sample: bytes) -> list[str]:
    """Return the lines by which a file is recognised: its first ones, more of them where its JSON goes over many."""
    lines = first_lines(sample, SAMPLE_LINES)
    return first_lines(sample, documents.LINES) if documents.begins(lines) else lines


def recognise(
    connection: duckdb.DuckDBPyConnection,
    heads: Mapping[int, Sequence[str]],
    formats: Mapping[str, Format],
    wanted: Format | None = None,
) -> dict[int, Recognised | SourceError]:
    """Choose the format of each source from its first lines, or prepare the one that is wanted."""
    laid = {source: found for source, lines in heads.items() if (found := documents.layout(lines))}
    # What is in a document is tested twice: by itself, and inside the list that it is in.
    tested = {
        source: laid[source].records if source in laid else lines[:SAMPLE_LINES] for source, lines in heads.items()
    }
    tested |= {-1 - source: one.wrapped_records for source, one in laid.items() if one.wrapped}
    if wanted is not None:
        prepared = {source: _prepared(wanted, lines) for source, lines in tested.items() if source >= 0}
        inside = bool(wanted.records)
        prepared = {
            source: _unwrapped(one, heads[source]) if isinstance(one, Recognised) else one
            for source, one in prepared.items()
        }
        return {
            source: _in_document(one, laid[source], inside=inside) if source in laid and wanted.kind == "json" else one
            for source, one in prepared.items()
        }
    candidates = sorted(formats.values(), key=lambda one: (-one.priority, one.name))
    shares = _shares(connection, tested, [one for one in candidates if one.kind not in ("csv", "text")])
    best = {source: _best(candidates, shares.get(source, {}), lines, formats) for source, lines in tested.items()}
    for source, head in laid.items():
        inside = (
            (wrapped := best.get(-1 - source)) is not None
            and bool(wrapped.format.records)
            and (wrapped.format.priority > best[source].format.priority)
        )
        chosen = best[-1 - source] if inside else best[source]
        if chosen.format.kind == "json":
            best[source] = _in_document(chosen, head, inside=inside)
        else:
            best[source] = Recognised(formats["text"])
    return {source: _unwrapped(best[source], lines) for source, lines in heads.items()}


def _unwrapped(known: Recognised, lines: Sequence[str]) -> Recognised:
    """Leave out a list of records that a format only may have, where no line has it: so the fast reader can be used."""
    fmt = known.format
    if not fmt.records or not all(path.endswith("?") for path in fmt.records):
        return known
    names = "|".join(re.escape(path.removesuffix("?")) for path in fmt.records)
    if any(re.match(rf'\s*\{{\s*"(?:{names})"\s*:\s*\[', line) for line in lines):
        return known
    return replace(known, format=replace(fmt, records=()))


def _in_document(known: Recognised | SourceError, laid: documents.Layout, *, inside: bool) -> Recognised:
    assert isinstance(known, Recognised)
    return replace(known, format=documents.read(known.format, laid.wrapped if inside and laid.wrapped else laid.alone))


def _prepared(wanted: Format, lines: Sequence[str]) -> Recognised | SourceError:
    if wanted.kind != "csv" or not lines:
        return Recognised(wanted)
    return _csv(wanted, lines, sure=True) or SourceError(
        f"its first line is no header of {wanted.name}: different names between , ; | or tabs"
    )


def _best(
    candidates: Sequence[Format], shares: Mapping[str, float], lines: Sequence[str], formats: Mapping[str, Format]
) -> Recognised:
    """A more particular format wins while it fits at least half of the lines; among equals the one that fits more."""
    best: tuple[tuple[int, float], Recognised] | None = None
    for candidate in candidates:
        if best is not None and candidate.priority < best[0][0]:
            break
        if candidate.kind == "csv":
            recognised, share = _csv(candidate, lines), 1.0
        else:
            share = 1.0 if candidate.kind == "text" else shares.get(candidate.name, 0.0)
            recognised = Recognised(candidate) if share >= _ENOUGH else None
        if recognised and (best is None or (candidate.priority, share) > best[0]):
            best = (candidate.priority, share), recognised
    return best[1] if best else Recognised(formats["text"])


def _shares(
    connection: duckdb.DuckDBPyConnection, heads: Mapping[int, Sequence[str]], formats: Sequence[Format]
) -> dict[int, dict[str, float]]:
    """Return the share of each source's lines that each format would read, where it is not zero."""
    shares: dict[int, dict[str, float]] = {source: {} for source in heads}
    some: dict[int, Sequence[str]] = {}
    size = 0
    # The engine keeps what it parsed of a line for every test until the query ends: little text a query.
    for source, lines in heads.items():
        some[source] = lines
        size += sum(map(len, lines))
        if size > _AT_ONCE:
            _test(connection, some, formats, shares, at_once=1 if size > 2 * _AT_ONCE else len(formats))
            some, size = {}, 0
    if some:
        _test(connection, some, formats, shares, at_once=len(formats))
    return shares


def _test(
    connection: duckdb.DuckDBPyConnection,
    heads: Mapping[int, Sequence[str]],
    formats: Sequence[Format],
    results: dict[int, dict[str, float]],
    *,
    at_once: int,
) -> None:
    """Add to ``results`` the shares of these sources; ``at_once`` formats are tested in one query."""
    connection.execute("CREATE OR REPLACE TEMP TABLE head (source INTEGER, place INTEGER, text VARCHAR)")
    connection.execute(
        "INSERT INTO head SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]), unnest(?::VARCHAR[])",
        [
            [source for source, lines in heads.items() for _ in lines],
            [place for lines in heads.values() for place in range(len(lines))],
            [line for lines in heads.values() for line in lines],
        ],
    )
    for start in range(0, len(formats), max(at_once, 1)):
        some = formats[start : start + at_once]
        tests = ", ".join(map(_share, some))
        rows = connection.execute(f"SELECT source, {tests} FROM ({_KINDS.format(table='head')}) GROUP BY source")
        for source, *shares in rows.fetchall():
            results[source] |= {one.name: share for one, share in zip(some, shares, strict=True) if share}


def _share(fmt: Format) -> str:
    """Return the SQL of the share of a head's lines that are a format's.

    Where a record goes on over many lines, few begin one: it is enough that the first does, and another if the format
    is no particular one.
    """
    fits = test(fmt)
    if not fmt.start:
        return f"avg({fits})"
    least = 1 if fmt.priority >= _PARTICULAR else 2
    begun = f"arg_min({fits}, place) = 1 AND sum({fits}) >= {least}"
    return f"CASE WHEN {begun} THEN greatest(avg({fits}), {_ENOUGH}) ELSE avg({fits}) END"


def test(fmt: Format) -> str:
    """Return the SQL of whether a head's line is one of the format's: 1, 0, or NULL where it would be skipped."""
    if fmt.kind == "regex":
        fits = f"regexp_matches(text, {literal(fmt.start or fmt.pattern or '')})"
    else:
        fits = "is_array" if "$" in fmt.records else "is_object"
        for names in fmt.require:
            some = " OR ".join(_exists(place, name) for name in names for place in places(fmt))
            fits += f" AND ({some})"
        fits = f"CASE WHEN is_object OR is_array THEN coalesce({fits}, false) ELSE false END"
    skip = f"WHEN regexp_matches(text, {literal(fmt.skip)}) THEN NULL " if fmt.skip else ""
    return f"CASE {skip}WHEN {fits} THEN 1 ELSE 0 END"


def _exists(place: str | None, name: str) -> str:
    """Return the SQL of whether a record has a member, by its path or under the whole dotted name."""
    here = "text" if place is None else f"json_extract(text, {literal(place)})[1]"
    paths = [json_path(name), *([flat(name)] if "." in name and not name.startswith("$") else [])]
    return " OR ".join(f"json_exists({here}, {literal(path)})" for path in paths)


def why_no_line(connection: duckdb.DuckDBPyConnection, fmt: Format, lines: Sequence[str]) -> list[str]:
    """Return for each line ``fits``, ``skipped``, or why the format does not fit it."""
    if fmt.kind == "text":
        return ["fits"] * len(lines)
    connection.execute("CREATE OR REPLACE TEMP TABLE one_head AS SELECT unnest(?::VARCHAR[]) AS text", [list(lines)])
    if fmt.kind == "regex":
        reason = "'the pattern does not match'"
    else:
        missing = " ".join(
            f"WHEN NOT ({' OR '.join(_exists(place, name) for name in names for place in places(fmt))}) "
            f"THEN {literal('no ' + ' or '.join(names))}"
            for names in fmt.require
        )
        kind = "is_array" if "$" in fmt.records else "is_object"
        wanted = literal(f"not a JSON {'array' if '$' in fmt.records else 'object'}")
        reason = f"CASE WHEN NOT {kind} THEN {wanted} {missing} END"
    rows = connection.execute(f"""SELECT CASE {test(fmt)} WHEN 1 THEN 'fits' WHEN 0 THEN coalesce({reason}, 'no')
        ELSE 'skipped' END FROM ({_KINDS.format(table="one_head")})""").fetchall()
    return [word for (word,) in rows]


def why_no_csv(fmt: Format, lines: Sequence[str]) -> str | None:
    """Return why these lines are no rows of a format with columns, or None where they are."""
    if _csv(fmt, lines):
        return None
    if fmt.header:
        return f"no line gives the names ({fmt.header})"
    sniffed = sniff_header(list(lines))
    if sniffed is None:
        return "the first line is no header with rows of as many values"
    names = {name.lower() for name in sniffed[0]}
    missing = [" or ".join(some) for some in fmt.require if not any(name.lower() in names for name in some)]
    return f"no column {missing[0]}" if missing else "the rows do not fit"


#: The lines of a head with what kind of JSON each is.
_KINDS = """SELECT *, CASE WHEN json_valid(text) THEN json_type(text) = 'OBJECT' ELSE false END AS is_object,
    CASE WHEN left(text, 2) IN ('[{{', '[ ') THEN json_valid(text) ELSE false END AS is_array FROM {table}"""


def _csv(fmt: Format, lines: Sequence[str], *, sure: bool = False) -> Recognised | None:
    if fmt.header:
        given = next((found for line in lines if (found := header_names(fmt, line))), None)
        return Recognised(fmt, given or (), None, fmt.delimiter or "\t") if given or sure else None
    if fmt.names:
        fits = [line for line in lines if len(line.split(fmt.delimiter or " ")) == len(fmt.names)]
        if not sure and (len(fits) * 2 < len(lines) or not re.search(fmt.start or "", "\n".join(fits))):
            return None
        return Recognised(fmt, fmt.names, None, fmt.delimiter or " ")
    plain = [line for line in lines if not line.startswith("#")] if fmt.skip else list(lines)
    sniffed = sniff_header(plain) or (sniff_header(plain[:1]) if sure else None)
    if sniffed is None:
        return None
    header, delimiter = sniffed
    names = {name.lower() for name in header}
    if not sure and any(not any(name.lower() in names for name in some) for some in fmt.require):
        return None
    return Recognised(fmt, header, plain[0], delimiter)
