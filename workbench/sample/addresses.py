"""Where requests come from: networks of homes, carriers, clouds, offices and universities, and who is behind which.

The ranges are such as those networks use; the addresses in them, and all that is said to come from them, are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_network
from typing import Protocol

from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, HOUR, Rhythm

HOMES = {
    "US": ("73.0.0.0/8", "24.0.0.0/12", "98.192.0.0/10", "71.160.0.0/11", "2600:1700::/28", "2601:40::/26"),
    "CA": ("99.224.0.0/11", "70.48.0.0/13", "2607:fea8::/32"),
    "GB": ("86.128.0.0/10", "81.96.0.0/12", "2a02:c7c::/31", "2a00:23c0::/27"),
    "DE": ("84.128.0.0/10", "91.32.0.0/11", "95.88.0.0/14", "2003:c0::/28", "2a02:8100::/27"),
    "FR": ("90.0.0.0/9", "82.64.0.0/14", "2a01:cb00::/26"),
    "NL": ("84.24.0.0/13", "62.194.0.0/15", "2001:1c00::/23"),
    "ES": ("81.32.0.0/11", "88.0.0.0/11"),
    "IT": ("79.0.0.0/10", "93.32.0.0/12"),
    "PL": ("83.0.0.0/11", "178.36.0.0/14"),
    "SE": ("81.224.0.0/12", "90.224.0.0/12"),
    "TR": ("88.224.0.0/11", "78.160.0.0/11"),
    "IN": ("122.160.0.0/12", "49.204.0.0/14", "2405:200::/30", "2409:4040::/26"),
    "ID": ("36.64.0.0/11", "180.240.0.0/12"),
    "VN": ("14.160.0.0/11", "113.160.0.0/11"),
    "SG": ("116.86.0.0/15", "121.6.0.0/15"),
    "JP": ("118.0.0.0/12", "153.128.0.0/11", "240b:10::/28"),
    "KR": ("121.128.0.0/10", "211.104.0.0/13"),
    "AU": ("101.160.0.0/11", "58.160.0.0/12", "2001:8000::/22"),
    "BR": ("177.32.0.0/11", "189.32.0.0/11", "2804:14c::/31"),
    "MX": ("189.128.0.0/9", "187.160.0.0/13"),
    "AR": ("181.0.0.0/12", "190.16.0.0/12"),
    "NG": ("102.88.0.0/13", "105.112.0.0/12"),
    "ZA": ("105.184.0.0/13", "41.144.0.0/12"),
    "HK": ("219.76.0.0/14", "112.118.0.0/15"),
    "TW": ("114.32.0.0/12", "36.224.0.0/12"),
}
CARRIERS = {
    "US": ("172.56.0.0/14", "174.192.0.0/10"),
    "GB": ("82.132.128.0/17", "92.40.0.0/14"),
    "DE": ("109.40.0.0/13", "80.187.64.0/18"),
    "IN": ("106.192.0.0/11", "157.32.0.0/12"),
    "BR": ("191.0.0.0/12",),
    "ID": ("114.120.0.0/13",),
    "NG": ("197.210.0.0/16",),
    "TR": ("178.240.0.0/13",),
}
CLOUDS = {
    "US": ("3.80.0.0/12", "54.160.0.0/12", "34.64.0.0/11", "20.40.0.0/13", "138.68.0.0/16", "129.146.0.0/16"),
    "DE": ("18.192.0.0/13", "65.108.0.0/16", "95.216.0.0/16", "52.28.0.0/16", "20.79.0.0/16"),
    "GB": ("18.130.0.0/16", "35.176.0.0/15", "167.99.192.0/18"),
    "FR": ("51.68.0.0/16", "15.188.0.0/16", "51.158.0.0/15"),
    "IN": ("13.232.0.0/14", "65.0.0.0/14"),
    "SG": ("13.212.0.0/15", "47.88.128.0/17", "43.134.0.0/16"),
    "JP": ("54.248.0.0/15", "35.72.0.0/13"),
    "BR": ("54.232.0.0/15",),
    "AU": ("13.236.0.0/14",),
}
EXITS = ("185.195.232.0/22", "146.70.0.0/16", "193.138.218.0/24", "89.45.90.0/24")  # of commercial VPNs
CAMPUSES = ("128.84.0.0/16", "129.132.0.0/16", "130.60.0.0/16", "131.111.0.0/16", "140.112.0.0/16", "141.20.0.0/16")
OFFICES = ("62.96.0.0/16", "12.32.0.0/12", "194.25.0.0/16", "203.116.0.0/16", "80.74.0.0/16", "210.130.0.0/16")


@dataclass(frozen=True, slots=True)
class Place:
    """A country as the sample needs it: hours from UTC in May, and how many of the people live there."""

    country: str
    offsets: Sequence[float]
    weight: float


PLACES = (
    Place("US", (-4, -4, -5, -6, -7, -7), 27),
    Place("IN", (5.5,), 12),
    Place("DE", (2,), 8),
    Place("GB", (1,), 8),
    Place("BR", (-3,), 6),
    Place("FR", (2,), 5),
    Place("CA", (-4, -5, -7), 4),
    Place("JP", (9,), 4),
    Place("ES", (2,), 3),
    Place("IT", (2,), 3),
    Place("PL", (2,), 3),
    Place("NL", (2,), 3),
    Place("KR", (9,), 3),
    Place("AU", (10,), 3),
    Place("MX", (-6,), 3),
    Place("TR", (3,), 2),
    Place("ID", (7,), 3),
    Place("VN", (7,), 2),
    Place("SG", (8,), 2),
    Place("HK", (8,), 1.5),
    Place("TW", (8,), 1.5),
    Place("SE", (2,), 1.5),
    Place("AR", (-3,), 1.5),
    Place("NG", (1,), 2),
    Place("ZA", (2,), 1),
)


def address(dice: Dice, network: str) -> str:
    """Return an address of a network in CIDR notation (in IPv6 a host with a random interface part)."""
    net = ip_network(network)
    if net.version == 6:
        prefix = int(net.network_address) + (dice.below(1 << min(30, 64 - net.prefixlen)) << 64)
        return str(IPv6Address(prefix + (dice.below(1 << 32) << 32) + dice.below(1 << 32)))
    host = int(net.network_address) + dice.below(net.num_addresses)
    return f"{host >> 24}.{host >> 16 & 255}.{host >> 8 & 255}.{dice.between(2, 253)}"


def somewhere(dice: Dice) -> tuple[str, float]:
    """Return a country and an offset from UTC in hours."""
    place = dice.weighted([(place, place.weight) for place in PLACES])
    return place.country, dice.pick(place.offsets)


@lru_cache(maxsize=1 << 14)
def _leased(key: str, epoch: int, networks: tuple[str, ...]) -> str:
    dice = Dice(key, epoch)
    return address(dice, dice.pick(networks))


class Whereabouts(Protocol):
    """Says from which address an account asks at a time."""

    def at(self, ms: int, dice: Dice) -> str:
        """Return an IPv4 or IPv6 address."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A few servers, or an office: always the same addresses, the first one most often."""

    addresses: Sequence[str]

    def at(self, _ms: int, dice: Dice) -> str:
        """Return one of the addresses."""
        return self.addresses[min(dice.below(len(self.addresses)), dice.below(len(self.addresses)))]


