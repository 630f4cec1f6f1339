"""What the commands say: accounting, answers, playbooks, confirmations."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import PlaybookError, QueryCancelled, UsageError
from workbench.output import count, size, write_json_line, write_rows
from workbench.safetext import safe

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.engine import Table
    from workbench.ingest import Progress
    from workbench.playbooks import Answer

SESSION_COLUMNS = (
    "session", "entity_kind", "entity", "first", "last", "requests", "addresses", "errors", "input_tokens",
    "output_tokens", "tags",
)  # fmt: skip


# --- loading ----------------------------------------------------------------------------------------------------------


def load_and_report(
    case: Case,
    files: Sequence[str],
    *,
    log_format: str | None = None,
    tz: str | None = None,
    again: bool = False,
    as_json: bool = False,
) -> int:
    """Load sources, showing progress on a terminal, and write the accounting. Returns the exit code."""
    from workbench.ingest import Loader

    progress = _ProgressLine() if sys.stderr.isatty() else None
    loader = Loader(case, format=log_format, tz=tz, again=again, on_progress=progress)
    try:
        reports = loader.load(files)
    except KeyboardInterrupt:
        loader.cancel()
        raise QueryCancelled("the load was cancelled; the case is as it was") from None
    finally:
        if progress:
            progress.clear()
    write_sources([one.as_dict() for one in reports], as_json=as_json)
    return 1 if any(one.error for one in reports) else 0


class _ProgressLine:
    """One line on standard error that is written over, a few times a second."""

    def __init__(self) -> None:
        self._started = self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < 0.1:
            return
        self._last = now
        rate = progress.bytes / max(now - self._started, 0.001)
        share = f"{100 * progress.bytes // progress.total:3} %" if progress.total else size(progress.bytes)
        text = (
            f"{progress.stage} {progress.number}/{progress.of} {safe(progress.name)}: {share}, "
            f"{count(progress.lines)} lines, {size(int(rate))}/s"
        )
        sys.stderr.write(
            "\r" + text[: shutil.get_terminal_size().columns - 1].ljust(shutil.get_terminal_size().columns - 1)
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        sys.stderr.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
        sys.stderr.flush()


def write_sources(sources: Sequence[Mapping[str, Any]], *, as_json: bool = False) -> None:
    """Write the accounting of each source, and the sum."""
    if as_json:
        for one in sources:
            write_json_line(dict(one))
        return
    columns = ["source", "path", "format", "lines", "= events", "+ rejects", "+ skipped", "first", "last"]
    rows = [
        (
            one["source"], _tail(one["path"]), one["format"] or "–", count(one["lines"]), count(one["event_lines"]),
            count(one["rejects"]), count(one["skipped"]), _minute(one["first"]), _minute(one["last"]),
        )
        for one in sources
    ]  # fmt: skip
    write_rows(columns, rows, "table")
    for one in sources:
        for text in [*([f"error: {one['error']}"] if one["error"] else []), *one["warnings"]]:
            click.echo(f"  {safe(one['path'])}: {safe(text)}")
    total = {
        name: sum(one[name] for one in sources) for name in ("lines", "event_lines", "events", "rejects", "skipped")
    }
    click.echo(
        f"{count(total['lines'])} lines = {count(total['event_lines'])} event lines + "
        f"{count(total['rejects'])} rejects + {count(total['skipped'])} skipped; {count(total['events'])} events"
    )


def _tail(path: str, width: int = 40) -> str:
    return path if len(path) <= width or not sys.stdout.isatty() else "…" + path[-width + 1 :]


def _minute(time_text: str | None) -> str:
    return time_text[:16].replace("T", " ") if time_text else "–"


# --- asking -----------------------------------------------------------------------------------------------------------


def write_answer(table: Table, how: str, *, chart: str | None = None) -> None:
    """Write a result, or draw it if a chart is described."""
    if chart is None:
        write_rows(table.columns, table.rows, how)
        return
    from workbench.charts import parse

    draw_chart(parse(chart), table)


def draw_chart(spec: Any, table: Table) -> None:
    """Draw a result to the terminal's width, without colour where it is not one or NO_COLOR is set."""
    import os

    from workbench.charts import Style, draw

    width, height = shutil.get_terminal_size((80, 24))
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    style = Style(color=color, unicode=unicode)
    drawing = draw(spec, table.columns, table.rows, width=min(width, 120), height=min(height - 2, 24), style=style)
    click.echo(drawing.ansi() if color else drawing.plain())


