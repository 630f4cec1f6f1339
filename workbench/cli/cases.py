"""Opening and making cases, and what they hold."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.base import case_argument, command, open_case
from workbench.errors import UsageError
from workbench.safetext import safe


@command("open", "workbench open acme.case · workbench access.log 'logs/*.gz'")
@click.argument("what", nargs=-1, required=True, type=click.Path())
@click.option("--format", "log_format", metavar="NAME", help="The logs' format, where it is not recognised.")
@click.option("--tz", metavar="ZONE", help="Zone of times that name none (default UTC).")
def open_(what: tuple[str, ...], log_format: str | None, tz: str | None) -> None:
    """Open a case, or log files directly, in the terminal UI."""
    from workbench.cli.open import open_case_or_logs

    open_case_or_logs(what, log_format=log_format, tz=tz)


@command("new", "workbench new acme.case --gap 45")
@case_argument
@click.option("--gap", type=int, metavar="MINUTES", help="A pause longer than this ends a session (default 30).")
@click.option("--engine", metavar="URL", help="Where the events are, when they stay there (see docs/scale.md).")
def new(case: str, gap: int | None, engine: str | None) -> None:
    """Make an empty case."""
    from workbench.case import Case

    if engine is not None:
        from workbench.engines.attachment import use
        from workbench.engines.registry import check_url

        check_url(engine)
        with Case.create(Path(case), gap_minutes=gap) as opened:
            use(opened, engine)
            click.echo(f"made {safe(opened.folder.path)}; name its table: workbench attach {safe(case)} TABLE")
        return
    with Case.create(Path(case), gap_minutes=gap) as opened:
        click.echo(f"made {safe(opened.folder.path)}; load logs: workbench load {safe(case)} FILE…")


@command("info", "workbench info acme.case --json")
@case_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def info(case: str, as_json: bool) -> None:
    """Say what a case holds."""
    from workbench.output import write_json_line
    from workbench.values import cell

    with open_case(case) as opened:
        facts = opened.info()
    if as_json:
        write_json_line(facts)
        return
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) else cell(value)
        click.echo(f"{name.replace('_', ' '):>20}  {shown or '–'}")


@command("sources", "workbench sources acme.case")
@case_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, a line each.")
def sources(case: str, as_json: bool) -> None:
    """List the loaded logs and the accounting of each."""
    from workbench.cli.loading import write_sources

    with open_case(case) as opened:
        write_sources([one.as_dict() for one in opened.sources()], as_json=as_json)


@command("picture", "workbench picture acme.case -o accounts.svg --size 100x30 3 l F")
@case_argument
@click.argument("keys", nargs=-1, metavar="[KEY…]")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The SVG file to write.")
@click.option("--size", default="80x24", show_default=True, metavar="WxH", help="Columns and lines of the screen.")
def picture(case: str, keys: tuple[str, ...], output: str, size: str) -> None:
    """Draw the UI as it is after some keys: letters, names such as enter or ctrl+d, or text to type."""
    from workbench.case.folder import write_whole
    from workbench.tui.picture import picture as draw

    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 20 and int(height) >= 5):
        raise UsageError(f"{size!r} is not a size such as 80x24")
    with open_case(case) as opened:
        drawn = draw(opened, keys, int(width), int(height))
    write_whole(Path(output), drawn)
    click.echo(f"wrote {safe(output)}")
