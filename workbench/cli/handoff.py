"""What is handed over: the report, the evidence bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import case_argument, command, open_case, redact_option
from workbench.errors import UsageError
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.export.policy import Policy


@command("report", "workbench report acme.case -o acme.html --redact counsel")
@case_argument
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The .html or .md file to write.")
@redact_option
def report(case: str, output: str, policy: str | None) -> None:
    """Write the accepted findings with their reasons and innocent explanations, for people to read."""
    from workbench.export.policy import load_policy
    from workbench.export.report import write_report

    chosen = load_policy(policy) if policy else None
    with open_case(case) as opened:
        number = write_report(opened, Path(output), chosen)
    click.echo(f"wrote {safe(output)}: {counted(number, 'accepted finding')}")


@command("bundle", "workbench bundle acme.case -o acme.tar --tag accepted --redact regulator --key ~/.ssh/id_ed25519")
@case_argument
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The .tar file to write.")
@click.option("--tag", metavar="TAG", help="What carries this tag (else: any tag).")
@click.option("--finding", metavar="ID", help="One tagged account, session, address ….")
@redact_option
@click.option("--key", type=click.Path(dir_okay=False), help="Sign it with this SSH key.")
@click.option("--preview", is_flag=True, help="Only say what would leave under that policy, field by field.")
def bundle_command(
    case: str,
    output: str | None,
    tag: str | None,
    finding: str | None,
    policy: str | None,
    key: str | None,
    preview: bool,
) -> None:
    """Write an evidence bundle (BagIt) that a stranger can check with standard tools."""
    from workbench.export.bundle import bundle as write
    from workbench.export.policy import load_policy

    chosen = load_policy(policy) if policy else None
    if preview:
        if chosen is None:
            raise UsageError("--preview says what a policy lets leave; name one: --redact regulator")
        with open_case(case) as opened:
            _preview(opened, chosen, tag)
        return
    if output is None:
        raise UsageError("name the file to write: -o FILE.tar")
    signing = Path(key).expanduser() if key else None
    with open_case(case) as opened:
        done = write(opened, Path(output), tag=tag, finding=finding, policy=chosen, key=signing)
    for text in done.missing:
        click.echo(f"note: {safe(text)}", err=True)
    click.echo(f"wrote {safe(done.path)}: {counted(done.events, 'event')} (sha256 {done.sha256})")


def _preview(case: Case, policy: Policy, tag: str | None) -> None:
    """Write what would leave of each table that a bundle holds."""
    from workbench.export.preview import COLUMNS
    from workbench.export.preview import preview as look

    tables = [name for name in ("sessions", "accounts", "events", "tags") if name in policy.tables]
    rows = [(name, *row) for name in tables for row in look(case, name, policy, tag)]
    write_rows(("table", *COLUMNS), rows, "table")
