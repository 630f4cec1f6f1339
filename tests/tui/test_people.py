"""The lists of accounts and sessions, and the page of one of them."""

from __future__ import annotations

from datetime import datetime

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.case.profile import activity, change

BLOCKS = set("▁▂▃▄▅▆▇█")


def test_activity_counts_all_requests_of_each(sample_case: Case) -> None:
    cursor = sample_case.cursor("FROM session")
    found = activity(sample_case, "account", ["usr_h4fmh4ptpe", "nobody"], 10, cursor)
    assert sum(found["usr_h4fmh4ptpe"]) == 802 and found["nobody"] == [0] * 10
    session, requests = sample_case.query("SELECT session, requests FROM session ORDER BY requests DESC").rows[0]
    assert sum(activity(sample_case, "session", [session], 14, cursor)[session]) == requests


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
