"""Why a format fits a file or does not: the same tests that recognition uses, line by line."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from workbench.case.sandbox import connect
from workbench.formats.registry import format_named, load_formats
from workbench.ingest import macros
from workbench.ingest.documents import layout
from workbench.ingest.reading import begin
from workbench.ingest.recognise import Recognised, head_of, recognise, why_no_csv, why_no_line
from workbench.ingest.stream import open_stream


@dataclass(frozen=True, slots=True)
class Explained:
    """The format chosen, how many lines were looked at, and for each candidate its name, share, and a word a line."""

    chosen: str
    lines: int
    rows: list[tuple[str, ...]]


def explain_file(path: Path, most: int, name: str | None = None) -> Explained:
    """Test the first lines of a file. Raises SourceError for what cannot be read, UsageError for a wrong name."""
    known = load_formats()
    wanted = [format_named(name)] if name else sorted(known.values(), key=lambda one: (-one.priority, one.name))
    with open_stream(path) as stream:
        head = head_of(begin(stream).head)
    with tempfile.TemporaryDirectory(prefix="workbench-") as temp:
        connection = connect(temp)
        try:
            macros.define(connection)
            chosen = recognise(connection, {0: head}, known)[0]
            # Of JSON over many lines the first records are shown, each as one line.
            laid = layout(head)
            head = laid.records if laid else head
            shown = head[:most]
            rows: list[tuple[str, ...]] = []
            for candidate in wanted:
                if candidate.kind == "csv":
                    why = why_no_csv(candidate, head)
                    rows.append(
                        (candidate.name, "no" if why else "yes", *([why or "fits"] + [""] * len(shown))[: len(shown)])
                    )
                    continue
                words = why_no_line(connection, candidate, head)
                fitting = sum(word == "fits" for word in words)
                rows.append((candidate.name, f"{fitting} of {len(head)}", *words[: len(shown)]))
        finally:
            connection.close()
    return Explained(chosen.format.name if isinstance(chosen, Recognised) else "nothing", len(shown), rows)
