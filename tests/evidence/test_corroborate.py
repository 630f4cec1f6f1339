"""Two records of the same traffic: what is confirmed, what only one has, what contradicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.case.filter import parse_filter
from workbench.errors import UsageError
from workbench.evidence.corroborate import corroborate, could_confirm
from workbench.ingest import load

START = datetime(2026, 5, 1, 10)
CLOCK = timedelta(seconds=37)


def moment(n: int) -> datetime:
    return START + timedelta(seconds=11 * n + n * n % 9)


def gateway(*, ids: bool) -> list[dict[str, object]]:
    """Return 120 requests of six accounts; each takes as long as it is big."""
    return [
        {
            "time": f"{moment(n):%Y-%m-%dT%H:%M:%SZ}",
            "user": f"user-{n % 6}",
            "client_ip": f"203.0.113.{n % 6}",
            "status": 200 if n % 10 else 429,
            "bytes_sent": 500 + n % 7,
            "method": "POST",
            "path": "/v1/chat",
            "output_tokens": 10 * n,
            **({"request_id": f"r-{n}"} if ids else {}),
        }
        for n in range(120)
    ]


def access_line(n: int) -> str:
    when = moment(n) + CLOCK
    status = 200 if n % 10 else 429
    asked = f'[{when:%d/%b/%Y:%H:%M:%S} +0000] "POST /v1/chat HTTP/1.1" {status} {500 + n % 7}'
    return f'203.0.113.{n % 6} - - {asked} "-" "sdk"'


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case.create(tmp_path / "two.case") as made:
        yield made


def add(case: Case, tmp_path: Path, name: str, lines: list[str]) -> None:
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    assert not [one.error for one in load(case, [str(tmp_path / name)]) if one.error]


def as_lines(records: list[dict[str, object]]) -> list[str]:
    return [json.dumps(one) for one in records]


def test_ids_decide_and_contradictions_are_named(case: Case, tmp_path: Path) -> None:
    add(case, tmp_path, "gateway.ndjson", as_lines(gateway(ids=True)))
    billing = gateway(ids=True)
    billing[5]["output_tokens"] = 999_999
    billing[6]["user"] = "somebody-else"
    billing[7]["time"] = "2026-05-01T10:15:00Z"
    del billing[50:60]
    billing.insert(20, {**billing[20], "request_id": "only-billed"})
    add(case, tmp_path, "billing.ndjson", as_lines(billing))
    found = corroborate(case, "1", "2")
    assert found.matched_by == "request_id" and found.offset == 0
    assert (found.confirmed, found.contradicted, found.only_first, found.only_second) == (107, 3, 10, 1)
    assert dict(found.differs) == {"account": 1, "output_tokens": 1, "time": 1}
    said = found.said_of("user-0") or ""
    assert said.startswith("18 of 20 requests of 1 (90 %) are confirmed by 2, matched by request_id; ")
    assert found.said_of("nobody") is None
    assert sum(row[1] for row in found.hours) == 107


def test_without_ids_time_address_status_and_size_decide_across_clocks_that_differ(case: Case, tmp_path: Path) -> None:
    add(case, tmp_path, "gateway.ndjson", as_lines(gateway(ids=False)))
    lines = [access_line(n) for n in range(120) if not 40 <= n < 48]
    lines.insert(10, lines[10].replace("203.0.113.4", "198.51.100.99"))
    add(case, tmp_path, "access.log", lines)
    found = corroborate(case, "ndjson", "access_log", where_second=parse_filter("method:POST"))
    assert found.matched_by == "time, client_ip, status, bytes_out, method"
    assert found.offset == 37
    assert (found.confirmed, found.contradicted, found.only_first, found.only_second) == (112, 0, 8, 1)
    assert found.outside == (0, 0)
    assert [row[0] for row in found.entities if row[4]] == ["198.51.100.99 sdk"]


def test_made_up_events_are_not_confirmed(case: Case, tmp_path: Path) -> None:
    """One side claims three times the traffic of an account that the other never saw."""
    records = gateway(ids=False)
    records += [{**one, "user": "framed", "client_ip": "192.0.2.66"} for one in records[::2]]
    add(case, tmp_path, "gateway.ndjson", as_lines(records))
    add(case, tmp_path, "access.log", [access_line(n) for n in range(120)])
    found = corroborate(case, "1", "2")
    assert (found.said_of("framed") or "").startswith("0 of 58 requests"), "two lie before the other record begins"
    assert found.confirmed == 120


def test_what_cannot_be_compared_is_said(case: Case, tmp_path: Path) -> None:
    add(case, tmp_path, "gateway.ndjson", as_lines(gateway(ids=True)))
    add(case, tmp_path, "app.log", ["2026-05-01T10:00:00Z host app[1]: hello"])
    for first, second, says in (
        ("1", "1", "itself"),
        ("1", "9", "no source 9"),
        ("1", "cloudtrail", "no source's number and no format"),
        ("1", "2", "nothing in common"),
    ):
        with pytest.raises(UsageError, match=says):
            corroborate(case, first, second)
    with pytest.raises(UsageError, match="no events with times"):
        corroborate(case, "1", "2", where_first=parse_filter("account:nobody"))


def test_the_sample_logs_corroborate_each_other(sample_case: Case) -> None:
    found = corroborate(sample_case, "litellm", "access_log")
    total = found.confirmed + found.contradicted + found.only_first
    assert found.confirmed == total > 10_000


def test_what_could_confirm_an_entity_is_named_before_it_was_compared(case: Case, tmp_path: Path) -> None:
    add(case, tmp_path, "gateway.ndjson", [json.dumps(one) for one in gateway(ids=False)])
    (alone,) = could_confirm(case, "account", "user-1")
    assert "no other log of this case" in alone
    add(case, tmp_path, "access.log", [access_line(n) for n in range(120)])
    formats = {one.format for one in case.sources()}
    other = next(name for name in formats if name == "access_log")
    (one,) = could_confirm(case, "account", "user-1")
    assert f"{other} covers some of the same time" in one and "client_ip, status, bytes_out, method too" in one
    first, second = one.split()[-2:]
    found = corroborate(case, first, second)
    assert found.said_of("user-1") and "20 of 20 requests" in str(found.said_of("user-1"))
    assert could_confirm(case, "account", "nobody")[0].startswith("no other log")
