"""The filter line on addresses: a network holds its addresses in every spelling, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.case.browse import build_index, read_events
from workbench.case.filter import FilterError, parse_filter
from workbench.ingest import load

#: As servers, proxies and people write them; the account of each is its letter.
LOGGED = {
    "a": "2001:db8::7",
    "b": "2001:db8:0:0:0:0:0:8",
    "c": "2001:0DB8:0:1::9",
    "d": "2001:db8:f000::1",
    "e": "2001:db9::7",
    "f": "203.0.113.7",
    "g": "::ffff:203.0.113.9",
    "h": "203.0.114.1",
    "i": "AWS Internal",
    "j": None,
    "k": "fe80::1%eth0",
    "l": "::ffff:cb00:7108",
    "m": "64:ff9b::203.0.113.7",
}
#: Filter lines and whose events they show.
SHOWN = {
    "ip:2001:db8::/64": "ab",
    "ip:2001:db8::7/128": "a",
    "ip:2001:db8:0:1::/64": "c",
    "ip:2001:db8::/36": "abc",
    "ip:2001:db8::/32": "abcd",
    "ip:2001:DB8::/31": "abcde",
    "ip:2001:db8::8": "b",
    "ip:2001:db8:0::0:8": "b",
    "ip:[2001:db8:0:1::9]:443": "c",
    "ip:FE80::1": "k",
    "ip:203.0.113.0/24": "fgl",
    "ip:203.0.113.8/30": "gl",
    "ip:203.0.112.0/22": "fghl",
    "ip:192.0.0.0/4": "fghl",
    "ip:203.0.113.9": "g",
    "ip:::ffff:203.0.113.8": "l",
    "ip:::ffff:203.0.113.0/120": "fgl",
    "ip:64:ff9b::/96": "m",
    "ip:64:ff9b::cb00:7107": "m",
    "ip:::/0": "abcdekm",
    "ip:0.0.0.0/0": "fghl",
    "-ip:2001:db8::/32": "efghijklm",
    "ip!=2001:db8::/32": "efghijklm",
    'ip:"AWS Internal"': "i",
    "ip:AWS*": "i",
    "ip:none": "j",
    "ip!=none -ip:::/0 -ip:0.0.0.0/0": "i",
    "ip:198.51.100.0/24": "",
    "ip:2001:db8::/64 account:a": "a",
}  # fmt: skip


def case_of(folder: Path, logged: dict[str, str | None]) -> Case:
    """Return a new case of a log with these addresses, as they are logged."""
    lines = [
        json.dumps({"time": f"2026-05-01T10:00:{n:02}Z", "account": account, "sourceIPAddress": address})
        for n, (account, address) in enumerate(logged.items())
    ]
    (folder / "log.ndjson").write_text("\n".join(lines))
    case = Case.create(folder / "v6.case")
    load(case, [str(folder / "log.ndjson")])
    return case


def shown(case: Case, lines: Sequence[str]) -> dict[str, str]:
    """Return whose events each filter line shows."""
    found = {}
    for line in lines:
        index = build_index(case, parse_filter(line))
        found[line] = "".join(row[0] for row in read_events(case, index, ["account"], 0, 30))
    return found


def test_a_network_or_an_address_shows_its_events_however_they_were_logged(tmp_path: Path) -> None:
    with case_of(tmp_path, LOGGED) as case:
        kept = case.query("SELECT account, client_ip FROM event ORDER BY account").rows
        assert dict(kept) == LOGGED
        assert shown(case, list(SHOWN)) == SHOWN


@pytest.mark.parametrize(
    ("line", "said", "column"),
    [
        ("ip:2001:db8::/200", "'200' is not a prefix of IPv6: it has 0 to 128 bits", 0),
        ("model:x ip:10.0.0.0/33", "'33' is not a prefix of IPv4: it has 0 to 32 bits", 8),
        ("ip:10.0.0/8", "is not a network such as 203.0.113.0/24 or 2001:db8::/32", 0),
        ("ip>10.0.0.0", "addresses are compared with a network: ip:203.0.113.0/24", 0),
    ],
)
def test_a_mistaken_network_is_refused_and_says_what_is_wrong(line: str, said: str, column: int) -> None:
    with pytest.raises(FilterError) as error:
        parse_filter(line)
    assert said in str(error.value) and error.value.column == column
