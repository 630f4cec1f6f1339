"""Several records of one traffic, several people in one case."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from workbench.cli.base import case_argument, command, format_option, open_case
from workbench.errors import UsageError
from workbench.output import write_json_line, write_rows
from workbench.safetext import safe
from workbench.words import counted


@command("corroborate", "workbench corroborate acme.case litellm access_log --second 'method:POST'")
@case_argument
@click.argument("first", metavar="SOURCE")
@click.argument("second", metavar="SOURCE")
@click.option(
    "--tolerance", type=click.FloatRange(0, 300), default=2.0, show_default=True, help="Seconds apart at most."
)
@click.option("--first", "where_first", default="", metavar="FILTER", help="Only these events of the first.")
@click.option("--second", "where_second", default="", metavar="FILTER", help="Only these events of the second.")
@click.option("--by", type=click.Choice(("entity", "hour")), default="entity", show_default=True, help="What to list.")
@format_option
def corroborate_command(
    case: str, first: str, second: str, tolerance: float, where_first: str, where_second: str, by: str, how: str
) -> None:
    """Match two independent records of the same traffic: a source's number, several (3,4), or a format's name."""
    from workbench.case.acts.contents import Corroborated
    from workbench.case.filter import parse_filter
    from workbench.evidence.corroborate import ENTITY_COLUMNS, TIME_COLUMNS
    from workbench.evidence.corroborate import corroborate as match

    one, other = parse_filter(where_first), parse_filter(where_second)
    with open_case(case) as opened:
        corroboration = match(opened, first, second, tolerance=tolerance, where_first=one, where_second=other)
        told = {name: value for name, value in asdict(corroboration).items() if name not in ("entities", "hours")}
        opened.ledger.record(Corroborated.read({**told, "where": [where_first, where_second]}))
    if how == "json":
        write_json_line(asdict(corroboration))
        return
    rows = corroboration.entities if by == "entity" else corroboration.hours
    write_rows(ENTITY_COLUMNS if by == "entity" else TIME_COLUMNS, rows, how)
    summary = (
        f"matched by {corroboration.matched_by}; the second is usually {corroboration.offset:+.3f} s apart",
        f"{corroboration.confirmed:,} confirmed, {corroboration.contradicted:,} contradicted, "
        f"{corroboration.only_first:,} only in the first, {corroboration.only_second:,} only in the second",
        f"{corroboration.outside[0]:,} and {corroboration.outside[1]:,} lie outside the time that both cover",
    )
    click.echo("\n".join(summary), err=True)
    if corroboration.differs:
        fields = ", ".join(f"{name} {number:,}" for name, number in corroboration.differs)
        click.echo(f"what contradicts: {fields}", err=True)


@command("merge", "workbench merge acme.case copy-of-acme.case · workbench merge acme.case tags.csv")
@case_argument
@click.argument("other", metavar="CASE|FILE", type=click.Path(exists=True))
def merge_command(case: str, other: str) -> None:
    """Bring in the tags and notes of a copied case, or of a CSV or JSON lines file; both sides are kept."""
    from workbench.case.acts.tagging import TagsImported
    from workbench.evidence.merge import bring_in, read_tags
    from workbench.evidence.merge import merge as bring_back

    with open_case(case) as opened:
        if Path(other).is_dir():
            if Path(other).resolve() == opened.folder.path.resolve():
                raise UsageError("a case cannot be merged with itself")
            with open_case(other) as copied:
                done = bring_back(opened, copied)
        else:
            done = bring_in(opened, read_tags(Path(other)), TagsImported(file=Path(other).name, tags=()))
    click.echo(
        f"brought in {counted(done.added, 'tag')} from {safe(other)}; {counted(done.joined, 'note')} joined, "
        f"{done.same:,} known already"
    )
