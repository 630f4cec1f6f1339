"""The sources: what was loaded, how its lines add up, and loading more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from workbench.case import Source
from workbench.case.execute import QueryResult
from workbench.errors import QueryCancelled
from workbench.formats.registry import broken_formats
from workbench.ingest import Loader, Progress, slices
from workbench.safetext import safe
from workbench.tui.actions import bindings_for
from workbench.tui.dialogs.form import Form, FormField
from workbench.tui.frame import Frame
from workbench.tui.job import Job
from workbench.tui.routes import EventsRoute
from workbench.tui.rows import TableRows
from workbench.tui.widgets.table import Table
from workbench.values import size
from workbench.words import counted

_COLUMNS = ["source", "file", "format", "lines", "= events", "+ rejects", "+ skipped", "first", "last", "warnings"]


class SourcesScreen(Frame):
    """The sources with their accounting; below, what is known of the chosen one."""

    NAME = "sources"
    DEFAULT_CSS = """
    SourcesScreen #following { height: auto; max-height: 3; padding: 0 1; display: none; }
    SourcesScreen #about { height: auto; max-height: 8; padding: 0 1; border-top: solid ansi_bright_black; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("sources"))

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[int, Source] = {}

    def body(self) -> Sequence[Widget]:
        """List, what is followed, and description."""
        table = Table()
        table.empty = "no logs yet: L loads some"
        return (table, Static(id="following"), Static(id="about"))

    def arrive(self) -> None:
        """List what is there; load what was asked for at the start."""
        self.query_one(Table).focus()
        self.on_screen_resume()
        if self.workbench.pending:
            pending, self.workbench.pending = self.workbench.pending, ()
            self.load(pending, then_events=True)

    def followed(self) -> None:
        """The list grows, and the line says what was taken."""
        self.on_screen_resume()

    def _show_following(self) -> None:
        following, line = self.workbench.following, self.query_one("#following", Static)
        line.update(Content(following.summary() if following else ""))
        line.display = following is not None

    def on_screen_resume(self) -> None:
        """Read the list again."""
        self._show_following()
        sources = self.case.sources()
        self._sources = {source.source: source for source in sources if source.source is not None}
        rows: list[tuple[object, ...]] = [
            (source.source, _tail(source.path), source.format, source.lines, source.event_lines, source.rejects,
             source.skipped, _short(source.first), _short(source.last),
             len(source.warnings) + bool(source.error) or None)
            for source in sources
        ]  # fmt: skip
        table = self.query_one(Table)
        table.show(TableRows(QueryResult(_COLUMNS, [], rows)), at=table.cursor)
        self.where("sources", right=_accounting(*sources))

    def on_table_moved(self, event: Table.Moved) -> None:
        """Describe the chosen one."""
        row = event.table.current
        source = self._sources.get(row[0]) if row else None
        if source is None:
            return
        parts = [
            Content.assemble((safe(source.path), "bold"), f"   {size(source.bytes)}, loaded in {source.seconds} s"),
            Content.assemble(("sha256  ", "dim"), source.sha256 or "–"),
            Content(f"{_accounting(source)}; {counted(source.events, 'event')}"),
            *(Content.assemble(("error  ", "bold"), safe(source.error)) for _ in range(1) if source.error),
            *(Content.assemble(("warning  ", "bold"), safe(text)) for text in source.warnings),
        ]
        self.query_one("#about", Static).update(Content("\n").join(parts))

    def on_table_opened(self, event: Table.Opened) -> None:
        """Its events."""
        self.workbench.open(EventsRoute(f"source:{event.row[0]}"))

    def action_load(self) -> None:
        """Ask for a path."""
        self.ask("load", "a file, a folder or a pattern; Tab completes", "", _complete_path)

    def answered(self, purpose: str, text: str) -> None:
        """A path was typed."""
        path = str(Path(text.strip()).expanduser())
        if purpose == "load" and text.strip():
            self.load([path])
        elif purpose == "follow" and text.strip():
            self.workbench.follow(path)
            self._show_following()

    def action_follow(self) -> None:
        """Ask which log to follow, the chosen one offered; where one is followed, stop."""
        if self._unfollow():
            return
        row = self.query_one(Table).current
        source = self._sources.get(row[0]) if row else None
        path = (slices.split(source.path) or (source.path, ""))[0] if source else ""
        hint = "a log that is still written to; Tab completes"
        self.ask("follow", hint, path if Path(path).is_file() else "", _complete_path)

    def action_back(self) -> None:
        """Stop following first, where nothing else runs."""
        if self._jobs or not self._unfollow():
            super().action_back()

    def _unfollow(self) -> bool:
        stopped = self.workbench.unfollow()
        self._show_following()
        return stopped

    def action_verify(self) -> None:
        """Check the case in the background, and tell each part as it comes."""
        from workbench.evidence.verify import Check, verify

        def work(job: Job) -> list[Check]:
            checks = []
            for check in verify(self.case):
                if job.cancelled:
                    raise QueryCancelled("cancelled")
                checks.append(check)
                self.app.call_from_thread(self.say, f"{check.what}: {check.said}")
            return checks

        def done(checks: list[Check]) -> None:
            notes = [note for check in checks for note in check.notes]
            self.say("; ".join([f"the case is as it was recorded: {counted(len(checks), 'part')} checked", *notes]))
            parts = [Content.assemble((f"{check.what}  ", "dim"), safe(check.said)) for check in checks]
            self.query_one("#about", Static).update(Content("\n").join(parts))

        self.job("verifying", work, done)

    def action_seal(self) -> None:
        """Ask for a file and a key, and seal."""
        from workbench.evidence.seal import Seal, seal

        def answered(values: dict[str, str] | None) -> None:
            if values is None:
                return
            file, key = (Path(text).expanduser() if (text := values[name].strip()) else None for name in values)

            def done(written: Seal) -> None:
                self.say(f"sealed after {counted(written.entries, 'entry')}; write this head down: {written.head}")

            # ssh-keygen must not ask for a passphrase in the middle of the screen.
            self.job("sealing", lambda _: seal(self.case, file, key, ask=False), done)

        fields = [
            FormField("file", "File", f"{self.case.name}.seal", "empty: only show the head"),
            FormField("key", "SSH key", "", "empty: not signed; e.g. ~/.ssh/id_ed25519 (without a passphrase)"),
        ]
        self.app.push_screen(Form("Seal the audit chain", fields), answered)

    def load(self, files: Sequence[str], *, then_events: bool = False) -> None:
        """Load in the background, with progress; Esc cancels."""

        def show(progress: Progress) -> None:
            share = f"{100 * progress.bytes // max(progress.total, 1)} %" if progress.total else size(progress.bytes)
            self.app.call_from_thread(
                self.say,
                f"{progress.stage} {progress.number}/{progress.of} {progress.name}: {share}, "
                f"{counted(progress.lines, 'line')}",
            )

        def work(job: Job) -> list[Source]:
            loader = Loader(self.case, format=self.workbench.log_format, tz=self.workbench.tz, on_progress=show)
            job.on_cancel = loader.cancel
            return loader.load(files)

        def done(reports: list[Source]) -> None:
            self.on_screen_resume()
            failed = [report for report in reports if report.error]
            text, rejects = _accounting(*reports), sum(report.rejects for report in reports)
            if broken := list(broken_formats().values()):
                text += f"; a format of yours is left out: {broken[0]}"
            if failed:
                text = f"{failed[0].path}: {failed[0].error}" + (f" (and {len(failed) - 1} more)" if failed[1:] else "")
            self.say(text, error=bool(failed or broken))
            if then_events and any(report.events for report in reports) and not failed:
                hint = "r shows the rejects" if rejects else "6 asks playbooks, ? shows the keys"
                self.workbench.go("events", f"{text}; {hint}")

        self.job("loading", work, done)


