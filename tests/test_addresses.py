"""Addresses: every spelling has one text, one key and one network, in Python and in SQL alike."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import addresses
from workbench.addresses import Address, Block

#: Of one network each, apart: the address, how it is written, and nothing of the others.
SAME = {
    "203.0.113.7": ("203.0.113.7:51022", "[203.0.113.7]", " 203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107",
                    "203.0.113.7, 198.51.100.1", "[::ffff:203.0.113.7]:443", "203.0.113.7%1",
                    "0:0:0:0:0:ffff:203.0.113.7"),
    "2001:db8::7": ("2001:DB8::7", "2001:0db8:0:0:0:0:0:0007", "[2001:db8::7]:443", "[2001:db8::7]", "2001:db8::7%eth0",
                    "2001:db8:0::7, 2001:db8::8", "2001:db8::0.0.0.7"),
    "fe80::1": ("fe80::1%3", "[fe80::1%en0]:22", "FE80:0::0:1"),
    "::": ("0::0", "0:0:0:0:0:0:0:0", "::0.0.0.0"),
}  # fmt: skip
NONE = (
    "", " ", "-", "unknown", "AWS Internal", "unix:", "localhost:80", "300.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4.5",
    "1.2.3.4/24", "1e1.2.3.4", "1.2.3.4:x", ":::", "::1::", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8", "2001:db8::12345", "2001:db8::g", "::ffff:1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5",
    "x, 1.2.3.4", "1.2.3.4 5.6.7.8", "2001:db8::1\x00", "１.2.3.4",
)  # fmt: skip

LIKE_ADDRESSES = "0123456789abcdefABCDEFg.:[]%, /\n"


@cache
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(addresses.MACROS)
    return connection


def in_sql(texts: Sequence[str | None], *functions: str) -> list[tuple[Any, ...]]:
    """Return what functions of the column ``a`` are for each of some texts, in their order."""
    query = f"SELECT {', '.join(functions)} FROM (SELECT unnest($texts::VARCHAR[]) AS a)"
    return engine().execute(query, {"texts": list(texts)}).fetchall()


def both(text: str | None, prefix4: int = 24, prefix6: int = 48) -> tuple[Any, ...]:
    """Return what the functions in Python say of a text."""
    if text is None:
        return (None,) * 5
    network = addresses.network(text, prefix4, prefix6)
    first = addresses.key(network.partition("/")[0]) if network else None
    return addresses.bare(text), addresses.key(text), addresses.canonical(text), network, first


def asked(prefix4: int = 24, prefix6: int = 48) -> tuple[str, ...]:
    """Return the same functions in SQL."""
    prefixes = f"{prefix4}, {prefix6}"
    networks = f"wb_ip_network(a, {prefixes})", f"wb_ip_network_key(a, {prefixes})"
    return "wb_ip_bare(a)", "wb_ip_key(a)", "wb_ip_address(a)", *networks


IPV4 = st.integers(0, 2**32 - 1).map(IPv4Address)
#: Mostly with groups that are zero, as addresses are.
IPV6 = st.lists(
    st.sampled_from((0, 0, 0, 1, 0xDB8, 0x2001, 0xFFFF)) | st.integers(0, 0xFFFF), min_size=8, max_size=8
).map(lambda groups: IPv6Address(sum(group << 16 * (7 - place) for place, group in enumerate(groups))))


@st.composite
def spelled(draw: st.DrawFn) -> tuple[Address, str]:
    """An address and one of the ways to write it."""
    address: Address = draw(IPV4 | IPV6)
    if isinstance(address, IPv4Address):
        text = draw(st.sampled_from((str(address), f"::ffff:{address}", f"0:0:0:0:0:FFFF:{address}")))
    else:
        groups = draw(st.sampled_from((str(address), _unevenly(draw, address), address.exploded)))
        text = groups.upper() if draw(st.booleans()) else groups
    zone = draw(st.sampled_from(("", "", "%eth0", "%3")))
    bracket, port = draw(st.sampled_from((("", ""), ("[]", ""), ("[]", ":443"))))
    if ":" not in text and draw(st.booleans()):
        port = ":51022"
    text = f"{bracket[:1]}{text}{zone}{bracket[1:]}{port}"
    return address, draw(st.sampled_from(("", " "))) + text + draw(st.sampled_from(("", " ", ", 192.0.2.1", ",x")))


def _unevenly(draw: st.DrawFn, address: IPv6Address) -> str:
    """Write groups with any number of leading zeros, some run of zero groups as ``::``, the last two as IPv4."""
    numbers = [int(address) >> 16 * (7 - place) & 0xFFFF for place in range(8)]
    groups = [f"{number:0{draw(st.integers(1, 4))}x}" for number in numbers]
    if draw(st.booleans()):
        groups[6:] = [str(IPv4Address(int(address) & 0xFFFFFFFF))]
    zero = [place for place, number in enumerate(numbers[: len(groups) - (len(groups) == 7)]) if number == 0]
    if not zero or draw(st.booleans()):
        return ":".join(groups)
    first = draw(st.sampled_from(zero))
    last = first
    while last + 1 in zero and draw(st.booleans()):
        last += 1
    return ":".join(groups[:first]) + "::" + ":".join(groups[last + 1 :])


def plain(address: Address) -> Address:
    """Return an address as IPv4 where it is mapped."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@pytest.mark.parametrize(("address", "spellings"), SAME.items())
