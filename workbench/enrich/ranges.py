"""Ranges of addresses that do not overlap, as a Parquet file in the order of addresses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbench.addresses import Block
from workbench.errors import SourceError


class Owner(NamedTuple):
    """Whose a range is; ``kind_from`` says how the kind is known (see ``workbench.case.attribution.KIND_ORDER``)."""

    asn: int | None = None
    owner: str | None = None
    country: str | None = None
    kind: str | None = None
    kind_from: str | None = None


class Range(NamedTuple):
    """Addresses from ``lo`` to ``hi``, both within, as 128-bit numbers of their IPv6 form."""

    lo: int
    hi: int
    owner: Owner


def of_network(text: str, owner: Owner) -> Range:
    """Return the range of a network such as 192.0.2.0/24. Raises ValueError."""
    return Range(*Block.of(text), owner)


def disjoint(ranges: Iterable[Range]) -> list[Range]:
    """Return ranges in order without overlap: where some overlap, the one that begins last, or is smaller, holds.

    Neighbours of one owner become one range.
    """
    apart: list[Range] = []

    def put(lo: int, hi: int, owner: Owner) -> None:
        if lo > hi:
            return
        if apart and apart[-1].hi + 1 == lo and apart[-1].owner == owner:
            apart[-1] = Range(apart[-1].lo, hi, owner)
        else:
            apart.append(Range(lo, hi, owner))

    opened: list[Range] = []  # ranges that still go on, the outermost first
    place = 0

    def close(before: int) -> None:
        """Put what the open ranges hold up to an address."""
        nonlocal place
        while opened and opened[-1].hi < before:
            last = opened.pop()
            put(max(place, last.lo), last.hi, last.owner)
            place = max(place, last.hi + 1)
        if opened:
            put(max(place, opened[-1].lo), before - 1, opened[-1].owner)
        place = max(place, before)

    for one in sorted(ranges, key=lambda r: (r.lo, -r.hi)):
        close(one.lo)
        opened.append(one)
    close(1 << 129)
    return apart


def write_ranges(ranges: list[Range], file: Path) -> None:
    """Write ranges: lo and hi (32 hexadecimal digits), asn, owner, country, kind, kind_from."""
    import polars as pl

    if not ranges:
        raise SourceError("it holds no ranges of addresses")
    pl.DataFrame(
        {
            "lo": [f"{one.lo:032x}" for one in ranges],
            "hi": [f"{one.hi:032x}" for one in ranges],
            "asn": pl.Series([one.owner.asn for one in ranges], dtype=pl.Int64),
            **{
                name: pl.Series([getattr(one.owner, name) for one in ranges], dtype=pl.String)
                for name in ("owner", "country", "kind", "kind_from")
            },
        }
    ).write_parquet(file)
