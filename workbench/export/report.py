"""The report of a case: what was found and accepted, why, what else it could be, and how to check each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.folder import write_whole
from workbench.case.tags import ACCEPTED, DISMISSED, KINDS, Tag
from workbench.errors import ExportError, UsageError, WorkbenchError
from workbench.evidence.corroborate import confirmed, recorded
from workbench.export.redact import Redactor
from workbench.output import iso
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.charts import Drawing
    from workbench.detect import Finding, Triage
    from workbench.export.policy import Policy

_BY_DAY = """
SELECT date_trunc('day', ts) AS day, count(*) FILTER (WHERE {mine}) AS requests, count(*) AS all_requests
FROM event WHERE ts IS NOT NULL AND entity IS NOT NULL GROUP BY day ORDER BY day"""
#: A session is no column of an event.
_COLUMN = {kind: column for kind, column in KINDS.items() if kind != "session"}
#: Kinds that triage judges.
_JUDGED = ("account", "session", "address", "organisation", "key")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart with its title and the run that its figures are from."""

    title: str
    drawing: Drawing
    run: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted finding: whom it is about, who accepted it and why, and what triage says (None where it cannot)."""

    kind: str
    name: str
    tag: Tag
    finding: Finding | None
    run: int | None
    corroborated: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What stands in a report, whatever it is written as; every text is raw and escaped by the writers."""

    title: str
    intro: list[str]
    facts: list[tuple[str, str]]
    accepted: list[Accepted]
    campaigns: list[tuple[str, list[str]]] = field(default_factory=list)
    dismissed: list[tuple[str, str, str]] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    sources: list[Sequence[Any]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


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
    span = case.span()
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
    for row in case.logs():
        if not row["events"]:
            continue
        told = {name: row[name] for name in chosen}
        if redactor:
            told |= {name: "(withheld)" for name, as_ in allowed.items() if redactor.policy.of(as_) != "keep"}
        report.sources.append(tuple(told.values()))
    return report


def write_report(case: Case, path: Path, policy: Policy | None = None) -> int:
    """Write the report as Markdown or as one HTML file, by the name's ending; returns how many findings it has."""
    from workbench.export.report_write import as_html, as_markdown

    writers = {".md": as_markdown, ".html": as_html}
    if path.suffix not in writers:
        raise UsageError(f"{path}: a report is written as .md or .html")
    report = build_report(case, policy)
    write_whole(path, writers[path.suffix](report))
    with case.ledger.act(
        "report", {"file": path.name, "findings": len(report.accepted), "policy": policy and policy.name}
    ):
        pass
    return len(report.accepted)


def judge(case: Case, kinds: set[str]) -> dict[str, tuple[Triage, int]]:
    """Return what triage says of each of these kinds that it judges, with its run."""
    from workbench.evidence.runs import judged

    found = {}
    for kind in sorted(kinds & set(_JUDGED)):
        try:
            found[kind] = judged(case, kind)
        except UsageError:
            continue
    return found


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
    from workbench.case.who import tools

    info = case.info()
    lines = (
        f"{info['lines']:,} = {info['event_lines']:,} of events + {info['rejects']:,} rejected + {info['skipped']:,} "
        "skipped"
    )
    facts = [
        ("sources", f"{info['sources']:,}" if info["sources"] else "a table that was never loaded from logs"),
        *([("physical lines", lines)] if info["sources"] else []),
        *_engine(case, redactor),
        ("events", f"{info['events']:,}"),
        ("from", _time(iso(span[0]), redactor) if span else "no times"),
        ("to", _time(iso(span[1]), redactor) if span else "no times"),
        ("made with", tools()),
    ]  # fmt: skip
    if redactor:
        facts.append(("disclosed under", f"policy {redactor.policy.name}: {redactor.policy.about}"))
    return facts


def _engine(case: Case, redactor: Redactor | None) -> list[tuple[str, str]]:
    """Return which engine has the events, and the state that their table was in."""
    if not case.remote:
        return []
    from workbench.engines.attached import attached

    found = attached(case)
    if redactor:
        return [("events are in", found.version)]
    state = f"SHA-256 of its files' hashes {found.sha256}" if found.sha256 else f"state {found.snapshot}"
    return [("events are in", f"{found.version}, {found.table}, {state}")]


def _campaigns(
    judged: dict[str, tuple[Triage, int]], accepted: set[str], redactor: Redactor | None
) -> list[tuple[str, list[str]]]:
    found = []
    for triage, run in judged.values():
        for campaign in triage.campaigns:
            among = sum(member.entity in accepted for member in campaign.members)
            if among:
                title = (
                    f"{campaign.name}: {counted(campaign.size, campaign.kind)}, {among:,} of them "
                    f"accepted, {counted(campaign.requests, 'request')} (run {run})"
                )
                found.append((title, [reason.text for reason in campaign.reasons]))
    return found


def _charts(case: Case, tags: Sequence[Tag]) -> list[Chart]:
    """Requests by day: those of what was accepted, and all."""
    from workbench.charts import Style, draw, parse
    from workbench.evidence.runs import answered

    conditions, values = [], {}
    for number, kind in enumerate(sorted({tag.kind for tag in tags} & set(_COLUMN))):
        conditions.append(f"coalesce({_COLUMN[kind]} IN (SELECT unnest($ids{number}::VARCHAR[])), false)")
        values[f"ids{number}"] = sorted(tag.id for tag in tags if tag.kind == kind)
    if not conditions:
        return []
    try:
        columns, rows, run = answered(case, _BY_DAY.format(mine=" OR ".join(conditions)), values)
    except WorkbenchError:
        return []
    style = Style(color=True, unicode=True)
    drawn = [
        (
            f"Requests a day: {said}",
            draw(parse(f"line x=day y={name}"), columns, rows, width=100, height=18, style=style),
        )
        for name, said in (("requests", "what was accepted"), ("all_requests", "everybody"))
    ]
    return [Chart(title, drawing, run) for title, drawing in drawn] if rows else []
