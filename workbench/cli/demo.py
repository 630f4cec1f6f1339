"""The demo: a case built from the sample logs, opened in the UI or, without a terminal, walked through in text."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.case import Case
from workbench.errors import CaseError
from workbench.playbooks.library import shipped_folder

TAG = "suspect"
#: The playbooks that the walk asks: name, whether what they name is tagged.
WALK = (("traffic_over_time", False), ("shared_addresses", True), ("prompt_templates", True))


def build(path: Path) -> Case:
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
    with build(path) as case:
        if headless:
            walk(case, path)
        else:
            from workbench.cli.opening import run_ui

            run_ui(case)


def walk(case: Case, path: Path) -> None:
    """Print the accounting and three playbooks with a chart, tag the sessions they name, export them."""
    from workbench.cli.asking import draw_chart
    from workbench.cli.loading import write_sources
    from workbench.export import export
    from workbench.playbooks import Library, run

    click.echo("What was loaded\n")
    write_sources([one.as_dict() for one in case.sources()])
    library = Library(case.folder.path)
    suspects: list[set[str]] = []
    for name, names_suspects in WALK:
        book = library.get(name)
        answer = run(case, book)
        click.echo(f"\n{book.title}: {book.question}\n")
        if book.chart is not None:
            draw_chart(book.chart, answer.table)
        if names_suspects:
            suspects.append(set(answer.entities()[1]))
            click.echo(f"{len(suspects[-1])} accounts are named")
    named = sorted(set.intersection(*suspects))
    note = f"named by {' and '.join(name for name, names in WALK if names)}"
    sessions = case.query(
        "SELECT session FROM session WHERE entity_kind = 'account' AND entity IN (SELECT unnest($named::VARCHAR[]))",
        {"named": named},
    )
    ids = [row[0] for row in sessions.rows]
    if ids:
        case.tags.add("session", ids, TAG, note)
    click.echo(f"\n{len(named)} accounts are named by both; tagged their {len(ids):,} sessions {TAG!r}")
    if ids:
        done = export(case, "sessions", path.with_name("demo-suspects.csv"), tag=TAG)
        click.echo(f"exported {done.rows:,} sessions to {done.path} (sha256 {done.sha256})")
    click.echo(f"look around: workbench {path}")
