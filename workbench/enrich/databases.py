"""Reading databases of addresses: MMDB, iptoasn, ip-location CSV, and the ranges that clouds publish.

Sources: MaxMind DB file format 2.0; iptoasn.com (TSV: first, last, number, country, owner); sapics/ip-location-db (CSV:
first, last, number, owner, or first, last, country …); AWS ip-ranges.json; Google cloud.json and goog.json; Azure
ServiceTags JSON; Oracle public_ip_ranges.json; Cloudflare ips-v4 and ips-v6; geofeeds (RFC 8805).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.addresses import MAPPED, address_number
from workbench.enrich.kinds import kind_of_owner, kind_said
from workbench.enrich.ranges import Owner, Range, of_network
from workbench.errors import SourceError
from workbench.userfiles import is_text, items, table, texts

_MMDB_MARK = b"\xab\xcd\xefMaxMind.com"
_PUBLISHED = "published ranges"
_KNOWN = "MMDB, iptoasn TSV, ip-location CSV, a geofeed, the JSON of AWS, Google, Azure or Oracle, or a network a line"


@dataclass(frozen=True, slots=True)
class Database:
    """A database that was read: what it says it is, its date (ISO 8601) as it or its file says, and its ranges."""

    title: str
    date: str
    ranges: list[Range]


def read_database(path: Path) -> Database:
    """Read a database, recognised by its content; ``.gz`` too. Raises SourceError for what is none."""
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except (OSError, EOFError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    if _MMDB_MARK in content[-(128 << 10) :]:
        return _mmdb(path, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if text.lstrip()[:1] in ("{", "["):
        return _published(path, text, written)
    return _lines(path, text, written)


# --- MMDB -----------------------------------------------------------------------------------------------------------


def _mmdb(path: Path, content: bytes) -> Database:
    import maxminddb

    try:
        with maxminddb.open_database(io.BytesIO(content), maxminddb.MODE_FD) as reader:
            about = reader.metadata()
            made = datetime.fromtimestamp(about.build_epoch, UTC).isoformat(timespec="seconds")
            found = list(_records(reader))
            return Database(about.database_type, made, found)
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is a damaged MMDB: {error}") from error


def _records(reader: Iterable[tuple[Any, Any]]) -> Iterator[Range]:
    last: tuple[object, Owner] | None = None
    for network, record in reader:
        if not isinstance(record, dict):
            continue
        # A record shared by neighbours is one object to the reader.
        if last is None or last[0] != record:
            last = (record, _owner(record))
        owner = last[1]
        if owner == Owner():
            continue
        lo, size = int(network.network_address), network.num_addresses
        # An IPv6 tree keeps IPv4 under ::/96.
        lo += MAPPED if network.version == 4 or lo + size <= 1 << 32 else 0
        yield Range(lo, lo + size - 1, owner)


def _owner(record: dict[str, Any]) -> Owner:
    """Return what a record of MaxMind's, DB-IP's or IPinfo's databases says."""
    traits = record.get("traits") if isinstance(record.get("traits"), dict) else {}
    assert isinstance(traits, dict)

    def text(*names: str) -> Any:
        return next((one[name] for one in (record, traits) for name in names if one.get(name)), None)

    asn = text("autonomous_system_number", "asn")
    name = text("autonomous_system_organization", "as_name", "as_organization", "organization", "name", "isp")
    country = record.get("country") or record.get("registered_country") or text("country_code")
    if isinstance(country, dict):
        country = country.get("iso_code")
    kind = kind_said(text("user_type", "type", "connection_type"))
    if kind is None and text("is_hosting_provider", "hosting"):
        kind = "cloud"
    place = country if isinstance(country, str) else None
    return _named(_as_number(asn), name if isinstance(name, str) else None, place, kind)


@lru_cache(maxsize=1 << 17)
def _named(asn: int | None, owner: str | None, country: str | None, kind: str | None = None) -> Owner:
    """Return an owner; a kind that is not said is told from the name."""
    kind_from = "database" if kind else None
    if not kind and (kind := kind_of_owner(owner)):
        kind_from = "owner's name"
    place = country.upper() if country and re.fullmatch(r"[A-Za-z]{2}", country) else None
    return Owner(asn or None, owner or None, None if place == "ZZ" else place, kind, kind_from)


def _as_number(text: object) -> int | None:
    found = re.fullmatch(r"(?:AS)?(\d{1,10})", str(text or "").strip(), re.IGNORECASE)
    return int(found[1]) if found else None


# --- what clouds publish --------------------------------------------------------------------------------------------


