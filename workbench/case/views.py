"""The SQL of a case's views: what ``event``, ``session``, ``account`` and one view a format are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.case.enrichment import Enrichment, enriched
from workbench.case.fields import COLUMNS, ENRICHED, EXTRA
from workbench.sqltext import identifier, literal, scan

#: Who acts in an event: the account where the log has one, else the API key, else the address with its client.
ENTITY_KIND = (
    "CASE WHEN account IS NOT NULL THEN 'account' WHEN api_key IS NOT NULL THEN 'key' "
    "WHEN client_ip IS NOT NULL THEN 'client' END"
)
ENTITY = "coalesce(account, api_key, client_ip || coalesce(' ' || user_agent, ''))"
EVENT_ID = "source || ':' || line || CASE WHEN item > 0 THEN '.' || item ELSE '' END"

#: What happened, in one text: what was asked, or what was requested, or what was logged.
WHAT = "coalesce(prompt, nullif(concat_ws(' ', method, path), ''), message, operation)"

#: What counts as an error: HTTP statuses from 400 up, refused and limited requests, and whatever names an error.
IS_ERROR = (
    "(error IS NOT NULL OR coalesce(status >= 400, false) "
    "OR coalesce(outcome IN ('failure', 'refused', 'limited'), false))"
)

#: The columns of ``event`` and of ``reject``, with their types.
EVENT_TYPES: Mapping[str, str] = {
    "event_id": "VARCHAR", "entity_kind": "VARCHAR", "entity": "VARCHAR",
    **{field.name: field.type for field in (*COLUMNS, *ENRICHED)},
}  # fmt: skip
REJECT_TYPES: Mapping[str, str] = {
    "source": "INTEGER", "line": "BIGINT", "item": "INTEGER", "lines": "INTEGER", "reason": "VARCHAR", "raw": "BLOB",
}  # fmt: skip


def event_view(
    files: Sequence[str], addresses: str | None = None, lookups: Sequence[tuple[Enrichment, str]] = ()
) -> str:
    """Return the SELECT of the ``event`` view over these segments, filled from addresses and look-ups where given."""
    if files:
        # A segment that was read a row a line says only where it begins: a row's place in it is its line.
        place = {
            "line": "coalesce(line, first_line + file_row_number) AS line",
            "item": "coalesce(item, 0) AS item",
            "lines": "coalesce(lines, 1) AS lines",
        }
        names = ", ".join(place.get(field.name, field.name) for field in COLUMNS)
        base = f"SELECT {names} FROM {scan(files)}"
    else:
        empty = ", ".join(f"NULL::{field.type} AS {field.name}" for field in COLUMNS)
        base = f"SELECT {empty} WHERE false"
    base = enriched(base, addresses, lookups)
    return f"SELECT {EVENT_ID} AS event_id, {ENTITY_KIND} AS entity_kind, {ENTITY} AS entity, * FROM ({base})"


#: The tables that are made of events when a query reads them.
DERIVED = frozenset(("session", "account"))


def elsewhere(case: str, url: str) -> str:
    """Say that the events of a case are in another engine: nothing found here would look like innocence."""
    return (
        f"the events of {case} are in another engine ({url}), and this reads them here; write the part that matters "
        "(workbench sql … -o part.ndjson) and load it into a case of its own"
    )


def refusing(types: Mapping[str, str], said: str) -> str:
    """Return the SELECT of a view with these columns that says, whenever it is read, why it has no rows."""
    fails = f"error({literal(said)})"  # in each column too: a NULL would let a condition be decided without reading
    return f"SELECT {', '.join(f'{fails}::{kind} AS {name}' for name, kind in types.items())} WHERE {fails} IS NULL"


def reject_view(files: Sequence[str]) -> str:
    """Return the SELECT of the ``reject`` view: source, line, item, lines, reason, raw."""
    if files:
        return f"SELECT source, line, item, lines, reason, raw FROM {scan(files)}"
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in REJECT_TYPES.items())
    return f"SELECT {empty} WHERE false"


def format_view(name: str, columns: Sequence[str], extra_keys: Sequence[str]) -> str:
    """Return the SELECT of a format's own view: the columns it fills, and each key beyond them under its own name."""
    taken = {column.lower() for column in columns}
    beyond = []
    for key in extra_keys:
        column = key if key.lower() not in taken else f"{key}_"
        if column.lower() in taken:
            continue
        taken.add(column.lower())
        pointer = "/" + key.replace("~", "~0").replace("/", "~1")
        beyond.append(f"{EXTRA.name} ->> {literal(pointer)} AS {identifier(column)}")
    chosen = ", ".join([*(identifier(column) for column in columns), *beyond])
    return f"SELECT {chosen} FROM event WHERE format = {literal(name)}"