def test_every_spelling_is_the_one_address(address: str, spellings: tuple[str, ...]) -> None:
    said = {addresses.canonical(text) for text in spellings}
    assert said == {address} == {row[2] for row in in_sql(spellings, *asked())}
    assert len({addresses.key(text) for text in (address, *spellings)}) == 1


def test_what_is_no_address_has_no_key() -> None:
    assert [text for text in NONE if addresses.key(text) or addresses.canonical(text) or addresses.network(text)] == []
    assert [row for row in in_sql([*NONE, None], *asked()[1:]) if any(row)] == []
    assert addresses.key("1.2.3.4\ud800") is None
    with pytest.raises(ValueError, match=r"'300\.1\.1\.1' is not an address"):
        addresses.address_number("300.1.1.1")


@settings(deadline=None)
@given(st.lists(spelled(), min_size=1, max_size=30), st.integers(0, 32), st.integers(0, 128))
def test_text_key_and_network_are_those_of_the_standard_library(
    drawn: list[tuple[Address, str]], prefix4: int, prefix6: int
) -> None:
    rows = in_sql([text for _, text in drawn], *asked(prefix4, prefix6))
    for (written, text), row in zip(drawn, rows, strict=True):
        address = plain(written)
        bits = prefix4 if address.version == 4 else prefix6
        number = int(address) + (0xFFFF << 32 if address.version == 4 else 0)
        network = ipaddress.ip_network((address, bits), strict=False)
        first = int(network.network_address) + number - int(address)
        assert row[1:] == (f"{number:032x}", str(address), str(network), f"{first:032x}"), text
        assert row == both(text, prefix4, prefix6)


@settings(deadline=None)
@given(
    st.lists(st.text("0123456789abcdefABCDEFg.:[]%, /\n", max_size=24) | st.text(max_size=8), min_size=1, max_size=50)
)
def test_sql_and_python_agree_on_any_text(texts: list[str]) -> None:
    texts = [text.replace("\x00", "") for text in texts]
    assert in_sql(texts, *asked()) == [both(text) for text in texts]


@settings(deadline=None)
@given(st.lists(spelled(), min_size=1, max_size=30), IPV4 | IPV6, st.integers(0, 128), st.booleans())
def test_a_block_holds_the_addresses_of_its_network_and_no_others(
    drawn: list[tuple[Address, str]], base: Address, bits: int, near: bool
) -> None:
    centre = plain(drawn[0][0] if near else base)
    network = ipaddress.ip_network((centre, min(bits, centre.max_prefixlen)), strict=False)
    block = Block.of(str(network))
    lo, hi = block.keys
    assert block.version == network.version
    for written, text in drawn:
        address = plain(written)
        inside = address in network
        assert block.holds(text) == inside
        if address.version == network.version:
            assert (lo <= (addresses.key(text) or "") <= hi) == inside
        if inside:
            assert all(any(part in text.lower() for part in parts) for parts in block.traces())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2001:db8::/200", "'200' is not a prefix of IPv6: it has 0 to 128 bits"),
        ("10.0.0.0/33", "'33' is not a prefix of IPv4: it has 0 to 32 bits"),
        ("10.0.0.0/x", "'x' is not a prefix of IPv4"),
        ("10.0.0/8", "'10.0.0/8' is not a network such as 203.0.113.0/24 or 2001:db8::/32"),
        ("/8", "is not a network"),
        ("300.1.1.1", "'300.1.1.1' is not an address"),
    ],
)
def test_a_network_that_is_none_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:
        Block.of(text)
    assert said in str(error.value)


def test_prefixes_that_there_are_not_are_refused() -> None:
    texts = ["1.2.3.4", "::1"]
    assert in_sql(texts, "wb_ip_network(a, 33, 48)", "wb_ip_network_key(a, 24, 129)") == [(None, None)] * 2
    with pytest.raises(ValueError):
        addresses.network("1.2.3.4", 33)
