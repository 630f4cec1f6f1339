"""What a format definition says, read from TOML and checked.

A format has a *kind*, which says how a record is split: ``json`` (an object a line), ``regex`` (named groups of one
pattern), ``csv`` (a header, then rows) or ``text`` (the line itself). ``fields`` maps pieces to normalised columns.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.case.fields import BY_NAME, NORMALISED_NAMES
from workbench.errors import FormatError
from workbench.userfiles import (
    among,
    anything,
    either,
    every_entry,
    fitting,
    flag,
    is_text,
    is_whole,
    items,
    parse_toml,
    table,
    texts,
)

KINDS = ("json", "regex", "csv", "text")

#: How a piece becomes a value beyond a plain cast: see ``workbench.ingest.macros`` for each.
TAKES = ("last_user", "system", "text", "key", "address", "severity", "plus", "url", "level", "otel_text", "span")
_PRIORITY = 50
UNITS = {"s": 1000.0, "ms": 1.0, "us": 0.001, "ns": 0.000001}


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one normalised column is filled.

    The first of the pieces ``source`` that is there (with ``join`` all of them, a blank between), cut by ``match`` (its
    first group), shaped by ``take``, translated by ``values`` (``*`` for any other), scaled by ``unit``.
    """

    name: str
    source: tuple[str, ...]
    take: str | None = None
    unit: str | None = None
    match: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    join: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and the values expected from it; ``reject`` where it must be refused.

    ``events`` is how many it must give, ``event`` which of them (from 0, in order of the lines) is compared.
    """

    text: str
    expect: Mapping[str, Any]
    reject: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    events: int | None = None
    event: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """How the records of JSON over many lines lie: RE2 of where one begins, of lines outside, of what to cut in front.

    ``before`` and ``after`` are put around a record where the format reads it inside its list; ``tight``: the line
    that closes a record also begins the next.
    """

    start: str
    skip: str | None
    lead: str
    before: str = ""
    after: str = ""
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A log format; docs/formats.md describes each key.

    ``priority`` decides between formats that fit a file equally well.
    """

    name: str
    title: str
    kind: str
    priority: int
    fields: tuple[FieldMap, ...]
    pattern: str | None = None
    quick: tuple[str, ...] = ()
    start: str | None = None
    same: str | None = None
    partial: str | None = None
    partial_bytes: int = 0
    glue: str | None = None
    skip: str | None = None
    require: tuple[tuple[str, ...], ...] = ()
    records: tuple[str, ...] = ()
    header: str | None = None
    delimiter: str | None = None
    names: tuple[str, ...] = ()
    quote: bool = True
    embedded: tuple[str, ...] = ()
    null: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    time_year: bool = True
    zone: str | None = None
    unquote: bool = False
    samples: tuple[Sample, ...] = ()
    #: Set for one file, where its JSON goes over many lines.
    document: Document | None = None

    @property
    def spans(self) -> bool:
        """Whether a record may go over several lines by what the format says (a quoted value of a CSV apart)."""
        return bool(self.start or self.same or self.partial)


def groups_of(pattern: str) -> list[str]:
    """Return the names of a pattern's groups, in their order."""
    return re.findall(r"\(\?P<(\w+)>", pattern)


def json_path(name: str) -> str:
    """Return the engine's JSON path of a dotted name; one that begins with ``$`` is taken as it is."""
    if name.startswith("$"):
        return name
    return "$" + "".join(f'."{part}"' for part in name.split("."))


_PATTERN = fitting("an RE2 pattern", lambda value: value != "")
_RECORDS = r'[^".\\|?$\[\]]+(\[\*\])?'
_PLACE = fitting(
    "such as Records, a[*].b[*] or $",
    re.compile(rf"\$|{_RECORDS}(\.{_RECORDS})*(\?|\|{_RECORDS}\|{_RECORDS}(\.{_RECORDS})*)?").fullmatch,
)
_WORD = fitting("a plain word", str.isidentifier)
_PIECE = either("a name or a list of names", fitting("a name", bool), items(fitting("a name", bool), least=1))

