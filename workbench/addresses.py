"""Internet addresses: one canonical text, one key that sorts, one way to cut a network, in Python and in SQL.

A log writes one address in many ways: ``2001:DB8:0::7``, ``[2001:db8::7]:443``, ``fe80::1%eth0``,
``203.0.113.7:51022``, ``::ffff:203.0.113.7``, or a list that proxies made. Compared as text, each is another address.
Whatever compares addresses therefore compares their keys. The key is the address as 32 hexadecimal digits of its IPv6
form. IPv4 addresses are mapped (``::ffff:203.0.113.7``). So a range of addresses is a range of keys, and ``BETWEEN``
finds a network.

:data:`MACROS` are the same functions for DuckDB, which knows addresses only with an extension. A case loads none.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

#: Added to the number of an IPv4 address: ``::ffff:0:0``.
MAPPED = 0xFFFF << 32
#: How the key of every IPv4 address begins.
MAPPED_KEY = f"{MAPPED >> 32:024x}"
_LAST4 = 0xFFFFFFFF
#: Networks of neighbours: the usual block that one site or customer gets.
PREFIX4, PREFIX6 = 24, 48

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = "[0-9A-Fa-f]{1,4}"
_BLANKS = "[ \t\r\n]*"
_ZONE, _PORT = r"(?:%[^\],]*)?", "(?::[0-9]+)?"
#: The text of an IPv4 address, as a regular expression that RE2, Java and Python read alike.
IPV4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
#: The text of an IPv6 address; where ``::`` stands for some groups, it does not count how many are left.
_IPV6 = (
    f"(?:{_GROUP}:){{6}}(?:{_GROUP}:{_GROUP}|{IPV4})|"
    f"(?:{_GROUP}(?::{_GROUP})*)?::(?:(?:{_GROUP}:)*(?:{_GROUP}|{IPV4}))?"
)
#: An address as a log writes it: in brackets, with a zone and a port (unbracketed IPv6 has none), first of a list.
LOGGED = rf"{_BLANKS}(?:\[?{IPV4}{_ZONE}\]?{_PORT}|\[?(?:{_IPV6}){_ZONE}(?:\]{_PORT})?){_BLANKS}(?:,(?s:.*))?"
#: Where the address stands in it: what matches first.
ALONE = r"[0-9]+\.[0-9.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
_LOGGED, _ALONE = re.compile(LOGGED), re.compile(ALONE)

Address = IPv4Address | IPv6Address


def bare(text: str) -> str | None:
    """Return what a log wrote without port, brackets and zone; of a list the first.

    None where the text does not look like an address.
    """
    found = _ALONE.search(text) if _LOGGED.fullmatch(text) else None
    return found[0] if found else None


def parse_address(text: str) -> Address | None:
    """Return the address that a log wrote, IPv4 where it is mapped into IPv6; None where the text is no address."""
    alone = bare(text)
    try:
        address = ipaddress.ip_address(alone) if alone else None
    except ValueError:  # "::" beside eight groups
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def canonical(text: str) -> str | None:
    """Return the one text of an address (RFC 5952), however it was written; None where it is no address."""
    address = parse_address(text)
    return str(address) if address else None


def address_number(text: str) -> int:
    """Return an address as a 128-bit number. Raises ValueError where the text is no address."""
    with contextlib.suppress(OSError, ValueError):  # as most are written, ten times as fast
        if ":" not in text:
            return MAPPED + int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
        if text.count(":") < 8:  # with more, systems differ on "::" beside eight groups
            return int.from_bytes(socket.inet_pton(socket.AF_INET6, text), "big")
    address = parse_address(text)
    if address is None:
        raise ValueError(f"{text.strip()[:60]!r} is not an address")
    return int(address) + (MAPPED if address.version == 4 else 0)


def key(text: str) -> str | None:
    """Return the key of an address, 32 hexadecimal digits that sort as addresses do; None where it is no address."""
    try:
        return f"{address_number(text):032x}"
    except ValueError:
        return None


def network(text: str, prefix4: int = PREFIX4, prefix6: int = PREFIX6) -> str | None:
    """Return the network of an address, such as ``203.0.113.0/24``; None where the text is no address.

    Raises ValueError for a prefix beyond 32 or 128 bits.
    """
    address = parse_address(text)
    if address is None:
        return None
    return str(ipaddress.ip_network((address, prefix4 if address.version == 4 else prefix6), strict=False))


class Block(NamedTuple):
    """The addresses of a network, both ends within, as 128-bit numbers; addresses of its own version only."""

    lo: int
    hi: int

    @classmethod
    def of(cls, text: str) -> Block:
        """Read a network such as ``2001:db8::/32``, or one address in any spelling.

        Raises ValueError, which says what is wrong.
        """
        if "/" not in text:
            lo = address_number(text)
            return cls(lo, lo)
        try:
            network: IPv4Network | IPv6Network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError as error:
            raise ValueError(_wrong_network(text.strip())) from error
        base = MAPPED if network.version == 4 else 0
        return cls(base + int(network.network_address), base + int(network.broadcast_address))

    @property
    def keys(self) -> tuple[str, str]:
        """The keys of the first and the last address."""
        return f"{self.lo:032x}", f"{self.hi:032x}"

    @property
    def version(self) -> int:
        """4 for addresses of IPv4, also where they were written as mapped ones, else 6."""
        return 4 if MAPPED <= self.lo <= self.hi <= MAPPED | _LAST4 else 6

    @property
    def around_ipv4(self) -> bool:
        """Whether the keys of IPv4 addresses lie between its own: ``::/0`` is IPv6, and holds none of them."""
        return self.version == 6 and self.lo <= MAPPED <= self.hi

    def holds(self, text: str) -> bool:
        """Return whether a log's text is an address within."""
        address = parse_address(text)
        return address is not None and address.version == self.version and self.lo <= address_number(text) <= self.hi

    def traces(self) -> list[tuple[str, ...]]:
        """Return what every text of an address within contains, in lower case: one of each tuple.

        It is quick to look for, and most texts that lack it need not be read as addresses.
        """
        fixed = 128 - (self.lo ^ self.hi).bit_length()
        if self.version == 4:
            octets = str(IPv4Address(self.lo & _LAST4)).split(".")[: (fixed - 96) // 8]
            start = ".".join(octets) + ("." if len(octets) < 4 else "")
            return [(start, "ffff")] if octets else []
        # The last two groups may be written as an IPv4 address.
        groups = [self.lo >> 16 * (7 - place) & 0xFFFF for place in range(min(fixed // 16, 6))]
        return [(":",), *((f"{group:x}",) for group in dict.fromkeys(groups) if group)]


#: All of IPv4.
IPV4_BLOCK = Block(MAPPED, MAPPED | _LAST4)


def _wrong_network(text: str) -> str:
    address, _, prefix = text.partition("/")
    known = parse_address(address)
    if known is None:
        return f"{text!r} is not a network such as 203.0.113.0/24 or 2001:db8::/32"
    return f"{prefix!r} is not a prefix of IPv{known.version}: it has 0 to {known.max_prefixlen} bits"


def _let(name: str, value: str, body: str) -> str:
    """Return SQL that computes a value once and names it in ``body``: DuckDB repeats a macro's argument at each use."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_HEX = "0123456789abcdef"
#: For 0 to 3 bits of a hexadecimal digit that are kept: what is left of each of the sixteen digits.
_MASKED = "".join(f"{digit >> (4 - bits) << (4 - bits):x}" for bits in range(4) for digit in range(16))
#: Runs of groups that are zero, the longest first; one group alone is not left out.
_ZEROS = [":" + "0:" * length for length in range(8, 1, -1)]


def _number(text: str) -> str:
    """Return SQL for the number of an IPv4 address whose text is valid."""
    return f"list_reduce(string_split({text}, '.')::BIGINT[], lambda high, low: high * 256 + low)"


def _key() -> str:
    """Return SQL for the key of ``address``. Most addresses are IPv4 without more: these take the short way."""
    alone = f"regexp_extract(address, {_literal(ALONE)})"
    dotted = f"regexp_extract(address, {_literal(IPV4)})"
    two = _let("number", _number(dotted), "to_hex(number >> 16) || ':' || to_hex(number & 65535)")
    groups = f"lower(CASE WHEN contains({alone}, '.') THEN replace({alone}, {dotted}, {two}) ELSE {alone} END)"
    colons = "(length(groups) - length(replace(groups, ':', '')))"
    # "::" leaves eight groups: what stands for it is zero, and so is an empty one at either end.
    within = f"{colons} - (starts_with(groups, '::') OR ends_with(groups, '::'))::INTEGER <= 7"
    eight = f"string_split(replace(groups, '::', ':' || repeat('0:', 8 - {colons})), ':')"
    digits = f"array_to_string(list_transform({eight}, lambda part: lpad(part, 4, '0')), '')"
    # The two groups of an IPv4 address give eight digits, to which come those that all of them begin with.
    key = f"CASE WHEN NOT contains(groups, '::') OR {within} THEN right('{MAPPED_KEY}' || {digits}, 32) END"
    return (
        f"CASE WHEN regexp_full_match(address, {_literal(IPV4)}) "
        f"THEN {_literal('0' * 20)} || lower(to_hex({MAPPED} + {_number('address')})) "
        f"WHEN regexp_full_match(address, {_literal(LOGGED)}) THEN {_let('groups', groups, key)} END"
    )


def _text(key: str) -> str:
    """Return SQL for the canonical text of an address, given by its key (a name, since it is repeated)."""
    octets = ", ".join(f"number >> {shift} & 255" for shift in (24, 16, 8, 0))
    ipv4 = _let("number", f"('0x' || substr({key}, 25))::BIGINT", f"concat_ws('.', {octets})")
    groups = (
        f"list_transform([1, 5, 9, 13, 17, 21, 25, 29], "
        f"lambda place: ltrim(substr({key}, place, 3), '0') || substr({key}, place + 3, 1))"
    )
    longest = " ".join(f"WHEN contains(groups, {zeros}) THEN {zeros}" for zeros in map(_literal, _ZEROS))
    shortened = (
        "CASE WHEN zeros IS NULL THEN substr(groups, 2, length(groups) - 2) "
        "ELSE ltrim(split_part(groups, zeros, 1), ':') || '::' "
        "|| rtrim(substr(groups, instr(groups, zeros) + length(zeros)), ':') END"
    )
    zeros = _let("zeros", f"CASE {longest} END", shortened)
    ipv6 = _let("groups", f"':' || array_to_string({groups}, ':') || ':'", zeros)
    return f"CASE WHEN starts_with({key}, '{MAPPED_KEY}') THEN {ipv4} WHEN {key} IS NOT NULL THEN {ipv6} END"


def _network_key() -> str:
    """Return SQL for the key of the first address in the network of ``address``; NULL for a prefix that is none."""
    bits = f"CASE WHEN starts_with(digits, '{MAPPED_KEY}') THEN 96 + prefix4 ELSE prefix6 END"
    kept = f"instr('{_HEX}', substr(digits, bits // 4 + 1, 1))"
    first = f"rpad(left(digits, bits // 4) || substr('{_MASKED}', bits % 4 * 16 + {kept}, 1), 32, '0')"
    possible = "prefix4 BETWEEN 0 AND 32 AND prefix6 BETWEEN 0 AND 128"
    return f"CASE WHEN {possible} THEN {_let('digits', 'wb_ip_key(address)', _let('bits', bits, first))} END"


def _network() -> str:
    prefix = f"CASE WHEN starts_with(first, '{MAPPED_KEY}') THEN prefix4 ELSE prefix6 END"
    return _let("first", "wb_ip_network_key(address, prefix4, prefix6)", f"{_text('first')} || '/' || {prefix}")


#: The functions as macros of DuckDB, by name and arguments.
FUNCTIONS = {
    "wb_ip_bare(address)": f"CASE WHEN regexp_full_match(address, {_literal(LOGGED)}) "
    f"THEN regexp_extract(address, {_literal(ALONE)}) END",
    "wb_ip_key(address)": _key(),
    "wb_ip_address(address)": _let("digits", "wb_ip_key(address)", _text("digits")),
    "wb_ip_network_key(address, prefix4, prefix6)": _network_key(),
    "wb_ip_network(address, prefix4, prefix6)": _network(),
}
MACROS = "".join(f"CREATE OR REPLACE MACRO {name} AS {body};\n" for name, body in FUNCTIONS.items())
