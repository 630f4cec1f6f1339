"""The report of a case: what was found and accepted, why, what else it could be, and how to check each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.acts.handover import ReportWritten
from workbench.case.folder import write_whole
from workbench.case.tags import ACCEPTED, DISMISSED, KINDS, Tag
from workbench.errors import ExportError, UsageError, WorkbenchError
from workbench.evidence.corroborate import confirmed, recorded
from workbench.export.redact import Redactor
from workbench.export.report_model import Accepted, Chart, Report
from workbench.export.report_write import as_html, as_markdown
from workbench.values import iso
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.detect import Finding, Triage
    from workbench.export.policy import Policy

_BY_DAY = """
SELECT date_trunc('day', ts) AS day, count(*) FILTER (WHERE {mine}) AS requests, count(*) AS all_requests
FROM event WHERE ts IS NOT NULL AND entity IS NOT NULL GROUP BY day ORDER BY day"""
#: A session is no column of an event.
_COLUMN = {kind: column for kind, column in KINDS.items() if kind != "session"}
#: Kinds that triage judges.
_JUDGED = ("account", "session", "address", "organisation", "key")


def build_report(case: Case, policy: Policy | None = None, *, only: Sequence[Tag] | None = None) -> Report:
    """Gather the report; each figure cites its run. ``only`` limits it to these accepted tags.

    Raises ExportError where nothing was accepted, or the policy lets no findings leave.
    """
    redactor = Redactor.of(case, policy) if policy else None
    if redactor:
        redactor.allow("findings")
    tags = list(only if only is not None else case.tags.all(tag=ACCEPTED))
    if not tags:
        raise ExportError(
            "nothing is accepted in this case; accept a finding first: "
            f"workbench tag CASE account ID {ACCEPTED} --note REASON"
        )
    judged = judge(case, {tag.kind for tag in tags})
    compared = recorded(case)
    accepted = [replace(accepted_as(tag, judged, redactor), corroborated=confirmed(compared, tag.id)) for tag in tags]
    span = case.store.span()
    report = Report(
        title="Report" if redactor else f"Report on {case.name}",
        intro=[
            f"{counted(len(tags), 'finding')} accepted by people, on what the logs say. "
            "A score is never alone: each finding has its reasons, the innocent explanations that were tested, and the "
            "run that gives its figures again (workbench replay CASE RUN)."
        ],
        facts=_facts(case, span, redactor),
        accepted=accepted,
        campaigns=_campaigns(judged, {tag.id for tag in tags}, redactor),
        charts=[] if policy and len(tags) < policy.k else _charts(case, tags),
        limits=sorted({limit for found, _ in judged.values() for limit in found.limits}),
    )
    for tag in case.tags.all(tag=DISMISSED):
        name = _name(tag, redactor)
        report.dismissed.append((tag.kind, name, _note(tag, redactor)))
    chosen = ("source", "path", "sha256", "format", "lines", "event_lines", "rejects", "skipped")
    allowed = {"path": "source_path", "sha256": "source_sha256", "format": "format"}
    for source in case.sources():
        if not source.events:
            continue
        told = {name: getattr(source, name) for name in chosen}
        if redactor:
            told |= {name: "(withheld)" for name, as_ in allowed.items() if redactor.policy.of(as_) != "keep"}
        report.sources.append(tuple(told.values()))
    return report


def write_report(case: Case, path: Path, policy: Policy | None = None) -> int:
    """Write the report as Markdown or as one HTML file, by the name's ending; returns how many findings it has."""
    writers = {".md": as_markdown, ".html": as_html}
    if path.suffix not in writers:
        raise UsageError(f"{path}: a report is written as .md or .html")
    report = build_report(case, policy)
    write_whole(path, writers[path.suffix](report))
    case.ledger.record(ReportWritten(path.name, len(report.accepted), policy.name if policy else None))
    return len(report.accepted)


def judge(case: Case, kinds: set[str]) -> dict[str, tuple[Triage, int]]:
    """Return what triage says of each of these kinds that it judges, with its run."""
    from workbench.evidence.runs import cite_triage

    triages = {}
    for kind in sorted(kinds & set(_JUDGED)):
        try:
            triages[kind] = cite_triage(case, kind)
        except UsageError:
            continue
    return triages


def accepted_as(tag: Tag, judged: dict[str, tuple[Triage, int]], redactor: Redactor | None) -> Accepted:
    """Return an accepted tag with the finding that it is about, as they may leave."""
    triage, run = judged.get(tag.kind, (None, None))
    finding = next((one for one in triage.rows if one.entity == tag.id), None) if triage else None
    shown = Tag(tag.kind, "", tag.tag, _note(tag, redactor), _who(tag, redactor), _time(tag.tagged_at, redactor))
    name = _name(tag, redactor)
    if finding and redactor:
        finding = _without(finding, name)
    return Accepted(tag.kind, name, shown, finding, run if finding else None)


