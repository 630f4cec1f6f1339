"""The macros that playbooks share: for the engine of this process, for ``open.sql`` and for other engines' SQL.

They stand in ``macros.sql``, which runs in the plain DuckDB shell once the case's views are there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: What their names begin with, so that whoever reads a playbook knows that they are none of DuckDB's.
PREFIX = "wb_"
_MACRO = re.compile(
    rf"^CREATE OR REPLACE MACRO (?P<name>{PREFIX}\w+)\((?P<parameters>[^)]*)\) AS(?P<table> TABLE)?\s(?P<body>.*?);$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: its parameters, its body (a SELECT where it is a ``table``, else an expression), and its whole text."""

    name: str
    parameters: tuple[str, ...]
    body: str
    table: bool
    text: str


@cache
def script() -> str:
    """Return the statements that define all macros; they need the view ``event``."""
    return resources.files(__package__).joinpath("macros.sql").read_text(encoding="utf-8")


@cache
def macros() -> Mapping[str, Macro]:
    """Return the macros by name."""
    found = (
        Macro(
            part["name"],
            tuple(name.strip() for name in part["parameters"].split(",")),
            part["body"].strip(),
            bool(part["table"]),
            part[0],
        )
        for part in _MACRO.finditer(script())
    )
    return {macro.name: macro for macro in found}
