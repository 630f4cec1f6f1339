"""Which format a file is of, told from the content of its first lines.

The engine's own functions test the lines, so what recognises a line is what will read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.views import literal
from workbench.errors import SourceError
from workbench.formats.model import Format
from workbench.ingest.parse_csv import sniff_header
from workbench.ingest.parse_json import json_path

if TYPE_CHECKING:
    import duckdb

SAMPLE_LINES = 200
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Recognised:
    """The format chosen; ``header`` (with its verbatim text) and ``delimiter`` for a CSV."""

    format: Format
    header: tuple[str, ...] = ()
    header_text: str | None = None
    delimiter: str = ","


def recognise(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[str],
    formats: dict[str, Format],
    wanted: Format | None = None,
) -> Recognised:
    """Choose the format of these first lines, or prepare the one that is wanted."""
    candidates = [wanted] if wanted else sorted(formats.values(), key=lambda one: (-one.priority, one.name))
    connection.execute("CREATE OR REPLACE TEMP TABLE head AS SELECT unnest(?::VARCHAR[]) AS text", [list(lines)])
    best: tuple[float, Recognised] | None = None
    for one in candidates:
        if one.kind == "csv":
            found = _csv(one, lines, sure=wanted is not None)
        else:
            share = _share(connection, one) if lines else 0.0
            found = (share, Recognised(one)) if share >= _ENOUGH or wanted else None
        if found and (best is None or _rank(found) > _rank(best)):
            best = found
    return best[1] if best else Recognised(formats["text"])


def _rank(found: tuple[float, Recognised]) -> tuple[int, float]:
    """A more particular format wins while it fits at least half of the lines; among equals the one that fits more."""
    return found[1].format.priority, found[0]


def _share(connection: duckdb.DuckDBPyConnection, one: Format) -> float:
    """Return the share of the head's lines that the format would read."""
    if one.kind == "text":
        return 1.0
    if one.kind == "regex":
        test = f"regexp_matches(text, {literal(one.start or one.pattern or '')})"
    else:
        test = "CASE WHEN json_valid(text) THEN json_type(text) = 'OBJECT'"
        place = "text" if not one.records else f"json_extract(text, {literal(json_path(one.records) + '[0]')})"
        for names in one.require:
            some = " OR ".join(f"json_exists({place}, {literal(json_path(name))})" for name in names)
            test += f" AND ({some})"
        test += " ELSE false END"
    skip = f"WHERE NOT regexp_matches(text, {literal(one.skip)})" if one.skip else ""
    row = connection.execute(f"SELECT avg(coalesce({test}, false)::INTEGER) FROM head {skip}").fetchone()
    return float(row[0] or 0.0) if row else 0.0


def _csv(one: Format, lines: Sequence[str], *, sure: bool) -> tuple[float, Recognised] | None:
    plain = [line for line in lines if not line.startswith("#")] if one.skip else list(lines)
    sniffed = sniff_header(plain[:50]) or (sniff_header(plain[:1]) if sure else None)
    if sniffed is None:
        if sure and not plain:
            return 1.0, Recognised(one)
        if sure:
            raise SourceError(f"its first line is no header of {one.name}: different names between , ; | or tabs")
        return None
    header, delimiter = sniffed
    names = {name.lower() for name in header}
    missing = [names_ for names_ in one.require if not any(name.lower() in names for name in names_)]
    if missing and not sure:
        return None
    return 1.0, Recognised(one, header, plain[0], delimiter)
