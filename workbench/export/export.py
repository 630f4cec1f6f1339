"""Exports of sessions, accounts, events, tags and totals as CSV."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.handover import ExportWritten
from workbench.case.digest import Digest
from workbench.case.folder import atomic_write, publish, sha256_file
from workbench.csvfile import write_csv, write_lines
from workbench.errors import ExportError, UsageError
from workbench.export.redact import Redactor
from workbench.export.totals import COLUMNS, totals

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.export.policy import Policy

NOTHING_TAGGED = "nothing is tagged in this case: workbench tag CASE account ID suspect --note REASON"
WHAT = ("sessions", "accounts", "events", "tags", "totals")

#: Tags of a thing itself, as lists in the order of tagging.
_TAGGED = """SELECT id, string_agg(tag, ' ' ORDER BY tagged_at, tag) AS tags,
    string_agg(nullif(note, ''), ' | ' ORDER BY tagged_at, tag) AS notes,
    string_agg(DISTINCT tagged_by, ', ' ORDER BY tagged_by) AS tagged_by, max(tagged_at) AS tagged_at
    FROM tag WHERE kind = '{kind}' GROUP BY id"""

#: Things that carry a tag ($tag; any, where it is NULL), by kind; only one of them where $id is given.
_CARRIERS = "SELECT id FROM tag WHERE kind = '{kind}' AND ($tag IS NULL OR tag = $tag) AND ($id IS NULL OR id = $id)"

_SESSIONS = f"""
WITH own AS ({_TAGGED.format(kind="session")}),
chosen AS (
    SELECT session.*, CASE
        WHEN session IN ({_CARRIERS.format(kind="session")}) THEN 'session'
        WHEN entity_kind = 'account' AND entity IN ({_CARRIERS.format(kind="account")}) THEN 'account'
        WHEN entity_kind = 'key' AND entity IN ({_CARRIERS.format(kind="key")}) THEN 'key'
        WHEN entity_kind = 'client' AND entity IN ({_CARRIERS.format(kind="client")}) THEN 'client' END AS tagged_as
    FROM session
), picked AS (
    SELECT * FROM chosen WHERE $everything OR tagged_as IS NOT NULL
), place AS (
    SELECT p.session, string_agg(s.path || ':' || lo || '-' || hi, '; ' ORDER BY e.source) AS sources FROM (
        SELECT p.session, e.source, min(e.line) AS lo, max(e.line + e.lines - 1) AS hi
        FROM picked AS p JOIN event AS e
        ON e.entity_kind = p.entity_kind AND e.entity = p.entity AND e.ts BETWEEN p.first AND p.last
        GROUP BY p.session, e.source) AS e JOIN source AS s USING (source) JOIN picked AS p USING (session)
    GROUP BY p.session
)
SELECT p.session, p.entity_kind, p.entity, p.first, p.last, p.requests, p.addresses, p.errors, p.input_tokens,
    p.output_tokens, own.tags, own.notes, own.tagged_by, own.tagged_at,
    CASE WHEN NOT $everything THEN p.tagged_as WHEN own.tags IS NOT NULL THEN 'session' END AS tagged_as, place.sources
FROM picked AS p LEFT JOIN own ON own.id = p.session LEFT JOIN place USING (session)
ORDER BY p.first, p.session"""

_ACCOUNTS = f"""
WITH own AS ({_TAGGED.format(kind="account")})
SELECT account.*, own.tags, own.notes, own.tagged_by, own.tagged_at
FROM account LEFT JOIN own ON own.id = account.account
WHERE $everything OR account.account IN ({_CARRIERS.format(kind="account")})
ORDER BY requests DESC, account.account"""

_EVENTS = f"""
WITH spans AS (
    SELECT entity_kind, entity, first, last FROM session WHERE session IN ({_CARRIERS.format(kind="session")})
)
SELECT event.*, source.path AS source_path, source.sha256 AS source_sha256 FROM event LEFT JOIN source USING (source)
WHERE $everything
    OR event.event_id IN ({_CARRIERS.format(kind="event")})
    OR event.account IN ({_CARRIERS.format(kind="account")})
    OR event.client_ip IN ({_CARRIERS.format(kind="address")})
    OR event.api_key IN ({_CARRIERS.format(kind="key")})
    OR event.entity_kind = 'client' AND event.entity IN ({_CARRIERS.format(kind="client")})
    OR event.organization IN ({_CARRIERS.format(kind="organisation")})
    OR EXISTS (FROM spans WHERE spans.entity_kind = event.entity_kind AND spans.entity = event.entity
        AND event.ts BETWEEN spans.first AND spans.last)
