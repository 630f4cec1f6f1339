"""Playbooks about accounts, asked of a small service whose truth is known (see ``actors``).

Each finds who was planted; who only looks like it does not come up, or comes up with the figure that clears it.
"""

from __future__ import annotations

import random

import pytest

from .actors import PHRASES, at
from .conftest import Ask, Row

HYDRA = {f"hydra{n:02}" for n in range(12)}
PEOPLE = {f"person{n:02}" for n in range(30)} | {f"office{n:02}" for n in range(10)}
PUPILS = {f"pupil{n:02}" for n in range(12)}
JOBS = {"product", "evaluation", "nightly", "builds", "loadtest", "testdata"}


def names(rows: list[Row], column: str = "account") -> list[str]:
    return [row[column] for row in rows]


def one(rows: list[Row], **where: object) -> Row:
    """Return the one row that has these values."""
    found = [row for row in rows if all(row[key] == value for key, value in where.items())]
    assert len(found) == 1, (where, found)
    return found[0]


# --- attribution -------------------------------------------------------------------------------------------------


def test_who_asks_most(service: Ask) -> None:
    rows = service("who_asks_most", top=3)
    assert names(rows, "entity") == ["pacer", "product", "sleepless"]
    assert [row["requests"] for row in rows] == [600, 300, 200]
    late = service("who_asks_most", since="2026-05-12 15:00", until="2026-05-12 15:03", top=1)
    assert (late[0]["entity"], late[0]["requests"]) == ("loadtest", 150)


def test_busy_addresses_tell_one_operator_from_an_office(service: Ask) -> None:
    rows = service("busy_addresses")
    pool, office = one(rows, client_ip="192.0.2.1"), one(rows, client_ip="198.18.100.7")
    assert (pool["accounts"], pool["user_agents"], pool["payers"], pool["organizations"]) == (12, 1, 3, 0)
    assert (office["accounts"], office["user_agents"], office["organizations"]) == (10, 10, 1)


def test_shared_addresses(service: Ask) -> None:
    rows = service("shared_addresses")
    assert set(names(rows)) == HYDRA  # not the office, the class or the reseller's customers
    assert all(row["strangers"] == 11 and row["shared_addresses"] == 8 for row in rows)


def test_a_hub_glues_nobody_together(service: Ask) -> None:
    assert service("shared_addresses", max_accounts=11) == []
    assert not set(names(service("shared_addresses", min_shared=1))) & {f"office{n:02}" for n in range(10)}


def test_shared_payment_puts_strangers_first_and_shows_who_belongs_together(service: Ask) -> None:
    rows = service("shared_payment")
    assert set(names(rows, "payment_ref")) == {"pm_h0", "pm_h1", "pm_h2", "pm_reseller", "pm_office"}
    assert one(rows, payment_ref="pm_h0")["user_agents"] == 1
    assert one(rows, payment_ref="pm_reseller")["user_agents"] == 6
    assert rows[-1]["payment_ref"] == "pm_office" and rows[-1]["organizations"] == 1


def test_shared_keys(service: Ask) -> None:
    rows = service("shared_keys")
    assert [(row["api_key"], row["accounts"]) for row in rows] == [("key_lent", 5)]


def test_shared_clients(service: Ask) -> None:
    rows = service("shared_clients")
    assert one(rows, client="harvest/0.3")["strangers"] == 12
    assert not [row for row in rows if "office" in row["client"] or row["client"].startswith("Mozilla")]


def test_network_owners(service: Ask) -> None:
    rows = service("network_owners")
    assert one(rows, network="SG")["requests"] == 480
    assert one(rows, network="Rented Servers")["requests"] == 16
    assert sum(row["share_percent"] for row in rows) == pytest.approx(100, abs=0.1)


def test_network_shift(service: Ask) -> None:
    rows = service("network_shift", moment="2026-05-13")
    new = one(rows, network="New Cloud")
    assert (new["before"], new["after"]) == (0, 20) and new["change_points"] > 0
    assert one(rows, network="Old Cloud")["change_points"] < 0


