"""Saved investigations: SQL files with a header, read, checked and run."""

from workbench.playbooks.library import Library
from workbench.playbooks.model import Parameter, Playbook
from workbench.playbooks.run import Answer, missing_columns, run, why_not
from workbench.playbooks.write import save

__all__ = ["Answer", "Library", "Parameter", "Playbook", "missing_columns", "run", "save", "why_not"]
