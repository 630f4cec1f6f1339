"""The table ``source`` in an engine's questions: what the case, or the segments' manifest, knows of the loaded logs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from workbench.case import views

if TYPE_CHECKING:
    from workbench.case import Case

#: A question can carry what is known of so many logs.
MOST = 5_000


def source_table(case: Case, sql: str) -> str | None:
    """Return the SELECT, in DuckDB's SQL, of what a question needs of ``source``; None where it needs or knows nothing.

    It has the columns whose names occur in the question, as lists that are read row by row: no engine has the table.
    """
    words = set(re.findall(r"\w+", sql.lower()))
    if "source" not in words:
        return None
    known = case.logs()
    if not known or len(known) > MOST:
        return None
    types = views.LEDGER_TABLES["source"]
    every = re.search(r"(?:SELECT|\.)\s*\*", sql, re.IGNORECASE)
    chosen = [name for name in types if every or name in words]
    columns = []
    for name in chosen:
        listed = ", ".join(_text(one.get(name), types[name]) for one in known)
        columns.append(f"CAST([{listed}][i] AS {types[name]}) AS {name}")
    return f"SELECT {', '.join(columns)} FROM range(1, {len(known) + 1}) AS t(i)"


def _text(value: object, kind: str) -> str:
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return views.literal(text.replace("T", " ").removesuffix("Z") if kind == "TIMESTAMP" else text)