def _without(finding: Finding, name: str) -> Finding:
    """Return a finding that does not say whom it is about: no parameters, its name in no sentence."""

    def said(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.replace(finding.entity, name) for text in texts)

    reasons = (replace(one, text=said((one.text,))[0], parameters={}) for one in finding.reasons)
    innocent = (
        replace(one, speaks_for=said(one.speaks_for), speaks_against=said(one.speaks_against))
        for one in finding.innocent
    )
    return replace(finding, entity=name, reasons=tuple(reasons), innocent=tuple(innocent))


def _name(tag: Tag, redactor: Redactor | None) -> str:
    return tag.id if redactor is None else redactor.value(tag.kind, tag.id) or "(withheld)"


def _note(tag: Tag, redactor: Redactor | None) -> str:
    return tag.note if redactor is None or redactor.policy.of("note") == "keep" else "(withheld)"


def _who(tag: Tag, redactor: Redactor | None) -> str:
    return tag.tagged_by if redactor is None or redactor.policy.of("tagged_by") == "keep" else "(withheld)"


def _time(text: str, redactor: Redactor | None) -> str:
    treatment = redactor.policy.of("first") if redactor else "keep"
    if redactor is None or treatment == "keep":
        return text
    return text[: redactor.policy.time_length] if treatment == "coarse" else "(withheld)"


def finding_times(finding: Finding, policy: Policy | None) -> tuple[str, str]:
    """Return a finding's first and last time as they may leave."""
    first, last = iso(finding.first), iso(finding.last)
    if policy is None or policy.of("first") == "keep":
        return first, last
    return first[: policy.time_length], last[: policy.time_length]


def _facts(case: Case, span: tuple[Any, Any] | None, redactor: Redactor | None) -> list[tuple[str, str]]:
    from workbench.case.identity import versions

    info = case.info()
    lines = (
        f"{info['lines']:,} = {info['event_lines']:,} of events + {info['rejects']:,} rejected + {info['skipped']:,} "
        "skipped"
    )
    facts = [
        ("sources", f"{info['sources']:,}" if info["sources"] else "a table that was never loaded from logs"),
        *([("physical lines", lines)] if info["sources"] else []),
        *case.store.described(disclosed=redactor is not None),
        ("events", f"{info['events']:,}"),
        ("from", _time(iso(span[0]), redactor) if span else "no times"),
        ("to", _time(iso(span[1]), redactor) if span else "no times"),
        ("made with", versions()),
    ]  # fmt: skip
    if redactor:
        facts.append(("disclosed under", f"policy {redactor.policy.name}: {redactor.policy.about}"))
    return facts


def _campaigns(
    judged: dict[str, tuple[Triage, int]], accepted: set[str], redactor: Redactor | None
) -> list[tuple[str, list[str]]]:
    sections = []
    for triage, run in judged.values():
        for campaign in triage.campaigns:
            among = sum(member.entity in accepted for member in campaign.members)
            if among:
                title = (
                    f"{campaign.name}: {counted(campaign.size, campaign.kind)}, {among:,} of them "
                    f"accepted, {counted(campaign.requests, 'request')} (run {run})"
                )
                sections.append((title, [reason.text for reason in campaign.reasons]))
    return sections


def _charts(case: Case, tags: Sequence[Tag]) -> list[Chart]:
    """Requests by day: those of what was accepted, and all."""
    from workbench.charts import Style, draw, parse_chart
    from workbench.evidence.runs import cite_query

    conditions, values = [], {}
    for number, kind in enumerate(sorted({tag.kind for tag in tags} & set(_COLUMN))):
        conditions.append(f"coalesce({_COLUMN[kind]} IN (SELECT unnest($ids{number}::VARCHAR[])), false)")
        values[f"ids{number}"] = sorted(tag.id for tag in tags if tag.kind == kind)
    if not conditions:
        return []
    try:
        columns, rows, run = cite_query(case, _BY_DAY.format(mine=" OR ".join(conditions)), values)
    except WorkbenchError:
        return []
    style = Style(color=True, unicode=True)
    drawn = [
        (
            f"Requests a day: {said}",
            draw(parse_chart(f"line x=day y={name}"), columns, rows, width=100, height=18, style=style),
        )
        for name, said in (("requests", "what was accepted"), ("all_requests", "everybody"))
    ]
    return [Chart(title, drawing, run) for title, drawing in drawn] if rows else []
