"""Tags and exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import KINDS, case_argument, command, format_option, open_case, redact_option
from workbench.errors import UsageError
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case

#: What is written for other programs.
_SHARED = ("timesketch", "siem", "stix")


@command("tag", "workbench tag acme.case account u-48120011 suspect --note '97 % in three templates'")
@case_argument
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("tag_name", metavar="TAG")
@click.option("--note", default="", metavar="TEXT", help="Why.")
def tag(case: str, kind: str, ids: tuple[str, ...], tag_name: str, note: str) -> None:
    """Tag a session, account, address, key, organisation or event; several ids may be given."""
    with open_case(case) as opened:
        click.echo(tag_things(opened, kind, ids, tag_name, note))


@command("untag", "workbench untag acme.case account u-48120011 suspect")
@case_argument
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("tag_name", metavar="TAG")
def untag(case: str, kind: str, ids: tuple[str, ...], tag_name: str) -> None:
    """Take a tag off. That it was there stays in the audit chain."""
    with open_case(case) as opened:
        click.echo(untag_things(opened, kind, ids, tag_name))


@command("tags", "workbench tags acme.case --format csv")
@case_argument
@format_option
def tags(case: str, how: str) -> None:
    """List everything that is tagged."""
    from dataclasses import astuple

    from workbench.case.tags import Tag

    with open_case(case) as opened:
        given = opened.tags.all()
    write_rows(list(Tag.__dataclass_fields__), [astuple(one) for one in given], how)


@command("export", "workbench export acme.case sessions --tag suspect -o suspects.csv")
@case_argument
@click.argument(
    "what", type=click.Choice(("sessions", "accounts", "events", "tags", "totals", "timesketch", "siem", "stix"))
)
@click.option("--tag", "tag_name", metavar="TAG", help="Only what carries this tag.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write.")
@redact_option
@click.option("--preview", is_flag=True, help="Only say what would leave under that policy, field by field.")
def export_command(
    case: str, what: str, tag_name: str | None, output: str | None, policy: str | None, preview: bool
) -> None:
    """Export sessions, accounts, events, tags or totals as CSV, whole or redacted.

    timesketch (JSON lines) and siem (CSV in the names of ECS) hold the events of what is tagged, for other programs;
    stix is a STIX 2.1 bundle of what is tagged and why.
    """
    from workbench.export import export as write
    from workbench.export.policy import load_policy

    chosen = load_policy(policy) if policy else None
    if preview:
        if chosen is None:
            raise UsageError("--preview says what a policy lets leave; name one: --redact regulator")
        from workbench.export.preview import COLUMNS
        from workbench.export.preview import preview as look

        with open_case(case) as opened:
            rows = look(opened, "events" if what in _SHARED else what, chosen, tag_name)
        write_rows(COLUMNS, rows, "table")
        return
    if output is None:
        raise UsageError("name the file to write: -o FILE")
    with open_case(case) as opened:
        if what == "stix":
            from workbench.export.stix import share_stix

            done = share_stix(opened, Path(output), tag=tag_name, policy=chosen)
        elif what in _SHARED:
            from workbench.export.interop import share

            done = share(opened, what, Path(output), tag=tag_name, policy=chosen)
        else:
            done = write(opened, what, Path(output), tag=tag_name, policy=chosen)
    told = f", run {done.run}" if done.run else f", epsilon {done.epsilon:g}" if done.epsilon else ""
    noun = "object" if what == "stix" else "row" if what in _SHARED else what.removesuffix("s")
    click.echo(f"wrote {counted(done.rows, noun)} to {safe(done.path)} (sha256 {done.sha256}{told})")


@command("pseudonym", "workbench pseudonym acme.case account u-48120011 --prove")
@case_argument
@click.argument("kind")
@click.argument("value")
@click.option("--prove", is_flag=True, help="Also what proves it to others, and nothing else.")
def pseudonym(case: str, kind: str, value: str, prove: bool) -> None:
    """Say which pseudonym a value has in what was redacted, and prove it.

    KIND is account, key, address, organisation, session, client, event or tag, else the column's name.
    """
    from workbench.export.pseudonym import pseudonyms

    with open_case(case) as opened:
        found = pseudonyms(opened).prove(kind, value)
    click.echo(found.pseudonym)
    if prove:
        click.echo(f"opening {found.opening}\nanybody checks it: {found.command}")


def tag_things(case: Case, kind: str, ids: Sequence[str], tag: str, note: str) -> str:
    """Tag things that occur in the case; returns the confirmation, which is only given once it is durable."""
    from workbench.case.tags import check_tag

    check_tag(kind, tag)
    if missing := case.store.absent(kind, ids):
        raise UsageError(
            f"there is no {kind} {missing[0]!r} in this case"
            + (f" (nor {len(missing) - 1} more)" if missing[1:] else "")
        )
    added = case.tags.add(kind, ids, tag, note)
    return f"tagged {counted(len(ids), kind)} {safe(tag)!r}" + ("" if added else " (was tagged already)")


def untag_things(case: Case, kind: str, ids: Sequence[str], tag: str) -> str:
    """Take a tag off. Raises UsageError if none of the things had it."""

    removed = case.tags.remove(kind, ids, tag)
    if not removed:
        raise UsageError(f"{kind} {ids[0]!r} is not tagged {tag!r}")
    return f"took {tag!r} off {counted(removed, kind)}"
