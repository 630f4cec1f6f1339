"""JSON that goes over many lines: pretty-printed objects, one after the other, in a list, or in an object's list.

A printer gives all records of a document the same indentation, so a record begins where a line has it and a brace. What
is around the list (``[``, ``"Records": [``, ``]``, a ``"nextLink"``) is skipped; each record keeps its own lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.formats.model import Document, Format
from workbench.sqltext import literal

#: How many lines are looked at to tell how a document is laid out.
LINES = 4000

#: Members that hold the records of an export or of an API's answer; the last four only where the object is alone.
_LISTS = ("Records", "records", "value", "entries", "items", "data", "results", "rows")
_ALONE = frozenset(("items", "data", "results", "rows"))
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_RECORDS = 50
#: What docker compose puts in front of a line.
_NAMED = r"^(?:\x1b\[[0-9;?]*[A-Za-z])*[\w.\-]+ +\| (?:\x1b\[[0-9;?]*[A-Za-z])*\{"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the records of a document lie, and the first of them, each as one line: alone and as they are wrapped."""

    alone: Document
    wrapped: Document | None
    records: list[str]

    @property
    def wrapped_records(self) -> list[str]:
        """The records, each inside what is around their list."""
        return [f"{self.wrapped.before}{one}{self.wrapped.after}" for one in self.records] if self.wrapped else []


def begins(lines: Sequence[str]) -> bool:
    """Say whether the first line opens what it does not close."""
    first = lines[0].strip() if lines else ""
    if re.match(_NAMED, first):
        return True
    if not first.startswith(("{", "[")) or re.match(r"\[[^\s\[\]{}\"]", first):
        return False
    try:
        json.loads(first)
    except ValueError:
        return True
    return False


def read(fmt: Format, document: Document) -> Format:
    """Return a format that reads such a document."""
    return replace(fmt, start=document.start, skip=document.skip or fmt.skip, document=document)


def layout(lines: Sequence[str]) -> Layout | None:
    """Return how these first lines of a file are laid out, or None where they are no such document."""
    if not begins(lines):
        return None
    if sum(re.match(_NAMED, line) is not None for line in lines) * 2 > len(lines):
        # Each line is a record, behind the name of the container that wrote it.
        return _made(lines, Document(r"^", None, _NAMED), None)
    depth, key, key_line, end = 0, "", 0, None
    for number, line in enumerate(lines):
        bare = _STRINGS.sub('""', line)
        if depth == 1 or number == 0:
            found = re.search(rf'^\s*\{{?\s*"({"|".join(_LISTS)})"\s*:\s*\[', line)
            if found and not key and lines[0].lstrip().startswith("{"):
                key, key_line = found[1], number
        depth += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
        if depth <= 0:
            end = number
            break
    if key in _ALONE and end is not None and end + 1 < len(lines):
        key = ""
    if key:
        return _listed(lines, key_line, rf'"{key}"\s*:\s*\[', f'{{"{key}":[', "]}")
    if lines[0].lstrip().startswith("["):
        return _listed(lines, 0, r"^\s*\[", "[", "]")
    indent = re.escape(_indent(lines[0]))
    return _made(lines, Document(rf"^{indent}\{{", None, rf"^{indent}\{{"), None)


def _listed(lines: Sequence[str], opening: int, pattern: str, before: str, after: str) -> Layout | None:
    """Return the layout where the list is opened by ``pattern`` in the line of that number."""
    match = re.search(pattern, lines[opening])
    if match is None:
        return None
    rest = lines[opening][match.end() :].strip()
    if rest and not rest.startswith("{"):
        return None
    prefix = ""
    if rest:
        prefix = lines[opening][: match.end()] + lines[opening][match.end() :].partition("{")[0]
        indent, head = _indent(_closing(lines[opening:], rest)), lines[:opening]
    elif opening + 1 < len(lines) and lines[opening + 1].lstrip().startswith("{"):
        indent, head = _indent(lines[opening + 1]), lines[: opening + 1]
    else:
        return None
    between = rf"{re.escape(indent)}(?:\}}?\s*,\s*)?"
    start = rf"^(?:{between}{'|' + re.escape(prefix) if prefix else ''})\{{"
    skip = [f"^{re.escape(line)}$" for line in head]
    if indent:
        less = rf"^\s{{0,{min(len(indent), 1000) - 1}}}"
        skip.append(rf"{less}[\]}}][\]}}\s,]*$")
        if before != "[":
            skip.append(rf'{less}"[^"]*"\s*:[^\[{{]*$')
    else:
        skip.append(r"^\][\]}\s]*$")
    tight = any(re.match(rf"{re.escape(indent)}\}}\s*,\s*\{{", line) for line in lines)
    document = Document(start, "|".join(dict.fromkeys(skip)), start, tight=tight)
    return _made(lines, document, replace(document, before=before, after=after))


def _closing(lines: Sequence[str], first: str) -> str:
    """Return the line that closes the record which ``first``, the end of the first line, opens; empty if none does."""
    depth = 0
    for number, line in enumerate([first, *lines[1:]]):
        for mark in re.sub(r"[^\[\]{}]", "", _STRINGS.sub("", line)):
            depth += 1 if mark in "[{" else -1
            if depth == 0:
                return line if number else ""
    return ""


def _made(lines: Sequence[str], alone: Document, wrapped: Document | None) -> Layout | None:
    records = list(_records(lines, alone))
    return Layout(alone, wrapped, records) if records else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _records(lines: Sequence[str], document: Document) -> Iterable[str]:
    """Yield the first records, as one line each; those that are not valid are left out."""
    texts: list[list[str]] = []
    for line in lines:
        if document.skip and re.search(document.skip, line):
            continue
        if re.search(document.start, line):
            if len(texts) > _RECORDS:
                break
            texts.append([])
        if texts:
            texts[-1].append(line)
    for one in texts[:_RECORDS]:
        text = re.sub(r"[\s,]+$", "", re.sub(document.lead, "{", "\n".join(one)))
        for closed in (text, text + "}" if document.tight else text, re.sub(r"\s*\][\s}]*$", "", text)):
            try:
                yield json.dumps(json.loads(closed), ensure_ascii=False)
            except ValueError:
                continue
            break


def records(document: Document, joined: str) -> str:
    """Return joined records, each one's text an object: without what is between records, its last brace given back."""
    cut = rf"regexp_replace(regexp_replace(text, {literal(document.lead)}, '{{'), '[\s,]+$', '')"
    closed = r"regexp_replace(cut, '\s*\][\s}]*$', '')"
    # Only where a record's last brace stands in the next one's first line: a record that was cut stays a reject.
    given_back = "WHEN json_valid(cut || '}') THEN cut || '}'" if document.tight else ""
    one = f"CASE WHEN json_valid(cut) THEN cut {given_back} WHEN json_valid({closed}) THEN {closed} ELSE cut END"
    around = f"{literal(document.before)} || ({one}) || {literal(document.after)}"
    return f"""(SELECT * EXCLUDE (cut) REPLACE ({around} AS text, coalesce(raw, encode(text)) AS raw)
        FROM (SELECT *, {cut} AS cut FROM {joined}))"""
