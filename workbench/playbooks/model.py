"""A playbook: one ``.sql`` file that runs as it is in the DuckDB shell, with a comment block that says what it is for.

The header is ``-- key: text`` lines, continued by lines indented further. Parameters are the file's own statements
``SET VARIABLE name = default;  -- type: what it means``; the query reads them with ``getvariable('name')``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from workbench.charts.spec import ChartSpec, parse
from workbench.errors import PlaybookError, UsageError

TYPES = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR", "time": "TIMESTAMP", "boolean": "BOOLEAN"}
_KEYS = {"title", "question", "why", "innocent", "needs", "chart", "entity"}
_HEADER = re.compile(r"^-- (?P<key>[a-z]+): (?P<text>.*)$")
_MORE = re.compile(r"^--   +(?P<text>\S.*)$")
_VARIABLE = re.compile(
    r"^SET VARIABLE (?P<name>[a-z][a-z0-9_]*) = (?P<default>.+?);\s*-- (?P<type>[a-z]+): (?P<about>.+)$", re.IGNORECASE
)

ENTITY_KINDS = ("session", "account", "address", "key", "organisation", "event")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the investigator may choose; ``default`` is its text as a person would type it."""

    name: str
    type: str
    default: str
    about: str

    def value(self, text: str) -> object:
        """Return typed text as a value of the parameter's type. Raises UsageError saying what would fit."""
        try:
            match self.type:
                case "integer":
                    return int(text)
                case "number":
                    return float(text)
                case "boolean":
                    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
                case "time":
                    return None if not text else _time(text)
                case _:
                    return text
        except (ValueError, KeyError) as error:
            example = {"integer": "25", "number": "0.5", "boolean": "true or false", "time": "2026-05-18 14:00"}[
                self.type
            ]
            raise UsageError(f"{self.name}: {text!r} is not a {self.type}; for example {example}") from error


@dataclass(frozen=True, slots=True)
class Playbook:
    """A saved investigation. ``entity`` is the kind of thing a row stands for and the column that names it."""

    name: str
    group: str
    title: str
    question: str
    why: str
    innocent: tuple[str, ...]
    needs: tuple[str, ...]
    chart: ChartSpec | None
    entity: tuple[str, str] | None
    parameters: tuple[Parameter, ...]
    sql: str
    text: str
    origin: str

    def bind(self, given: Mapping[str, str]) -> dict[str, object]:
        """Return all parameters' values, given ones in place of defaults. Raises UsageError for an unknown one."""
        known = {parameter.name for parameter in self.parameters}
        if unknown := sorted(set(given) - known):
            listed = ", ".join(sorted(known)) or "none"
            raise UsageError(f"playbook {self.name} has no parameter {unknown[0]!r}; it has: {listed}")
        return {p.name: p.value(given.get(p.name, p.default)) for p in self.parameters}


def _time(text: str) -> datetime:
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if value.tzinfo is not None:
        value = (value - (value.utcoffset() or value - value)).replace(tzinfo=None)
    return value if isinstance(value, datetime) else datetime.combine(date.fromisoformat(text), datetime.min.time())


def read(text: str, name: str, group: str, origin: str) -> Playbook:
    """Read a playbook from its text. Raises PlaybookError naming the file and what is wrong."""

    def fail(what: str) -> PlaybookError:
        return PlaybookError(f"{origin}: {what}")

    header: dict[str, list[str]] = {}
    parameters: list[Parameter] = []
    body: list[str] = []
    key: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not body and (found := _HEADER.match(line)):
            key = found["key"]
            if key not in _KEYS:
                raise fail(f"line {number}: unknown header {key!r}; known: {', '.join(sorted(_KEYS))}")
            header.setdefault(key, []).append(found["text"].strip())
        elif not body and key and (found := _MORE.match(line)):
            header[key][-1] += " " + found["text"].strip()
        elif found := _VARIABLE.match(line):
            key = None
            parameters.append(_parameter(found, fail))
        elif line.strip().upper().startswith("SET "):
            raise fail(f"line {number}: a parameter is written: SET VARIABLE name = default;  -- type: what it means")
        elif body or (line.strip() and not line.startswith("--")):
            body.append(line)
    for needed in ("title", "question", "why"):
        if not header.get(needed):
            raise fail(f"the header lacks '-- {needed}: …'")
    if not body:
        raise fail("there is no query")

    def one(key: str) -> str:
        return " ".join(header.get(key, []))

    entity: tuple[str, str] | None = None
    if one("entity"):
        kind, _, column = one("entity").partition(" ")
        if kind not in ENTITY_KINDS or not column:
            raise fail(f"entity is 'KIND COLUMN' with a kind of: {', '.join(ENTITY_KINDS)}")
        entity = (kind, column.strip())
    try:
        chart = parse(one("chart")) if one("chart") else None
    except PlaybookError as error:
        raise fail(str(error)) from error
    return Playbook(
        name=name,
        group=group,
        title=one("title"),
        question=one("question"),
        why=one("why"),
        innocent=tuple(header.get("innocent", [])),
        needs=tuple(word.strip() for word in one("needs").split(",") if word.strip()),
        chart=chart,
        entity=entity,
        parameters=tuple(parameters),
        sql="\n".join(body).strip().rstrip(";").rstrip(),
        text=text,
        origin=origin,
    )


def _parameter(found: re.Match[str], fail: object) -> Parameter:
    kind, default = found["type"].lower(), found["default"].strip()
    if kind not in TYPES:
        raise fail(f"parameter {found['name']}: the type must be one of {', '.join(TYPES)}")  # type: ignore[operator]
    literal = re.fullmatch(r"(?:TIMESTAMP |DATE )?'((?:[^']|'')*)'(?:::TIMESTAMP)?", default, re.IGNORECASE)
    if literal:
        default = literal[1].replace("''", "'")
    elif default.upper().startswith("NULL"):
        default = ""
    return Parameter(found["name"].lower(), kind, default, found["about"].strip())
