"""A playbook: one ``.sql`` file that runs as it is in the DuckDB shell, with a comment block that says what it is for.

The header is ``-- key: text`` lines, continued by lines indented further. Parameters are the file's own statements
``SET VARIABLE name = default;  -- type: what it means``; the query reads them with ``getvariable('name')``.
A playbook may come from a stranger: its header is text to show, and its query is one SELECT (checked when
it is run). What is wrong with a file is said in one line that names the file and the line. See docs/playbooks.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.case.fields import ENRICHED, NORMALISED_NAMES
from workbench.charts.spec import ChartSpec, parse
from workbench.errors import PlaybookError, UsageError
from workbench.safetext import safe

TYPES = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR", "time": "TIMESTAMP", "boolean": "BOOLEAN"}
_KEYS = {"title", "question", "why", "innocent", "needs", "chart", "entity"}
_HEADER = re.compile(r"^-- (?P<key>[a-z]+): (?P<text>.*)$")
_MORE = re.compile(r"^--   +(?P<text>\S.*)$")
_VARIABLE = re.compile(
    r"^SET VARIABLE (?P<name>[a-z][a-z0-9_]*) = (?P<default>.+?);\s*-- (?P<type>[a-z]+): (?P<about>.+)$", re.IGNORECASE
)

ENTITY_KINDS = ("session", "account", "address", "key", "organisation", "event")
_NEEDABLE = {*NORMALISED_NAMES, *(field.name for field in ENRICHED)}
_ONCE = {"title", "entity", "chart", "needs"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EXAMPLES = {"integer": "25", "number": "0.5", "boolean": "true or false", "time": "2026-05-18 14:00"}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the investigator may choose; ``default`` is its text as a person would type it.

    Where the file's default is NULL (``optional``), an empty text means "not given", and the query decides what then.
    Where it is ``(SELECT …)`` (``computed``), the case gives the default: its size, its newest model, its middle.
    """

    name: str
    type: str
    default: str
    about: str
    optional: bool = False
    computed: str | None = None

    def value(self, text: str) -> object:
        """Return typed text as a value of the parameter's type. Raises UsageError saying what would fit."""
        if self.optional and not text.strip():
            return None
        try:
            match self.type:
                case "integer":
                    number = int(text)
                    if not -(2**63) <= number < 2**63:
                        raise ValueError(text)
                    return number
                case "number":
                    return float(text)
                case "boolean":
                    return _BOOLEANS[text.strip().lower()]
                case "time":
                    return _time(text.strip())
                case _:
                    return text
        except (ValueError, KeyError, OverflowError) as error:
            article = "an" if self.type == "integer" else "a"
            raise UsageError(
                f"{self.name}: {text!r} is not {article} {self.type}; for example {_EXAMPLES[self.type]}"
            ) from error


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
    """Read an ISO 8601 time or date; one without a zone is UTC, as all times of a case are."""
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


