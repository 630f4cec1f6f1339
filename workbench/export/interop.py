"""What is tagged, for other programs: JSON lines as Timesketch imports them, CSV for a SIEM in the names of ECS.

Both hold the events of what is tagged, redacted as in any export; Timesketch also gets the tags themselves, and the
accepted findings with their reasons and the innocent explanations. STIX is in ``stix``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.digest import Digest
from workbench.case.tags import ACCEPTED
from workbench.errors import ExportError, UsageError
from workbench.export.export import NOTHING_TAGGED, QUERIES, Exported, column_names, query_for, selection, write_as
from workbench.export.redact import Redactor
from workbench.values import plain

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.export.policy import Policy

FORMS = ("timesketch", "siem")
#: What Timesketch asks of each line, and the labels it shows.
_TOLD = ("datetime", "timestamp_desc", "message", "tag")
#: What a line of a finding says of it.
_FOUND = ("kind", "id", "score", "q_value", "reasons", "innocent")
_ENDINGS = {"timesketch": (".jsonl",), "siem": (".csv",)}

#: Columns of an event by their name in the Elastic Common Schema; what has none there keeps its name under ``labels``.
ECS = {
    "ts": "@timestamp", "event_id": "event.id", "duration_ms": "labels.duration_ms", "account": "user.id",
    "organization": "organization.id", "request_id": "http.request.id", "trace_id": "trace.id",
    "client_ip": "source.address", "asn": "source.as.number", "as_org": "source.as.organization.name",
    "country": "source.geo.country_iso_code", "user_agent": "user_agent.original", "method": "http.request.method",
    "path": "url.original", "host": "host.name", "status": "http.response.status_code", "outcome": "labels.outcome",
    "bytes_in": "http.request.bytes", "bytes_out": "http.response.bytes", "operation": "event.action",
    "referer": "http.request.referrer", "severity": "log.level", "process": "process.name", "pid": "process.pid",
    "error": "error.type", "message": "message", "source_path": "log.file.path", "source_sha256": "file.hash.sha256",
    "line": "log.origin.file.line", "format": "event.dataset",
}  # fmt: skip


def share(case: Case, form: str, path: Path, *, tag: str | None = None, policy: Policy | None = None) -> Exported:
    """Write the events of what is tagged (with ``tag``, else with any) in the form of another program.

    The same case gives the same bytes. Raises UsageError for a form or a file's ending, ExportError where nothing is
    tagged or the policy lets no events leave.
    """
    if form not in FORMS or path.suffix not in _ENDINGS[form]:
        raise UsageError(f"{path}: timesketch is written as .jsonl, siem as .csv")
    if not case.tags.all(tag=tag):
        query_for(case, "tags", tag)
        raise ExportError(NOTHING_TAGGED)
    detail: dict[str, object] = {"tag": tag, "policy": policy.name if policy else None}
    with case.tagged(selection(tag)) as at:
        columns, rows = _rows(at, "events", tag, policy)
        if form == "siem":
            return write_as(case, [ECS.get(name, f"labels.{name}") for name in columns], rows, path, form, detail)
        told, given = _rows(at, "tags", tag, policy) if policy is None or "tags" in policy.tables else ([], iter(()))
        names = list(dict.fromkeys((*_TOLD, *columns, *told, *_FOUND)))
        whole = chain(_timesketch(columns, rows, told, given), _findings(case, tag, policy))
        lines = ([one.get(name) for name in names] for one in whole)
        return write_as(case, names, lines, path, form, detail)


def _rows(case: Case, what: str, tag: str | None, policy: Policy | None) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the rows of a kind of export as they may leave; the run is written down when they have all been read."""
    sql, chosen = QUERIES[what], selection(tag)
    cursor = case.cursor(sql)
    redactor = Redactor.of(case, policy) if policy else None
    if redactor:
        redactor.allow(what)
        redactor.prepare(case, sql, chosen, column_names(case, sql, chosen, cursor), cursor)
    columns, rows = case.stream(sql, chosen, cursor=cursor, trusted=True)

    def passing() -> Iterator[Sequence[Any]]:
        started, digest = time.monotonic(), Digest(columns, ordered=True)
        through: Iterable[Sequence[Any]] = digest.passing(rows)
        yield from redactor.rows(columns, through) if redactor else through
        case.runs.record("export", what, sql, chosen, digest.number, time.monotonic() - started, digest)

    return redactor.columns(columns) if redactor else list(columns), passing()


def _timesketch(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], told: Sequence[str], reported: Iterable[Sequence[Any]]
) -> Iterator[dict[str, Any]]:
    """Yield lines of Timesketch; what has no time stands at the start of 1970, for it takes nothing without one."""
    for row in rows:
        event = {name: plain(value) for name, value in zip(columns, row, strict=True) if value is not None}
        parts = (
            event.get(name) for name in ("account", "client_ip", "operation", "method", "path", "model", "message")
        )
        message = " ".join(str(part) for part in parts if part is not None)
        yield event | dict(zip(_TOLD, (_moment(event.get("ts")), "Event Logged", message or "event", []), strict=True))
    for row in reported:
        one = {name: plain(value) for name, value in zip(told, row, strict=True) if value is not None}
        message = f"{one.get('kind', 'thing')} {one.get('id', '')} tagged {one.get('tag', '')}: {one.get('note', '')}"
        told_as = (_moment(one.get("tagged_at")), "Tagged", message.rstrip(": "), [one.get("tag", "tagged")])
        yield one | dict(zip(_TOLD, told_as, strict=True))


def _findings(case: Case, tag: str | None, policy: Policy | None) -> Iterator[dict[str, Any]]:
    """Yield a line of Timesketch for each accepted finding that triage knows the reasons of, at the time it begins."""
    from workbench.export.report import accepted_as, finding_times, judge

    tags = case.tags.all(tag=ACCEPTED)
    if tag is not None:
        carriers = {(one.kind, one.id) for one in case.tags.all(tag=tag)}
        tags = [one for one in tags if (one.kind, one.id) in carriers]
    if not tags or (policy is not None and "findings" not in policy.tables):
        return
    redactor = Redactor.of(case, policy) if policy else None
    judged = judge(case, {one.kind for one in tags})
    for accepted in (accepted_as(given, judged, redactor) for given in tags):
        if (finding := accepted.finding) is None:
            continue
        parts: dict[str, Any] = {
            "kind": accepted.kind,
            "id": accepted.name,
            "score": round(finding.score, 2),
            "q_value": float(f"{finding.q_value:.3g}"),
        }
        parts["reasons"] = [reason.text for reason in finding.reasons] if _keeps(policy, "reasons") else None
        tried = [f"{other.name}: {other.verdict}" for other in finding.innocent]
        parts["innocent"] = tried if _keeps(policy, "innocent") else None
        said = f"{accepted.kind} {accepted.name} accepted: {'; '.join(parts['reasons'] or ['reasons withheld'])}"
        first = finding_times(finding, policy)[0]
        yield parts | dict(zip(_TOLD, (_moment(first), "Finding Begins", said, [ACCEPTED]), strict=True))


def _keeps(policy: Policy | None, column: str) -> bool:
    return policy is None or policy.of(column) == "keep"


def _moment(text: object) -> str:
    """Return a time, which a policy may have cut, as a whole one."""
    cut = str(text or "1970")
    if len(cut) >= 19:
        return cut if cut.endswith("Z") else f"{cut}Z"
    return cut + "1970-01-01T00:00:00Z"[len(cut) :]
