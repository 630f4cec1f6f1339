"""Who owns the case's addresses: the distinct addresses of its events looked up in the databases it was enriched with.

Done once over distinct addresses, never over events; the result is a derived table that the ``event`` view joins.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.enrichment import Enrichment
from workbench.sqltext import literal, parquet, scan, target_literal

if TYPE_CHECKING:
    import duckdb

#: Changes when the table is made in another way.
VERSION = "addresses 1"
#: Addresses that are turned into keys at a time.
_BATCH = 250_000
#: How kinds are trusted: what an operator publishes of its own ranges, what a database says, what a name suggests.
KIND_ORDER = ("published ranges", "database", "owner's name")


def key_of(address: str) -> str | None:
    """Return an address as 32 hexadecimal digits of its IPv6 form, so that addresses sort as text; None for no address.

    A port, brackets and a zone are left out; an IPv4 address is ``::ffff:a.b.c.d``.
    """
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    text = text.partition("%")[0]
    try:
        if ":" in text:
            return socket.inet_pton(socket.AF_INET6, text).hex()
        return "00000000000000000000ffff" + socket.inet_pton(socket.AF_INET, text).hex()
    except (OSError, ValueError):
        return None


def make(
    cursor: duckdb.DuckDBPyConnection,
    events: str,
    databases: Sequence[tuple[Enrichment, str]],
    file: Path,
    work: Path,
) -> None:
    """Write the table of addresses: client_ip, asn, as_org, country, network_kind, and the
    database that says each: owner_source, country_source, kind_source.

    ``events`` is a SELECT of the events, ``databases`` are those to ask with the path of each, the first asked first.
    """
    import polars as pl

    cursor.execute(f"SELECT DISTINCT client_ip FROM ({events}) WHERE client_ip IS NOT NULL")
    parts: list[Path] = []
    while batch := cursor.fetchmany(_BATCH):
        addresses = [row[0] for row in batch]
        frame = pl.DataFrame(
            {"client_ip": addresses, "key": [key_of(one) for one in addresses]},
            schema={"client_ip": pl.String, "key": pl.String},
        )
        part = work / f"addresses-{len(parts)}.parquet"
        frame.drop_nulls("key").write_parquet(part)
        parts.append(part.resolve())
    keys = scan(parts) if parts else "(SELECT '' AS client_ip, '' AS key WHERE false)"
    cursor.execute(f"COPY ({_select(keys, databases)}) TO {target_literal(file.resolve())} (FORMAT parquet)")


def _select(keys: str, databases: Sequence[tuple[Enrichment, str]]) -> str:
    found, joins, names = [], [], []
    for number, (one, path) in enumerate(databases):
        found.append(
            f"m{number} AS (SELECT k.client_ip, r.* FROM k ASOF JOIN {parquet(path)} r ON k.key >= r.lo "
            "WHERE k.key <= r.hi)"
        )
        joins.append(f"LEFT JOIN m{number} USING (client_ip)")
        names.append((f"m{number}", literal(one.name)))

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
        f"WITH k AS (FROM {keys}), {', '.join(found)}, said AS (SELECT client_ip, {owner} AS wb_owner, "
        f"{country} AS wb_country, {kind} AS wb_kind FROM k {' '.join(joins)}) "
        "SELECT client_ip, wb_owner.v.n AS asn, wb_owner.v.o AS as_org, wb_country.v AS country, "
        "wb_kind.v AS network_kind, wb_owner.s AS owner_source, wb_country.s AS country_source, "
        "wb_kind.s AS kind_source FROM said "
        "WHERE coalesce(wb_owner.s, wb_country.s, wb_kind.s) IS NOT NULL"
    )
