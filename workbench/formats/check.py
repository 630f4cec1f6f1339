"""What only the engine can judge of a format definition: its patterns, paths and times, and what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.errors import FormatError
from workbench.formats.model import Format, groups_of, json_path
from workbench.safetext import safe

#: The pieces of a line of a format of kind ``text``.
TEXT_PIECES = ("text", "time", "level")
_MATCHES = "SELECT regexp_matches('x', ?)"
_EXISTS = "SELECT json_exists('{}', ?)"
_PARSES = "SELECT try_strptime('x', ?)"
#: Patterns that Python's ``re`` reads as well as the engine.
_BOTH = ("start", "header")


def check(fmt: Format, where: str) -> Format:
    """Return a format that the engine can read with. Raises FormatError naming the file and the key that is wrong."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        for key, query, value in _engine_reads(fmt):
            try:
                connection.execute(query, [value]).fetchall()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0].partition("Error: ")[2]
                raise FormatError(f"{where}: {key} cannot be {safe(repr(value))}: {safe(reason)}") from error
    for key in _BOTH:
        value = getattr(fmt, key) or ""
        try:
            groups = re.compile(value).groups
        except (re.error, RecursionError, OverflowError) as error:
            fault = f"{safe(error)} (Python's re reads it too)"
            raise FormatError(f"{where}: {key} cannot be {safe(repr(value))}: {fault}") from error
        if key == "header" and value and not groups:
            raise FormatError(f"{where}: header must have a group, which gives the names")
    if wrong := next(_unknown_pieces(fmt), ""):
        raise FormatError(f"{where}: {wrong}")
    return fmt


def _engine_reads(fmt: Format) -> Iterator[tuple[str, str, str]]:
    """Yield what the engine reads: the key, the query that tries it, and the text."""
    for key in ("pattern", "start", "same", "partial", "glue", "skip", "header"):
        if value := getattr(fmt, key):
            yield key, _MATCHES, value
    yield from (("quick", _MATCHES, part) for part in fmt.quick if groups_of(part))
    yield from ((f"fields.{one.name}.match", _MATCHES, one.match) for one in fmt.fields if one.match)
    yield from (("time_formats", _PARSES, value) for value in fmt.time_formats)
    if fmt.kind == "json":
        yield from (("require", _EXISTS, json_path(name)) for names in fmt.require for name in names)
        for one in fmt.fields:
            yield from ((f"fields.{one.name}", _EXISTS, json_path(name)) for name in one.source)


def _unknown_pieces(fmt: Format) -> Iterator[str]:
    """Yield what names a piece that a record of this kind has not."""
    if fmt.kind in ("json", "csv"):
        return
    groups = groups_of(fmt.pattern or "")
    if fmt.kind == "regex" and not groups:
        yield "pattern must have named groups: (?P<name>…)"
    if repeated := next((name for name in groups if groups.count(name) > 1), ""):
        yield f"pattern has two groups named {repeated!r}"
    pieces = groups if fmt.kind == "regex" else TEXT_PIECES
    for one in fmt.fields:
        for name in one.source:
            if name not in pieces:
                yield f"fields.{one.name}: there is no {name!r} in a line; there are {', '.join(pieces)}"
    for part in fmt.quick:
        if unknown := next((name for name in groups_of(part) if name not in groups), ""):
            yield f"quick names {unknown!r}, which is no group of the pattern"
