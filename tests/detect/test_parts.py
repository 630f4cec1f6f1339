"""The parts that a court would ask about: calibration, communities, which innocent explanations fit."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from workbench.case import Case
from workbench.detect import triage
from workbench.detect.calibrate import q_values
from workbench.detect.communities import communities, core
from workbench.ingest import load


def test_innocent_scores_of_the_assumed_shape_are_hardly_ever_flagged() -> None:
    dice = Random(5)
    flagged = 0
    for _ in range(40):
        scores = [dice.expovariate(1 / 0.3) for _ in range(1000)]
        flagged += any(q <= 0.05 for q in q_values(scores, 13.5))
    assert flagged <= 2


def test_q_values_hold_when_a_fifth_belongs_to_campaigns() -> None:
    dice = Random(6)
    innocent = [dice.expovariate(1 / 0.3) for _ in range(1600)]
    hostile = [dice.gauss(7, 1) for _ in range(400)]
    q = q_values([*innocent, *hostile], 13.5)
    assert sum(value <= 0.05 for value in q[1600:]) >= 390
    assert sum(value <= 0.05 for value in q[:1600]) <= 20


def test_q_values_never_rise_with_the_score() -> None:
    scores = [3.0, 1.0, 0.2, 5.0, 0.1, 0.1, 2.0]
    q = dict(zip(scores, q_values(scores, 13.5), strict=True))
    assert [q[score] for score in sorted(q)] == sorted(q.values(), reverse=True)
    assert q_values([], 13.5) == []


def test_a_chance_link_does_not_glue_two_groups() -> None:
    left = [(f"a{i}", f"a{j}", 4.0) for i in range(8) for j in range(i)]
    right = [(f"b{i}", f"b{j}", 4.0) for i in range(8) for j in range(i)]
    found = communities([*left, *right, ("a0", "b0", 4.0), ("a3", "b5", 4.0)])
    assert sorted(map(len, found)) == [8, 8]
    assert all(len({name[0] for name in team}) == 1 for team in found)


def test_who_hangs_on_by_one_link_is_let_go() -> None:
    ring = [("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 1.0)]
    assert core([*ring, ("c", "stray", 1.0), ("stray", "further", 1.0)], 2) == ring


def request(account: str, at: datetime, address: str, prompt: str, **more: object) -> str:
    record = {
        "startTime": at.isoformat() + "Z", "user": account, "requester_ip_address": address, "model": "m",
        "messages": [{"role": "user", "content": prompt}], "prompt_tokens": 30, "completion_tokens": 200, **more,
    }  # fmt: skip
    return json.dumps(record)


def test_a_company_that_names_its_organisation_is_not_made_a_campaign(tmp_path: Path) -> None:
    """Forty strangers, and twelve of one firm: one address, one card, the same editor, the same hours."""
    dice = Random(7)
    words = [f"word{n}" for n in range(4000)]
    lines = []
    for person in range(52):
        firm = person < 12
        own = dice.sample(words, 60)
        for _ in range(30):
            at = datetime(2026, 4, 1) + timedelta(
                days=dice.randrange(40), hours=dice.randrange(8, 18), minutes=dice.randrange(60)
            )
            lines.append(
                request(
                    f"u{person}", at, "198.51.100.7" if firm else f"203.0.113.{person}",
                    " ".join(dice.choices(own, k=14)),
                    organization_id="org_firm" if firm else None,
                    metadata={"payment_fingerprint": "pm_firm" if firm else f"pm_{person}"},
                )
            )  # fmt: skip
    log = tmp_path / "gateway.ndjson"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Case.create(tmp_path / "firm.case") as case:
        load(case, [str(log)])
        found = triage(case)
    assert found.entities == 52
    assert not found.flagged
    assert not found.campaigns
    assert max(row.score for row in found.rows) < 2


def test_a_group_that_the_communities_split_is_one_again() -> None:
    ring = [(f"m{i:02}", f"m{j:02}", 4.0) for i in range(24) for j in range(i) if (i - j) % 24 <= 11]
    assert [len(team) for team in communities(ring)] == [24]


def test_prompts_alone_rank_accounts_that_are_dealt_one_list_first(tmp_path: Path) -> None:
    """No times, no addresses: sixty people of their own affairs, and eight accounts that share out one list."""
    dice = Random(11)
    words = ["".join(dice.choices("abcdefghijklmnop", k=6)) for _ in range(3000)]
    field = words[:40]
    lines = []
    for account in range(68):
        own = field if account >= 60 else dice.sample(words, 100)
        for _ in range(50):
            prompt = " ".join(dice.choices(own, k=12))
            lines.append(json.dumps({"user": f"u{account}", "model": "m",
                                     "messages": [{"role": "user", "content": prompt}]}))  # fmt: skip
    log = tmp_path / "prompts.ndjson"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Case.create(tmp_path / "prompts.case") as case:
        load(case, [str(log)])
        found = triage(case)
    assert {row.entity for row in found.rows[:8]} == {f"u{n}" for n in range(60, 68)}
    assert any("no log here has times" in limit for limit in found.limits)
    assert not {row.entity for row in found.rows if row.flagged} & {f"u{n}" for n in range(60)}


def test_who_asks_of_one_subject_is_not_taken_for_a_share_of_those_who_ask_of_all(tmp_path: Path) -> None:
    """Sixty people ask of eight subjects, eight of one of them each; six share out a list of another, wider subject."""
    dice = Random(13)
    words = ["".join(dice.choices("abcdefghijklmnop", k=6)) for _ in range(90)]
    subjects = [words[n * 5 : n * 5 + 5] for n in range(8)]
    lines = []
    for account in range(74):
        for _ in range(50):
            narrow = account - 60 if account >= 60 else dice.randrange(8)
            prompt = " ".join(dice.choices(words[50:] if account >= 68 else subjects[narrow], k=5))
            lines.append(json.dumps({"user": f"u{account}", "model": "m",
                                     "messages": [{"role": "user", "content": prompt}]}))  # fmt: skip
    log = tmp_path / "prompts.ndjson"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Case.create(tmp_path / "prompts.case") as case:
        load(case, [str(log)])
        found = triage(case)
    assert {row.entity for row in found.rows[:6]} == {f"u{n}" for n in range(68, 74)}


def test_one_person_who_changes_addresses_is_no_group(tmp_path: Path) -> None:
    """Without accounts an address stands for somebody; one writer moves between six, by day."""
    dice = Random(12)
    lines = []
    for person in range(60):
        for n in range(60):
            at = datetime(2026, 4, 1) + timedelta(days=n // 2, hours=dice.randrange(9, 17), minutes=dice.randrange(60))
            address = f"203.0.113.{dice.randrange(6)}" if person == 0 else f"198.51.{person}.9"
            topic = "step by step: solve the" if person == 0 else f"word{person} on"
            prompt = f"{topic} {' '.join(f'thing{dice.randrange(900)}' for _ in range(9))}"
            record = {"timestamp": at.isoformat() + "Z", "client_ip": address, "user_agent": "x", "model": "m",
                      "prompt": prompt, "output_tokens": 300}  # fmt: skip
            lines.append(json.dumps(record))
    log = tmp_path / "gateway.ndjson"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Case.create(tmp_path / "one.case") as case:
        load(case, [str(log)])
        found = triage(case)
    assert found.kind == "client"
    assert not found.flagged
    assert not found.campaigns
