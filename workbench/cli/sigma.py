"""Sigma rules asked of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import case_argument, command, format_option, open_case
from workbench.errors import PlaybookError
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.playbooks import Playbook


@command("sigma", "workbench sigma acme.case rules/web/ --save")
@case_argument
@click.argument("rules", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RULE.yml…")
@format_option
@click.option("--save", is_flag=True, help="Keep the rules that were asked among the case's playbooks.")
def sigma(case: str, rules: tuple[Path, ...], how: str, save: bool) -> None:
    """Ask Sigma rules of web, cloud and Linux logs: files, or folders of them.

    One rule gives the events that match; several a table of rule, level, hits, first and last.
    """
    from workbench.playbooks import run
    from workbench.sigma import COLUMNS, hunt, read_rules

    found = read_rules(rules)
    with open_case(case) as opened:
        done = list(hunt(opened, found))
        asked = [one for one in done if one.hits is not None]
        if len(done) == 1 and asked and (book := asked[0].rule.playbook):
            answer = run(opened, book)
            write_rows(answer.table.columns, answer.table.rows, how)
            click.echo(f"{safe(book.title)}: {counted(asked[0].hits or 0, 'event')} (run {answer.run})", err=True)
            if asked[0].said:
                click.echo(f"workbench: {asked[0].said}", err=True)
        elif len(done) > 1:
            write_rows(COLUMNS, [one.row() for one in done], how)
            click.echo(
                f"{len(asked):,} of {counted(len(done), 'rule')} asked, {sum(bool(one.hits) for one in asked):,} match",
                err=True,
            )
        if not asked:
            raise PlaybookError(
                f"{done[0].rule.name} cannot be asked: {done[0].said}"
                if len(done) == 1
                else f"none of {len(done):,} rules can be asked of this case"
            )
        if save:
            kept = sum(_keep(opened, one.rule.playbook) for one in asked if one.rule.playbook is not None)
            click.echo(f"kept {counted(kept, 'new playbook')}: workbench playbook list {case}", err=True)


def _keep(case: Case, book: Playbook) -> bool:
    """Keep a rule among the case's playbooks, but for one that is there as it is; says whether it was new."""
    from workbench.playbooks.write import keep_playbook

    name = f"sigma-{book.name}"[:64]
    file = case.folder.queries / f"{name}.sql"
    if file.exists() and file.read_text(encoding="utf-8") == book.text:
        return False
    keep_playbook(case, book.text, name)
    return True
