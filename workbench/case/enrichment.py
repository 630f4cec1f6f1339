"""What a case was enriched with: address databases and the investigator's own look-ups, and the views over them.

Each is a Parquet file in ``enrich/`` that never changes, named in the ledger's settings with the hash of the file and
of what it was made from. What a log says itself always comes first; an enrichment only fills what is empty.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from workbench.case.fields import BY_NAME, ENRICHED
from workbench.sqltext import identifier, parquet, scan

if TYPE_CHECKING:
    from workbench.case.ledger import Ledger

PREFIX = "enrich:"
ADDRESSES, LOOKUP = "addresses", "table"
#: Columns of an event that a look-up may fill where the log left them empty.
FILLABLE = ("account", "organization", "payment_ref", "asn", "as_org", "country")
_ADDRESS_COLUMNS = ("asn", "as_org", "country", "network_kind", "owner_source", "country_source", "kind_source")


@dataclass(frozen=True, slots=True)
class Enrichment:
    """One database or look-up: ``file`` is in the case; ``origin`` and ``origin_sha256`` are what it was made from.

    ``database`` and ``date`` are what the database says of itself, ``on`` the event column a look-up goes by, and
    ``columns`` what it gives besides.
    """

    name: str
    kind: str
    file: str
    sha256: str
    rows: int
    origin: str
    origin_sha256: str
    database: str = ""
    date: str = ""
    on: str = ""
    columns: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return the text that the ledger keeps."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def enrichments(ledger: Ledger) -> list[Enrichment]:
    """Return what the case is enriched with now, in the order of adding."""
    rows = ledger.rows("SELECT value FROM setting WHERE substr(name, 1, ?) = ? ORDER BY rowid", len(PREFIX), PREFIX)
    return [read(row["value"]) for row in rows if row["value"]]


def read(text: str) -> Enrichment:
    """Return an enrichment from the text that the ledger keeps."""
    said: dict[str, Any] = json.loads(text)
    return Enrichment(**{**said, "columns": tuple(said["columns"])})


def lookups(found: Sequence[Enrichment]) -> list[Enrichment]:
    """Return the look-ups among enrichments."""
    return [one for one in found if one.kind == LOOKUP]


def enriched(base: str, addresses: str | None, lookups: Sequence[tuple[Enrichment, str]]) -> str:
    """Return a SELECT over ``base`` with what it lacks filled.

    ``addresses`` is the file of the case's addresses (see ``workbench.case.attribution``), ``lookups`` have the path
    of each. The joined tables are grouped by their key: so the engine knows that they have one row a key, and
    leaves the join out of every query that names none of their columns.
    """
    filled: dict[str, list[str]] = {}
    joins, extra = [], {field.name: f"NULL::{field.type}" for field in ENRICHED}
    for number, (lookup, path) in enumerate(lookups):
        fills = [column for column in lookup.columns if column in FILLABLE]
        if not fills:
            continue
        alias = f"wb_l{number}"
        chosen = ", ".join(f"any_value({identifier(column)}) AS {identifier(column)}" for column in fills)
        key = identifier(lookup.on)
        joins.append(
            f"LEFT JOIN (SELECT {key}, {chosen} FROM {parquet(path)} GROUP BY {key}) {alias} ON e.{key} = {alias}.{key}"
        )
        for column in fills:
            filled.setdefault(column, []).append(f"try_cast({alias}.{identifier(column)} AS {BY_NAME[column].type})")
    if addresses is not None:
        chosen = ", ".join(f"any_value({name}) AS {name}" for name in _ADDRESS_COLUMNS)
        joins.append(
            f"LEFT JOIN (SELECT client_ip, {chosen} FROM {parquet(addresses)} GROUP BY client_ip) wb_a "
            "ON e.client_ip = wb_a.client_ip"
        )
        # A number and an owner of two databases are never put together.
        filled.setdefault("asn", []).append("CASE WHEN e.as_org IS NULL THEN wb_a.asn END")
        filled.setdefault("as_org", []).append("CASE WHEN e.asn IS NULL OR e.asn = wb_a.asn THEN wb_a.as_org END")
        filled.setdefault("country", []).append("wb_a.country")
        extra["network_kind"] = "wb_a.network_kind"
        extra["network_source"] = (
            "nullif(concat_ws('; ', "
            "'owner: ' || CASE WHEN coalesce(e.asn::VARCHAR, e.as_org) IS NOT NULL THEN 'log' "
            "ELSE wb_a.owner_source END, "
            "'country: ' || CASE WHEN e.country IS NOT NULL THEN 'log' ELSE wb_a.country_source END, "
            "'kind: ' || wb_a.kind_source), '')"
        )
    replaced = ", ".join(f"coalesce(e.{name}, {', '.join(given)}) AS {name}" for name, given in filled.items())
    added = ", ".join(f"{value} AS {name}" for name, value in extra.items())
    return f"SELECT e.*{f' REPLACE ({replaced})' if replaced else ''}, {added} FROM ({base}) e {' '.join(joins)}"


def accounts(file: str, found: Sequence[tuple[Enrichment, str]]) -> str:
    """Return the SELECT of the ``account`` view: the derived table, with the columns of look-ups that go by account."""
    joins, columns = [], []
    for number, (one, path) in enumerate(found):
        beyond = [identifier(column) for column in one.columns if column not in FILLABLE]
        if one.on != "account" or not beyond:
            continue
        chosen = ", ".join(f"any_value({column}) AS {column}" for column in beyond)
        joins.append(
            f"LEFT JOIN (SELECT account, {chosen} FROM {parquet(path)} GROUP BY account) wb_l{number} "
            f"ON a.account = wb_l{number}.account"
        )
        columns += [f", wb_l{number}.{column}" for column in beyond]
    return f"SELECT a.*{''.join(columns)} FROM {scan([file])} a {' '.join(joins)}"