def test_compare_periods(service: Ask) -> None:
    given = {"a_from": "2026-05-04", "a_until": "2026-05-05", "b_from": "2026-05-05", "b_until": "2026-05-06"}
    first = service("compare_periods", **given)[0]
    assert (first["thing"], first["requests_a"], first["requests_b"], first["times"]) == ("pacer", 0, 600, None)
    by_model = service("compare_periods", what="model", a_until="2026-05-11", b_from="2026-05-12")
    assert one(by_model, thing="atlas-4")["requests_a"] == 0


# --- coordination ------------------------------------------------------------------------------------------------


def test_start_stop_together(service: Ask) -> None:
    rows = service("start_stop_together", min_accounts=10, window_hours=6)
    assert set(names(rows)) == HYDRA  # not the class, which ends together but begins one by one
    assert all(row["with_it"] == 12 for row in rows)


def test_in_step(service: Ask) -> None:
    assert set(names(service("in_step"))) == HYDRA  # office hours alone are not in step


def test_same_hours(ask: Ask) -> None:
    dice = random.Random(8)
    queue = [(day, hour) for day in range(42) for hour in range(24) if dice.random() < 0.08]
    rows = [
        {"ts": at(day, hour, dice.uniform(0, 59)), "account": f"fed{n}"}
        for n in range(6)
        for day, hour in queue
        if dice.random() < 0.6
    ]
    rows += [
        {"ts": at(day, hour, dice.uniform(0, 59)), "account": f"office{n}"}
        for n in range(6)
        for day in range(42)
        for hour in range(9, 17)
        if day % 7 < 5 and dice.random() < 0.5
    ]
    found = ask(rows, "same_hours", account="fed0")
    assert set(names(found)) == {f"fed{n}" for n in range(1, 6)}
    assert all(row["common_hours"] > 2 * row["expected_hours"] for row in found)
    assert ask(rows, "same_hours", account="office0") == []  # the same office hours, each on its own


def test_even_load(service: Ask) -> None:
    rows = service("even_load", max_spread_percent=10)
    assert {(row["shared"], row["name"]) for row in rows} == {("client", "harvest/0.3"), ("first day", "2026-05-07")}
    assert one(rows, shared="client")["spread_percent"] == 0


def test_address_rotation(service: Ask) -> None:
    rows = service("address_rotation")
    assert set(names(rows)) == HYDRA  # the build server has six addresses too, but nobody shares them
    assert rows[0]["addresses"] == 8


def test_signup_bursts(service: Ask) -> None:
    rows = service("signup_bursts")
    assert len(rows) == 1
    assert set(rows[0]["some_accounts"]) >= HYDRA and rows[0]["new_accounts"] == 12
    assert (rows[0]["payers"], rows[0]["clients"]) == (3, 1)


def test_successors(service: Ask) -> None:
    rows = service("successors")
    assert [(row["account"], row["predecessor"]) for row in rows] == [("returned", "banned")]
    assert rows[0]["same_payer"] and rows[0]["shared_addresses"] == 1
    assert service("successors", predecessor="leaver") == []  # a colleague of one organisation


def test_around_the_clock(service: Ask) -> None:
    assert names(service("around_the_clock"), "entity") == ["sleepless"]  # not the product, not the pacer's one day


def test_traffic_over_time(service: Ask) -> None:
    rows = service("traffic_over_time", hours=24, split="model", who="hydra03")
    assert sum(row["requests"] for row in rows) == 40
    assert {row["kind"] for row in rows} == {"atlas-3", "atlas-4"}
    assert sum(row["requests"] for row in service("traffic_over_time", contains="LAB REPORT")) == 198


def test_hours_by_weekday(service: Ask) -> None:
    week = service("hours_by_weekday", entity="office03")
    assert len(week) == 7 * 24
    rows = [row for row in week if row["requests"]]
    assert {row["weekday"] for row in rows} == {"Mon", "Tue", "Wed", "Thu", "Fri"}
    assert {row["hour"] for row in rows} <= set(range(8, 18))


# --- extraction and evasion --------------------------------------------------------------------------------------


def test_prompt_templates_show_with_how_many_a_template_is_shared(service: Ask) -> None:
    rows = service("prompt_templates")
    assert set(names(rows[:12])) == HYDRA and all(row["accounts_with_it"] >= 12 for row in rows[:12])
    assert one(rows, account="nightly")["accounts_with_it"] == 1  # its own template accuses nobody
    assert not set(names(rows)) & (PEOPLE | {"evaluation"})


