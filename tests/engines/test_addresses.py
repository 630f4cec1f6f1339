"""Addresses in an engine: filters show the same events, and the functions give the same, as in a case of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.case.test_filter import LOGGED, SHOWN, case_of, shown
from tests.engines.conftest import ENGINES
from tests.test_addresses import NONE, SAME
from workbench import addresses
from workbench.case import Case
from workbench.case.filter import parse_filter
from workbench.engines.attachment import attach, use
from workbench.engines.segments import write_segments
from workbench.engines.translate import Untranslatable

#: What engines take for an address, or write, in a way of their own.
ODD = (
    "::1.2.3.4", "::102:304", "::1:0", "::7", "1:0:2:3:4:5:6:7", "2001:db8:0:0:1:0:0:1", "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "255.255.255.255", "::ffff:0:0",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)  # fmt: skip
FUNCTIONS = """
client_ip, wb_ip_bare(client_ip) AS bare, wb_ip_key(client_ip) AS key, wb_ip_address(client_ip) AS address,
wb_ip_network(client_ip, 24, 48) AS network, wb_ip_network(client_ip, 11, 37) AS odd_network,
wb_ip_network_key(client_ip, 24, 48) AS network_key"""
#: Spark takes seconds for more.
FOR_SPARK = ("ip:2001:db8::/36", "ip:203.0.113.0/24", "-ip:2001:db8::/32")


def query(lines: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Return SQL for the functions of every address and whether each filter line shows it, and the bound values."""
    columns = [FUNCTIONS]
    values: dict[str, object] = {}
    for number, line in enumerate(lines):
        chosen = parse_filter(line)
        columns.append(f"({chosen.sql.replace('$wb_f', f'$wb_{number}_f')}) AS f{number}")
        values |= {name.replace("wb_f", f"wb_{number}_f"): value for name, value in chosen.values.items()}
    return f"SELECT {', '.join(columns)} FROM event ORDER BY line", values


@pytest.mark.parametrize("url", ENGINES)
def test_functions_and_filters_are_those_of_a_case_of_ones_own(url: str, tmp_path: Path) -> None:
    texts = [text for spellings in SAME.values() for text in spellings] + [*ODD, *NONE]
    logged = LOGGED | {f"z{n}": text for n, text in enumerate(texts) if text.isprintable()}
    sql, values = query(list(SHOWN) if url == "chdb://" else FOR_SPARK)
    with case_of(tmp_path, logged) as near:
        write_segments(near, tmp_path / "segments")
        here = near.query(sql, values).rows
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, str(tmp_path / "segments"))
        there = far.query(sql, values).rows
        if url == "chdb://":
            assert len(shown(far, ["ip:2001:db8::/64"])["ip:2001:db8::/64"]) > 2
            with pytest.raises(Untranslatable, match="wb_ip_network wants address, prefix4, prefix6"):
                far.ask("SELECT wb_ip_network(client_ip) FROM event")
    assert there == here
    assert [row[2] for row in here] == [addresses.key(row[0]) if row[0] else None for row in here]
    assert len({row[2] for row in here}) > 20 and len({row[7:] for row in here}) > 3
