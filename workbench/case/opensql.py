"""``open.sql``: the case's views for the plain DuckDB shell (in the case folder: ``duckdb -init open.sql``)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from workbench.case import macros, views
from workbench.sqltext import identifier, literal

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

_HEAD = """-- The views of this case for the plain DuckDB shell. In the case folder: duckdb -init open.sql
-- Made after each load; source and tag are as they were then, the ledger (SQLite) has them as they are now.
-- The macros that playbooks share stand at its end: {mark}
SET TimeZone = 'UTC';
"""


def open_sql(ledger: Ledger, gap_minutes: int) -> str:
    """Return the script; its paths are relative to the case folder."""
    segments = ledger.rows("SELECT kind, file FROM segment ORDER BY segment")
    files = {kind: [row["file"] for row in segments if row["kind"] == kind] for kind in ("events", "rejects")}
    parts = [
        ("event", views.event_view(files["events"])),
        ("reject", views.reject_view(files["rejects"])),
        ("session", views.sessions(gap_minutes)),
        ("account", views.ACCOUNTS),
        ("source", _literal_table(ledger, "source")),
        ("tag", _literal_table(ledger, "tag")),
    ]
    made = "".join(f"CREATE OR REPLACE VIEW {identifier(name)} AS\n{select};\n" for name, select in parts)
    return f"{head()}{made}\n{macros.script()}"


def head() -> str:
    """Return how the script begins; another begin is that of a version with other macros."""
    return _HEAD.format(mark=hashlib.sha256(macros.script().encode()).hexdigest()[:16])


def _literal_table(ledger: Ledger, name: str) -> str:
    """Return a SELECT of a small ledger table, its values written out."""
    columns = views.LEDGER_TABLES[name]
    rows = ledger.rows(f"SELECT {', '.join(columns)} FROM {name}")

    def value(item: object) -> str:
        if item is None:
            return "NULL"
        return str(item) if isinstance(item, int | float) else literal(str(item))

    listed = ",\n".join("(" + ", ".join(value(row[column]) for column in columns) + ")" for row in rows)
    chosen = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
    names = ", ".join(columns)
    if not rows:
        listed = "(" + ", ".join("NULL" for _ in columns) + ")"
    return f"SELECT {chosen} FROM (VALUES {listed}) AS t({names}){'' if rows else ' WHERE false'}"
