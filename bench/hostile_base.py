"""What hostile inputs share: a threat, a command run as a user runs it, and what may never reach a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from workbench.case import Case
from workbench.ingest import load

#: Control characters (but for the line's end), bidirectional overrides, separators: what draws or does something.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class Threat:
    """Something hostile; ``run`` tries it in an empty folder and returns the outcome, or raises AssertionError."""

    name: str
    held_by: str
    run: Callable[[Path], str]


def command(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in this process, as the installed one does; returns exit code, output and messages."""
    from workbench.__main__ import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    called = mock.patch.object(sys, "argv", ["workbench", *map(str, arguments)])
    with called, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    assert "Traceback" not in err.getvalue() and "a fault of the program" not in err.getvalue(), err.getvalue()
    return code, out.getvalue(), err.getvalue()


def only_safe(text: str, where: str) -> None:
    """Hold that a text can draw nothing but itself."""
    found = UNSAFE.search(text)
    assert not found, f"{where}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"


def say(*arguments: str | Path, fails: bool = False) -> str:
    """Run a command whose output has to be safe, and return it with its messages."""
    code, out, err = command(*arguments)
    said = out + err
    only_safe(said, str(arguments[0]))
    assert (code != 0) == fails, said
    assert not fails or len(err.strip().splitlines()) == 1, err
    return said


def write_lines(file: Path, records: Sequence[dict[str, object]]) -> Path:
    """Write records as JSON lines."""
    file.write_text("\n".join(json.dumps(one) for one in records) + "\n", encoding="utf-8")
    return file


@contextlib.contextmanager
def case_of(folder: Path, *files: Path, name: str = "hostile.case") -> Iterator[Case]:
    """Make a case of logs that have to load."""
    with Case.create(folder / name) as case:
        if files:
            reports = load(case, [str(file) for file in files])
            assert not [one.error for one in reports if one.error], reports
        yield case


def first_line(text: str, most: int = 170) -> str:
    """Return a message as it stands in the table."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    line = re.sub(r"/(?:[^/\s:;,]+/)+", "…/", line.removeprefix("workbench: "))
    return line if len(line) <= most else f"{line[: most - 1]}…"