def sessions_table(case: Case, where: str | None, limit: int | None = None) -> Table:
    """Return sessions with their tags; ``where`` is a condition that a person typed."""
    condition = f"({where}\n)" if where else "true"
    if where:
        _single_condition(case, where)
    cut = f"LIMIT {limit}" if limit else ""
    chosen = ", ".join(SESSION_COLUMNS[:-1])
    return case.ask(
        f"SELECT {chosen}, tags FROM (SELECT session.*, t.tags FROM session LEFT JOIN (SELECT id, "
        f"string_agg(tag, ' ' ORDER BY tagged_at, tag) AS tags FROM tag WHERE kind = 'session' GROUP BY id) AS t "
        f"ON t.id = session.session) AS s WHERE {condition} ORDER BY first, session {cut}"
    )


def _single_condition(case: Case, where: str) -> None:
    """Refuse text that is not one expression (it might close our parenthesis and go on)."""
    from workbench.case.engine import check_statement

    check_statement(case.cursor(), f"SELECT ({where}\n)")
    check_statement(case.cursor(), f"SELECT {where}\n")


def write_playbooks(case: Case | None, how: str) -> None:
    """List playbooks; with a case, whether it can answer each."""
    from workbench.playbooks import Library, missing_columns

    library = Library(case.folder.path if case else None)
    rows = []
    for book in library.all():
        row: list[object] = [book.group, book.name, book.question]
        if case is not None:
            missing = missing_columns(case, book)
            row.insert(2, f"no: {', '.join(missing)}" if missing else "yes")
        rows.append(row)
    columns = ["group", "name", *(["askable"] if case is not None else []), "question"]
    write_rows(columns, rows, how)
    for name, why in library.broken.items():
        click.echo(f"workbench: playbook {safe(name)} cannot be read: {safe(why)}", err=True)


def write_playbook(case: Case | None, name: str) -> None:
    """Show one playbook whole."""
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
        click.echo(f"tagged {added:,} {kind}s {tag!r} ({len(ids):,} named)", err=how != "table")
    return answer


def parameters(params: Sequence[str]) -> dict[str, str]:
    """Read ``k=v`` arguments. Raises UsageError."""
    given = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--param {text!r} has no value; write --param name=value")
        given[name.strip()] = value
    return given


# --- tagging ----------------------------------------------------------------------------------------------------------


def tag_things(case: Case, kind: str, ids: Sequence[str], tag: str, note: str) -> str:
    """Tag things that occur in the case; returns the confirmation, which is only given once it is durable."""
    from workbench.case.tags import check

    check(kind, tag)
    if missing := case.missing(kind, ids):
        raise UsageError(
            f"there is no {kind} {missing[0]!r} in this case"
            + (f" (nor {len(missing) - 1} more)" if missing[1:] else "")
        )
    added = case.tags.add(kind, ids, tag, note)
    return f"tagged {len(ids):,} {kind}{'s' if len(ids) != 1 else ''} {safe(tag)!r}" + (
        "" if added else " (was tagged already)"
    )


def untag_things(case: Case, kind: str, ids: Sequence[str], tag: str) -> str:
    """Take a tag off. Raises UsageError if none of the things had it."""
    removed = case.tags.remove(kind, ids, tag)
    if not removed:
        raise UsageError(f"{kind} {ids[0]!r} is not tagged {tag!r}")
    return f"took {tag!r} off {removed:,} {kind}{'s' if removed != 1 else ''}"


# --- samples ----------------------------------------------------------------------------------------------------------


def write_sample(folder: Path, *, seed: int, requests: int, accounts: int) -> None:
    """Write sample logs and say what was written."""
    from workbench.sample import write

    summary = write(folder, seed=seed, requests=requests, accounts=accounts)
    for path in summary.paths:
        click.echo(f"{size(path.stat().st_size):>10}  {safe(path)}")
    click.echo(f"{summary.requests:,} requests by {summary.accounts:,} accounts; labels.csv says who is who")


def dumps(value: object) -> str:
    """Return JSON for a person: indented, readable characters."""
    return json.dumps(value, ensure_ascii=False, indent=2)