class _Reader:
    """Reads one file line by line; what it finds is gathered in its attributes."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.header: dict[str, list[str]] = {}
        self.places: dict[str, int] = {}
        self.parameters: list[Parameter] = []
        self.body: list[str] = []
        self._key: str | None = None

    def fail(self, what: str, line: int | None = None) -> PlaybookError:
        """Return the error that names the file and the line."""
        return PlaybookError(f"{self.origin}{f', line {line}' if line else ''}: {what}")

    def line(self, number: int, line: str) -> None:
        """Take one line in."""
        if self.body:
            self.body.append(line)
        elif match := _HEADER.match(line):
            self._header(number, match["key"], match["text"])
        elif self._key and (match := _MORE.match(line)):
            self.header[self._key][-1] += " " + safe(match["text"].strip())
        elif match := _VARIABLE.match(line):
            self._key = None
            self._parameter(number, match)
        elif line.strip().upper().startswith("SET "):
            raise self.fail("a parameter is written: SET VARIABLE name = default;  -- type: what it means", number)
        elif line.strip() and not line.startswith("--"):
            self.body.append(line)

    def _header(self, number: int, key: str, text: str) -> None:
        if key not in _KEYS:
            raise self.fail(f"unknown header {key!r}; known: {', '.join(sorted(_KEYS))}", number)
        if key in _ONCE and key in self.header:
            raise self.fail(f"a second '-- {key}:'; there can be one", number)
        self._key = key
        self.places.setdefault(key, number)
        self.header.setdefault(key, []).append(safe(text.strip()))

    def _parameter(self, number: int, match: re.Match[str]) -> None:
        name, kind, default = match["name"].lower(), match["type"].lower(), match["default"].strip()
        if kind not in TYPES:
            raise self.fail(f"parameter {name}: the type must be one of {', '.join(TYPES)}", number)
        if name in {parameter.name for parameter in self.parameters}:
            raise self.fail(f"parameter {name} is there twice", number)
        optional, computed = False, None
        if literal := re.fullmatch(r"(?:TIMESTAMP |DATE )?'((?:[^']|'')*)'(?:::TIMESTAMP)?", default, re.IGNORECASE):
            default = literal[1].replace("''", "'")
        elif re.fullmatch(r"NULL(?:::[A-Z]+)?", default, re.IGNORECASE):
            default, optional = "", True
        elif re.fullmatch(r"\(SELECT .+\)", default, re.IGNORECASE):
            default, optional, computed = "", True, default
        elif kind in ("text", "time"):
            raise self.fail(
                f"parameter {name}: the default of a {kind} is a text in quotes, NULL or (SELECT …)", number
            )
        parameter = Parameter(name, kind, default, safe(match["about"].strip()), optional, computed)
        try:
            parameter.value(default)
        except UsageError as error:
            raise self.fail(f"parameter {error}", number) from error
        self.parameters.append(parameter)

    def one(self, key: str) -> str:
        """Return a header's text, empty where it is not there."""
        return " ".join(self.header.get(key, []))

    def entity(self) -> tuple[str, str] | None:
        """Return the kind of thing a row stands for and the column that names it."""
        if "entity" not in self.header:
            return None
        kind, _, column = self.one("entity").partition(" ")
        if kind not in ENTITY_KINDS or not column.strip():
            kinds = ", ".join(ENTITY_KINDS)
            raise self.fail(f"entity is 'KIND COLUMN' with a kind of: {kinds}", self.places["entity"])
        return kind, column.strip()

    def needs(self) -> tuple[str, ...]:
        """Return what the playbook needs: columns, alternatives divided by ``|``, ``extra.KEY`` for other fields."""
        needs = tuple(part.strip() for part in self.one("needs").split(",") if part.strip())
        for name in (name for part in needs for name in alternatives(part)):
            if name not in _NEEDABLE and not re.fullmatch(r"extra\.\S+", name):
                near = ", ".join(difflib.get_close_matches(name, NORMALISED_NAMES, n=2)) or "ts, account, client_ip …"
                raise self.fail(f"needs: there is no column {name!r}; perhaps {near}", self.places["needs"])
        return needs

    def chart(self) -> ChartSpec | None:
        """Return the chart to draw."""
        try:
            return parse(self.one("chart")) if "chart" in self.header else None
        except PlaybookError as error:
            raise self.fail(str(error), self.places["chart"]) from error


def alternatives(need: str) -> list[str]:
    """Return the columns of which one is enough: ``outcome | status`` gives both."""
    return [name.strip() for name in need.split("|") if name.strip()]


def read(text: str, name: str, group: str, origin: str) -> Playbook:
    """Read a playbook from its text. Raises PlaybookError naming the file, the line and what is wrong."""
    reader = _Reader(safe(origin))
    if not _NAME.fullmatch(name):
        raise reader.fail("a playbook's file is named with letters, digits, _ and - (at most 64), then .sql")
    for number, line in enumerate(text.split("\n"), 1):
        reader.line(number, line.rstrip("\r"))
    for needed in ("title", "question", "why"):
        if not reader.one(needed):
            raise reader.fail(f"the header lacks '-- {needed}: …'")
    if not reader.body:
        raise reader.fail("there is no query")
    return Playbook(
        name=name,
        group=safe(group),
        title=reader.one("title"),
        question=reader.one("question"),
        why=reader.one("why"),
        innocent=tuple(reader.header.get("innocent", [])),
        needs=reader.needs(),
        chart=reader.chart(),
        entity=reader.entity(),
        parameters=tuple(reader.parameters),
        sql="\n".join(reader.body).strip().rstrip(";").rstrip(),
        text=text,
        origin=origin,
    )
