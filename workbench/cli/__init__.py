"""The command line. Everything the terminal UI does has a command here; each module holds one family of them.

Commands appear in the help in the order in which these modules declare them.
"""

# ruff: noqa: F401, I001 - imported for the commands they declare, in the order of the help
from workbench.cli import cases, loading, following, enriching, formats, query, sigma, triage, tagging
from workbench.cli import evidence, compare, handoff, engines, sampling, completion
from workbench.cli.base import cli

__all__ = ["cli"]
