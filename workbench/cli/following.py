"""Following logs that are still written to."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from workbench.cli.base import case_argument, command, open_case, warn_of_broken_formats
from workbench.output import write_json_line
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from types import FrameType

    from workbench.ingest.follow import Followed


@command("follow", "workbench follow acme.case /var/log/nginx/access.log")
@case_argument
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--format", "log_format", metavar="NAME", help="Read all of them as this format, e.g. litellm.")
@click.option("--tz", metavar="ZONE", help="Zone of times that name none (default UTC).")
@click.option("--every", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Load as often as this.")
@click.option("--once", is_flag=True, help="Load what is new and end.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each piece that was loaded.")
def follow_command(
    case: str,
    files: tuple[str, ...],
    log_format: str | None,
    tz: str | None,
    every: float | None,
    once: bool,
    as_json: bool,
) -> None:
    """Keep loading what is appended to logs, across rotation, until Ctrl-C; begin again where it ended."""
    from workbench.ingest.follow import Follower

    total = {"lines": 0, "events": 0, "rejects": 0}

    def show(done: Followed) -> None:
        for report in done.reports:
            total["lines"] += report.lines
            total["events"] += report.events
            total["rejects"] += report.rejects
            if as_json:
                write_json_line(report.as_dict())
        for note in done.notes:
            click.echo(f"\r{safe(note)}", err=True)
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 1
            last = done.reports[-1].path if done.reports else ""
            sys.stderr.write("\r" + f"{_said(total)}; last {safe(last)}"[:width].ljust(width))
            sys.stderr.flush()

    if log_format is None:
        warn_of_broken_formats()
    with open_case(case) as opened:
        follower = Follower(opened, files, format=log_format, tz=tz, every=every)
        if once:
            show(follower.poll())
            follower.close()
        else:
            _until_interrupted(follower.stop)
            follower.run(show)
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(f"{_said(total)}; follow again to go on from here", err=as_json)


def _said(total: dict[str, int]) -> str:
    return ", ".join(counted(total[f"{word}s"], word) for word in ("line", "event", "reject"))


def _until_interrupted(stop: Callable[[], None]) -> None:
    """Let Ctrl-C and a termination end the following once the present piece is loaded; a second one stops at once."""

    def handle(number: int, frame: FrameType | None) -> None:
        stop()
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handle)
