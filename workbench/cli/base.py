"""What all commands share: the group, how a command is declared, how a case is named."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from workbench.errors import UsageError
from workbench.version import __version__

if TYPE_CHECKING:
    from workbench.case import Case

ROW_FORMATS = ("table", "csv", "json")
KINDS = ("session", "account", "address", "key", "organisation", "client", "event")
_EPILOG = "Exit codes: 0 done, 1 it could not be done (or a source not read), 2 wrong usage, 130 interrupted."


class Commands(click.Group):
    """Commands in the order of their use; a first argument that is a file or a case opens it."""

    #: What a person at a terminal is offered who names no command.
    offer: Callable[[], None] | None = None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of declaration."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first argument that is no command but names something to open for ``open``."""
        first = args[0]
        if first not in self.commands and (first == "-" or Path(first).exists() or glob.has_magic(first)):
            return "open", self.commands["open"], args
        if first not in self.commands and ("/" in first or "." in first):
            raise UsageError(f"there is no file, case or command {first!r}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
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
        if sys.stdin.isatty() and sys.stdout.isatty():
            offer = cast(Commands, ctx.command).offer
            if offer is not None:
                offer()


def command(name: str, example: str, group: click.Group = cli) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command; its help ends with an example."""

    def declare(function: Callable[..., Any]) -> click.Command:
        return group.command(name, epilog=f"Example: {example}")(function)

    return declare


def open_case(path: str) -> Case:
    """Open the case at ``path``, or at ``path.case`` where only that exists."""
    from workbench.case import Case
    from workbench.engines import register

    register()
    given = Path(path)
    beside = given.with_name(given.name + ".case")
    return Case.open(beside if not given.exists() and beside.exists() else given)


def warn_of_broken_formats() -> None:
    """Say on standard error which formats of the investigator's own are left out, and why."""
    from workbench.formats.registry import broken_formats

    for why in broken_formats().values():
        click.echo(f"workbench: this format of yours is left out: {why}", err=True)


case_argument = click.argument("case", type=click.Path())
redact_option = click.option(
    "--redact", "policy", metavar="POLICY", help="internal, counsel, regulator, public, or a policy's TOML file."
)
format_option = click.option(
    "--format", "how", type=click.Choice(ROW_FORMATS), default="table", show_default=True, help="How to write the rows."
)