def test_shared_templates(service: Ask) -> None:
    rows = service("shared_templates")
    assert {row["template"] for row in rows if row["strangers"] == 13} >= {"act as examiner of the"}
    assert one(rows, template="act as examiner of the")["prompts"] >= 50
    assert not [row for row in rows if set(row["some_accounts"]) & (PEOPLE | JOBS)]


def test_near_duplicates(service: Ask) -> None:
    rows = service("near_duplicates")
    assert [set(row["some_accounts"]) for row in rows] == [{f"copier{n}" for n in range(4)}]
    assert rows[0]["prompts"] == 48


@pytest.mark.parametrize(
    ("playbook", "planted"),
    [
        ("step_by_step", "stepper"),
        ("rubric_grading", "grader"),
        ("synthetic_data", "inventor"),
        ("agentic_tools", "agent"),
        ("known_texts", "reciter"),
        ("endless_repetition", "repeater"),
        ("membership_probes", "prober"),
        ("safe_rewrites", "rewriter"),
    ],
)
def test_elicitation(service: Ask, playbook: str, planted: str) -> None:
    rows = service(playbook)
    assert set(names(rows)) - {"testdata"} == {planted}  # not those who said such a thing once
    assert one(rows, account=planted)["matching"] >= 30
    assert planted in PHRASES
    alone = service(playbook, account=planted)
    assert names(alone) == [planted] and alone[0]["prompts"] == 36
    assert service(playbook, account="person00") == []


def test_narrow_focus_against_peers(service: Ask) -> None:
    rows = service("narrow_focus")
    assert set(names(rows)) == HYDRA | {"nightly", "builds", "sweeper"}
    assert one(rows, account="hydra00")["kinds"] < 10 < one(rows, account="hydra00")["peers_median"]


def test_long_answers(service: Ask) -> None:
    rows = service("long_answers")
    assert set(names(rows)) - {"mixed"} == HYDRA  # not the test data, whose prompts are long as well
    assert one(rows, account="hydra07")["output_per_input"] == 25


def test_harvest_sampling(service: Ask) -> None:
    assert set(names(service("harvest_sampling"))) == HYDRA


def test_logprob_sweeps_put_sweeps_before_classifiers(service: Ask) -> None:
    rows = service("logprob_sweeps")
    assert [(row["account"], row["short_percent"]) for row in rows] == [("sweeper", 100), ("classifier", 0)]


def test_refused_then_rephrased(service: Ask) -> None:
    rows = service("refused_then_rephrased")
    assert [(row["account"], row["rephrased"], row["got_through"]) for row in rows] == [("rewording", 8, 8)]


def test_guardrail_probing(service: Ask) -> None:
    rows = service("guardrail_probing")
    assert names(rows) == ["mapper", "rewording"]  # not who was refused once
    assert rows[0]["with_a_trick"] == 30 and rows[1]["with_a_trick"] == 0


def test_mixed_traffic(service: Ask) -> None:
    rows = service("mixed_traffic")
    assert names(rows) == ["mixed"]
    assert rows[0]["shared_templates"] == 9 and rows[0]["shared_percent"] == 35


def test_under_the_limit(service: Ask) -> None:
    rows = service("under_the_limit")
    assert [(row["entity"], row["ceiling"], row["stretches"]) for row in rows] == [("pacer", 30, 20)]


# --- pivots and access -------------------------------------------------------------------------------------------


def test_new_model_pivot(service: Ask) -> None:
    rows = service("new_model_pivot")
    assert set(names(rows)) == HYDRA
    assert rows[0]["model"] == "atlas-4" and rows[0]["share_percent"] == 100
    assert (
        service("new_model_pivot", model="atlas-3", released="2026-05-11 12:00", min_percent=100, min_before=500) == []
    )


def test_group_pivot(service: Ask) -> None:
    rows = service("group_pivot")
    assert {row["name"] for row in rows} == {"harvest/0.3", "SG", "pm_h0", "pm_h1", "pm_h2"}
    assert one(rows, name="harvest/0.3")["accounts_moved"] == 12


