"""The demo: a case built from the sample logs, opened in the UI or, without a terminal, walked through in text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from workbench.case import Case
from workbench.errors import CaseError
from workbench.playbooks.library import shipped_folder
from workbench.words import counted

TAG = "suspect"
#: The playbooks that the walk asks.
WALK = ("traffic_over_time", "shared_addresses", "prompt_templates")


def build_demo(path: Path) -> Case:
    """Open the demo case, made from the sample logs if it is not there yet."""
    from workbench.ingest import load

    if path.exists():
        return Case.open(path)
    logs = shipped_folder("sample_logs")
    if not logs.is_dir():
        raise CaseError(f"the sample logs are missing at {logs}; make some: workbench sample DIR")
    case = Case.create(path)
    load(case, [str(file) for file in sorted(logs.iterdir()) if ".log" in file.name or ".ndjson" in file.name])
    return case


def run_demo(path: Path, *, headless: bool) -> None:
    """Build the case and open it, or walk through it in text."""
    fresh = not path.exists()
    if fresh:
        click.echo(f"building {path} from the sample logs", err=True)
    with build_demo(path) as case:
        if headless:
            walk(case, path)
        else:
            from workbench.cli.open import run_ui

            run_ui(case)


def offer_tour() -> None:
    """Offer the sample case, with a tour, to somebody who named nothing to open."""
    from workbench.cli.open import run_ui
    from workbench.config import state_folder

    path = state_folder() / "sample.case"
    click.echo("\nNothing to open was named. The sample case is made up of some weeks of logs, with planted campaigns.")
    if click.confirm("Open it, and take a tour of three minutes?", default=True):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            click.echo("building it (some seconds)", err=True)
        with build_demo(path) as case:
            run_ui(case, tour=True)


def walk(case: Case, path: Path) -> None:
    """Print accounting, triage and three playbooks with charts; tag the sessions of whom they name; export them."""
    from workbench.cli.loading import write_sources
    from workbench.cli.triage import write_triage
    from workbench.detect import triage
    from workbench.export import export

    click.echo("What was loaded\n")
    write_sources([one.as_dict() for one in case.sources()])
    click.echo("\nTriage: whom to look at first, and why\n")
    found = triage(case)
    write_triage(replace(found, rows=found.rows[:5]), "table")
    flagged = {one.entity for one in found.rows if one.flagged and one.campaign}
    named = set().union(*(_ask(case, name) for name in WALK)) & flagged
    sessions = case.query(
        "SELECT session FROM session WHERE entity_kind = 'account' AND entity IN (SELECT unnest($named::VARCHAR[]))",
        {"named": sorted(named)},
    )
    ids = [row[0] for row in sessions.rows]
    if not ids:
        raise CaseError(f"nobody is named in {path}: is it the demo's case? Remove it and run the demo again")
    case.tags.add("session", ids, TAG, "named by a playbook, and flagged by triage as part of a campaign")
    click.echo(
        f"\ntagged {TAG!r}: {counted(len(ids), 'session')} of the {counted(len(named), 'account')} "
        "that a playbook names and triage flags"
    )
    done = export(case, "sessions", path.with_name("demo-suspects.csv"), tag=TAG)
    click.echo(f"exported {counted(done.rows, 'session')} to {done.path} (sha256 {done.sha256})")
    click.echo(f"look around: workbench {path}")


def _ask(case: Case, name: str) -> set[str]:
    """Ask a playbook, draw its chart, and return the accounts it names."""
    from workbench.cli.query import draw_chart
    from workbench.playbooks import Library, run

    book = Library(case.folder.path).get(name)
    answer = run(case, book)
    click.echo(f"\n{book.title}: {book.question}\n")
    if book.chart is not None:
        draw_chart(book.chart, answer.table)
    if book.entity is None:
        return set()
    accounts = set(answer.entities()[1])
    click.echo(f"{len(accounts)} accounts are named, the innocent among them: see workbench playbook show {name}")
    return accounts
