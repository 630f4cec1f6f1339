"""Engines beyond one machine: segments for them, and a case over a table of theirs."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.base import case_argument, command, open_case
from workbench.safetext import safe
from workbench.words import counted


@command("segments", "workbench segments acme.case -o acme-segments")
@case_argument
@click.option("-o", "--output", required=True, type=click.Path(), help="The folder to make.")
def segments(case: str, output: str) -> None:
    """Write a case's events as Parquet, a folder a day, with their hashes, for another engine."""
    from workbench.engines.segments import write_segments

    with open_case(case) as opened:
        made = write_segments(opened, Path(output))
    click.echo(
        f"wrote {counted(made['rows'], 'event')} in {counted(len(made['files']), 'segment')} ({made['bytes']:,} bytes) "
        f"to {safe(output)}; a case over them: "
        f"workbench new CASE --engine chdb:// && workbench attach CASE {safe(output)}"
    )


@command("attach", "workbench attach acme.case logs.requests --map litellm")
@case_argument
@click.argument("table")
@click.option(
    "--map", "mapping", default="segments", show_default=True, metavar="FORMAT",
    help="A log format whose fields are the table's columns; segments where they have the workbench's names.",
)  # fmt: skip
@click.option(
    "--manifest", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="The manifest.json of the segments that the table was filled from: so events lead to lines of logs.",
)  # fmt: skip
def attach_command(case: str, table: str, mapping: str, manifest: str | None) -> None:
    """Look at a table of the case's engine (DATABASE.TABLE, or a folder of segments) and ask of it from now on."""
    from workbench.engines.attachment import attach as attach_to
    from workbench.playbooks import Library
    from workbench.playbooks.run import untranslatable

    with open_case(case) as opened:
        attachment, empty = attach_to(opened, table, mapping, Path(manifest) if manifest else None)
        books = Library(opened.folder.path).all()
        label = opened.store.label
        refused = [
            f"{label} cannot answer {book.name}: {why}" for book in books if (why := untranslatable(opened, book))
        ]
    click.echo(
        f"{safe(attachment.table)}: {counted(attachment.rows, 'event')} from {attachment.first or '–'} to "
        f"{attachment.last or '–'} ({attachment.version})"
    )
    click.echo(f"nothing fills: {', '.join(empty) or 'no column'}")
    click.echo(f"{len(books) - len(refused)} of {len(books)} playbooks can be asked; not:")
    for why in refused:
        click.echo(f"  {safe(why)}")
