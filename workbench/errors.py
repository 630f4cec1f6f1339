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
