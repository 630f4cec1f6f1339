"""A small writer of MMDB files (MaxMind DB format 2.0), for tests: 28-bit records, an IPv6 tree."""

from __future__ import annotations

import ipaddress
from typing import Any


def _encode(value: Any) -> bytes:
    if isinstance(value, str):
        body, kind = value.encode(), 2
    elif isinstance(value, dict):
        size = len(value)
        return _head(7, size) + b"".join(_encode(key) + _encode(one) for key, one in value.items())
    elif isinstance(value, list):
        return _head(11, len(value)) + b"".join(_encode(one) for one in value)
    elif isinstance(value, bool):
        return _head(14, int(value))
    else:
        body, kind = value.to_bytes((value.bit_length() + 7) // 8, "big"), 9 if value >= 1 << 32 else 6
    return _head(kind, len(body)) + body


def _head(kind: int, size: int) -> bytes:
    extended = kind > 7
    first = (0 if extended else kind) << 5
    tail = bytes([kind - 7]) if extended else b""
    if size < 29:
        return bytes([first | size]) + tail
    return bytes([first | 29]) + tail + bytes([size - 29])


def write(networks: dict[str, dict[str, Any]], *, title: str = "Test-ASN", epoch: int = 1_790_000_000) -> bytes:
    """Return a database of these networks; IPv4 ones lie under ::/96."""
    nodes: list[list[int | None]] = [[None, None]]
    data = bytearray()
    for text, record in networks.items():
        net = ipaddress.ip_network(text)
        base, depth = int(net.network_address), net.prefixlen + (96 if net.version == 4 else 0)
        at = 0
        for bit in range(depth):
            side = base >> (127 - bit) & 1
            if bit == depth - 1:
                nodes[at][side] = -1 - len(data)
            else:
                if nodes[at][side] is None:
                    nodes.append([None, None])
                    nodes[at][side] = len(nodes) - 1
                found = nodes[at][side]
                assert found is not None
                at = found
        data += _encode(record)
    count = len(nodes)

    def pointer(one: int | None) -> int:
        return count if one is None else one if one >= 0 else count + 16 + (-1 - one)

    tree = b"".join(
        (left & 0xFFFFFF).to_bytes(3, "big")
        + bytes([(left >> 24 & 15) << 4 | right >> 24 & 15])
        + (right & 0xFFFFFF).to_bytes(3, "big")
        for left, right in ((pointer(a), pointer(b)) for a, b in nodes)
    )
    about = {
        "node_count": count, "record_size": 28, "ip_version": 6, "database_type": title, "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": epoch,
        "description": {"en": "made for a test"},
    }  # fmt: skip
    return tree + bytes(16) + bytes(data) + b"\xab\xcd\xefMaxMind.com" + _encode(about)