def sessions(gap_minutes: int) -> str:
    """Return the SELECT that makes sessions: one row each, for entities' events with no longer gap than this.

    A session's id is made of what it is (its entity and its first event's time), so it stays when a case is loaded
    again and when logs are added that do not touch it.
    """
    return f"""
WITH step AS (
    SELECT entity_kind, entity, ts, client_ip, {IS_ERROR} AS is_error, input_tokens, output_tokens,
        ts - lag(ts) OVER own > INTERVAL {int(gap_minutes)} MINUTE AS breaks
    FROM event WHERE entity IS NOT NULL AND ts IS NOT NULL
    WINDOW own AS (PARTITION BY entity_kind, entity ORDER BY ts)
), numbered AS (
    SELECT *, sum(coalesce(breaks, false)::INTEGER) OVER
        (PARTITION BY entity_kind, entity ORDER BY ts RANGE UNBOUNDED PRECEDING) AS nth
    FROM step
)
SELECT 's-' || md5(entity_kind || chr(31) || entity || chr(31) || epoch_us(min(ts)))[:16] AS session,
    entity_kind, entity, min(ts) AS first, max(ts) AS last,
    count(*) AS requests, count(DISTINCT client_ip) AS addresses, count(*) FILTER (is_error) AS errors,
    sum(input_tokens)::BIGINT AS input_tokens, sum(output_tokens)::BIGINT AS output_tokens
FROM numbered GROUP BY entity_kind, entity, nth ORDER BY first, session"""


ACCOUNTS = f"""
SELECT account, min(ts) AS first, max(ts) AS last, count(*) AS requests,
    count(DISTINCT client_ip) AS addresses, count(DISTINCT user_agent) AS user_agents,
    count(DISTINCT api_key) AS api_keys, count(DISTINCT model) AS models,
    count(*) FILTER ({IS_ERROR}) AS errors,
    sum(input_tokens)::BIGINT AS input_tokens, sum(output_tokens)::BIGINT AS output_tokens,
    min(organization) AS organization, count(DISTINCT date_trunc('day', ts)) AS days
FROM event WHERE account IS NOT NULL GROUP BY account ORDER BY requests DESC, account"""

#: The small tables of the ledger that SQL can see, with the columns each gives and their types.
LEDGER_TABLES: Mapping[str, Mapping[str, str]] = {
    "source": {
        "source": "INTEGER",
        "path": "VARCHAR",
        "format": "VARCHAR",
        "sha256": "VARCHAR",
        "bytes": "BIGINT",
        "lines": "BIGINT",
        "event_lines": "BIGINT",
        "events": "BIGINT",
        "rejects": "BIGINT",
        "skipped": "BIGINT",
        "first": "TIMESTAMP",
        "last": "TIMESTAMP",
        "seconds": "DOUBLE",
        "error": "VARCHAR",
        "warnings": "VARCHAR",
        "mtime": "TIMESTAMP",
        "loaded_at": "TIMESTAMP",
        "loaded_by": "VARCHAR",
    },
    "tag": {
        "kind": "VARCHAR",
        "id": "VARCHAR",
        "tag": "VARCHAR",
        "note": "VARCHAR",
        "tagged_by": "VARCHAR",
        "tagged_at": "TIMESTAMP",
    },
    "run": {
        "run": "BIGINT",
        "run_at": "TIMESTAMP",
        "run_by": "VARCHAR",
        "kind": "VARCHAR",
        "name": "VARCHAR",
        "sql": "VARCHAR",
        "parameters": "VARCHAR",
        "rows": "BIGINT",
        "seconds": "DOUBLE",
        "result": "VARCHAR",
        "tools": "VARCHAR",
    },
}
