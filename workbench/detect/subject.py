"""Who is judged: accounts or what stands for them where a log has none, sessions, addresses, organisations, keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.views import IS_ERROR, literal
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.case import Case

BY = ("account", "session", "address", "organisation", "key")
CLIENT = "client_ip || coalesce(' ' || user_agent, '')"
_COLUMNS = {"address": "client_ip", "organisation": "organization", "key": "api_key"}
#: Who an "account" is, best first: the account itself, else its key, else the address with its client.
_ACCOUNT = (("account", "account", "account"), ("key", "api_key", "api_key"), ("client", "client_ip", CLIENT))
_READ = (
    "{ts} AS ts, client_ip, user_agent, payment_ref, organization, api_key, model, prompt, system_prompt, session_ref, "
    f"input_tokens, output_tokens, bytes_out, stream, temperature, top_p, max_tokens, "
    f"source, line, item, {IS_ERROR} AS is_error"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of entity in one case: ``select`` gives its events with an ``id``; ``filled`` counts values a column."""

    by: str
    kind: str
    select: str
    filled: dict[str, int]
    limits: tuple[str, ...]
    timed: bool = True

    def has(self, column: str) -> bool:
        """Say whether any judged event has a value in this column."""
        return bool(self.filled.get(column))


def subject(case: Case, by: str) -> Subject:
    """Find which events and which name stand for ``by`` in this case. Raises UsageError where there are none.

    Where logs of a model's requests are among the sources, only those are judged: a web server's log of the same
    requests would count them twice.
    """
    if by not in BY:
        raise UsageError(f"unknown kind {by!r}; one of: {', '.join(BY)}")
    case.here()
    formats = _formats(case)
    asked = {name for name, filled in formats.items() if filled.get("prompt") or filled.get("output_tokens")}
    chosen = asked or set(formats)
    kind, name = by, _COLUMNS.get(by, "")
    if by == "account":
        kind, name, chosen = _account(formats, chosen)
    elif by == "session":
        name = "session"
    else:
        chosen = {one for one in chosen if formats[one].get(name)}
    if not chosen:
        raise UsageError(f"no event of this case names a{'n' if by[0] in 'ao' else ''} {by}: triage by another kind")
    filled: dict[str, int] = {}
    for one in chosen:
        for column, count in formats[one].items():
            filled[column] = filled.get(column, 0) + count
    limits = []
    left_out = sorted(set(formats) - chosen)
    if left_out:
        limits.append(
            f"events of {', '.join(left_out)} are not judged (they do not name the {kind}, or repeat requests)"
        )
    if kind != by:
        limits.append(f"no log here names accounts; what stands for one is the {_SAID[kind]}")
    listed = ", ".join(literal(one) for one in sorted(chosen))
    timed = any(formats[one].get("ts") for one in chosen)
    if not timed:
        limits.append("no log here has times: nothing is judged by them, and 1970 stands for when")
    read = _READ.format(ts="ts" if timed else "TIMESTAMP '1970-01-01'")
    if by == "session":
        select = (
            f"SELECT s.session AS id, {read} FROM event AS e ASOF JOIN "
            "(SELECT session, entity_kind AS of_kind, entity AS of_entity, first FROM session) AS s "
            "ON e.entity_kind = of_kind AND e.entity = of_entity AND e.ts >= first "
            f"WHERE e.format IN ({listed})"
        )
    else:
        select = (
            f"SELECT {name} AS id, {read} FROM event "
            f"WHERE {name} IS NOT NULL {'AND ts IS NOT NULL ' if timed else ''}AND format IN ({listed})"
        )
    return Subject(by, kind, select, filled, tuple(limits), timed)


_SAID = {"key": "API key", "client": "address with its client"}


def _formats(case: Case) -> dict[str, dict[str, int]]:
    """Return filled columns by format, ``events`` among the counts: of formats with times, or of all if none has."""
    formats: dict[str, dict[str, int]] = {}
    for row in case.ledger.rows("SELECT format, events, columns FROM source WHERE events > 0 ORDER BY source"):
        counts = {"events": row["events"], **json.loads(row["columns"])}
        mine = formats.setdefault(row["format"], {})
        for column, count in counts.items():
            mine[column] = mine.get(column, 0) + count
    return {name: counts for name, counts in formats.items() if counts.get("ts")} or formats


def _account(formats: dict[str, dict[str, int]], chosen: set[str]) -> tuple[str, str, set[str]]:
    for kind, column, name in _ACCOUNT:
        naming = {one for one in chosen if formats[one].get(column, 0) >= 0.5 * formats[one]["events"]}
        if naming:
            return kind, name, naming
    return "account", "account", set()
