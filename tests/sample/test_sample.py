"""The sample generator: its bytes repeat, its logs agree with each other, its story is what the README tells."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UsageError
from workbench.sample import SampleSummary, write
from workbench.sample.cast import Cast
from workbench.sample.hours import DAY, END, RELEASE, START

COMMITTED = Path(__file__).parents[2] / "sample_logs"
COMBINED = re.compile(r'(\S+) - (\S+) \[([^\]]+)\] "(.*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)"')
FILES = ("README.md", "auth.log", "front-access.log", "front-access.log.1.gz", "gateway.ndjson.gz", "labels.csv")


def content(path: Path) -> bytes:
    # How well zlib packs differs between its builds; what is packed does not.
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    folder = tmp_path_factory.mktemp("sample") / "made" / "here"
    return folder, write(folder, seed=3, requests=1500, accounts=60)


@pytest.fixture(scope="module")
def rows(small: tuple[Path, SampleSummary]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content(small[0] / "gateway.ndjson.gz").decode().splitlines()]


@pytest.fixture(scope="module")
def labels(small: tuple[Path, SampleSummary]) -> dict[str, dict[str, str]]:
    with (small[0] / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["account"]: row for row in csv.DictReader(file)}


def access(folder: Path) -> list[tuple[str, ...]]:
    lines = (content(folder / "front-access.log.1.gz") + content(folder / "front-access.log")).decode().splitlines()
    found = [COMBINED.fullmatch(line) for line in lines]
    assert all(found)
    return [match.groups() for match in found if match]


def test_the_committed_sample_is_what_the_defaults_make(tmp_path: Path) -> None:
    write(tmp_path)
    assert sorted(path.name for path in COMMITTED.iterdir()) == sorted(FILES)
    for name in FILES:
        assert content(tmp_path / name) == content(COMMITTED / name), name
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 5_000_000


def test_the_same_arguments_give_the_same_bytes(small: tuple[Path, SampleSummary], tmp_path: Path) -> None:
    folder, _ = small
    write(tmp_path / "again", seed=3, requests=1500, accounts=60)
    write(tmp_path / "other", seed=4, requests=1500, accounts=60)
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    assert content(tmp_path / "other" / "gateway.ndjson.gz") != content(folder / "gateway.ndjson.gz")


def test_the_summary_says_what_was_written(
    small: tuple[Path, SampleSummary], rows: list[dict[str, Any]], labels: dict[str, dict[str, str]]
) -> None:
    folder, summary = small
    assert sorted(path.name for path in summary.paths) == sorted(FILES)
    assert all(path.parent == folder and path.exists() for path in summary.paths)
    assert summary.requests == len(rows)
    assert 1200 < len(rows) < 1900
    assert summary.accounts == len(labels) == 60
    assert summary.campaign_accounts == sum(1 for row in labels.values() if row["campaign"]) == 9


def test_every_account_asks_and_is_labelled(rows: list[dict[str, Any]], labels: dict[str, dict[str, str]]) -> None:
    assert {row["user"] for row in rows} == set(labels)
    assert all((row["kind"] == "distillation") == bool(row["campaign"]) for row in labels.values())


def test_requests_come_in_the_order_of_time(rows: list[dict[str, Any]]) -> None:
    starts = [row["startTime"] for row in rows]
    assert starts == sorted(starts)
    assert all(re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["startTime"]) for row in rows)
    assert all(row["endTime"] > row["startTime"] for row in rows)
    assert len({row["request_id"] for row in rows}) == len(rows)


def test_a_failed_request_has_an_error_and_no_answer(rows: list[dict[str, Any]]) -> None:
    failed = [row for row in rows if row["status"] == "failure"]
    assert failed
    for row in failed:
        assert row["error_str"]
        assert row["response"] is None
        assert row["total_tokens"] == row["spend"] == 0
        assert row["metadata"]["error_information"]["error_code"] in {"400", "429", "500", "502", "503", "504"}
    assert all(
        row["total_tokens"] == row["prompt_tokens"] + row["completion_tokens"] and "error_str" not in row
        for row in rows
        if row["status"] == "success"
    )


def test_each_request_has_a_question(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert [message["content"] for message in row["messages"] if message["role"] == "user"][-1].strip()
        assert not any(re.search(r"\{#\d| => [a-z.]+$", message["content"]) for message in row["messages"])


def test_the_access_log_has_the_same_requests(small: tuple[Path, SampleSummary], rows: list[dict[str, Any]]) -> None:
    paths = ("POST /v1/chat/completions", "POST /v1/embeddings", "POST /api/chat/completions")
    calls = [line for line in access(small[0]) if line[3].startswith(paths) and line[4] != "401"]
    assert Counter(line[0] for line in calls) == Counter(row["requester_ip_address"] for row in rows)
    assert Counter(line[7] for line in calls) == Counter(row["metadata"]["user_agent"] for row in rows)
    assert sum(line[4] != "200" for line in calls) == sum(row["status"] == "failure" for row in rows)


def test_the_access_log_is_in_order_and_rotated(small: tuple[Path, SampleSummary]) -> None:
    times = [datetime.strptime(line[2], "%d/%b/%Y:%H:%M:%S %z") for line in access(small[0])]
    assert times == sorted(times)
    newer = content(small[0] / "front-access.log").decode()
    assert "/May/2026" in newer
    assert "/Apr/2026" not in newer


def test_the_access_log_has_scanners_and_people(small: tuple[Path, SampleSummary]) -> None:
    requests = [line[3] for line in access(small[0])]
    for wanted in ("/.env", "wp-login.php", "etc/passwd", "/console/", "/healthz", "/blog/atlas-4"):
        assert any(wanted in request for request in requests), wanted


def test_the_host_log_is_syslog_in_order_with_one_burst(small: tuple[Path, SampleSummary]) -> None:
    lines = (small[0] / "auth.log").read_text(encoding="utf-8").splitlines()
    shape = re.compile(r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) front-01 (sshd\[\d+\]|CRON\[\d+\]|sudo): (.+)")
    found = [match for match in map(shape.fullmatch, lines) if match]
    assert len(found) == len(lines)
    times = [datetime.strptime(f"2026 {match[1]}", "%Y %b %d %H:%M:%S") for match in found]
    assert times == sorted(times)
    failed = Counter(match[1] for line in lines if (match := re.search(r"Failed password .* from (\S+) port", line)))
    assert sum(count >= 50 for count in failed.values()) == 4
    assert any("Accepted publickey" in line for line in lines)


def test_gzip_headers_hold_neither_time_nor_name(small: tuple[Path, SampleSummary]) -> None:
    for name in ("gateway.ndjson.gz", "front-access.log.1.gz"):
        head = (small[0] / name).read_bytes()[:10]
        assert head[3] == 0
        assert head[4:8] == b"\0\0\0\0"


def test_volume_alone_does_not_find_the_campaign() -> None:
    cast = Cast(seed=7, requests=12000, accounts=240, share=0.15)
    volume = sorted(
        ((len(ticks), bool(account.campaign)) for account, ticks in zip(cast.accounts, cast.ticks, strict=True)),
        reverse=True,
    )
    assert sum(hostile for _, hostile in volume[:36]) == 0
    assert sum(hostile for _, hostile in volume) == 36


def test_the_campaign_turns_to_the_new_model_within_a_day() -> None:
    cast = Cast(seed=7, requests=12000, accounts=240, share=0.15)
    new: Counter[bool] = Counter()
    every: Counter[bool] = Counter()
    for request in cast.requests():
        assert START <= request.ms < END
        if request.ms < RELEASE:
            assert request.model != "atlas-4"
        elif request.ms < RELEASE + DAY:
            hostile = bool(request.account.campaign)
            every[hostile] += 1
            new[hostile] += request.model == "atlas-4"
    assert new[True] / every[True] > 0.5
    assert 0 < new[False] / every[False] < 0.4


@pytest.mark.parametrize("accounts", [1, 7, 25])
def test_any_number_of_accounts_makes_a_sample(tmp_path: Path, accounts: int) -> None:
    summary = write(tmp_path, seed=1, requests=100, accounts=accounts)
    assert summary.accounts == accounts
    assert summary.requests >= accounts


def test_no_share_means_no_campaign(tmp_path: Path) -> None:
    assert write(tmp_path, seed=2, requests=300, accounts=40, share=0.0).campaign_accounts == 0


@pytest.mark.parametrize("wrong", [{"accounts": 0}, {"requests": 0}, {"share": 1.0}, {"share": -0.1}])
def test_numbers_that_make_no_sample_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        write(tmp_path / "none", **wrong)
    assert not (tmp_path / "none").exists()


def test_benchmarks_can_mix_in_more_kinds_without_changing_the_sample() -> None:
    from workbench.sample.campaigns import CAMPAIGNS
    from workbench.sample.campaigns import MORE as CAMPAIGNS_BESIDES
    from workbench.sample.people import HONEST
    from workbench.sample.people import MORE as HONEST_BESIDES

    cast = Cast(
        seed=5, requests=2500, accounts=160, share=0.3,
        honest=(*HONEST, *HONEST_BESIDES), campaigns=(*CAMPAIGNS, *CAMPAIGNS_BESIDES),
    )  # fmt: skip
    kinds = Counter(account.campaign.rpartition("-")[0] or account.kind for account in cast.accounts)
    assert {kind.name for kind in (*CAMPAIGNS_BESIDES, *HONEST_BESIDES)} <= set(kinds)
    seen: dict[str, set[str]] = {}
    for request in cast.requests():
        seen.setdefault(request.account.campaign, set()).add(request.agent)
    stolen = next(account for account in cast.accounts if account.campaign == "takeover-1")
    assert stolen.intruder is not None and stolen.intruder[1] in seen["takeover-1"]