#: What a table of ``[fields]`` may say of one column.
_FIELD = table(
    {
        "from": _PIECE,
        "take": among(TAKES),
        "unit": among(tuple(UNITS)),
        "match": _PATTERN,
        "values": every_entry(is_text),
        "join": flag,
    },
    required=("from",),
)
_SAMPLE = table(
    {
        "text": is_text,
        "expect": every_entry(anything),
        "extra": every_entry(anything),
        "reject": flag,
        "events": is_whole(0),
        "event": is_whole(0),
    },
    required=("text",),
)


def _column(path: str, name: object) -> str:
    if name in NORMALISED_NAMES:
        return ""
    near = difflib.get_close_matches(str(name), NORMALISED_NAMES, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(NORMALISED_NAMES)}"
    return f"{path} is not a normalised column; {hint}"


#: Every key of a definition. ``formats/check.py`` tries what only the engine can judge.
KEYS = table(
    {
        "name": _WORD,
        "title": is_text,
        "kind": among(KINDS),
        "priority": is_whole(0, 100),
        "pattern": _PATTERN,
        "quick": items(is_text),
        "start": _PATTERN,
        "same": _PATTERN,
        "partial": _PATTERN,
        "partial_bytes": is_whole(0),
        "glue": _PATTERN,
        "skip": _PATTERN,
        "require": items(_PIECE),
        "records": either("where a list of records is, such as Records, a[*].b[*] or $", _PLACE, items(_PLACE)),
        "embedded": texts,
        "null": texts,
        "header": _PATTERN,
        "delimiter": fitting("one character", lambda value: len(value) == 1 and value not in '"\n\r'),
        "names": items(fitting("a name", bool)),
        "quote": flag,
        "time_formats": items(fitting("a strptime pattern", bool)),
        "time_year": flag,
        "zone": fitting("'UTC' (for others there is --tz)", lambda value: value == "UTC"),
        "unquote": flag,
        "fields": every_entry(either("a name, a list of names, or a table with 'from'", _PIECE, _FIELD), _column),
        "sample": items(_SAMPLE),
    },
    required=("name", "kind"),
)


def parse_format(text: str, where: str) -> Format:
    """Read a definition. Raises FormatError naming the file and the key that is wrong."""
    data = parse_toml(text, where, KEYS, FormatError)
    if (data["kind"] == "regex") != ("pattern" in data):
        raise FormatError(f"{where}: a pattern belongs to kind 'regex', and only there")
    if len({name.lower() for name in data.get("names", ())}) != len(data.get("names", ())):
        raise FormatError(f"{where}: names must be different from each other")
    fields = tuple(_field(name, value) for name, value in data.pop("fields", {}).items())
    for field_map in fields:
        durations = BY_NAME[field_map.name].type == "DOUBLE"
        if field_map.unit is not None and not durations:
            raise FormatError(f"{where}: fields.{field_map.name}.unit belongs to a column of durations")
        if field_map.take == "span" and not (durations and len(field_map.source) == 2):
            raise FormatError(
                f"{where}: fields.{field_map.name}.take 'span' is of two times, for a column of durations"
            )
    samples = tuple(Sample(**{"expect": {}, **sample}) for sample in data.pop("sample", ()))
    data |= {key: tuple(data[key]) for key in ("quick", "embedded", "null", "names", "time_formats") if key in data}
    return Format(
        title=data.pop("title", data["name"]),
        priority=data.pop("priority", _PRIORITY),
        fields=fields,
        samples=samples,
        require=tuple(map(_names, data.pop("require", ()))),
        records=_names(data.pop("records", [])),
        **data,
    )


def _field(name: str, value: Any) -> FieldMap:
    if not isinstance(value, dict):
        return FieldMap(name, _names(value))
    return FieldMap(name, _names(value["from"]), **{key: item for key, item in value.items() if key != "from"})


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
