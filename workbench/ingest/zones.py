"""Whether a log's times say their zone; where they do not, the accounting warns that they were taken as UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ingest.parse import Parsing

if TYPE_CHECKING:
    import duckdb

_SAYS_ZONE = r"(?i)(Z|UTC|GMT|[+-]\d{2}:?\d{2})$|^-?\d+(\.\d+)?$"


def zone_warning(connection: duckdb.DuckDBPyConnection, parsing: Parsing, lines: str) -> str | None:
    """Return a warning if the first records' times have no zone."""
    if parsing.format.kind == "text":
        seen = f"SELECT text AS t FROM {parsing.parsed(lines)} WHERE v_ts IS NOT NULL LIMIT 50"
        pattern = r"\d(Z|[+-]\d{2}:?\d{2}| UTC)\b"
    else:
        seen = f"SELECT p_ts AS t FROM {parsing.parsed(lines)} WHERE reason IS NULL AND p_ts IS NOT NULL LIMIT 50"
        pattern = _SAYS_ZONE
    row = connection.execute(
        f"SELECT count(*) FILTER (NOT regexp_matches(t, ?)), count(*) FROM ({seen})", [pattern]
    ).fetchone()
    if row and row[1] and row[0] * 2 > row[1]:
        return "its times name no zone; they were taken as UTC (--tz says otherwise)"
    return None
