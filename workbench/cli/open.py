"""Opening a case, or log files in a case of their own, in the terminal UI."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from workbench.case import Case
from workbench.cli.base import open_case
from workbench.config import state_folder
from workbench.errors import CaseError, UsageError


def open_case_or_logs(what: Sequence[str], *, log_format: str | None = None, tz: str | None = None) -> None:
    """Open what was named: one kept case, or logs. Raises UsageError without a terminal."""
    if not (sys.stdout.isatty() and (sys.stdin.isatty() or "-" in what)):
        raise UsageError("the UI needs a terminal; without one use the commands: workbench load, sql, playbook, export")
    case_path = _case_among(what)
    if case_path is not None:
        with open_case(str(case_path)) as case:
            run_ui(case)
        return
    _open_logs(what, log_format=log_format, tz=tz)


def _case_among(what: Sequence[str]) -> Path | None:
    from workbench.case.folder import Folder

    paths = [Path(one) for one in what]
    cases = [path for path in paths if Folder(path).exists()]
    if cases and len(paths) > 1:
        raise UsageError(f"{cases[0]} is a case; open it alone, and load logs into it: workbench load {cases[0]} FILE…")
    if not cases and len(paths) == 1 and (beside := paths[0].with_name(paths[0].name + ".case")).is_dir():
        return beside
    return cases[0] if cases else None


def _open_logs(what: Sequence[str], *, log_format: str | None, tz: str | None) -> None:
    """Open logs in a case that is thrown away unless something was tagged and the investigator keeps it."""
    first = Path(what[0]).name.split(".")[0] or "logs"
    passing = state_folder() / "cases" / f"{datetime.now():%Y%m%d-%H%M%S-%f}"
    folder = passing / f"{first}.case"
    case = Case.create(folder)
    keep: str | None = None
    try:
        keep = run_ui(case, pending=what, log_format=log_format, tz=tz, kept=False)
        tagged = bool(case.tags.all())
    finally:
        case.close()
    if keep:
        target = Path(keep).expanduser()
        if target.exists():
            raise CaseError(f"{target} exists already; the case is still at {folder}")
        shutil.move(folder, target)
        passing.rmdir()
        sys.stdout.write(f"kept {target}; open it again: workbench {target}\n")
    elif not tagged or keep is None:
        shutil.rmtree(passing, ignore_errors=True)


def run_ui(
    case: Case,
    *,
    pending: Sequence[str] = (),
    log_format: str | None = None,
    tz: str | None = None,
    kept: bool = True,
    tour: bool = False,
) -> str | None:
    """Run the UI over a case; returns where to keep a case that was opened on the fly."""
    # The engine takes a tenth of a second to start: that passes while the UI is being imported.
    threading.Thread(target=case.cursor, daemon=True).start()
    from workbench.tui.app import WorkbenchApp

    return WorkbenchApp(case, pending=pending, log_format=log_format, tz=tz, kept=kept, tour=tour).run()
