"""A format made from the directive that writes the log: nginx's ``log_format`` or Apache's ``LogFormat``.

The variables and their units are those of nginx's ngx_http_log_module and core variables, and of Apache's
mod_log_config; docs/formats.md lists what becomes which column. What has no column keeps its name in ``extra``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from workbench.errors import UsageError
from workbench.formats import variables
from workbench.formats.model import Format, parse
from workbench.formats.variables import Variable

_NGINX = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")
_APACHE = re.compile(r"%[!\d,]*[<>]?(?:\{([^}]*)\})?(\^t[io]|[A-Za-z%])")
_PATHS, _QUERIES = ("path", "uri", "is_args"), ("query", "is_args", "args", "query_string")
_DIRECTIVE = re.compile(r"^[ \t]*(?:log_format\s+(?P<nginx>\S+)|LogFormat\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Directive:
    """What one directive says: its own name (empty for a bare string), the template, whether it escapes as JSON."""

    name: str
    template: str
    nginx: bool
    json: bool = False


def read(place: str) -> list[Directive]:
    """Return the directives in a configuration file at a path, in a directive's text, or a bare template.

    Raises UsageError where there is none.
    """
    text = place
    if "\n" not in place and len(place) < 4000 and Path(place).is_file():
        text = Path(place).read_text(encoding="utf-8", errors="replace")
        if not _DIRECTIVE.search(text):
            raise UsageError(f"{place} holds no log_format and no LogFormat")
    found = [_directive(text, match) for match in _DIRECTIVE.finditer(text)]
    if found:
        return found
    nginx = _NGINX.search(text) is not None
    if not nginx and not _APACHE.search(text):
        raise UsageError(f"{place[:80]!r} names no $variable of nginx and no %directive of Apache, and is no file")
    template = text.strip()
    return [Directive("", template, nginx, nginx and _is_json(template))]


def _directive(text: str, match: re.Match[str]) -> Directive:
    if match["nginx"]:
        body, quoted = _strings(text, match.end(), ";")
        escape = re.match(r"\s*escape=(\w+)", body)
        return Directive(match["nginx"], quoted, nginx=True, json=bool(escape and escape[1] == "json"))
    body, quoted = _strings(re.sub(r"\\\r?\n", " ", text[match.end() :]), 0, "\n")
    nickname = body.split()[-1] if body.split() else ""
    return Directive(nickname, quoted, nginx=False)


def _strings(text: str, at: int, end: str) -> tuple[str, str]:
    """Return what stands outside of quotes up to ``end``, and what stands inside, put together."""
    outside, inside = "", ""
    while at < len(text) and text[at] != end:
        mark = text[at]
        at += 1
        if mark == "#" and end == ";":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
        elif mark not in "'\"":
            outside += mark
        else:
            while at < len(text) and text[at] != mark:
                if text[at] == "\\" and text[at + 1 : at + 2] in ("\\", mark):
                    at += 1
                inside += text[at]
                at += 1
            at += 1
    return outside, inside


def _is_json(template: str) -> bool:
    return template.startswith("{") and template.endswith("}")


def choose(directives: list[Directive], name: str) -> Directive:
    """Return the only directive, or the one of this name. Raises UsageError that lists the names."""
    named = [one for one in directives if one.name == name]
    if len(directives) == 1 or named:
        return (named or directives)[-1]
    raise UsageError(f"there are several log formats: {', '.join(one.name for one in directives)}; name one of them")


def definition(directive: Directive, name: str) -> str:
    """Return the TOML of a format that reads what this directive writes, with samples made from it."""
    if not name.isidentifier():
        raise UsageError(f"{name!r} cannot name a format; use letters, digits and _")
    body = _json(directive) if directive.json else _lines(directive)
    what, server = ("log_format", "nginx") if directive.nginx else ("LogFormat", "Apache")
    lines = [
        f"# Made from this {what}; edit as you like, then: workbench format check {name}",
        f"name = {json.dumps(name)}",
        f"title = {json.dumps(f'{server} log written by {what} {directive.name}'.rstrip())}",
    ]
    lines += [f"{key} = {_toml(value)}" for key, value in body["head"].items() if value not in ((), [], None)]
    lines += ["", "[fields]", *(f"{key} = {_toml(value)}" for key, value in body["fields"].items())]
    for sample in body["samples"]:
        lines += ["", "[[sample]]", *(f"{key} = {_toml(value)}" for key, value in sample.items())]
    return "\n".join(lines) + "\n"


def format_of(given: str, name: str = "log_format") -> Format:
    """Return the format of a directive, for one load. Raises UsageError for what is none."""
    directive = choose(read(given), name)
    return parse(definition(directive, name), "the log format")


def _pieces(directive: Directive) -> list[str | Variable]:
    """Cut a template into literal text and variables."""
    parts: list[str | Variable] = []
    at, template = 0, directive.template
    literal = ""
    for match in (_NGINX if directive.nginx else _APACHE).finditer(template):
        literal += template[at : match.start()]
        at = match.end()
        if not directive.nginx and match[2] == "%":
            literal += "%"
            continue
        if literal:
            parts.append(literal)
            literal = ""
        if directive.nginx:
            parts.append(variables.nginx(match[1] or match[2]))
        else:
            parts.append(variables.apache(match[2], match[1]))
    if literal + template[at:]:
        parts.append(literal + template[at:])
    if not any(isinstance(one, Variable) for one in parts):
        raise UsageError("the log format names no variable")
    # A path and the query right after it are one: what the column holds is both.
    kept = [one for before, one in pairwise(["", *parts]) if not (_named(before, _PATHS) and _named(one, _QUERIES))]
    for one, following in pairwise(kept):
        if isinstance(one, Variable) and isinstance(following, Variable):
            raise UsageError(f"nothing stands between {one.name} and {following.name}: they cannot be told apart")
    return kept


def _named(one: str | Variable, names: tuple[str, ...]) -> bool:
    return isinstance(one, Variable) and one.name in names


def _lines(directive: Directive) -> dict[str, Any]:
    """Return a format of the kind ``regex``."""
    pattern, names = "^", dict[str, int]()
    fields: dict[str, Any] = {}
    formats: list[str] = []
    good, odd = "", ""
    expect: dict[str, Any] = {}
    expect_odd: dict[str, Any] = {}
    pieces = _pieces(directive)
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            pattern += _escape(piece)
            good, odd = good + piece, odd + piece
            continue
        before, after = (pieces[place - 1] if place else ""), (pieces[place + 1] if place + 1 < len(pieces) else "")
        quoted = isinstance(before, str) and isinstance(after, str) and before.endswith('"') and after.startswith('"')
        names[piece.name] = names.get(piece.name, 0) + 1
        suffix = f"_{names[piece.name]}" if names[piece.name] > 1 else ""
        pattern += piece.pattern(suffix, quoted=quoted)
        good, odd = good + piece.example, odd + (piece.example if piece.needed else "-")
        for column, field in piece.fields.items():
            if column in fields or suffix:
                continue
            fields[column] = field
            expect[column] = piece.expect[column]
            expect_odd[column] = piece.expect[column] if piece.needed else ""
        if piece.time_format and "ts" in piece.fields and fields["ts"] == piece.fields["ts"]:
            formats.append(piece.time_format)
    head = {
        "kind": "regex", "priority": 62, "unquote": '"' in directive.template, "null": ["-"],
        "pattern": pattern + "$", "time_formats": formats,
    }  # fmt: skip
    samples = [
        {"text": good, "expect": expect},
        {"text": odd, "expect": expect_odd},
        {"text": "no line of this log", "reject": True},
    ]
    return {"head": head, "fields": fields, "samples": samples}


def _escape(text: str) -> str:
    """Return a literal as RE2 reads it; blanks may be several."""
    return re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", text)


def _json(directive: Directive) -> dict[str, Any]:
    """Return a format of the kind ``json``: the template is an object whose members are variables."""
    known: list[Variable] = []

    def mark(match: re.Match[str]) -> str:
        known.append(variables.nginx(match[1] or match[2]))
        return f"\\u0001{len(known) - 1}\\u0002"

    # A variable outside of quotes is a number in the log; here it gets quotes so that the template can be read.
    marked = _NGINX.sub(mark, directive.template)
    marked = re.sub(r"([:\[,]\s*)((?:\\u0001\d+\\u0002)+)", r'\1"\2"', marked)
    try:
        template = json.loads(marked)
    except ValueError as error:
        raise UsageError(f"the log format is no JSON object ({error})") from error
    fields: dict[str, Any] = {}
    formats: list[str] = []
    expect: dict[str, Any] = {}
    odd_expect: dict[str, Any] = {}

    def fill(value: Any, path: tuple[str, ...], *, odd: bool) -> Any:
        if isinstance(value, dict):
            return {key: fill(item, (*path, key), odd=odd) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        only = re.fullmatch("\x01(\\d+)\x02", value)
        if only and not odd:
            variable = known[int(only[1])]
            for column, field in variable.at(".".join(path)).items():
                if column not in fields:
                    fields[column] = field
                    expect[column] = variable.expect[column]
                    odd_expect[column] = variable.expect[column] if variable.needed else ""
                    if column == "ts" and variable.time_format:
                        formats.append(variable.time_format)

        def example(match: re.Match[str]) -> str:
            one = known[int(match[1])]
            return "" if odd and not one.needed else one.example

        return re.sub("\x01(\\d+)\x02", example, value)

    good = fill(template, (), odd=False)
    head = {
        "kind": "json", "priority": 95, "null": ["-"], "require": [[key] for key in list(template)[:6]],
        "time_formats": formats,
    }  # fmt: skip
    samples = [
        {"text": json.dumps(good), "expect": expect},
        {"text": json.dumps(fill(template, (), odd=True)), "expect": odd_expect},
        {"text": "no line of this log", "reject": True},
    ]
    return {"head": head, "fields": fields, "samples": samples}


def _toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
