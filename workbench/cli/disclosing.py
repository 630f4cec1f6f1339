"""What is handed over: the report, the evidence bundle."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.base import case_argument, command, open_case, redact_option
from workbench.safetext import safe


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
    click.echo(f"wrote {safe(output)}: {number:,} accepted finding{'s' if number != 1 else ''}")


@command("bundle", "workbench bundle acme.case -o acme.tar --tag accepted --redact regulator --key ~/.ssh/id_ed25519")
@case_argument
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The .tar file to write.")
@click.option("--tag", metavar="TAG", help="What carries this tag (else: any tag).")
@click.option("--finding", metavar="ID", help="One tagged account, session, address ….")
@redact_option
@click.option("--key", type=click.Path(dir_okay=False), help="Sign it with this SSH key.")
def bundle(case: str, output: str, tag: str | None, finding: str | None, policy: str | None, key: str | None) -> None:
    """Write an evidence bundle (BagIt) that a stranger can check with standard tools."""
    from workbench.export.bundle import bundle as write
    from workbench.export.policy import load_policy

    chosen = load_policy(policy) if policy else None
    signing = Path(key).expanduser() if key else None
    with open_case(case) as opened:
        done = write(opened, Path(output), tag=tag, finding=finding, policy=chosen, key=signing)
    for text in done.missing:
        click.echo(f"note: {safe(text)}", err=True)
    click.echo(f"wrote {safe(done.path)}: {done.events:,} events (sha256 {done.sha256})")
