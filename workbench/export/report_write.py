"""Writing a report as Markdown or as one HTML file with its charts inside; all text of logs and people is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.charts import svg
from workbench.export.report_model import Accepted, Report
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.detect import Reason

_SOURCES = ("source", "path", "sha256", "format", "lines", "of events", "rejected", "skipped")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@/$^=])")

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
body{color:#24292f;background:#fff}
h1,h2,h3{line-height:1.2}table{border-collapse:collapse;font-size:13px;display:block;overflow-x:auto}
td,th{border:1px solid #d0d7de;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}
.muted{color:#656d76}blockquote{border-left:3px solid #d0d7de;margin-left:0;padding-left:1rem}"""
#: Nothing in the file may run or load anything, whatever a log says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_markdown(report: Report) -> str:
    """Return the report as Markdown (CommonMark with tables); charts as blocks of text."""
    lines = [f"# {_md(report.title)}", "", *(_md(text) for text in report.intro), ""]
    lines += [*_table(("", ""), report.facts, _md), ""]
    if report.campaigns:
        lines += ["## Campaigns", ""]
        for title, reasons in report.campaigns:
            lines += [f"- {_md(title)}", *(f"    - {_md(text)}" for text in reasons)]
        lines.append("")
    for chart in report.charts:
        lines += [
            f"### {_md(chart.title)} (run {chart.run})",
            "",
            *(f"    {row}" for row in chart.drawing.plain().split("\n")),
            "",
        ]
    lines += ["## Findings", ""]
    for one in report.accepted:
        lines += [*_md_finding(one), ""]
    lines += ["## Looked at and dismissed", ""]
    lines += [
        f"- {kind} {_md(name)}: {_md(note or 'no reason was noted')}" for kind, name, note in report.dismissed
    ] or ["None."]
    lines += ["", "## Sources", "", *_table(_SOURCES, report.sources, _md), ""]
    lines += [
        "## What could not be judged",
        "",
        *([f"- {_md(text)}" for text in report.limits] or ["Nothing was left out."]),
        "",
    ]
    return "\n".join(lines)


def _md(value: object) -> str:
    return html.escape(_MARKS.sub(r"\\\1", safe("" if value is None else value)), quote=False)


def _md_finding(accepted: Accepted) -> Iterator[str]:
    yield f"### {accepted.kind} {_md(accepted.name)}"
    yield ""
    reason = accepted.tag.note or "no reason was noted"
    yield f"Accepted by {_md(accepted.tag.tagged_by)}, {_md(accepted.tag.tagged_at)}: {_md(reason)}"
    yield ""
    for head, texts in _sections(accepted):
        yield f"{_md(head)}"
        yield ""
        yield from (f"- {_md(text)}" for text in texts)
        yield ""


def _sections(accepted: Accepted) -> Iterator[tuple[str, list[str]]]:
    """Yield what triage says of a finding, as headings with sentences."""
    finding = accepted.finding
    if accepted.corroborated:
        yield "Corroboration:", list(accepted.corroborated)
    if finding is None:
        yield "Triage says nothing of it: the acceptance rests on the reason above.", []
        return
    yield (
        f"Score {finding.score:.2f}, q {finding.q_value:.2g}, rank {finding.rank:,}, "
        f"{counted(finding.requests, 'request')} (run {accepted.run}). Reasons:",
        [_reason(one) for one in finding.reasons] or ["none that adds to the score"],
    )
    for other in finding.innocent:
        said = [*(f"for: {text}" for text in other.speaks_for), *(f"against: {text}" for text in other.speaks_against)]
        yield f"Could it be {other.name}? {other.verdict}", [*said, f"would settle it: {other.settled_by}"]


def _reason(one: Reason) -> str:
    asked = "".join(f" {name}={value}" for name, value in one.parameters.items())
    return f"{one.text} ({one.playbook}{asked})"


def _table(header: Sequence[str], rows: Sequence[Sequence[object]], escape: Callable[[object], str]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return [*lines, *("| " + " | ".join(escape(value) for value in row) + " |" for row in rows)]


def as_html(report: Report) -> str:
    """Return the report as one HTML file: no script, nothing loaded from elsewhere, charts as SVG."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">',
        f"<title>{_h(report.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_h(report.title)}</h1>",
        *(f"<p>{_h(text)}</p>" for text in report.intro),
        _html_table((), report.facts),
    ]
    if report.campaigns:
        parts.append("<h2>Campaigns</h2>")
        parts += [f"<p>{_h(title)}</p>{_list(reasons)}" for title, reasons in report.campaigns]
    parts += [
        f"<h3>{_h(chart.title)} <span class=muted>(run {chart.run})</span></h3>{svg(chart.drawing.lines, chart.title)}"
        for chart in report.charts
    ]
    parts.append("<h2>Findings</h2>")
    parts += [_html_finding(one) for one in report.accepted]
    said = [f"{kind} {name}: {note or 'no reason was noted'}" for kind, name, note in report.dismissed]
    parts += ["<h2>Looked at and dismissed</h2>", _list(said or ["none"])]
    parts += ["<h2>Sources</h2>", _html_table(_SOURCES, report.sources)]
    parts += ["<h2>What could not be judged</h2>", _list(report.limits or ["nothing was left out"]), "</body></html>\n"]
    return "\n".join(parts)


def _h(value: object) -> str:
    return html.escape(safe("" if value is None else value), quote=True)


def _list(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_h(text)}</li>" for text in texts) + "</ul>" if texts else ""


def _html_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "<tr>" + "".join(f"<th>{_h(name)}</th>" for name in header) + "</tr>" if header else ""
    body = "".join("<tr>" + "".join(f"<td>{_h(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table>{head}{body}</table>"


def _html_finding(accepted: Accepted) -> str:
    note = _h(accepted.tag.note or "no reason was noted")
    said = "".join(f"<p>{_h(head)}</p>{_list(texts)}" for head, texts in _sections(accepted))
    return (
        f"<h3>{_h(accepted.kind)} {_h(accepted.name)}</h3><p class=muted>accepted by {_h(accepted.tag.tagged_by)}, "
        f"{_h(accepted.tag.tagged_at)}</p><blockquote>{note}</blockquote>{said}"
    )
