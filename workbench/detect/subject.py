"""Who is judged: accounts or what stands for them where a log has none, sessions, addresses, organisations, keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.case.views import IS_ERROR
from workbench.errors import UsageError
from workbench.sqltext import literal

BY = ("account", "session", "address", "organisation", "key")
CLIENT = "client_ip || coalesce(' ' || user_agent, '')"
_COLUMNS = {"address": "client_ip", "organisation": "organization", "key": "api_key"}
#: Who an "account" is, best first: the account itself, else its key, else the address with its client.
_ACCOUNT = (("account", "account", "account"), ("key", "api_key", "api_key"), ("client", "client_ip", CLIENT))
_READ = (
    "{ts} AS ts, client_ip, user_agent, payment_ref, organization, api_key, model, prompt, system_prompt, session_ref, "
    f"input_tokens, output_tokens, bytes_out, stream, temperature, top_p, max_tokens, {{spot}} AS spot, "
    f"{IS_ERROR} AS is_error"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of entity in one case: ``select`` gives its events with an ``id``; ``filled`` counts values a column.

    ``spot`` among its columns is a number by which events are drawn at random, the same each time.
    """

    by: str
    kind: str
    select: str
    filled: dict[str, int]
    limits: tuple[str, ...]
    timed: bool = True

    def has(self, column: str) -> bool:
        """Say whether any judged event has a value in this column."""
        return bool(self.filled.get(column))


def subject(counts: Mapping[str, Mapping[str, int]], by: str, *, has_lines: bool = True) -> Subject:
    """Find which events and which name stand for ``by`` in a case. Raises UsageError where there are none.

    ``counts`` says by log format how many events have a value in each column. Events without lines (``has_lines``) are
    in a table of another engine: it may have no formats, and the engine no ASOF join. Where logs of a model's requests
    are among the sources, only those are judged: a web server's log of the same requests would count them twice.
    """
    if by not in BY:
        raise UsageError(f"unknown kind {by!r}; one of: {', '.join(BY)}")
    formats = _with_times(counts)
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
    filled: Counter[str] = Counter()
    for one in chosen:
        filled.update(formats[one])
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
    read = _READ.format(
        ts="ts" if timed else "TIMESTAMP '1970-01-01'",
        spot="hash(source, line, item)" if has_lines else "hash(event_id, ts, prompt)",
    )
    of_these = f"format IN ({listed})" if has_lines else f"coalesce(format, '') IN ({listed})"
    if by == "session":
        session = "(SELECT session, entity_kind AS of_kind, entity AS of_entity, first, last FROM session) AS s"
        select = (
            f"SELECT s.session AS id, {read} FROM event AS e {'ASOF ' if has_lines else ''}JOIN {session} "
            f"ON e.entity_kind = of_kind AND e.entity = of_entity AND e.ts >= first "
            f"WHERE {'' if has_lines else 'e.ts <= last AND '}{of_these}"
        )
    else:
        select = (
            f"SELECT {name} AS id, {read} FROM event "
            f"WHERE {name} IS NOT NULL {'AND ts IS NOT NULL ' if timed else ''}AND {of_these}"
        )
    return Subject(by, kind, select, filled, tuple(limits), timed)


_SAID = {"key": "API key", "client": "address with its client"}


def _with_times(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """Return the counts of formats with times, or of all if none has."""
    return {name: mine for name, mine in counts.items() if mine.get("ts")} or counts


def _account(formats: Mapping[str, Mapping[str, int]], chosen: set[str]) -> tuple[str, str, set[str]]:
    for kind, column, name in _ACCOUNT:
        naming = {one for one in chosen if formats[one].get(column, 0) >= 0.5 * formats[one]["events"]}
        if naming:
            return kind, name, naming
    return "account", "account", set()
