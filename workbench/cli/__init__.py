"""The command line. Everything the terminal UI does has a command here; each module holds one family of them.

Commands appear in the help in the order in which these modules declare them.
"""

from workbench.cli import cases, loading, formats, asking, triage, tagging, evidence, together, disclosing, sampling, completion  # noqa: F401, I001 - the order of the help
from workbench.cli.base import cli

__all__ = ["cli"]
