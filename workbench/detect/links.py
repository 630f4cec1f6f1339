"""Who shares what with whom: the members of a campaign against the things that they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.detect.build import build

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case


@dataclass(frozen=True, slots=True)
class Link:
    """One shared thing: its kind, what it is, how many hold it; each member's share of requests with it (0 to 1)."""

    kind: str
    value: str
    holders: int
    members: Mapping[str, float]


def links(
    case: Case, by: str, members: Sequence[str], cursor: duckdb.DuckDBPyConnection | None = None, limit: int = 60
) -> list[Link]:
    """Return what at least two of these members share, the most widely shared first, at most ``limit`` things."""
    made = build(case, by, cursor)
    table = case.query(
        f"""SELECT kind, said, any_value(holders), list(id ORDER BY id), list(share ORDER BY id)
        FROM {made.table("shared")} WHERE id IN (SELECT unnest($members::VARCHAR[])) AND said IS NOT NULL
        GROUP BY kind, said HAVING count(*) >= 2 ORDER BY count(*) DESC, kind, said LIMIT {limit}""",
        {"members": list(members)},
        cursor=cursor,
    )
    return [
        Link(kind, value, int(holders), dict(zip(ids, shares, strict=True)))
        for kind, value, holders, ids, shares in table.rows
    ]
