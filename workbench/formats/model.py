"""What a format definition says, read from TOML and checked.

A format has a *kind*, which says how a record is split: ``json`` (an object a line), ``regex`` (named groups of one
pattern), ``csv`` (a header, then rows) or ``text`` (the line itself). ``fields`` maps pieces to normalised columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.case.fields import BY_NAME, NORMALISED_NAMES
from workbench.errors import FormatError

KINDS = ("json", "regex", "csv", "text")

#: How a piece becomes a value beyond a plain cast: see ``workbench.ingest.macros`` for each.
TAKES = ("last_user", "system", "text", "key", "address", "severity", "plus", "url", "level", "otel_text", "span")
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


def parse(text: str, where: str) -> Format:
    """Read a definition. Raises FormatError naming the file and the key that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{where}: not valid TOML: {error}") from error

    def fail(what: str) -> FormatError:
        return FormatError(f"{where}: {what}")

    def strings(key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise fail(f"{key} must be a list of strings")
        return tuple(value)

    known = {
        "name", "title", "kind", "priority", "pattern", "quick", "start", "same", "partial",
        "partial_bytes", "glue", "skip", "require", "records", "embedded",
        "null", "header", "delimiter", "names", "quote", "time_formats", "time_year", "zone", "unquote",
        "fields", "sample",
    }  # fmt: skip
    if unknown := sorted(set(data) - known):
        raise fail(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")
    name, kind = data.get("name"), data.get("kind")
    if not isinstance(name, str) or not name.isidentifier():
        raise fail("name must be a plain word")
    if data.get("zone") not in (None, "UTC"):
        raise fail("zone can only be 'UTC'; for others there is --tz")
    if kind not in KINDS:
        raise fail(f"kind must be one of {', '.join(KINDS)}")
    if (kind == "regex") != isinstance(data.get("pattern"), str):
        raise fail("a pattern belongs to kind 'regex', and only there")
    require = tuple(
        tuple(item) if isinstance(item, list) else (item,)
        for item in data.get("require", [])
        if isinstance(item, str | list)
    )
    return Format(
        name=name,
        title=str(data.get("title", name)),
        kind=kind,
        priority=int(data.get("priority", 50)),
        fields=tuple(_field(key, value, fail) for key, value in data.get("fields", {}).items()),
        pattern=data.get("pattern"),
        quick=strings("quick"),
        start=data.get("start"),
        same=data.get("same"),
        partial=data.get("partial"),
        partial_bytes=int(data.get("partial_bytes", 0)),
        glue=data.get("glue"),
        skip=data.get("skip"),
        require=require,
        records=(data["records"],) if isinstance(data.get("records"), str) else strings("records"),
        header=data.get("header"),
        delimiter=data.get("delimiter"),
        names=strings("names"),
        quote=bool(data.get("quote", True)),
        embedded=strings("embedded"),
        null=strings("null"),
        time_formats=strings("time_formats"),
        time_year=bool(data.get("time_year", True)),
        zone=data.get("zone"),
        unquote=bool(data.get("unquote", False)),
        samples=tuple(
            Sample(
                item["text"],
                item.get("expect", {}),
                bool(item.get("reject", False)),
                item.get("extra", {}),
                item.get("events"),
                int(item.get("event", 0)),
            )
            for item in data.get("sample", [])
        ),
    )


def _field(name: str, value: object, fail: Any) -> FieldMap:
    if name not in NORMALISED_NAMES:
        raise fail(f"fields.{name} is not a normalised column; known: {', '.join(NORMALISED_NAMES)}")
    if isinstance(value, str):
        return FieldMap(name, (value,))
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return FieldMap(name, tuple(value))
    if not isinstance(value, dict) or "from" not in value:
        raise fail(f"fields.{name} must be a name, a list of names, or a table with 'from'")
    source = value["from"] if isinstance(value["from"], list) else [value["from"]]
    take, unit = value.get("take"), value.get("unit")
    if take is not None and take not in TAKES:
        raise fail(f"fields.{name}.take must be one of {', '.join(TAKES)}")
    if unit is not None and (unit not in UNITS or BY_NAME[name].type != "DOUBLE"):
        raise fail(f"fields.{name}.unit must be one of {', '.join(UNITS)}, on a column of durations")
    return FieldMap(
        name, tuple(source), take, unit, value.get("match"), value.get("values", {}), bool(value.get("join", False))
    )
