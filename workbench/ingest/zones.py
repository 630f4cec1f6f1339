"""Whether a log's times say their zone; where they do not, the accounting warns that they were taken as UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ingest.kinds import parsed

if TYPE_CHECKING:
    import duckdb

    from workbench.ingest.record_sql import Parsing

_SAYS_ZONE = r"(?i)(Z|UTC|GMT|[+-]\d{2}:?\d{2})$|^-?\d+(\.\d+)?$"


def zone_less(connection: duckdb.DuckDBPyConnection, parsing: Parsing, lines: str) -> set[int]:
    """Return the sources most of whose first times name no zone."""
    text = parsing.format.kind == "text"
    seen = "text" if text else "p_ts"
    pattern = r"\d(Z|[+-]\d{2}:?\d{2}| UTC)\b" if text else _SAYS_ZONE
    if not any(one.name == "ts" for one in parsing.format.fields) or parsing.format.zone:
        return set()
    rows = connection.execute(
        f"""SELECT source FROM (SELECT source, {seen} AS t FROM {parsed(parsing, lines)}
            WHERE reason IS NULL AND v_ts IS NOT NULL)
        GROUP BY source HAVING count(*) FILTER (NOT regexp_matches(t, ?)) * 2 > count(*)""",
        [pattern],
    ).fetchall()
    return {source for (source,) in rows}


WARNING = "its times name no zone; they were taken as UTC (--tz says otherwise)"
