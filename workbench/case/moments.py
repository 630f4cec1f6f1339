"""The moments of a case: what began, stood out or was said, on one axis of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from workbench.case.acts.contents import MOMENTS, MomentNoted
from workbench.case.browse import build_index
from workbench.case.identity import investigator
from workbench.case.ledger import now
from workbench.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: Bins of time in which spikes are looked for.
_BINS = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """``at`` is UTC; ``kind`` is log, model, spike, tag or note; ``what`` says it in words."""

    at: datetime
    kind: str
    what: str
    by: str = ""


def add_moment(case: Case, at: datetime, what: str) -> None:
    """Write down a moment of the investigator's own, such as a release or a message. Raises UsageError for no text."""
    if not what.strip():
        raise UsageError("say what happened then: 2026-05-18 14:00 atlas-4 released")
    moment = MomentNoted(at.isoformat(), what.strip(), investigator(), now())
    with case.ledger.act(moment) as entry:
        noted = moment.added_to(case.ledger.setting(MOMENTS, "[]"))
        entry.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (MOMENTS, noted))


def moments(case: Case, cursor: duckdb.DuckDBPyConnection) -> list[Moment]:
    """Return all moments in the order of time."""
    moments = [
        Moment(datetime.fromisoformat(one["at"]), "note", one["what"], one["by"])
        for one in json.loads(case.ledger.setting(MOMENTS, "[]"))
    ]
    for source in case.sources():
        for at, word in ((source.first, "begins"), (source.last, "ends")):
            if at is not None:
                moments.append(Moment(_naive(at), "log", f"{PurePath(source.path).name} {word}"))
    filled = case.store.filled()
    if "model" in filled:
        sql = "SELECT model, min(ts), max(ts) FROM event WHERE model IS NOT NULL AND ts IS NOT NULL GROUP BY model"
        for model, first, last in case.query(sql, cursor=cursor).rows:
            moments += [
                Moment(first, "model", f"{model} is first asked"),
                Moment(last, "model", f"{model} is last asked"),
            ]
    histogram = build_index(case, cursor=cursor).histogram(_BINS)
    for low, high in histogram.spikes():
        number = sum(histogram.counts[low : high + 1])
        moments.append(Moment(histogram.start + low * histogram.step, "spike", f"{number:,} events stand out"))
    return sorted([*moments, *_tagged(case, cursor)], key=lambda one: (one.at, one.kind, one.what))


def _tagged(case: Case, cursor: duckdb.DuckDBPyConnection) -> list[Moment]:
    """Tags stand where what they are on begins."""
    events = any(tag.kind == "event" for tag in case.tags.all())
    at = f"coalesce(session.first, account.first{', event.ts' if events else ''})"
    joined = "LEFT JOIN event ON tag.kind = 'event' AND event.event_id = tag.id" if events else ""
    sql = f"""SELECT {at} AS at, tag.kind, tag.id, tag.tag, tag.note, tag.tagged_by
        FROM tag LEFT JOIN session ON tag.kind = 'session' AND session.session = tag.id
        LEFT JOIN account ON tag.kind = 'account' AND account.account = tag.id
        {joined} WHERE {at} IS NOT NULL"""
    rows = case.query(sql, cursor=cursor).rows
    return [
        Moment(at, "tag", f"{tag}: {kind} {one}" + (f" ({note})" if note else ""), by)
        for at, kind, one, tag, note, by in rows
    ]


def read_time(text: str) -> datetime:
    """Return a time in UTC, such as ``2026-05-18 14:00``. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time such as 2026-05-18 14:00") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _naive(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)