class RejectsScreen(Frame):
    """The lines that could not be read."""

    NAME = "rejects"
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for("rejects"))

    def body(self) -> Sequence[Widget]:
        """One table."""
        table = Table()
        table.empty = "no rejects: every line was read"
        return (table,)

    def arrive(self) -> None:
        """Read them."""
        self.query_one(Table).focus()
        sql = "SELECT source, line, reason, raw FROM reject ORDER BY source, line, item"

        def done(result: QueryResult) -> None:
            self.query_one(Table).show(TableRows(result))
            self.where("sources", "rejects", right=counted(len(result.rows), "reject"))

        self.job("reading", lambda job: self.case.query(sql, limit=100_000, cursor=job.cursor()), done, changes=True)


def _accounting(*sources: Source | Source) -> str:
    lines, events = sum(source.lines for source in sources), sum(source.event_lines for source in sources)
    rejects, skipped = sum(source.rejects for source in sources), sum(source.skipped for source in sources)
    read = f"{counted(lines, 'line')} = {counted(events, 'event line')} + {counted(rejects, 'reject')}"
    return f"{read} + {skipped:,} skipped"


def _tail(path: str) -> str:
    return path if len(path) <= 28 else "…" + path[-27:]


def _short(text: str | None) -> str | None:
    return text[:16].replace("T", " ") if text else None


def _complete_path(text: str) -> list[str]:
    """Complete as a shell does: folders with a slash."""
    path = Path(text).expanduser()
    folder, start = (path, "") if text.endswith("/") else (path.parent, path.name)
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.name.startswith(start))
    except OSError:
        return []
    return [
        f"{entry}/" if entry.is_dir() else str(entry)
        for entry in entries
        if start.startswith(".") or not entry.name.startswith(".")
    ]
