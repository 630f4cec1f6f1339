"""Made-up logs, and the demo built from them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from workbench.cli.base import Commands, command
from workbench.safetext import safe
from workbench.values import size
from workbench.words import counted


@command("sample", "workbench sample logs/ --seed 7 --requests 12000 --accounts 240")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--requests", type=click.IntRange(min=1), default=12_000, show_default=True, help="About how many.")
@click.option("--accounts", type=click.IntRange(min=20), default=240, show_default=True, help="How many.")
def sample(folder: str, seed: int, requests: int, accounts: int) -> None:
    """Write made-up logs with a planted distillation campaign, and the labels that say who is who."""
    write_sample(Path(folder), seed=seed, requests=requests, accounts=accounts)


@command("demo", "workbench demo --headless")
@click.option("--headless", is_flag=True, help="No UI: print, tag and export (also without a terminal).")
@click.option("--case", "path", default="demo.case", show_default=True, type=click.Path(), help="Where to build it.")
def demo(headless: bool, path: str) -> None:
    """Build a case from the sample logs and look at it."""
    from workbench.cli.demo import run_demo

    run_demo(Path(path), headless=headless or not (sys.stdin.isatty() and sys.stdout.isatty()))


def _offer_tour() -> None:
    from workbench.cli.demo import offer_tour

    offer_tour()


Commands.offer = staticmethod(_offer_tour)


def write_sample(folder: Path, *, seed: int, requests: int, accounts: int) -> None:
    """Write sample logs and say what was written."""
    from workbench.sample import write

    summary = write(folder, seed=seed, requests=requests, accounts=accounts)
    for path in summary.paths:
        click.echo(f"{size(path.stat().st_size):>10}  {safe(path)}")
    click.echo(
        f"{counted(summary.requests, 'request')} by {counted(summary.accounts, 'account')}; labels.csv says who is who"
    )
