"""Sigma rules over web, cloud and Linux logs: read, turned into playbooks, and asked of a case.

pySigma (the ``interop`` extra) reads a rule; ``sources`` says which of our formats and columns it is about, ``backend``
writes its condition as DuckDB's SQL, ``rules`` makes a playbook of it and ``hunt`` asks several of a case.
"""

from workbench.sigma.hunt import COLUMNS, Hunted, hunt, unmet
from workbench.sigma.rules import Rule, read_rules

__all__ = ["COLUMNS", "Hunted", "Rule", "hunt", "read_rules", "unmet"]
