"""What leaves the case from the UI: CSV, report, bundle, chosen in a form that shows what would leave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import UsageError
from workbench.export import WHAT, export
from workbench.tui.dialogs.form import Form, FormField
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.export.policy import Policy
    from workbench.tui.frame import Frame
    from workbench.tui.job import Job

#: What can be written of every case and how its file ends: tables, and after what a screen adds, other files.
_TABLES = dict.fromkeys(WHAT, "csv")
_FILES = {"report": "html", "bundle": "tar", "timesketch": "jsonl", "siem": "csv", "stix": "json"}
#: What a preview may read: all events of a case are not sorted for it.
_PREVIEWED = 3
_WIDTH = 72


@dataclass(frozen=True, slots=True)
class ScreenExport:
    """What a screen adds to what can be exported: how its file ends, and what writes it and returns what to say."""

    ending: str
    write: Callable[[Path], str]


def export_form(frame: Frame) -> None:
    """Ask what to export and where, showing what would leave, and write it."""
    from workbench.export.policy import presets

    own = frame.exports()
    endings = {**_TABLES, **{name: export.ending for name, export in own.items()}, **_FILES}
    kinds = list(endings)
    tags = frame.case.tags.names()
    default = next(iter(own), "sessions" if tags else "tags")
    last = frame.workbench.last_tag
    tag = "" if own or not tags else last if last in tags else tags[0]
    first_path = f"{frame.case.name}-{default}.csv"
    watcher = _Watcher(frame)

    def check_what(text: str) -> None:
        if text not in kinds:
            raise UsageError(f"choose one of: {', '.join(kinds)}")

    def check_path(text: str) -> None:
        path = Path(text).expanduser()
        if not text or path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"{text!r} is not a file name in an existing folder")

    def answered(values: dict[str, str] | None) -> None:
        watcher.stop()
        if values is None:
            return
        what = values["what"]
        if values["path"] == first_path:
            values["path"] = f"{frame.case.name}-{what}.{endings[what]}"
        path = Path(values["path"]).expanduser()
        frame.job("exporting", lambda job: _write(frame, job, values, path), frame.say)

    fields = [
        FormField("what", "What", default, ", ".join(kinds), check_what),
        FormField("tag", "Only with the tag", tag,
                  f"empty for all; in use: {', '.join(tags[:8]) or 'none'}"),
        FormField("policy", "Redacted for", "", f"empty: not redacted; {', '.join(presets())} or a TOML file", _policy),
        FormField("path", "File", first_path, "report .html .md, chart .svg .txt, bundle .tar; else .csv .jsonl .json",
                  check_path),
    ]  # fmt: skip
    frame.app.push_screen(Form("Export", fields, watch=watcher), answered)


def _policy(text: str) -> Policy | None:
    from workbench.export.policy import load_policy

    return load_policy(text.strip()) if text.strip() else None


def _write(frame: Frame, job: Job, values: dict[str, str], path: Path) -> str:
    from workbench.export.interop import FORMS, share

    what, tag, policy = values["what"], values["tag"].strip() or None, _policy(values["policy"])
    if own := frame.exports().get(what):
        return own.write(path)
    if what == "report":
        from workbench.export.report import write_report

        return f"wrote {path}: {counted(write_report(frame.case, path, policy), 'accepted finding')}"
    if what == "bundle":
        from workbench.export.bundle import bundle

        written = bundle(frame.case, path, tag=tag, policy=policy)
        return f"wrote {written.path}: {counted(written.events, 'event')} (sha256 {written.sha256[:12]}…)"
    if what in FORMS:
        shared = share(frame.case, what, path, tag=tag, policy=policy)
        return f"wrote {counted(shared.rows, 'row')} for {what} to {shared.path} (sha256 {shared.sha256[:12]}…)"
    if what == "stix":
        from workbench.export.stix import share_stix

        shared = share_stix(frame.case, path, tag=tag, policy=policy)
        return f"wrote {counted(shared.rows, 'STIX object')} to {shared.path} (sha256 {shared.sha256[:12]}…)"
    done = export(frame.case, what, path, tag=tag, policy=policy, cursor=job.cursor("FROM session, account"))
    return f"wrote {counted(done.rows, what.removesuffix('s'))} to {done.path} (sha256 {done.sha256[:12]}…)"


class _Watcher:
    """Shows below the form how many rows would leave and the first of them, counted when the typing rests."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._job: Job | None = None

    def stop(self) -> None:
        """Count no more."""
        if self._job is not None:
            self._job.cancel()

    def __call__(self, form: Form, values: dict[str, str]) -> None:
        self.stop()
        what, tag = values["what"].strip(), values["tag"].strip() or None
        if what not in WHAT or (what == "events" and tag is None) or what == "totals" or values["policy"].strip():
            form.show_below("")
            return

        def show(text: str) -> None:
            if form.is_attached:
                form.show_below(text)

        self._job = self._frame.job("counting", _preview(self._frame, what, tag), show, quiet=True)


def _preview(frame: Frame, what: str, tag: str | None) -> Callable[[Job], str]:
    def work(job: Job) -> str:
        from workbench.csvfile import write_csv
        from workbench.export.export import query_for, reading, selection

        if tag is not None and tag not in frame.case.tags.names():
            return f"nothing is tagged {tag!r}"
        sql = query_for(frame.case, what, tag)
        chosen = selection(tag, everything=tag is None)
        cursor = job.cursor("FROM session, account")
        with reading(frame.case, what, chosen, cursor) as at:
            number = at.query(f"SELECT count(*) FROM ({sql})", chosen, cursor=cursor).rows[0][0]
            table = at.query(sql, chosen, limit=_PREVIEWED, cursor=cursor)
        out = io.StringIO()
        write_csv(out, table.columns, table.rows)
        lines = [",".join(row) for row in csv.reader(io.StringIO(out.getvalue()))]
        shown = [line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…" for line in lines]
        return "\n".join([f"{counted(number, 'row')} would leave", *shown])

    return work
