"""A case on disk: its folder, its ledger, the engine's views over it."""

from workbench.case.case import Case
from workbench.case.sources import Source

__all__ = ["Case", "Source"]