ORDER BY event.ts, event.source, event.line, event.item, event.event_id"""

_TAGS = """SELECT kind, id, tag, note, tagged_by, tagged_at FROM tag
WHERE $everything OR (($tag IS NULL OR tag = $tag) AND ($id IS NULL OR id = $id))
ORDER BY tagged_at, kind, id, tag"""

#: What is exported, by kind; each query takes the parameters of :func:`selection`.
QUERIES = {"sessions": _SESSIONS, "accounts": _ACCOUNTS, "events": _EVENTS, "tags": _TAGS}


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export: where, how many rows, the SHA-256 of the file; the run that made it, the epsilon it spent."""

    path: Path
    rows: int
    sha256: str
    run: int | None = None
    epsilon: float = 0.0


def selection(tag: str | None = None, finding: str | None = None, *, everything: bool = False) -> dict[str, object]:
    """Return the queries' parameters: everything, or what carries a tag (any, if none is named), or one such thing."""
    return {"everything": everything, "tag": tag, "id": finding}


def query_for(case: Case, what: str, tag: str | None) -> str:
    """Return the query of one kind of export. Raises UsageError, ExportError for a tag that nothing carries."""
    if what not in WHAT:
        raise UsageError(f"{what!r} cannot be exported; one of: {', '.join(WHAT)}")
    if tag is not None and not case.tags.all(tag=tag):
        known = ", ".join(case.tags.names()) or "none yet"
        raise ExportError(f"nothing is tagged {tag!r}; tags in this case: {known}")
    if what == "totals":
        return _EVENTS if tag is not None else "SELECT entity, ts FROM event"
    return QUERIES[what]


def export(
    case: Case,
    what: str,
    path: Path,
    *,
    tag: str | None = None,
    policy: Policy | None = None,
    cursor: duckdb.DuckDBPyConnection | None = None,
) -> Exported:
    """Write one kind of thing, of all or of those with a tag, and note it in the audit chain.

    It is a CSV, or JSON lines where the file's name ends in .jsonl or .ndjson, and appears whole or not at all.
    Sessions of a tagged account or key belong to the tag too; ``tagged_as`` says which it was. A policy says which
    fields leave, and how. Raises ExportError, UsageError.
    """
    detail: dict[str, object] = {"tag": tag, "policy": policy.name if policy else None}
    chosen = selection(tag, everything=tag is None)
    sql = query_for(case, what, tag)
    with reading(case, what, chosen, cursor) as at:
        if what == "totals":
            found = totals(at, sql, {} if tag is None else chosen, policy, cursor)
            noise = {"epsilon": found.epsilon, "run": found.run}
            done = write_as(case, COLUMNS, found.rows, path, what, detail | noise)
            return replace(done, run=found.run, epsilon=found.epsilon)
        cursor = cursor or at.cursor(sql)
        redactor = Redactor.of(case, policy) if policy else None
        if redactor:
            redactor.allow(what)
            redactor.prepare(at, sql, chosen, column_names(at, sql, chosen, cursor), cursor)
        started = time.monotonic()
        columns, rows = at.stream(sql, chosen, cursor=cursor, trusted=True)
        digest = Digest(columns, ordered=True)
        rows = digest.passing(rows)
        if redactor:
            rows = redactor.rows(columns, rows)
            columns = redactor.columns(columns)
        done = write_as(case, columns, rows, path, what, detail)
        spent = time.monotonic() - started
        source = at.store.derived_provenance() if what == "accounts" else None
        run = at.runs.record("export", what, sql, chosen, digest.number, spent, digest, source)
    return replace(done, run=run)


def reading(
    case: Case, what: str, chosen: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
) -> AbstractContextManager[Case]:
    """Give the case in which a kind of export is asked for: with the events that it is made of."""
    of_events = what in ("sessions", "events") or (what in ("accounts", "totals") and not chosen["everything"])
    return case.tagged(chosen, cursor) if of_events else nullcontext(case)


def column_names(
    case: Case, sql: str, parameters: Mapping[str, object], cursor: duckdb.DuckDBPyConnection | None = None
) -> list[str]:
    """Return the names of a query's columns without reading its rows."""
    return case.query(f"SELECT * FROM ({sql}) LIMIT 0", parameters, cursor=cursor).columns


def write_table(
    case: Case, columns: Sequence[str], rows: Iterable[Sequence[object]], path: Path, what: str
) -> Exported:
    """Write rows that are in memory already, such as a playbook's answer, and note it in the audit chain."""
    return write_as(case, columns, rows, path, what)


def write_as(
    case: Case,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    path: Path,
    what: str,
    chosen: Mapping[str, object] | None = None,
) -> Exported:
    """Write rows, whole or not at all, and record in the audit chain what was chosen, how many, and the file's hash."""
    write = write_lines if path.suffix in (".jsonl", ".ndjson") else write_csv
    with atomic_write(path) as unpublished:
        with unpublished.open("w", encoding="utf-8", newline="", errors="backslashreplace") as out:
            number = write(out, columns, rows)
        digest = sha256_file(unpublished)
        with case.ledger.act(ExportWritten(what, path.name, digest, {**(chosen or {}), "rows": number})):
            publish(unpublished, path)
    return Exported(path, number, digest)
