"""Loading logs, and the accounting of every line."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.base import case_argument, command, format_option, open_case, warn_of_broken_formats
from workbench.errors import QueryCancelled, UsageError
from workbench.output import write_json_line, write_rows
from workbench.safetext import safe
from workbench.values import count, size
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.segments import SegmentWriter
    from workbench.engines.segment_writer import SegmentFolder
    from workbench.formats.model import Format
    from workbench.ingest import Progress


@command("load", "ssh host cat /var/log/access.log | workbench load acme.case - --tz Europe/Berlin")
@case_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--format", "log_format", metavar="NAME", help="Read all of them as this format, e.g. litellm.")
@click.option("--log-format", "directive", metavar="DIRECTIVE", help="Read all as this log_format or LogFormat writes.")
@click.option("--tz", metavar="ZONE", help="Zone of times that name none (default UTC).")
@click.option("--again", is_flag=True, help="Load content that the case has already once more.")
@click.option("--keep-raw", is_flag=True, help="Keep the lines themselves too, for when the logs are gone.")
@click.option("--segments", metavar="FOLDER", help="Write events into this folder, for the case's engine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, a line each.")
def load_command(
    case: str,
    files: tuple[str, ...],
    log_format: str | None,
    directive: str | None,
    tz: str | None,
    again: bool,
    keep_raw: bool,
    segments: str | None,
    as_json: bool,
) -> None:
    """Load files, folders, globs or standard input (-) into a case, each recognised by its content."""
    wanted: str | Format | None = log_format
    if directive is not None:
        from workbench.formats.directive import format_of

        if log_format is not None:
            raise UsageError("--format and --log-format exclude each other")
        wanted = format_of(directive)
    with open_case(case) as opened:
        segment_folder = _segment_folder(opened, segments)
        done = load_and_report(
            opened,
            files,
            log_format=wanted,
            tz=tz,
            again=again,
            keep_raw=keep_raw,
            as_json=as_json,
            segment_writer=segment_folder,
        )  # fmt: skip
        if segment_folder is not None:
            from workbench.engines.attachment import attach

            attach(opened, str(segment_folder.folder))
        sys.exit(done)


def _segment_folder(case: Case, folder: str | None) -> SegmentFolder | None:
    """Return the folder of segments that a case's events go into; the one of its loads before where none is named."""
    if not case.store.url:
        if folder is not None:
            raise UsageError(
                f"{case.name} has its events itself; a case whose events lie in segments for another engine: "
                "workbench new CASE --engine URL"
            )
        return None
    from workbench.engines.segment_writer import SegmentFolder, filled

    named = Path(folder) if folder is not None else filled(case)
    return SegmentFolder(case, named) if named is not None else None


@command("rejects", "workbench rejects acme.case --source 2")
@case_argument
@click.option("--source", type=int, metavar="N", help="Only of this source.")
@format_option
def rejects(case: str, source: int | None, how: str) -> None:
    """Show the lines that could not be read: where, why, and the line itself."""
    with open_case(case) as opened:
        columns, rows = opened.stream(
            "SELECT source, line, reason, raw FROM reject WHERE $source IS NULL OR source = $source "
            "ORDER BY source, line, item",
            {"source": source},
        )
        write_rows(columns, rows, how)


@command("show", "workbench show acme.case 3:1042")
@case_argument
@click.argument("event")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_command(case: str, event: str, as_json: bool) -> None:
    """Show the verbatim record of an event, from the log that it was loaded from if that is unchanged."""
    from dataclasses import asdict

    from workbench.export.original import original
    from workbench.safetext import safe_bytes

    with open_case(case) as opened:
        record = original(opened, event)
    if as_json:
        write_json_line(asdict(record))
        return
    last = record.line + record.lines - 1
    place = f"line {record.line}" if record.lines == 1 else f"lines {record.line} to {last}"
    if record.kept:
        click.echo(f"{safe(record.path)}, {place}, from the copy in the case; SHA-256 of the log {record.sha256}")
        click.echo(f"({safe(record.note)})")
    else:
        click.echo(
            f"{safe(record.path)}, {place}, from the original log; SHA-256 {record.sha256}, "
            "unchanged since it was loaded"
        )
    for line in record.raw.split(b"\n"):
        click.echo(safe_bytes(line))


def load_and_report(
    case: Case,
    files: Sequence[str],
    *,
    log_format: str | Format | None = None,
    tz: str | None = None,
    again: bool = False,
    keep_raw: bool = False,
    as_json: bool = False,
    segment_writer: SegmentWriter | None = None,
) -> int:
    """Load sources, showing progress on a terminal, and write the accounting. Returns the exit code."""
    from workbench.ingest import Loader

    if log_format is None:
        warn_of_broken_formats()
    progress = _ProgressLine() if sys.stderr.isatty() else None
    loader = Loader(
        case,
        format=log_format,
        tz=tz,
        again=again,
        keep_raw=keep_raw,
        on_progress=progress,
        segment_writer=segment_writer,
    )
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
        for source in sources:
            write_json_line(dict(source))
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
    for source in sources:
        for text in [*([f"error: {source['error']}"] if source["error"] else []), *source["warnings"]]:
            click.echo(f"  {safe(source['path'])}: {safe(text)}")
    total = {
        name: sum(one[name] for one in sources) for name in ("lines", "event_lines", "events", "rejects", "skipped")
    }
    click.echo(
        f"{counted(total['lines'], 'line')} = {counted(total['event_lines'], 'event line')} + "
        f"{counted(total['rejects'], 'reject')} + {total['skipped']:,} skipped; {counted(total['events'], 'event')}"
    )


def _tail(path: str, width: int = 40) -> str:
    return path if len(path) <= width or not sys.stdout.isatty() else "…" + path[-width + 1 :]


def _minute(time_text: str | None) -> str:
    return time_text[:16].replace("T", " ") if time_text else "–"
