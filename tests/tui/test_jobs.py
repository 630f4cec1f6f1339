"""The four jobs that the UI is measured by: which keys each takes, counted, and that the outcome is right.

Text that is typed into a field is not counted; the keys that open and confirm the field are.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.tui.conftest import Open, Sitting
from workbench.case import Case
from workbench.tui.screens.events import EventsScreen
from workbench.tui.screens.result import ResultScreen

pytestmark = pytest.mark.slow

#: What is typed between the keys, by the job that types it.
NOTE, WORDS = "shares its addresses with 29 others", "rewrite the following seed task"


async def count_keys(ui: Sitting, *typed: str) -> int:
    """Press keys and type texts; returns how many keys that were."""
    await ui.type(*typed)
    return sum(one not in (NOTE, WORDS) for one in typed)


def answer(ui: Sitting) -> list[tuple[object, ...]]:
    """Return the rows of the answer on the screen."""
    assert isinstance(ui.app.screen, ResultScreen)
    return [tuple(row) for row in ui.app.screen.result.rows]


async def test_from_start_to_the_ten_accounts_that_ask_most_as_a_chart(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        assert "3accounts" in ui.text().splitlines()[1], "the places stand under the head"
        assert await count_keys(ui, "3", "v") <= 4
        drawn = [line.split() for line in ui.text().splitlines() if "█" in line]
        counted = sample_case.query(
            "SELECT account, count(*) FROM event WHERE account IS NOT NULL GROUP BY account ORDER BY 2 DESC, 1 LIMIT 10"
        ).rows
        assert [(line[0], int(line[-1])) for line in drawn[:10]] == counted


async def test_the_same_from_the_events_by_counting_a_column(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        assert await count_keys(ui, "5", "l", "F") <= 4
        assert "count of account" in ui.text() and "usr_h4fmh4ptpe █" in ui.text()


async def test_from_a_spike_in_the_histogram_to_the_addresses_behind_it(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5")
        assert "1 spike: } goes there, z zooms in" in ui.text() and " F count " in ui.text().splitlines()[-1]
        assert 1 + await count_keys(ui, "}", "z", "l", "l", "F") <= 8
        assert "count of client_ip" in ui.text()
        events = ui.app.screen_stack[-2]
        assert isinstance(events, EventsScreen)
        pin = events.pinned()
        assert pin is not None
        first, last = pin["window"]
        counted = sample_case.query(
            "SELECT client_ip, count(*) FROM event WHERE ts >= $first::TIMESTAMP AND ts <= $last::TIMESTAMP "
            "GROUP BY client_ip",
            {"first": first, "last": last},
        ).rows
        assert sorted(answer(ui), key=str) == sorted(counted, key=str) and len(counted) > 10
        assert sum(row[1] for row in counted) > 2 * 33_057 / 45, "more than on two usual days"


async def test_from_a_finding_to_a_tagged_noted_session_exported(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample_case.tags.add("account", ["somebody else"], "suspect", "an older tag, whose things must not be exported too")
    async with sitting(sample_case) as ui:
        found = ui.text().splitlines()[3].split()[3]
        assert await count_keys(ui, "enter", "t", "tab", NOTE, "enter", "w", "enter") <= 6
        assert "wrote 1 session " in ui.text()
    rows = list(csv.DictReader((tmp_path / "sample-sessions.csv").open()))
    session, requests = sample_case.query(
        "SELECT session, requests FROM session WHERE entity = $one ORDER BY requests DESC, session LIMIT 1",
        {"one": found},
    ).rows[0]
    assert [(row["session"], row["entity"], int(row["requests"]), row["notes"], row["tags"]) for row in rows] == [
        (session, found, requests, NOTE, "suspect")
    ]


async def test_from_a_prompt_to_every_account_that_used_its_template(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        keys = await count_keys(ui, "5", "/", WORDS, "enter")
        assert keys + await count_keys(ui, "o", "t") <= 6
        counted = sample_case.query(
            "SELECT account, count(*) FROM event WHERE lower(prompt) LIKE $begin AND account IS NOT NULL GROUP BY 1",
            {"begin": f"{WORDS}%"},
        ).rows
        listed = [(row[0], row[1]) for row in answer(ui)]
        assert sorted(listed) == sorted(counted) and len(counted) == 28
        await ui.type("m", "m", "t", "enter")
        assert "tagged 2 accounts" in ui.text()
