"""Triage: whom to look at first; the whole reasoning about one; two side by side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from workbench.cli.base import ROW_FORMATS, case_argument, command, format_option, open_case
from workbench.output import write_json_line, write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.detect import Triage

KINDS = ("account", "session", "address", "organisation", "key")
kind_type = click.Choice((*KINDS, "client"))


@command("triage", "workbench triage acme.case --top 25 --format csv > suspects.csv")
@case_argument
@click.option("--by", type=click.Choice(KINDS), default="account", show_default=True, help="Whom to judge.")
@click.option("--top", type=click.IntRange(min=1), default=25, show_default=True, help="How many to list.")
@click.option("--all", "everybody", is_flag=True, help="List all, not only the top.")
@click.option(
    "--fdr", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True,
    help="Share of those flagged that may be wrong.",
)  # fmt: skip
@format_option
def triage_command(case: str, by: str, top: int, everybody: bool, fdr: float, how: str) -> None:
    """Rank accounts (or sessions, addresses …) by how much they look like a campaign, with reasons."""
    from workbench.detect import triage
    from workbench.evidence.runs import record_triage

    started, most = time.monotonic(), None if everybody else top
    with open_case(case) as opened:
        found = triage(opened, by, fdr=fdr, top=most)
        record_triage(opened, found, top=most, seconds=time.monotonic() - started)
    write_triage(found, how)


@command("explain", "workbench explain acme.case account u-48120011")
@case_argument
@click.argument("kind", type=kind_type)
@click.argument("entity", metavar="ID")
@click.option("--format", "how", type=click.Choice(("text", "json")), default="text", show_default=True)
def explain_command(case: str, kind: str, entity: str, how: str) -> None:
    """Give the whole reasoning about one account (session, address …): reasons, innocent explanations, figures."""
    from workbench.detect import explain
    from workbench.detect.narrative import tell_explanation
    from workbench.evidence.corroborate import confirmed, could_confirm, recorded

    with open_case(case) as opened:
        explained = explain(opened, kind, entity)
        compared = recorded(opened)
        corroborated = confirmed(compared, entity)
        if not any(one.said_of(entity) for one in compared):
            corroborated += could_confirm(opened, kind, entity)
    if how == "json":
        from dataclasses import asdict

        write_json_line({**asdict(explained), "corroborated": corroborated})
        return
    for _, line in tell_explanation(explained):
        click.echo(safe(line))
    click.echo("\nCorroboration")
    for line in corroborated:
        click.echo(f"  {safe(line)}")


@command("compare", "workbench compare acme.case u-48120011 u-90210777")
@case_argument
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--by", "kind", type=kind_type, default="account", show_default=True, help="What A and B are.")
@click.option("--format", "how", type=click.Choice(ROW_FORMATS), default="table", show_default=True)
def compare_command(case: str, first: str, second: str | None, kind: str, how: str) -> None:
    """Put two accounts side by side, or one and the median of all others."""
    from workbench.detect import compare

    with open_case(case) as opened:
        found = compare(opened, kind, first, second)
    write_rows(["figure", found.first, found.second], found.rows, how)


def write_triage(triage: Triage, how: str) -> None:
    """Write a triage's rows; what else there is to say goes to standard error."""
    from workbench.detect import COLUMNS

    rows = [one.row() for one in triage.rows]
    if how == "table":
        rows = [(*row[:10], *(_first(one) for one in row[10:])) for row in rows]
    elif how == "csv":
        rows = [(*row[:10], *("; ".join(one) for one in row[10:] if isinstance(one, list))) for row in rows]
    write_rows(COLUMNS, rows, how)
    click.echo(f"{triage.said} (fdr {triage.fdr:g})", err=True)
    for campaign in triage.campaigns:
        strongest = f": {safe(campaign.reasons[0].text)}" if campaign.reasons else ""
        click.echo(
            f"{campaign.name}: {campaign.flagged:,} of {counted(campaign.size, 'member')} flagged, "
            f"{counted(campaign.requests, 'request')}{strongest}", err=True,
        )  # fmt: skip
    for limit in triage.limits:
        click.echo(f"note: {safe(limit)}", err=True)


def _first(sentences: object) -> str:
    if not isinstance(sentences, list) or not sentences:
        return ""
    more = f" (+{len(sentences) - 1})" if len(sentences) > 1 else ""
    return f"{sentences[0]}{more}"
