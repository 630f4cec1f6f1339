"""The lists of accounts and sessions, and the page of one of them."""

from __future__ import annotations

from datetime import datetime

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.case.acts.contents import Corroborated
from workbench.case.neighbours import facets, neighbours, sharing
from workbench.case.profile import account_activity, change, session_activity

BLOCKS = set("▁▂▃▄▅▆▇█")


def test_activity_counts_all_requests_of_each(sample_case: Case) -> None:
    cursor = sample_case.cursor("FROM session")
    found = account_activity(sample_case, ["usr_h4fmh4ptpe", "nobody"], 10, cursor)
    assert sum(found["usr_h4fmh4ptpe"]) == 802 and found["nobody"] == [0] * 10
    everybody = account_activity(sample_case, None, 10, cursor)
    assert everybody["usr_h4fmh4ptpe"] == found["usr_h4fmh4ptpe"]
    assert sum(map(sum, everybody.values())) == 12_930
    kind, entity, first, last, requests = sample_case.query(
        "SELECT entity_kind, entity, first, last, requests FROM session ORDER BY requests DESC"
    ).rows[0]
    counts = session_activity(sample_case, kind, entity, first, last, 14, cursor)
    assert sum(counts) == requests and counts[0] and counts[-1]


def test_the_last_days_are_compared_with_all_before(sample_case: Case) -> None:
    cursor = sample_case.cursor()
    found = change(sample_case, "account", "usr_h4fmh4ptpe", cursor)
    assert found is not None
    after, before, days = sample_case.query(
        "SELECT count(*) FILTER (ts >= $since), count(*) FILTER (ts < $since), epoch($since - min(ts)) / 86400 "
        "FROM event WHERE account = 'usr_h4fmh4ptpe'",
        {"since": found.since},
    ).rows[0]
    assert found.a_day == after / 7 and abs(found.a_day_before - before / days) < 1e-9
    assert isinstance(found.since, datetime) and found.new["address"] == (0, 3)
    assert change(sample_case, "account", "nobody", cursor) is None


async def test_the_lists_draw_the_activity_of_what_is_in_view(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        for place in "34":
            await ui.type("escape", place)
            assert all(BLOCKS & set(line) for line in ui.text().splitlines()[3:20])
            await ui.type("pagedown")
            assert all(BLOCKS & set(line) for line in ui.text().splitlines()[3:20])


async def test_a_page_says_what_was_found_what_changed_and_how_prompts_read(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("escape", "1", "3", "/", "usr_cwv1apmkeg", "enter", "enter")
        assert "triage: rank " in ui.text() and "campaign-1" in ui.text()
        assert "last 7 days" in ui.text() or "no past" in ui.text()
        await ui.type("/", "template", "enter")
        assert "sample  " in ui.text()


def test_neighbours_share_what_sql_says_they_do(sample_case: Case) -> None:
    one, cursor = "usr_cwv1apmkeg", sample_case.cursor()
    by = facets(sample_case, "account")
    assert "account" not in by and by[0] == "payment" and by[-1] == "template"
    shared = {facet: sharing(sample_case, "account", one, facet, cursor) for facet in by}
    counted = sample_case.query(
        "SELECT account, count(DISTINCT client_ip) FROM event WHERE account <> $one AND client_ip IN "
        "(SELECT client_ip FROM event WHERE account = $one) GROUP BY account",
        {"one": one},
    ).rows
    assert {tie.entity: tie.shared for tie in shared["address"].ties} == dict(counted)
    holders = sample_case.query(
        "SELECT client_ip, count(DISTINCT account) FROM event WHERE account <> $one AND client_ip IN "
        "(SELECT client_ip FROM event WHERE account = $one) GROUP BY client_ip",
        {"one": one},
    ).rows
    assert shared["address"].holders == dict(holders)
    beside = neighbours(tie for found in shared.values() for tie in found.ties)
    assert beside == sorted(beside, key=lambda found: (-found.close, -found.loose, found.entity))
    first = beside[0]
    assert first.shared["payment"] == 1 and first.shared["address"] == dict(counted)[first.entity]
    ties = [tie for found in shared.values() for tie in found.ties if tie.entity == first.entity]
    assert abs(first.close - sum(tie.weight for tie in ties if tie.facet in ("payment", "address"))) < 1e-9
    assert sharing(sample_case, "account", "nobody", "address", cursor).ties == []


async def test_a_page_leads_to_the_neighbours_and_their_pages(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("escape", "3", "/", "usr_cwv1apmkeg", "enter", "enter")
        said = next(line for line in ui.text().splitlines() if line.startswith("beside: "))
        assert "48 share with it (W lists them): usr_" in said and "1 payment, 6 addresses" in said
        await ui.type("W")
        lines = ui.text().splitlines()
        assert lines[0].startswith("sample ▸ accounts ▸ usr_cwv1apmkeg ▸ beside it") and "48 rows" in lines[0]
        nearest = lines[3].split()[0]
        await ui.type("v", "v", "t")
        assert f"Tag account {nearest}" in ui.text()
        await ui.type("escape", "v", "enter")
        assert ui.text().startswith(f"sample ▸ accounts ▸ {nearest} ")


async def test_the_reasoning_says_which_other_log_confirms_it_or_would(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("e")
        assert "corroboration: no second record" in ui.text()
        await ui.type("G")
        assert "workbench corroborate sample.case litellm access_log" in " ".join(ui.text().split())
        sample_case.ledger.record(Corroborated("litellm", "access_log", 2.0, ["", "method:POST"]))
        await ui.type("escape", "e")
        said = " ".join(ui.text().split())
        assert "corroboration: 60 of 60 requests of litellm (100 %) are confirmed by access_log" in said, said
