"""Asking Sigma rules of a case: which match, how often, from when to when."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.case.digest import Digest
from workbench.errors import CaseError, PlaybookError, QueryError
from workbench.sigma.rules import Rule
from workbench.sigma.sources import WORDS, pointer, quoted_text
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case

COLUMNS = ("rule", "level", "hits", "first", "last", "said")


@dataclass(frozen=True, slots=True)
class Hunted:
    """What became of one rule: how many events match and their first and last time (UTC), or why it was not asked."""

    rule: Rule
    hits: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    said: str = ""
    run: int = 0

    def row(self) -> tuple[object, ...]:
        """Return the values of :data:`COLUMNS`."""
        return self.rule.name, self.rule.level, self.hits, self.first, self.last, self.said


def unmet(case: Case, rule: Rule) -> str:
    """Say which logs or fields that a rule needs this case lacks; empty where it can be asked."""
    if rule.source is None:
        return rule.why_not
    logs = [log for log in case.sources() if log.events and log.format in rule.source.formats]
    filled = {name for log in logs for name, count in log.columns.items() if count}
    filled |= {f"extra.{key}" for log in logs for key in log.extra_keys}
    any_key = False
    if not logs:  # a table that was never loaded: which keys its events have is not known
        filled = _filled(case, rule.source.formats)
        any_key = "extra" in filled
    if not filled:
        return f"the case has no {rule.source.name} log"
    filled.add("extra")
    lacking = [
        name
        for name, columns in rule.needs
        if filled.isdisjoint(columns) and not (any_key and columns[0].startswith("extra."))
    ]
    return (
        f"no {rule.source.name} log of this case has {', '.join(safe_name(one) for one in lacking)}" if lacking else ""
    )


def _filled(case: Case, formats: Sequence[str]) -> set[str]:
    """Return the columns that events of some formats fill."""
    return {name for one, counts in case.store.formats().items() if one in formats for name in counts}


def safe_name(field: str) -> str:
    """Return a field's name as it can be shown."""
    from workbench.safetext import safe

    return "text" if field == WORDS.removeprefix("event.") else safe(field)


def hunt(case: Case, rules: Sequence[Rule]) -> Iterator[Hunted]:
    """Ask rules of a case, one after the other; each that is asked is a run. Raises QueryCancelled."""
    for rule in rules:
        if rule.why_not or rule.source is None:
            yield Hunted(rule, said=rule.why_not)
        elif missing := unmet(case, rule):
            yield Hunted(rule, said=missing)
        else:
            yield _asked(case, rule)


def _asked(case: Case, rule: Rule) -> Hunted:
    assert rule.source is not None
    deep = _deep(rule)
    seen = "".join(f", count(extra ->> {quoted_text(pointer(path))})" for path in deep)
    lists = "".join(
        f", count(*) FILTER ({' OR '.join(_is_list(path[:end]) for end in range(1, len(path) + 1))})" for path in deep
    )
    sql = (
        f"SELECT count(*) FILTER (matches), min(ts) FILTER (matches), max(ts) FILTER (matches){seen}{lists} "
        f"FROM (SELECT *, coalesce({rule.condition}, false) AS matches FROM event WHERE {rule.source.where})"
    )
    started = time.monotonic()
    try:
        answered = case.store.answer(sql)
    except QueryError as error:
        return Hunted(rule, said=f"the engine refuses it: {error}")
    except (PlaybookError, CaseError) as error:  # an engine elsewhere: it has no counterpart there, or is refused
        return Hunted(rule, said=str(error))
    table, seconds = answered.table, time.monotonic() - started
    digest = Digest(table.columns, ordered=False).of(table.rows)
    run = case.runs.record("sql", f"sigma {rule.name}", sql, {}, 1, seconds, digest, answered.provenance)
    hits, first, last, *counts = table.rows[0]
    return Hunted(rule, hits, first, last, _caveats(rule, deep, counts), run)


def _is_list(path: Sequence[str]) -> str:
    return f"json_type(extra, {quoted_text(pointer(path))}) = 'ARRAY'"


def _deep(rule: Rule) -> list[list[str]]:
    """Return where the nested fields are that a rule needs; the ledger only knows the outermost keys."""
    assert rule.source is not None
    further = [name for name, columns in rule.needs if columns[0].startswith("extra.")]
    return [path for path in map(rule.source.path, further) if len(path) > 1]


def _caveats(rule: Rule, deep: Sequence[Sequence[str]], counts: Sequence[int]) -> str:
    """Say which nested fields no event has, and where lists stand, which a rule's field does not reach into."""
    names = [safe_name(".".join(path)) for path in deep]
    absent = [name for name, count in zip(names, counts[: len(deep)], strict=True) if not count]
    listed = [(name, count) for name, count in zip(names, counts[len(deep) :], strict=True) if count]
    caveats = [f"no event has {', '.join(absent)}"] if absent else []
    caveats += [
        f"{counted(count, 'event')} with a list at {name}, compared as text or not reached" for name, count in listed
    ]
    return "; ".join(caveats)
