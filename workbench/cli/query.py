"""Asking: SQL, playbooks, sessions; answers as rows or as a chart."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.base import case_argument, cli, command, format_option, open_case
from workbench.errors import PlaybookError, UsageError
from workbench.output import write_rows
from workbench.safetext import safe
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.execute import QueryResult
    from workbench.charts.spec import ChartSpec
    from workbench.playbooks import Answer

SESSION_COLUMNS = (
    "session", "entity_kind", "entity", "first", "last", "requests", "addresses", "errors", "input_tokens",
    "output_tokens", "tags",
)  # fmt: skip
CHART_ROWS = 100_000


@command(
    "sql", 'workbench sql acme.case "SELECT account, count(*) FROM event GROUP BY account ORDER BY 2 DESC LIMIT 9"'
)
@case_argument
@click.argument("query")
@format_option
@click.option("--chart", metavar="SPEC", help="Draw it instead, e.g. 'bar x=account y=requests'.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE",
    help="Write all rows to a .csv, .ndjson or .parquet file instead.",
)  # fmt: skip
def sql(case: str, query: str, how: str, chart: str | None, output: str | None) -> None:
    """Ask one SELECT of a case. Tables: event, session, account, source, tag, reject, run, and one a log format."""
    with open_case(case) as opened:
        if output is not None:
            from workbench.export.answer import write_answer

            done = write_answer(opened, query, Path(output))
            click.echo(f"wrote {counted(done.rows, 'row')} to {safe(done.path)} (sha256 {done.sha256}, run {done.run})")
            return
        from workbench.evidence.runs import run_query, stream_query

        if chart is not None:
            from workbench.charts import parse_chart

            spec = parse_chart(chart)
            draw_chart(spec, run_query(opened, query, CHART_ROWS))
            return
        if opened.store.row_limit is None:
            write_rows(*stream_query(opened, query), how)
            return
        write_cut(run_query(opened, query, opened.store.row_limit), how)


def write_cut(table: QueryResult, how: str) -> None:
    """Write an answer, and say where only its first rows are there."""
    write_rows(table.columns, table.rows, how)
    if table.cut:
        click.echo(f"workbench: only the first {len(table.rows):,} rows are shown; -o FILE writes all", err=True)


@cli.group("playbook", epilog="Example: workbench playbook run acme.case who_asks_most --param top=10 --chart")
def playbook() -> None:
    """Saved investigations: list them, show one, run one."""


def _complete_playbook(_: click.Context, __: click.Parameter, start: str) -> list[str]:
    from workbench.playbooks import Library

    return [book.name for book in Library().all() if book.name.startswith(start)]


@playbook.command("list", epilog="Example: workbench playbook list acme.case")
@click.argument("case", required=False, type=click.Path())
@format_option
def playbook_list(case: str | None, how: str) -> None:
    """List the playbooks and their questions; with a case, whether it can answer them."""
    if case is None:
        write_playbooks(None, how)
        return
    with open_case(case) as opened:
        write_playbooks(opened, how)


@playbook.command("show", epilog="Example: workbench playbook show shared_addresses")
@click.argument("names", nargs=-1, required=True, metavar="[CASE] NAME")
def playbook_show(names: tuple[str, ...]) -> None:
    """Show a playbook: question, meaning, innocent explanations, parameters, SQL."""
    with open_case(names[0]) if len(names) > 1 else nullcontext() as opened:
        write_playbook(opened, names[-1])


@playbook.command(
    "run", epilog="Example: workbench playbook run acme.case shared_addresses --param min_accounts=10 --chart"
)
@case_argument
@click.argument("name", shell_complete=_complete_playbook)
@click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter in place of its default.")
@format_option
@click.option("--chart", is_flag=True, help="Draw the playbook's chart too.")
@click.option("--tag", metavar="TAG", help="Tag the things that the rows name.")
@click.option("--note", default="", metavar="TEXT", help="The note of that tag.")
def playbook_run(
    case: str, name: str, params: tuple[str, ...], how: str, chart: bool, tag: str | None, note: str
) -> None:
    """Ask a playbook of a case."""
    with open_case(case) as opened:
        run_playbook(opened, name, params, how, chart=chart, tag=tag, note=note)


@command("sessions", 'workbench sessions acme.case --where "requests > 100 AND addresses > 5"')
@case_argument
@click.option("--where", metavar="CONDITION", help="An SQL condition on the columns of session.")
@format_option
def sessions_command(case: str, where: str | None, how: str) -> None:
    """List sessions: an entity's events with no long pause between."""
    with open_case(case) as opened:
        write_rows(*sessions_rows(opened, where), how)


def draw_chart(spec: ChartSpec, table: QueryResult) -> None:
    """Draw a result to the terminal's width, without colour where it is not one or NO_COLOR is set."""
    from workbench.charts import Style, draw

    width, height = shutil.get_terminal_size((80, 24))
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    style = Style(color=color, unicode=unicode)
    drawing = draw(spec, table.columns, table.rows, width=min(width, 120), height=min(height - 2, 24), style=style)
    click.echo(drawing.ansi() if color else drawing.plain())


