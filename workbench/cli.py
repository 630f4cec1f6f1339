"""The command line: one function a command, no logic. Everything the terminal UI does has a command here."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench import __version__
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.case import Case

_FORMATS = ("table", "csv", "json")
_KINDS = ("session", "account", "address", "key", "organisation", "event")
_EPILOG = "Exit codes: 0 done, 1 it could not be done (or a source not read), 2 wrong usage, 130 interrupted."


class _Commands(click.Group):
    """Commands in the order of their use; a first argument that is a file or a case opens it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        first = args[0]
        if first not in self.commands and (first == "-" or Path(first).exists() or glob.has_magic(first)):
            return "open", self.commands["open"], args
        if first not in self.commands and ("/" in first or "." in first):
            raise UsageError(f"there is no file, case or command {first!r}")
        return super().resolve_command(ctx, args)


def _command(name: str, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """Declare a command; its help ends with an example."""

    def declare(function: Callable[..., None]) -> click.Command:
        return cli.command(name, epilog=f"Example: {example}")(function)

    return declare


def _case(path: str) -> Case:
    from workbench.case import Case

    given = Path(path)
    beside = given.with_name(given.name + ".case")
    return Case.open(beside if not given.exists() and beside.exists() else given)


_format_option = click.option(
    "--format", "how", type=click.Choice(_FORMATS), default="table", show_default=True, help="How to write the rows."
)
_case_argument = click.argument("case", type=click.Path())


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="workbench")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find who is copying a model through its API: load request logs, ask, chart, tag, export.

    \b
    workbench access.log requests.ndjson.gz    open logs at once, in a case that can be kept
    workbench acme.case                        open a kept case
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@_command("open", "workbench open acme.case · workbench access.log 'logs/*.gz'")
@click.argument("what", nargs=-1, required=True, type=click.Path())
@click.option("--format", "log_format", metavar="NAME", help="The logs' format, where it is not recognised.")
@click.option("--tz", metavar="ZONE", help="Zone of times that name none (default UTC).")
def open_(what: tuple[str, ...], log_format: str | None, tz: str | None) -> None:
    """Open a case, or log files directly, in the terminal UI."""
    from workbench.opening import open_case_or_logs

    open_case_or_logs(what, log_format=log_format, tz=tz)


@_command("new", "workbench new acme.case --gap 45")
@_case_argument
@click.option("--gap", type=int, metavar="MINUTES", help="A pause longer than this ends a session (default 30).")
def new(case: str, gap: int | None) -> None:
    """Make an empty case."""
    from workbench.case import Case
    from workbench.safetext import safe

    with Case.create(Path(case), gap_minutes=gap) as made:
        click.echo(f"made {safe(made.folder.path)}; load logs: workbench load {safe(case)} FILE…")


@_command("info", "workbench info acme.case --json")
@_case_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def info(case: str, as_json: bool) -> None:
    """Say what a case holds."""
    from workbench.output import cell, write_json_line

    with _case(case) as opened:
        found = opened.info()
    if as_json:
        write_json_line(found)
        return
    for name, value in found.items():
        shown = f"{value:,}" if isinstance(value, int) else cell(value)
        click.echo(f"{name.replace('_', ' '):>20}  {shown or '–'}")


@_command("sources", "workbench sources acme.case")
@_case_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, a line each.")
def sources(case: str, as_json: bool) -> None:
    """List the loaded logs and the accounting of each."""
    from workbench.report import write_sources

    with _case(case) as opened:
        write_sources([one.as_dict() for one in opened.sources()], as_json=as_json)


@_command("load", "ssh host cat /var/log/access.log | workbench load acme.case - --tz Europe/Berlin")
@_case_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--format", "log_format", metavar="NAME", help="Read all of them as this format, e.g. litellm.")
@click.option("--tz", metavar="ZONE", help="Zone of times that name none (default UTC).")
@click.option("--again", is_flag=True, help="Load content that the case has already once more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, a line each.")
def load(case: str, files: tuple[str, ...], log_format: str | None, tz: str | None, again: bool, as_json: bool) -> None:
    """Load files, folders, globs or standard input (-) into a case, each recognised by its content."""
    from workbench.report import load_and_report

    with _case(case) as opened:
        sys.exit(load_and_report(opened, files, log_format=log_format, tz=tz, again=again, as_json=as_json))


@_command("rejects", "workbench rejects acme.case --source 2")
@_case_argument
@click.option("--source", type=int, metavar="N", help="Only of this source.")
@_format_option
def rejects(case: str, source: int | None, how: str) -> None:
    """Show the lines that could not be read: where, why, and the line itself."""
    from workbench.output import write_rows

    with _case(case) as opened:
        table = opened.query(
            "SELECT source, line, reason, raw FROM reject WHERE $source IS NULL OR source = $source "
            "ORDER BY source, line, item",
            {"source": source},
        )
        write_rows(table.columns, table.rows, how)


@_command(
    "sql", 'workbench sql acme.case "SELECT account, count(*) FROM event GROUP BY account ORDER BY 2 DESC LIMIT 9"'
)
@_case_argument
@click.argument("query")
@_format_option
@click.option("--chart", metavar="SPEC", help="Draw it instead, e.g. 'bar x=account y=requests'.")
def sql(case: str, query: str, how: str, chart: str | None) -> None:
    """Ask one SELECT of a case. Tables: event, session, account, source, tag, reject, run, and one a log format."""
    from workbench.report import write_answer

    with _case(case) as opened:
        table = opened.ask(query)
        write_answer(table, how, chart=chart)


