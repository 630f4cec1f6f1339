"""The tables of loaded logs in an engine's questions: ``source``, and one a log format.

What is known of the logs stands in the case, or in the segments' manifest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from workbench.case import views
from workbench.case.fields import EXTRA, NORMALISED_NAMES, PLACE
from workbench.case.statements import tables_read
from workbench.engines.translate import parse_sql
from workbench.sqltext import literal

if TYPE_CHECKING:
    from workbench.case.sources import Source

#: A question can carry what is known of so many logs.
MOST = 5_000
#: Names of other tables.
_TAKEN = {"event", "reject", "session", "account", *views.LEDGER_TABLES}


def source_table(sources: Callable[[], list[Source]], sql: str) -> str | None:
    """Return the SELECT, in DuckDB's SQL, of what a question needs of ``source``; None where it needs or knows nothing.

    It has the columns that the question names, as lists that are read row by row: no engine has the table.
    """
    if "source" not in tables_read(sql):
        return None
    known = [source.row() for source in sources()]
    if not known or len(known) > MOST:
        return None
    types = views.LEDGER_TABLES["source"]
    tree = parse_sql(sql)
    names = {one.name.lower() for one in tree.find_all(exp.Identifier)}
    every = any(not isinstance(one.parent, exp.Count) for one in tree.find_all(exp.Star))
    chosen = [name for name in types if every or name in names]
    columns = []
    for name in chosen:
        listed = ", ".join(_text(one.get(name), types[name]) for one in known)
        columns.append(f"CAST([{listed}][i] AS {types[name]}) AS {name}")
    return f"SELECT {', '.join(columns)} FROM range(1, {len(known) + 1}) AS t(i)"


def format_tables(
    sources: Callable[[], list[Source]], formats: Mapping[str, Mapping[str, int]], sql: str
) -> dict[str, str]:
    """Return the SELECTs of the log formats that a question names: the columns each fills, and its keys beyond them.

    ``formats`` counts the values in each column by format (see ``workbench.engines.attachment``).
    """
    read = tables_read(sql)
    named = [name for name in formats if name and name.lower() in read and name not in _TAKEN]
    if not named:
        return {}
    keys: dict[str, dict[str, None]] = {}
    for source in sources():
        keys.setdefault(str(source.format), {}).update(dict.fromkeys(source.extra_keys))
    place = ["event_id", *(field.name for field in PLACE)]
    return {
        name: views.format_view(
            name,
            [*place, *(column for column in NORMALISED_NAMES if formats[name].get(column)), EXTRA.name],
            list(keys.get(name, ())),
        )
        for name in named
    }


def _text(value: object, kind: str) -> str:
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return literal(text.replace("T", " ").removesuffix("Z") if kind == "TIMESTAMP" else text)
