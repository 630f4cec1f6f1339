"""The audit chain, verification, seals and replays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import case_argument, command, format_option, open_case
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.evidence.verify import Check


@command("log", "workbench log acme.case --format json")
@case_argument
@format_option
def log(case: str, how: str) -> None:
    """List the audit chain: everything that was done to the case, when and by whom."""
    from workbench.evidence.chain import FIELDS, entries

    with open_case(case) as opened:
        found = entries(opened.ledger)
    if how == "table":
        columns = ["seq", "at", "who", "action", "detail"]
        write_rows(columns, ((one.seq, one.at, one.who, one.action, _short(one.detail)) for one in found), how)
        return
    write_rows(FIELDS, ([getattr(one, name) for name in FIELDS] for one in found), how)


@command("replay", "workbench replay acme.case 12")
@case_argument
@click.argument("run", type=click.IntRange(min=1))
def replay_command(case: str, run: int) -> None:
    """Run a recorded question again, on the case as it was then, and say whether the result is the same."""
    from workbench.errors import EvidenceError
    from workbench.evidence.runs import replay as ask_again

    with open_case(case) as opened:
        replayed = ask_again(opened, run)
    for note in replayed.notes:
        click.echo(f"note: {safe(note)}", err=True)
    if not replayed.same:
        raise EvidenceError(f"{replayed.what}: {replayed.said}")
    click.echo(f"{safe(replayed.what)}: {replayed.said}")


def _short(detail: str, most: int = 160) -> str:
    return detail if len(detail) <= most else f"{detail[: most - 1]}…"


@command("verify", "workbench verify acme.case --originals --seal monday.seal")
@click.argument("what", metavar="CASE|BUNDLE", type=click.Path())
@click.option("--originals", is_flag=True, help="Read the logs themselves too, where they still are.")
@click.option("--head", "heads", multiple=True, metavar="HASH", help="A head that was written down earlier.")
@click.option("--seal", "seals", multiple=True, type=click.Path(dir_okay=False), help="A seal's file.")
def verify_command(what: str, originals: bool, heads: tuple[str, ...], seals: tuple[str, ...]) -> None:
    """Check a case (or a bundle) against its audit chain and hashes; names the first thing that does not fit."""
    from workbench.evidence.seal import read_head
    from workbench.evidence.verify import verify as check

    wanted = [*heads, *(read_head(Path(one)) for one in seals)]
    if Path(what).is_file():
        from workbench.evidence.verify_bundle import verify_bundle

        _tell(verify_bundle(Path(what), heads=wanted))
    else:
        with open_case(what) as opened:
            _tell(check(opened, originals=originals, heads=wanted))
    click.echo(f"{safe(what)} is as it was recorded")


def _tell(checks: Iterable[Check]) -> None:
    for one in checks:
        click.echo(f"{one.what:>20}  {safe(one.said)}")
        for note in one.notes:
            click.echo(f"{'note':>20}  {safe(note)}")


@command("seal", "workbench seal acme.case -o monday.seal --key ~/.ssh/id_ed25519")
@case_argument
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the seal to a file.")
@click.option("--key", type=click.Path(dir_okay=False), help="Sign that file with this SSH key.")
def seal_command(case: str, output: str | None, key: str | None) -> None:
    """Print the head of the audit chain, to be written down or sent away; signed with your SSH key if you like."""
    from workbench.evidence.seal import NAMESPACE
    from workbench.evidence.seal import seal as make

    with open_case(case) as opened:
        sealed = make(opened, Path(output) if output else None, Path(key).expanduser() if key else None)
    click.echo(sealed.head)
    click.echo(f"head of {safe(sealed.case)} after {counted(sealed.entries, 'entry')}, {sealed.at}; later:", err=True)
    click.echo(
        f"  workbench verify {safe(case)} " + (f"--seal {safe(output)}" if output else f"--head {sealed.head}"),
        err=True,
    )
    if key:
        shown = safe(output)
        click.echo(f"  ssh-keygen -Y verify -f SIGNERS -I WHO -n {NAMESPACE} -s {shown}.sig < {shown}", err=True)
