"""Who owns the case's addresses: the distinct addresses of its events looked up in the databases it was enriched with.

Done once over distinct addresses, never over events; the result is a derived table that the ``event`` view joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.enrichment import Enrichment
from workbench.sqltext import literal, parquet, target_literal

if TYPE_CHECKING:
    import duckdb

#: Changes when the table is made in another way.
VERSION = "addresses 2"
#: How kinds are trusted: what an operator publishes of its own ranges, what a database says, what a name suggests.
KIND_ORDER = ("published ranges", "database", "owner's name")


def make(
    cursor: duckdb.DuckDBPyConnection,
    events: str,
    databases: Sequence[tuple[Enrichment, str]],
    file: Path,
) -> None:
    """Write the table of addresses: client_ip, asn, as_org, country, network_kind, and the
    database that says each: owner_source, country_source, kind_source.

    ``events`` is a SELECT of the events, ``databases`` are those to ask with the path of each, the first asked first.
    """
    cursor.execute(f"COPY ({_select(events, databases)}) TO {target_literal(file.resolve())} (FORMAT parquet)")


def _select(events: str, databases: Sequence[tuple[Enrichment, str]]) -> str:
    matches, joins, names = [], [], []
    for number, (database, path) in enumerate(databases):
        matches.append(
            f"m{number} AS (SELECT k.client_ip, r.* FROM k ASOF JOIN {parquet(path)} r ON k.key >= r.lo "
            "WHERE k.key <= r.hi)"
        )
        joins.append(f"LEFT JOIN m{number} USING (client_ip)")
        names.append((f"m{number}", literal(database.name)))

    def first(tests: Sequence[tuple[str, str, str]]) -> str:
        """The first of (condition, value, source) that holds, as a struct."""
        cases = " ".join(f"WHEN {test} THEN {{'v': {value}, 's': {source}}}" for test, value, source in tests)
        return f"CASE {cases} END"

    owner = first(
        [
            (f"coalesce({m}.asn::VARCHAR, {m}.owner) IS NOT NULL", f"{{'n': {m}.asn, 'o': {m}.owner}}", name)
            for m, name in names
        ]
    )
    country = first([(f"{m}.country IS NOT NULL", f"{m}.country", name) for m, name in names])
    kind = first(
        [
            (f"{m}.kind_from = {literal(how)}", f"{m}.kind", f"{name} || {literal(f' ({how})')}")
            for how in KIND_ORDER
            for m, name in names
        ]
    )
    return (
        f"WITH a AS MATERIALIZED (SELECT DISTINCT client_ip FROM ({events}) WHERE client_ip IS NOT NULL), "
        "k AS MATERIALIZED (SELECT client_ip, wb_ip_key(client_ip) AS key FROM a), "
        f"{', '.join(matches)}, said AS (SELECT client_ip, {owner} AS wb_owner, "
        f"{country} AS wb_country, {kind} AS wb_kind FROM k {' '.join(joins)}) "
        "SELECT client_ip, wb_owner.v.n AS asn, wb_owner.v.o AS as_org, wb_country.v AS country, "
        "wb_kind.v AS network_kind, wb_owner.s AS owner_source, wb_country.s AS country_source, "
        "wb_kind.s AS kind_source FROM said "
        "WHERE coalesce(wb_owner.s, wb_country.s, wb_kind.s) IS NOT NULL"
    )