@cli.group("playbook", epilog="Example: workbench playbook run acme.case who_asks_most --param top=10 --chart")
def playbook() -> None:
    """Saved investigations: list them, show one, run one."""


@playbook.command("list", epilog="Example: workbench playbook list acme.case")
@click.argument("case", required=False, type=click.Path())
@_format_option
def playbook_list(case: str | None, how: str) -> None:
    """List the playbooks and their questions; with a case, whether it can answer them."""
    from workbench.report import write_playbooks

    if case is None:
        write_playbooks(None, how)
        return
    with _case(case) as opened:
        write_playbooks(opened, how)


@playbook.command("show", epilog="Example: workbench playbook show shared_addresses")
@click.argument("names", nargs=-1, required=True, metavar="[CASE] NAME")
def playbook_show(names: tuple[str, ...]) -> None:
    """Show a playbook: question, meaning, innocent explanations, parameters, SQL."""
    from workbench.report import write_playbook

    with _case(names[0]) if len(names) > 1 else _nothing() as opened:
        write_playbook(opened, names[-1])


@playbook.command(
    "run", epilog="Example: workbench playbook run acme.case shared_addresses --param min_accounts=10 --chart"
)
@_case_argument
@click.argument("name")
@click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter in place of its default.")
@_format_option
@click.option("--chart", is_flag=True, help="Draw the playbook's chart too.")
@click.option("--tag", metavar="TAG", help="Tag the things that the rows name.")
@click.option("--note", default="", metavar="TEXT", help="The note of that tag.")
def playbook_run(
    case: str, name: str, params: tuple[str, ...], how: str, chart: bool, tag: str | None, note: str
) -> None:
    """Ask a playbook of a case."""
    from workbench.report import run_playbook

    with _case(case) as opened:
        run_playbook(opened, name, params, how, chart=chart, tag=tag, note=note)


@_command("sessions", 'workbench sessions acme.case --where "requests > 100 AND addresses > 5"')
@_case_argument
@click.option("--where", metavar="CONDITION", help="An SQL condition on the columns of session.")
@_format_option
def sessions(case: str, where: str | None, how: str) -> None:
    """List sessions: an entity's events with no long pause between."""
    from workbench.report import sessions_table

    with _case(case) as opened:
        write = sessions_table(opened, where)
        from workbench.output import write_rows

        write_rows(write.columns, write.rows, how)


@_command("tag", "workbench tag acme.case account u-48120011 suspect --note '97 % in three templates'")
@_case_argument
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("tag_name", metavar="TAG")
@click.option("--note", default="", metavar="TEXT", help="Why.")
def tag(case: str, kind: str, ids: tuple[str, ...], tag_name: str, note: str) -> None:
    """Tag a session, account, address, key, organisation or event; several ids may be given."""
    from workbench.report import tag_things

    with _case(case) as opened:
        click.echo(tag_things(opened, kind, ids, tag_name, note))


@_command("untag", "workbench untag acme.case account u-48120011 suspect")
@_case_argument
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("tag_name", metavar="TAG")
def untag(case: str, kind: str, ids: tuple[str, ...], tag_name: str) -> None:
    """Take a tag off. That it was there stays in the audit chain."""
    from workbench.report import untag_things

    with _case(case) as opened:
        click.echo(untag_things(opened, kind, ids, tag_name))


@_command("tags", "workbench tags acme.case --format csv")
@_case_argument
@_format_option
def tags(case: str, how: str) -> None:
    """List everything that is tagged."""
    from dataclasses import astuple

    from workbench.case.tags import Tag
    from workbench.output import write_rows

    with _case(case) as opened:
        given = opened.tags.all()
    write_rows(list(Tag.__dataclass_fields__), [astuple(one) for one in given], how)


@_command("export", "workbench export acme.case sessions --tag suspect -o suspects.csv")
@_case_argument
@click.argument("what", type=click.Choice(("sessions", "accounts", "events", "tags")))
@click.option("--tag", "tag_name", metavar="TAG", help="Only what carries this tag.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file to write.")
def export(case: str, what: str, tag_name: str | None, output: str) -> None:
    """Export sessions, accounts, events or tags as CSV."""
    from workbench.export import export as write
    from workbench.safetext import safe

    with _case(case) as opened:
        done = write(opened, what, Path(output), tag=tag_name)
    click.echo(f"wrote {done.rows:,} {what} to {safe(done.path)} (sha256 {done.sha256})")


@_command("sample", "workbench sample logs/ --seed 7 --requests 12000 --accounts 240")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--requests", type=click.IntRange(min=1), default=12_000, show_default=True, help="About how many.")
@click.option("--accounts", type=click.IntRange(min=20), default=240, show_default=True, help="How many.")
def sample(folder: str, seed: int, requests: int, accounts: int) -> None:
    """Write made-up logs with a planted distillation campaign, and the labels that say who is who."""
    from workbench.report import write_sample

    write_sample(Path(folder), seed=seed, requests=requests, accounts=accounts)


@_command("demo", "workbench demo --headless")
@click.option("--headless", is_flag=True, help="No UI: print, tag and export (also without a terminal).")
@click.option("--case", "path", default="demo.case", show_default=True, type=click.Path(), help="Where to build it.")
def demo(headless: bool, path: str) -> None:
    """Build a case from the sample logs and look at it."""
    from workbench.demo import run_demo

    run_demo(Path(path), headless=headless or not (sys.stdin.isatty() and sys.stdout.isatty()))


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()
