"""Everything that can go wrong in a way the user can do something about.

Domain code raises these; only the command line and the UI turn them into a message.
A message says what is wrong, where, and what to do. Exit codes are documented in docs/reference.md.
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Base of all errors that are shown to the user as one line."""

    exit_code = 1


class UsageError(WorkbenchError):
    """The call itself is wrong: an unknown name, a value that does not fit."""

    exit_code = 2


class CaseError(WorkbenchError):
    """The case folder cannot be opened, created or written."""


class SourceError(WorkbenchError):
    """A log file cannot be read."""


class FormatError(WorkbenchError):
    """A format definition is not valid."""


class PlaybookError(WorkbenchError):
    """A playbook cannot be found, read or asked of this case."""


class QueryError(WorkbenchError):
    """The engine refused a query, or it is not a question (only reading is allowed)."""


class QueryCancelled(WorkbenchError):  # noqa: N818 - it is an outcome, not a fault
    """The user stopped a running query."""


class InternalError(WorkbenchError):
    """Something that should not happen: a fault of the program, told in one line; the details are in a file."""


class ExportError(WorkbenchError):
    """An export cannot be written."""


class EvidenceError(WorkbenchError):
    """Something does not fit what was recorded of it: a hash, a row, an entry of the audit chain."""


def internal(error: BaseException) -> InternalError:
    """Turn an unexpected error into one line, with its traceback in a file of the investigator's state folder."""
    import contextlib
    import traceback

    from workbench.config import state_folder
    from workbench.safetext import safe

    file = state_folder() / "errors.log"
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as out:
            lines = "".join(traceback.format_exception(error)).splitlines()
            out.write("".join(f"{safe(line)}\n" for line in [*lines, ""]))
        file.chmod(0o600)
    said = str(error).splitlines()[0] if str(error) else "no message"
    return InternalError(f"a fault of the program ({type(error).__name__}: {said}); the details are in {file}")