@dataclass(frozen=True, slots=True)
class Person:
    """A human: a home line whose address changes, a carrier when out, an office or campus on weekdays, or a VPN."""

    key: str
    networks: Sequence[str]
    rhythm: Rhythm
    lease: int = 9 * DAY
    mobile: Sequence[str] = ()  # the carrier's shared addresses
    out: float = 0.0
    work: Sequence[str] = ()
    vpn: Sequence[str] = ()
    hidden: float = 0.0

    def at(self, ms: int, dice: Dice) -> str:
        """Return the address that the hour and the lease call for."""
        if self.vpn and dice.chance(self.hidden):
            return dice.pick(self.vpn)
        if self.mobile and dice.chance(self.out):
            return self.mobile[(ms // (3 * HOUR) + len(self.key)) % len(self.mobile)]
        if self.work:
            offset = round(self.rhythm.offset * HOUR)
            local = (ms + offset) % DAY // HOUR
            if 8 <= local < 18 and self.rhythm.weekday(ms - (ms + offset) % DAY) < 5:
                return dice.pick(self.work)
        return _leased(self.key, (ms + len(self.key) * HOUR) // self.lease, tuple(self.networks))


@dataclass(frozen=True, slots=True)
class Pool:
    """Rented exits that members of one group take in turn.

    Each member has a few of them, most of which others have too, and goes to the next one every so often.
    """

    addresses: Sequence[str]
    member: int
    stay: int
    few: int = 5
    stray: float = 0.04

    def at(self, ms: int, dice: Dice) -> str:
        """Return the member's exit of these days, or now and then any other."""
        if dice.chance(self.stray):
            return dice.pick(self.addresses)
        turn = (self.member + ms // self.stay) % min(self.few, len(self.addresses))
        return self.addresses[(self.member * 3 + turn) % len(self.addresses)]


@dataclass(slots=True)
class AddressBook:
    """The addresses of one sample: hands out homes and servers, and keeps the hubs that many people share."""

    seed: int
    size: int  # accounts in the sample

    def home(self, dice: Dice, country: str) -> tuple[str, ...]:
        """Return the network of a home line: one small block of the country's provider."""
        network = dice.pick(HOMES[country])
        if ":" in network:
            return (f"{IPv6Address(int(ip_network(network).network_address) + (dice.below(1 << 24) << 72))}/56",)
        return (".".join([*address(dice, network).split(".")[:2], str(dice.between(0, 63) * 4), "0"]) + "/22",)

    def carrier(self, country: str) -> list[str]:
        """Return the shared addresses of the country's mobile carrier."""
        networks = CARRIERS.get(country)
        if networks is None:
            return []
        dice = Dice(self.seed, "carrier", country)
        return [address(dice, networks[0]) for _ in range(3 + self.size // 400)]

    def exits(self) -> list[str]:
        """Return the exits of VPN providers, which strangers share."""
        dice = Dice(self.seed, "vpn")
        return [address(dice, dice.pick(EXITS)) for _ in range(4 + self.size // 150)]

    def runners(self) -> list[str]:
        """Return the addresses of a hosted build service, which its customers share."""
        dice = Dice(self.seed, "runners")
        return [address(dice, "20.40.0.0/13") for _ in range(12 + self.size // 50)]

    def servers(self, dice: Dice, country: str, count: int) -> list[str]:
        """Return ``count`` addresses of one cloud, near the country."""
        network = dice.pick(CLOUDS.get(country, CLOUDS["US" if dice.chance(0.5) else "DE"]))
        return [address(dice, network) for _ in range(count)]