def test_model_shares(service: Ask) -> None:
    rows = service("model_shares", who="hydra00")
    assert {row["model"] for row in rows if row["day"].day >= 13} == {"atlas-4"}
    for day in {row["day"] for row in service("model_shares")}:
        assert sum(row["share_percent"] for row in service("model_shares") if row["day"] == day) == pytest.approx(
            100, 1e-3
        )
        break


def test_new_addresses(service: Ask) -> None:
    rows = service("new_addresses")
    assert names(rows) == ["robbed"]  # the traveller has one new address
    assert (rows[0]["new_addresses"], rows[0]["known_addresses"]) == (6, 1)


def test_key_from_new_network(service: Ask) -> None:
    rows = service("key_from_new_network")
    assert rows[0]["api_key"] == "key_leaked" and rows[0]["new_network"] == "Rented Servers"
    assert rows[0]["both_at_once"] and rows[0]["other_client"]
    moved = one(rows, api_key="key_moved")  # the old network ended, the client stayed
    assert not moved["both_at_once"] and not moved["other_client"]


def test_impossible_travel(service: Ask) -> None:
    rows = service("impossible_travel")
    assert [(row["entity"], row["hours_in_two"]) for row in rows] == [("everywhere", 6)]


def test_sudden_change(service: Ask) -> None:
    rows = service("sudden_change", moment="2026-05-15")
    assert names(rows) == ["robbed"]  # the traveller keeps the client, the hours and the model
    assert rows[0]["new_client_percent"] == 100 and rows[0]["new_model_percent"] == 100


# --- innocence ---------------------------------------------------------------------------------------------------


def test_one_product(service: Ask) -> None:
    rows = service("one_product")
    assert rows[0]["account"] == "product"
    assert not set(names(rows)) & (HYDRA | {"sleepless", "sweeper"})


def test_evaluation_suite(service: Ask) -> None:
    rows = service("evaluation_suite")
    assert names(rows) == ["evaluation"]  # the load test's one prompt is no suite; the campaign repeats nothing
    assert (rows[0]["different"], rows[0]["times_each"]) == (20, 6)


def test_scheduled_jobs(service: Ask) -> None:
    rows = service("scheduled_jobs")
    assert one(rows, account="nightly")["in_two_hours_percent"] == 100
    assert not set(names(rows)) & (HYDRA | PEOPLE | {"sleepless"})


def test_ci_runs(service: Ask) -> None:
    assert names(service("ci_runs")) == ["builds"]


def test_company_behind_address(service: Ask) -> None:
    rows = service("company_behind_address")
    assert (rows[0]["client_ip"], rows[0]["signs_of_people"]) == ("198.18.100.7", 4)
    assert one(rows, client_ip="192.0.2.1")["signs_of_people"] == 0


def test_class_with_deadline(service: Ask) -> None:
    rows = service("class_with_deadline")
    assert [(row["name"], row["accounts"]) for row in rows] == [("198.51.0.0/16", 12)]  # the campaign's load is even
    assert rows[0]["clients_per_account"] == 1


def test_reseller(service: Ask) -> None:
    rows = service("reseller")
    assert one(rows, shared="payer", name="pm_reseller")["common_percent"] == 0
    assert not {row["name"] for row in rows} & {"pm_h0", "pm_h1", "pm_h2"}  # these share their templates


def test_load_test(service: Ask) -> None:
    rows = service("load_test")
    assert [(row["entity"], row["fullest_minute"], row["different_prompts"]) for row in rows] == [("loadtest", 60, 1)]


def test_launch_rush(service: Ask) -> None:
    rows = service("launch_rush")
    assert [(row["model"], row["tried"]) for row in rows] == [("atlas-4", 12)]
    assert rows[0]["tried_percent"] < 20


def test_own_synthetic_data(service: Ask) -> None:
    rows = service("own_synthetic_data")
    assert "testdata" in names(rows) and not set(names(rows)) & (HYDRA | PEOPLE | PUPILS)


def test_rare_user_agents_and_first_seen(service: Ask) -> None:
    assert "harvest/0.3" not in names(service("rare_user_agents"), "user_agent")
    assert one(service("rare_user_agents"), user_agent="load/1")["requests"] == 150
    rows = service("first_last_seen", since="2026-05-07", until="2026-05-07 02:00")
    assert set(names(rows, "entity")) == HYDRA