_PREFIXES = ("ip_prefix", "ipv6_prefix", "ipv4Prefix", "ipv6Prefix")
_RANGES = items(table(dict.fromkeys(_PREFIXES, is_text), others=True))
#: What stands in the files of Azure, Oracle, AWS and Google.
_PUBLISHES = table(
    {
        "values": items(
            table(
                {"properties": table({"addressPrefixes": texts}, required=("addressPrefixes",), others=True)},
                required=("properties",),
                others=True,
            )
        ),
        "regions": items(
            table(
                {"cidrs": items(table({"cidr": is_text}, required=("cidr",), others=True))},
                required=("cidrs",),
                others=True,
            )
        ),
        "prefixes": _RANGES,
        "ipv6_prefixes": _RANGES,
    },
    others=True,
)


def _published(path: Path, text: str, written: str) -> Database:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is not whole JSON: {error}") from error
    if isinstance(document, dict) and (wrong := _PUBLISHES("", document)):
        raise SourceError(f"{path}: {wrong}")
    networks: list[tuple[str, str]] = []
    title, date = "", written
    if isinstance(document, dict) and "values" in document:
        title = f"Azure service tags {document.get('cloud', '')} {document.get('changeNumber', '')}".strip()
        owner = "Microsoft Azure"
        networks = [(one, owner) for value in document["values"] for one in value["properties"]["addressPrefixes"]]
    elif isinstance(document, dict) and "regions" in document:
        title, date = "Oracle public_ip_ranges", str(document.get("last_updated_timestamp", written))
        networks = [(one["cidr"], "Oracle Cloud") for region in document["regions"] for one in region["cidrs"]]
    elif isinstance(document, dict) and "prefixes" in document:
        rows = [*document["prefixes"], *document.get("ipv6_prefixes", [])]
        aws = any("ip_prefix" in one or "ipv6_prefix" in one for one in rows)
        title = "AWS ip-ranges" if aws else "Google ranges"
        date = str(document.get("createDate") or document.get("creationTime") or written)
        name = "Amazon Web Services" if aws else "Google Cloud" if any("scope" in one for one in rows) else "Google"
        networks = [(one[key], name) for one in rows for key in _PREFIXES if key in one]
    if not networks:
        raise SourceError(f"{path} is JSON without ranges that are known here; wanted: {_KNOWN}")
    ranges = []
    for network, owner in networks:
        try:
            ranges.append(of_network(network, Owner(None, owner, None, "cloud", _PUBLISHED)))
        except ValueError as error:
            raise SourceError(f"{path}: {error}") from error
    return Database(title, date, ranges)


# --- lines ----------------------------------------------------------------------------------------------------------


def _lines(path: Path, text: str, written: str) -> Database:
    """Read a range or a network a line: iptoasn, ip-location-db, a geofeed, or networks alone."""
    rows = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not rows:
        raise SourceError(f"{path} is empty")
    tabs = rows[0].count("\t") >= 2
    parsed = csv.reader(rows, delimiter="\t" if tabs else ",", quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL)
    title = path.name
    cloud = re.search(r"cloudflare|ips-v[46]", path.name, re.IGNORECASE)
    ranges = []
    for place, row in enumerate(parsed, start=1):
        try:
            if "/" in row[0]:
                if len(row) > 1:
                    owner = _named(None, None, row[1])
                else:
                    owner = Owner(None, "Cloudflare" if cloud else path.stem, None, "cloud", _PUBLISHED)
                ranges.append(of_network(row[0], owner))
            elif (owner := _row(row[2:])) != Owner():
                lo, hi = _bound(row[0]), _bound(row[1])
                if lo > hi:
                    raise ValueError(f"{row[0]} comes after {row[1]}")
                ranges.append(Range(lo, hi, owner))
        except (ValueError, IndexError) as error:
            if place == 1 and len(row) > 1 and not re.match(r"[\d\[:.a-f]+$", row[0]):
                continue  # a header
            raise SourceError(
                f"{path} is no database of addresses that is known here (line {place}: {error}); wanted: {_KNOWN}"
            ) from error
    return Database(title, written, ranges)


def _row(cells: list[str]) -> Owner:
    """Return what follows the two addresses: number, country, owner; number, owner; or a country and its places."""
    if not cells:
        raise ValueError("two addresses and nothing more")
    asn = _as_number(cells[0])
    if asn is None:
        return _named(None, None, cells[0])
    if asn == 0:
        return Owner()
    if len(cells) > 2:
        return _named(asn, cells[2], cells[1])
    return _named(asn, cells[1] if len(cells) > 1 else None, None)


def _bound(text: str) -> int:
    """Return an address, also one written as a whole number (iptoasn's -u32 files)."""
    return int(text) + MAPPED if text.isdigit() else address_number(text)
