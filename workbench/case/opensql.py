"""``open.sql``: the case's views and macros for the DuckDB shell (in the case folder: ``duckdb -init open.sql``).

It holds nothing that changes while people tag: ``tag`` and ``source`` are read from files that follow the ledger
(see ``workbench.case.ledger_files``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import addresses
from workbench.case import macros, views
from workbench.case.ledger_tables import KEYS, typed_columns
from workbench.case.settings import DEFAULT_GAP, GAP_SETTING
from workbench.sqltext import identifier, literal

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

#: The tables of the ledger that the shell sees.
SHOWN = ("source", "tag")
_HEAD = """-- The views of this case for the plain DuckDB shell. In the case folder: duckdb -init open.sql
-- Written whenever a load or a setting changes it; source and tag are as the case has them when they are read.
SET TimeZone = 'UTC';
-- Addresses: the text alone, a key that sorts, the canonical text, the network of a prefix (IPv4, IPv6).
"""


def file_of(table: str) -> str:
    """Return the name of the file in ``derived/`` that follows a table of the ledger."""
    return f"{table}.ndjson"


def open_sql(ledger: Ledger) -> str:
    """Return the script; its paths are relative to the case folder."""
    segments = ledger.rows("SELECT kind, file FROM segment ORDER BY segment")
    files = {kind: [row["file"] for row in segments if row["kind"] == kind] for kind in ("events", "rejects")}
    gap = int(ledger.setting(GAP_SETTING, str(DEFAULT_GAP)))
    parts = [
        ("event", views.event_view(files["events"])),
        ("reject", views.reject_view(files["rejects"])),
        ("session", views.sessions_select(gap)),
        ("account", views.ACCOUNTS),
        *((table, _following(table)) for table in SHOWN),
    ]
    views_sql = "".join(f"CREATE OR REPLACE VIEW {identifier(name)} AS\n{select};\n" for name, select in parts)
    return f"{_HEAD}{addresses.MACROS}{views_sql}\n{macros.script()}"


def _following(table: str) -> str:
    """Return the SELECT of the rows that a table's file shows: of each the latest that a mark ends, unless it is gone.

    A line that is being written is passed over until its mark is there.
    """
    names = ("place", *views.LEDGER_TABLES[table])
    types = {"seq": "BIGINT", "hash": "VARCHAR", "gone": "BOOLEAN", **dict.fromkeys(names, "VARCHAR")}
    columns = ", ".join(f"{identifier(name)}: {literal(kind)}" for name, kind in types.items())
    key = ", ".join(identifier(column) for column in KEYS[table])
    return f"""SELECT {typed_columns(table)} FROM (
    SELECT * FROM (
        SELECT *, max(seq) FILTER (hash IS NOT NULL) OVER () AS ended
        FROM read_json({literal(f"derived/{file_of(table)}")}, format = 'newline_delimited',
            ignore_errors = true, columns = {{{columns}}})
    ) WHERE hash IS NULL AND seq <= ended
    QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY seq DESC) = 1
) WHERE gone IS NULL ORDER BY place::BIGINT"""