def sessions_rows(case: Case, where: str | None) -> tuple[list[str], Iterator[tuple[object, ...]]]:
    """Return sessions with their tags; ``where`` is a condition that a person typed."""
    if where:
        _single_condition(case, where)
    condition = f"({where}\n)" if where else "true"
    if case.store.row_limit is not None:
        return _sessions_elsewhere(case, condition)
    chosen = ", ".join(SESSION_COLUMNS)
    return case.stream(
        f"SELECT {chosen} FROM (SELECT session.*, t.tags FROM session LEFT JOIN (SELECT id, "
        f"string_agg(tag, ' ' ORDER BY tagged_at, tag) AS tags FROM tag WHERE kind = 'session' GROUP BY id) AS t "
        f"ON t.id = session.session) AS s WHERE {condition} ORDER BY first, session"
    )


def _sessions_elsewhere(case: Case, condition: str) -> tuple[list[str], Iterator[tuple[object, ...]]]:
    """Ask the case's engine for sessions; tags are known here."""
    from workbench.evidence.runs import run_query

    sql = f"SELECT {', '.join(SESSION_COLUMNS[:-1])} FROM session WHERE {condition} ORDER BY first, session"
    found = run_query(case, sql, case.store.row_limit)
    if found.cut:
        click.echo(f"workbench: the first {len(found.rows):,} sessions are listed; a condition lists fewer", err=True)
    tags = case.tags.of("session", [row[0] for row in found.rows])
    rows = ((*row, " ".join(tags.get(row[0], ())) or None) for row in found.rows)
    return list(SESSION_COLUMNS), rows


def _single_condition(case: Case, where: str) -> None:
    """Refuse text that is not one expression (it might close our parenthesis and go on)."""
    from workbench.case.execute import check_statement

    check_statement(case.cursor(), f"SELECT ({where}\n)")
    check_statement(case.cursor(), f"SELECT {where}\n")


def write_playbooks(case: Case | None, how: str) -> None:
    """List playbooks; with a case, whether it can answer each."""
    from workbench.playbooks import Library, why_not

    library = Library(case.folder.path if case else None)
    rows = []
    for book in library.all():
        row: list[object] = [book.group, book.name, book.question]
        if case is not None:
            why = why_not(case, book)
            row.insert(2, f"no: {why}" if why else "yes")
        rows.append(row)
    columns = ["group", "name", *(["askable"] if case is not None else []), "question"]
    write_rows(columns, rows, how)
    for name, why in library.broken.items():
        click.echo(f"workbench: playbook {safe(name)} cannot be read: {safe(why)}", err=True)


def write_playbook(case: Case | None, name: str) -> None:
    """Show one playbook whole, with the macros that it calls."""
    from workbench.case.statements import macros_called
    from workbench.playbooks import Library, missing_columns

    book = Library(case.folder.path if case else None).get(name)
    click.echo(f"{safe(book.title)}  ({safe(book.group)}/{safe(book.name)})\n")
    click.echo(f"Question   {safe(book.question)}\nWhy        {safe(book.why)}")
    for number, text in enumerate(book.innocent):
        click.echo(f"{'Innocent  ' if number == 0 else '          '} {safe(text)}")
    if book.needs:
        missing = missing_columns(case, book) if case else []
        click.echo(
            f"Needs      {safe(', '.join(book.needs))}" + (f" (missing here: {', '.join(missing)})" if missing else "")
        )
    for parameter in book.parameters:
        click.echo(f"Parameter  {parameter.name}={safe(parameter.default)}  ({parameter.type}) {safe(parameter.about)}")
    click.echo()
    click.echo("\n".join(safe(line) for line in book.sql.splitlines()))
    for macro in macros_called(book.sql):
        click.echo(f"\nwhere {macro.name} is\n\n{macro.text}")


def run_playbook(
    case: Case,
    name: str,
    params: Sequence[str],
    how: str,
    *,
    chart: bool = False,
    tag: str | None = None,
    note: str = "",
) -> Answer:
    """Run a playbook, write its rows and chart, and tag what it names if asked."""
    from workbench.playbooks import Library, run

    book = Library(case.folder.path).get(name)
    if tag is not None and book.entity is None:
        raise PlaybookError(f"playbook {book.name} names no entity: its rows cannot be tagged")
    answer = run(case, book, parameters(params))
    if chart and book.chart is not None:
        click.echo(f"{safe(book.title)}: {safe(book.question)}")
        draw_chart(book.chart, answer.table)
    if not chart or book.chart is None or how != "table":
        write_rows(answer.table.columns, answer.table.rows, how)
    if answer.table.cut:
        click.echo(f"workbench: only the first {len(answer.table.rows):,} rows are shown", err=True)
    if tag is not None:
        kind, ids = answer.entities()
        added = case.tags.add(kind, ids, tag, note)
        click.echo(f"tagged {counted(added, kind)} {tag!r} ({len(ids):,} named)", err=how != "table")
    return answer


def parameters(params: Sequence[str]) -> dict[str, str]:
    """Read ``k=v`` arguments. Raises UsageError."""
    values = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--param {text!r} has no value; write --param name=value")
        values[name.strip()] = value
    return values
