"""Log formats: which there are, why one fits a file or does not, and how to write one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from workbench.cli.base import ROW_FORMATS, cli, command
from workbench.safetext import safe
from workbench.words import counted

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


@command("show", "workbench format show litellm > mine.toml", formats)
@click.argument("name")
def show(name: str) -> None:
    """Print a format's definition, to read or to start one's own from."""
    from workbench.formats.registry import text_of

    click.echo(text_of(name), nl=False)


@command("check", "workbench format check mine.toml", formats)
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Try formats (by name or file; all without a name) on their own samples."""
    from workbench.formats import load_formats, parse
    from workbench.formats.registry import format_named
    from workbench.ingest.tryout import failures

    chosen = [
        parse(Path(name).read_text(encoding="utf-8"), name) if Path(name).is_file() else format_named(name)
        for name in names
    ] or list(load_formats().values())
    failed = False
    for one in chosen:
        found = failures(one)
        failed = failed or bool(found)
        click.echo(
            f"{one.name}: {counted(len(one.samples), 'sample')}, {'as they should be' if not found else 'not so'}"
        )
        for text in found:
            click.echo(f"  {safe(text)}")
    sys.exit(1 if failed else 0)


@command("new", "workbench format new my_gateway --from /etc/nginx/nginx.conf", formats)
@click.argument("name")
@click.option(
    "--from", "directive", metavar="DIRECTIVE|FILE", help="Make it from nginx's log_format or Apache's LogFormat."
)
def new(name: str, directive: str | None) -> None:
    """Make a definition in your configuration folder: from a log_format, or to be filled in."""
    from workbench.formats.registry import make_own

    file = make_own(name, directive)
    after = "edit it, then" if directive is None else "try it"
    click.echo(f"made {safe(file)}; {after}: workbench format check {safe(name)}")


@command("explain", "workbench format explain access.log --lines 5", formats)
@click.argument("file", type=click.Path())
@click.option("--lines", "most", default=5, show_default=True, help="How many lines to look at.")
@click.option("--only", "name", metavar="NAME", help="Only this format.")
def explain(file: str, most: int, name: str | None) -> None:
    """Say for each format why it fits a file or does not, line by line for the first lines."""
    from workbench.ingest.explain import explain_file
    from workbench.output import write_rows

    found = explain_file(Path(file), most, name)
    click.echo(f"{safe(file)} is read as {found.chosen}")
    header = ("format", "fits", *(f"line {number}" for number in range(1, found.lines + 1)))
    write_rows(header, found.rows, "table")
