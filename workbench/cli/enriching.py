"""What the investigator knows from elsewhere: who owns an address, and look-ups of their own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from workbench.cli.base import case_argument, command, format_option, open_case
from workbench.errors import UsageError
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

_COLUMNS = ("name", "kind", "rows", "on", "columns", "database", "date", "origin", "origin_sha256")


@command("enrich", "workbench enrich acme.case --asn ip2asn-combined.tsv.gz --table accounts.csv --on account")
@case_argument
@click.option(
    "--asn", "databases", multiple=True, metavar="FILE", help="A database of addresses (MMDB, TSV, CSV, JSON)."
)
@click.option("--table", "table", metavar="FILE", help="A CSV with a header, one row a value of --on.")
@click.option("--on", metavar="COLUMN", help="What the table goes by: account, api_key, client_ip …")
@click.option("--name", metavar="NAME", help="What to call it (default: the file's name).")
@click.option("--remove", metavar="NAME", help="Take one away.")
@click.option("--list", "listing", is_flag=True, help="Show what the case is enriched with.")
@format_option
def enrich(
    case: str,
    databases: tuple[str, ...],
    table: str | None,
    on: str | None,
    name: str | None,
    remove: str | None,
    listing: bool,
    how: str,
) -> None:
    """Add who owns an address, or a table of your own; what the logs say themselves always comes first."""
    from workbench import enrich as domain
    from workbench.case.enrichment import enrichments

    if (table is None) != (on is None):
        raise UsageError("a table needs a column to go by, and the other way round: --table FILE --on COLUMN")
    if name is not None and len(databases) + (table is not None) != 1:
        raise UsageError("--name names one file; add them one at a time")
    if not (databases or table or remove or listing):
        raise UsageError("say what to add (--asn FILE, --table FILE --on COLUMN), or --remove NAME, or --list")
    with open_case(case) as opened:
        if remove is not None:
            domain.remove(opened, remove)
            click.echo(f"{safe(remove)} is taken away")
        added = [domain.add_database(opened, Path(one), name) for one in databases]
        if table is not None and on is not None:
            added.append(domain.add_table(opened, Path(table), on, name))
        for enrichment in added:
            what = enrichment.enrichment
            said = f" ({safe(what.database)}, {safe(what.date)})" if what.database else f" by {what.on}"
            click.echo(f"{what.name}{said}: {counted(what.rows, 'row')}; SHA-256 of the file {what.origin_sha256}")
            for note in enrichment.notes:
                click.echo(f"  {safe(note)}")
        if listing:
            found = [{**asdict(one), "columns": ", ".join(one.columns)} for one in enrichments(opened.ledger)]
            write_rows(list(_COLUMNS), [tuple(one[column] for column in _COLUMNS) for one in found], how)
