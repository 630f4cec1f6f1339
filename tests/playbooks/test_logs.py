"""Playbooks about servers, clouds and the logs themselves, each asked of a small log made for it."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

from workbench.case import Case
from workbench.ingest import load

from .actors import World, at
from .conftest import Ask, Row, answer

PHONE, TOOL = "Mozilla/5.0 (phone)", "python-requests/2.27"


def hit(minute: float, client: str, path: str, status: int = 200, **more: Any) -> Row:
    """Return one request of an access log."""
    base: Row = {"ts": at(minute=minute), "client_ip": client, "path": path, "status": status, "method": "GET"}
    return {**base, "user_agent": PHONE, "bytes_out": 2000, **more}


def readers() -> list[Row]:
    """Ordinary visitors of a web site, some of whom follow broken links."""
    return [
        hit(7 * n, f"198.51.100.{n % 20}", "/old" if n % 25 == 0 else f"/page/{n}", 404 if n % 25 == 0 else 200)
        for n in range(400)
    ]


def by(rows: list[Row], column: str) -> dict[object, Row]:
    """Return rows by the value of a column."""
    return {row[column]: row for row in rows}


# --- web servers -------------------------------------------------------------------------------------------------


def test_scanners_and_what_was_answered(ask: Ask) -> None:
    probes = ["/.env", "/.git/config", "/wp-login.php", "/phpmyadmin/"]
    rows = readers() + [hit(n, "203.0.113.5", path, 404, user_agent=TOOL) for n, path in enumerate(probes)]
    rows += [hit(n, "203.0.113.6", path, 200 if n == 1 else 404) for n, path in enumerate(probes)]
    rows += [hit(n, "198.51.100.3", "/environment/page", 404) for n in range(9)]
    found = ask(rows, "scanners")
    assert [(row["client_ip"], row["probes"], row["probes_answered"]) for row in found] == [
        ("203.0.113.6", 4, 1),
        ("203.0.113.5", 4, 0),
    ]


def test_path_traversal(ask: Ask) -> None:
    rows = readers()
    rows += [hit(1, "203.0.113.5", "/get?f=../../../../etc/passwd", 200, bytes_out=1800)]
    rows += [
        hit(2, "203.0.113.6", "/%2e%2e/%2e%2e/etc/shadow", 400),
        hit(3, "203.0.113.6", "/?q=1+UNION+SELECT+x", 403),
    ]
    rows += [
        hit(4, "198.51.100.1", "/search?q=student+union+opening+hours"),
        hit(5, "198.51.100.2", "/docs/etc/readme"),
    ]
    found = ask(rows, "path_traversal")
    assert [(row["client_ip"], row["answered"], row["attempts"]) for row in found] == [
        ("203.0.113.5", 1, 1),
        ("203.0.113.6", 0, 2),
    ]
    assert found[0]["largest_answer"] == 1800 and "etc/passwd" in found[0]["a_path"]


def test_http_brute_force_from_one_side_and_from_many(ask: Ask) -> None:
    rows = readers()
    rows += [hit(n / 10, "203.0.113.5", "/login", 401, method="POST") for n in range(40)]
    rows += [hit(5, "203.0.113.5", "/login", 302, method="POST")]
    rows += [hit(n, f"203.0.114.{n % 15}", "/token", 401, method="POST") for n in range(60)]
    rows += [
        hit(9, "198.51.100.4", "/login", 401, method="POST"),
        hit(10, "198.51.100.4", "/login", 302, method="POST"),
    ]
    found = by(ask(rows, "http_brute_force"), "client_ip")
    assert found["203.0.113.5"]["accepted_afterwards"] and found["203.0.113.5"]["refused"] == 40
    assert len([client for client in found if str(client).startswith("203.0.114.")]) == 15
    assert "198.51.100.4" not in found  # mistyped once


def test_failed_logins_over_ssh_and_http(tmp_path: Path) -> None:
    lines = []
    for n in range(30):  # two lines about each attempt
        head = f"May  4 10:00:{n:02} gate sshd[7]:"
        lines += [
            f"{head} Invalid user admin{n} from 203.0.113.5 port 4{n}",
            f"{head} Failed password for invalid user admin{n} from 203.0.113.5 port 4{n} ssh2",
        ]
    for n in range(12):
        lines.append(f"May  4 11:00:{n:02} gate sshd[8]: Failed password for root from 203.0.113.6 port 1 ssh2")
    lines.append("May  4 11:01:00 gate sshd[8]: Accepted password for root from 203.0.113.6 port 1 ssh2")
    for n in range(2):
        lines.append(f"May  4 12:00:{n:02} gate sshd[9]: Failed password for ana from 198.51.100.4 port 1 ssh2")
    lines.append("May  4 12:01:00 gate sshd[9]: Accepted password for ana from 198.51.100.4 port 1 ssh2")
    (tmp_path / "auth.log").write_text("\n".join(lines) + "\n")
    with Case.create(tmp_path / "ssh.case") as case:
        load(case, [str(tmp_path / "auth.log")])
        found = answer(case, "failed_logins")
    assert [(row["client_ip"], row["failures"], row["succeeded_afterwards"]) for row in found] == [
        ("203.0.113.6", 12, True),
        ("203.0.113.5", 30, False),
    ]
    assert found[1]["names_tried"] == 30


def test_error_bursts(ask: Ask) -> None:
    rows = readers()
    rows += [hit(100 + n / 60, "203.0.113.5", "/x", 404) for n in range(30)]
    rows += [hit(200 + n / 60, f"198.51.100.{n}", "/y", 503) for n in range(30)]
    found = ask(rows, "error_bursts")
    assert [(row["errors"], row["commonest"]) for row in found] == [(30, "404"), (30, "503")]
    assert found[0]["clients_about"] == 1 and 25 <= found[1]["clients_about"] <= 35


def test_rare_clients(ask: Ask) -> None:
    rows = readers() + [hit(n, "203.0.113.5", "/x", 404, user_agent="sqlmap/1.7") for n in range(12)]
    rows += [hit(1, "203.0.113.6", "/", user_agent="once/1")]
    found = ask(rows, "rare_user_agents")
    assert [(row["user_agent"], row["requests"], row["error_percent"]) for row in found] == [("sqlmap/1.7", 12, 100)]


def test_exfiltration(ask: Ask) -> None:
    rows = [hit(1440 * day + n, "198.51.100.7", "/backup", bytes_out=20_000_000) for day in range(7) for n in range(3)]
    rows += [hit(1440 * day, "198.51.100.8", "/page", bytes_out=50_000) for day in range(7)]
    rows += [hit(1440 * 5 + n, "198.51.100.8", f"/export/{n}", bytes_out=30_000_000) for n in range(10)]
    found = ask(rows, "exfiltration")
    assert [(row["entity"].split()[0], str(row["day"]), row["requests"]) for row in found] == [
        ("198.51.100.8", "2026-05-09", 11)  # the backup is as large every day
    ]


# --- clouds ------------------------------------------------------------------------------------------------------


def cloud_case(tmp_path: Path) -> Case:
    """CloudTrail of a thief who looks around from a region never used, and of an administrator."""
    records: list[dict[str, object]] = []

    def call(minute: float, who: str, name: str, region: str = "eu-central-1", **more: object) -> None:
        records.append({
            "eventTime": at(minute=minute), "eventSource": f"{name[-3:].lower()}.amazonaws.com", "eventName": name,
            "awsRegion": region, "sourceIPAddress": "203.0.113.5" if who == "deploy" else "198.51.100.1",
            "userAgent": "aws-cli/2", "eventID": f"e{len(records)}",
            "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::1:user/{who}", "accessKeyId": "AKIA1"}, **more,
        })  # fmt: skip

    for n in range(400):
        call(5 * n, "deploy" if n % 2 else "admin", ("PutObject", "GetObject", "RunInstances")[n % 3])
    looks = "ListBuckets ListUsers GetCallerIdentity DescribeInstances ListRoles GetAccountSummary ListPolicies"
    looks += " DescribeVpcs ListSecrets DescribeTrails ListKeys GetBucketAcl"
    for n, name in enumerate(looks.split()):
        denied = {"errorCode": "AccessDenied"} if n % 2 else {}
        call(600 + n, "deploy", name, region="ap-south-1", **denied)
    call(615, "deploy", "CreateAccessKey", region="ap-south-1", requestParameters={"userName": "backdoor"})
    call(616, "deploy", "StopLogging", region="ap-south-1", errorCode="AccessDenied")
    path = tmp_path / "trail.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    case = Case.create(tmp_path / "cloud.case")
    load(case, [str(path)])
    return case


def test_clouds(tmp_path: Path) -> None:
    with cloud_case(tmp_path) as case:
        recon = answer(case, "cloud_reconnaissance")
        assert [(row["account"], row["denied"]) for row in recon] == [("arn:aws:iam::1:user/deploy", 6)]
        assert recon[0]["different_calls"] >= 12
        keys = answer(case, "new_access_keys")
        assert [(row["operation"], row["result"], row["object"]) for row in keys] == [
            ("CreateAccessKey", "allowed", "backdoor"),
            ("StopLogging", "AccessDenied", None),
        ]
        regions = answer(case, "unusual_regions", max_percent=5)
        assert [(row["entity"], row["region"], row["events"]) for row in regions] == [
            ("arn:aws:iam::1:user/deploy", "ap-south-1", 14)
        ]


def test_from_a_country_beside_ones_own(ask: Ask) -> None:
    rows = [{"ts": at(minute=n), "account": "ana", "country": "DE"} for n in range(200)]
    rows += [{"ts": at(minute=n), "account": "ana", "country": "VN"} for n in range(2)]
    rows += [{"ts": at(minute=n), "account": "kim", "country": "KR"} for n in range(3)]  # who lives there
    assert [(row["entity"], row["region"]) for row in ask(rows, "unusual_regions")] == [("ana", "VN")]


# --- coverage ----------------------------------------------------------------------------------------------------


def test_systematic_coverage(ask: Ask) -> None:
    world, dice = World(3), random.Random(4)
    favourites = [world.word() + "sion" for _ in range(14)]
    for n in range(60):
        world.ask(
            "coverer",
            at(n / 8),
            f"Explain in depth to a specialist about {world.word()}xxx {world.word()}xxx {world.word()}xxx",
        )
        world.ask(
            "returner", at(n / 8), f"Explain in depth to a specialist about {' '.join(dice.sample(favourites, 3))}"
        )
        world.ask(
            "repeater", at(n / 8), f"Explain in depth to a specialist about {favourites[n % 4]} and {favourites[n % 4]}"
        )
    assert [row["account"] for row in ask(world.rows, "systematic_coverage")] == ["coverer"]


# --- the logs themselves -----------------------------------------------------------------------------------------


def test_gaps(ask: Ask) -> None:
    rows = [hit(n, "198.51.100.1", "/") for n in range(600) if not 200 <= n < 440]
    found = ask(rows, "gaps")
    assert [(row["gap_hours"], row["source"]) for row in found] == [(4.02, 1)]
    assert ask(rows, "gaps", min_hours=5) == []


def test_clock_jumps(ask: Ask) -> None:
    rows = [hit(n, "198.51.100.1", "/") for n in range(1000)]
    late = [hit(n - 3, "198.51.100.1", "/") if n % 50 == 0 else row for n, row in enumerate(rows)]  # long requests
    assert ask(late, "clock_jumps") == []
    back = rows[:500] + [hit(n - 60, "198.51.100.1", "/") for n in range(500, 1000)]
    found = ask(back, "clock_jumps")
    assert [(row["line"], row["line_before"], row["minutes_back"]) for row in found] == [(501, 500, 59)]


def test_duplicates(ask: Ask) -> None:
    world = World(1)
    for n in range(300):
        world.ask("ana", at(0, 0, n), world.words(4))
    other = World(2)
    for n in range(100):
        other.ask("bob", at(1, 0, n), other.words(4), request_id=f"x{n}")
    found = ask([world.rows, other.rows + world.rows[:120]], "duplicates")
    assert [(row["first_file"], row["also_in"], row["repeated"], row["with_request_id"]) for row in found] == [
        ("rows0.ndjson", "rows1.ndjson", 120, 120)
    ]
    assert ask([world.rows, other.rows], "duplicates") == []


def test_rejects_and_accounting(tmp_path: Path) -> None:
    good = [json.dumps({"ts": at(minute=n), "user": "ana", "msg": "hello"}) for n in range(50)]
    (tmp_path / "app.ndjson").write_text("\n".join([*good[:20], '{"ts": "2026-05', "", *good[20:], '{"cut": ']) + "\n")
    with Case.create(tmp_path / "bad.case") as case:
        load(case, [str(tmp_path / "app.ndjson")])
        rejected = answer(case, "rejects_by_reason")
        assert sum(row["rejected"] for row in rejected) == 2
        assert min(row["first_line"] for row in rejected) == 21
        [row] = answer(case, "what_was_loaded")
        assert (row["file"], row["lines"], row["event_lines"], row["rejects"], row["skipped"]) == (
            "app.ndjson",
            53,
            50,
            2,
            1,
        )


def test_missing_columns(ask: Ask) -> None:
    rows = [hit(n, "198.51.100.1", "/", account="ana" if n % 4 == 0 else None) for n in range(100)]
    found = by(ask(rows, "missing_columns"), "field")
    assert (found["path"]["filled_percent"], found["account"]["filled_percent"]) == (100, 25)
    assert found["prompt"]["filled_percent"] == 0 and "templates" in str(found["prompt"]["serves"])


def test_a_sample_can_be_asked_for_and_is_the_same_each_time(ask: Ask) -> None:
    world = World(9)
    for n in range(2000):
        world.ask(f"user{n % 4}", at(n / 200), f"Please think it through: {world.words(3)}")
    whole, part = ask(world.rows, "step_by_step"), ask(world.rows, "step_by_step", every=4)
    assert [row["prompts"] for row in whole] == [500] * 4
    assert all(60 < row["prompts"] < 190 and row["asked_percent"] == 100 for row in part)
    assert ask(world.rows, "step_by_step", every=4) == part
