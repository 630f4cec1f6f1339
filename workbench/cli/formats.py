"""Log formats: which there are, why one fits a file or does not, and how to write one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import ROW_FORMATS, cli, command, warn_of_broken_formats
from workbench.errors import FormatError
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.formats import Format

_output = click.option(
    "--format", "how", type=click.Choice(ROW_FORMATS), default="table", show_default=True, help="How to write the rows."
)


@cli.group("format", epilog="Example: workbench format explain access.log")
def formats() -> None:
    """Log formats: list, show, explain why one fits, check and make your own."""


@command("list", "workbench format list", formats)
@_output
def list_formats(how: str) -> None:
    """List the formats in the order in which they are preferred."""
    from workbench.formats import load_formats
    from workbench.output import write_rows

    known = sorted(load_formats().values(), key=lambda one: (-one.priority, one.name))
    write_rows(
        ("name", "what", "kind", "priority", "samples"),
        [(one.name, one.title, one.kind, one.priority, len(one.samples)) for one in known],
        how,
    )
    warn_of_broken_formats()


@command("show", "workbench format show litellm > mine.toml", formats)
@click.argument("name")
def show_format_command(name: str) -> None:
    """Print a format's definition, to read or to start one's own from."""
    from workbench.formats.registry import text_of

    click.echo(text_of(name), nl=False)


@command("check", "workbench format check mine.toml", formats)
@click.argument("names", nargs=-1)
def check_command(names: tuple[str, ...]) -> None:
    """Try formats (by name or file; all without a name) on their own samples."""
    from workbench.formats import load_formats
    from workbench.formats.registry import broken_formats, format_file, format_named
    from workbench.ingest.tryout import Tryout

    chosen: list[Format] = [] if names else list(load_formats().values())
    broken = [] if names else list(broken_formats().values())
    for name in names:
        try:
            chosen.append(format_file(Path(name)) if Path(name).is_file() else format_named(name))
        except FormatError as error:
            broken.append(str(error))
    for why in broken:
        click.echo(safe(why))
    failed = bool(broken)
    with Tryout() as tryout:
        for fmt in chosen:
            wrong = tryout.failures(fmt)
            failed = failed or bool(wrong)
            click.echo(
                f"{fmt.name}: {counted(len(fmt.samples), 'sample')}, {'as they should be' if not wrong else 'not so'}"
            )
            for text in wrong:
                click.echo(f"  {safe(text)}")
    sys.exit(1 if failed else 0)


@command("new", "workbench format new my_gateway --from /etc/nginx/nginx.conf", formats)
@click.argument("name")
@click.option(
    "--from", "directive", metavar="DIRECTIVE|FILE", help="Make it from nginx's log_format or Apache's LogFormat."
)
def new_format_command(name: str, directive: str | None) -> None:
    """Make a definition in your configuration folder: from a log_format, or to be filled in."""
    from workbench.formats.registry import make_own

    file = make_own(name, directive)
    after = "edit it, then" if directive is None else "try it"
    click.echo(f"made {safe(file)}; {after}: workbench format check {safe(name)}")


@command("explain", "workbench format explain access.log --lines 5", formats)
@click.argument("file", type=click.Path())
@click.option("--lines", "most", default=5, show_default=True, help="How many lines to look at.")
@click.option("--only", "name", metavar="NAME", help="Only this format.")
def explain_format_command(file: str, most: int, name: str | None) -> None:
    """Say for each format why it fits a file or does not, line by line for the first lines."""
    from workbench.ingest.explain import explain_file
    from workbench.output import write_rows

    explanations = explain_file(Path(file), most, name)
    warn_of_broken_formats()
    click.echo(f"{safe(file)} is read as {explanations.chosen}")
    header = ("format", "fits", *(f"line {number}" for number in range(1, explanations.lines + 1)))
    write_rows(header, explanations.rows, "table")
