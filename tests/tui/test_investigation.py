"""An investigator's work from the first key to the exported file."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.tui.widgets.editor import SqlEditor


async def test_from_start_to_exported_sessions(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with sitting(sample_case) as ui:
        assert "triage" in ui.text().splitlines()[0] and "flagged at fdr 0.05" in ui.text()
        await ui.type("6")
        assert "askable" in ui.text()
        await ui.type("/", "share addresses", "enter", "enter")
        assert "min_shared" in ui.text()
        await ui.type("enter")
        assert "shared_addresses" in ui.text()
        await ui.type("enter")
        assert "sessions" in ui.text().splitlines()[0]
        await ui.type("m", "m", "t")
        assert "Tag 2 sessions" in ui.text(), ui.text()
        await ui.type("tab", "same pool of addresses", "enter")
        assert "tagged 2 sessions 'suspect'" in ui.text()
        await ui.type("8")
        assert ui.text().count("same pool of addresses") == 3  # in each row, and the chosen one's below
        await ui.type("w", "enter")
        assert "wrote 2 sessions" in ui.text()
    rows = list(csv.DictReader((tmp_path / "sample-sessions.csv").open()))
    assert len(rows) == 2
    assert {row["notes"] for row in rows} == {"same pool of addresses"}
    assert {row["tagged_by"] for row in rows} == {"tester"}
    assert all("gateway.ndjson.gz:" in row["sources"] for row in rows)


async def test_filters_are_typed_kept_dropped_and_cleared(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "=", "model:atlas-4 status:none", "enter")
        narrowed = ui.text().splitlines()[0]
        assert "model:atlas-4 status:none" in narrowed and "of 33,057" in narrowed
        await ui.type("l", "+")
        assert "account:usr_" in ui.text().splitlines()[0]
        await ui.type("!")
        assert ui.text().splitlines()[0].endswith("of 33,057")
        await ui.type("=", "statuss:200", "enter")
        assert "there is no column 'statuss'" in ui.text()
        await ui.type("escape", "=", "{statuss = 5}", "enter")
        assert 'column "statuss"' in ui.text() and "LINE" not in ui.text()


async def test_search_goes_from_match_to_match(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "/", "wp-login", "enter")
        first = ui.text().splitlines()[0].split()[-3]
        assert "wp-login" in ui.text()
        await ui.type("n")
        second = ui.text().splitlines()[0].split()[-3]
        await ui.type("N")
        assert ui.text().splitlines()[0].split()[-3] == first != second
        await ui.type("&")
        assert "wp-login" in ui.text().splitlines()[0]


async def test_counts_and_places_share_the_digits(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "20j")
        assert "21 of 33,057" in ui.text()
        await ui.type("500G")
        assert "500 of 33,057" in ui.text()
        await ui.type("g")
        assert "1 of 33,057" in ui.text()
        await ui.type("3")
        assert "accounts" in ui.text().splitlines()[0]
        await ui.type("escape")
        assert "1 of 33,057" in ui.text()


async def test_a_mistaken_tag_is_undone(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("3", "t", "enter")
        assert [tag.tag for tag in sample_case.tags.all()] == ["suspect"]
        await ui.type("u")
        assert sample_case.tags.all() == [] and "undone" in ui.text()
        await ui.type("u")
        assert "nothing to undo" in ui.text()


async def test_sql_is_asked_and_its_rows_lead_on(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("7", "ctrl+r")
        assert "20 rows" in ui.text()
        await ui.type("jjj", "o")
        assert "usr_" in ui.text()
        await ui.type("e")
        assert "entity:usr_" in ui.text().splitlines()[0]
    async with sitting(sample_case) as ui:
        await ui.type("7")
        ui.app.screen.query_one(SqlEditor).load_text("SELECT nothing FROM event")
        await ui.type("ctrl+r")
        assert 'column "nothing"' in ui.text()


async def test_sql_completes_remembers_and_becomes_a_playbook(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("7")
        ui.app.screen.query_one(SqlEditor).load_text("")
        await ui.type("SELECT pay", "tab", ", count(*) AS n FROM ev", "tab", " GROUP BY ALL ORDER BY 1")
        assert "SELECT payment_ref, count(*) AS n FROM event GROUP BY ALL" in ui.text()
        await ui.type("ctrl+r")
        assert "pm_" in ui.text()
        await ui.type(
            "escape", "ctrl+s", "who_pays", "tab", "Who pays", "tab", "Who pays for what?", "tab", "Payers tell."
        )
        await ui.type("enter")
        assert "say it in a few words" in ui.text()
        await ui.type("One firm", "enter")
        assert "saved" in ui.text()
        await ui.type("escape", "6", "/", "who pays", "enter", "enter")
        assert "playbooks ▸ Who pays" in ui.text()
    async with sitting(sample_case) as ui:
        await ui.type("escape", "7")
        assert "GROUP BY ALL" in ui.text()
        ui.app.screen.query_one(SqlEditor).load_text("SELECT 1")
        await ui.type("ctrl+up")
        assert "payment_ref" in ui.text()


async def test_a_case_comes_back_as_it_was_left(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "=", "model:atlas-4", "enter", "s", "ctrl+u", "ts what mod", "tab", "enter", "30j", "p")
        assert "pinned as 1" in ui.text()
        left = ui.text().splitlines()
        await ui.type("q")
    with Case.open(sample_case.folder.path) as again:
        async with sitting(again) as ui:
            back = ui.text().splitlines()
            assert back[0] == left[0] and back[2:5] == left[2:5]
            assert back[4].split() == ["ts", "what", "model"]
            await ui.type("3", "P", "1")
            assert "model:atlas-4" in ui.text().splitlines()[0]


async def test_logs_are_loaded_and_accounted_for(tmp_path: Path, sitting: Open) -> None:
    log = tmp_path / "access.log"
    line = '203.0.113.9 - ana [10/Oct/2026:13:55:36 +0000] "GET /{} HTTP/1.1" 200 512 "-" "curl/8.5"\n'
    log.write_text("".join(line.format(n) for n in range(50)) + "no access log\n")
    with Case.create(tmp_path / "new.case") as case:
        async with sitting(case, pending=[str(log)], kept=False) as ui:
            await ui.settle()
            text = ui.text()
            assert "51 lines = 50 event lines + 1 reject + 0 skipped" in text
            assert "GET /0" in text
            await ui.type("r")
            assert "no access log" in ui.text()
            await ui.type("escape", "9")
            assert "access_log" in ui.text()
            await ui.type("L", str(tmp_path / "access.l"), "tab", "enter")
            assert "same content" in ui.text()


async def test_hostile_text_is_only_text(tmp_path: Path, sitting: Open) -> None:
    log = tmp_path / "evil[red].ndjson"
    log.write_text(
        '{"ts": 1790000000, "account": "[bold]\\u001b[31m\\u202eana[/bold]", "message": "[@click=quit]x[/]\\u0007"}\n'
    )
    with Case.create(tmp_path / "new.case") as case:
        async with sitting(case, pending=[str(log)], kept=True) as ui:
            await ui.settle()
            assert "[bold]\\x1b[31m\\u202eana[/bold]" in ui.text()
            for keys in (["space"], ["escape", "enter"], ["escape", "3"], ["4"], ["9"], ["5", "l", "F"], ["t"]):
                await ui.type(*keys)
                assert not any(ord(c) < 32 and c != "\n" for c in ui.text()) and "\u202e" not in ui.text()


async def test_leaving_a_passing_case_with_tags_offers_to_keep_it(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, kept=False) as ui:
        await ui.type("3", "t", "enter", "escape", "q")
        assert "Keep" in ui.text()
        await ui.type("enter")
        assert ui.app.return_value == "sample.case"
    async with sitting(sample_case, kept=True) as ui:
        await ui.type("q")
        assert ui.app.return_value is None and not ui.app.is_running


async def test_triage_is_worked_down_without_leaving_it(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(100, 30)) as ui:
        text = ui.text()
        assert "campaign-1 (30)" in text and "Reasons" in text and "flagged" in text
        first = sample_case_rank(ui.text(), 1)
        await ui.type("A", "enter")
        assert f"accepted {first}" in ui.text()
        second = sample_case_rank(ui.text(), 2)
        await ui.type("x", "enter")
        assert "say why" in ui.text()
        await ui.type("a class of mine", "enter")
        said = {tag.id: (tag.kind, tag.tag, tag.note) for tag in sample_case.tags.all()}
        assert said == {first: ("account", "accepted", ""), second: ("account", "dismissed", "a class of mine")}
        assert "accepted" in ui.text() and "dismissed" in ui.text()
        await ui.type("k", "A", "enter")
        assert {tag.id: tag.tag for tag in sample_case.tags.all()}[second] == "accepted"
        await ui.type("u")
        assert {tag.id: tag.tag for tag in sample_case.tags.all()}[second] == "dismissed"
        await ui.type("e")
        assert "would settle it" in ui.text() or "score: network" in ui.text()
        await ui.type("escape", "g", "c")
        assert "campaign-1" in ui.text().splitlines()[0] and "1 of 30" in ui.text()
        await ui.type("2")
        assert "30 members, 30 flagged" in ui.text()
        await ui.type("t", "enter")
        assert "tagged 30 accounts 'suspect'" in ui.text()


async def test_logs_that_name_nobody_say_what_to_do_instead(tmp_path: Path, sitting: Open) -> None:
    log = tmp_path / "plain.log"
    log.write_text("2026-05-01 10:00:00 started\n2026-05-01 10:00:01 stopped\n")
    with Case.create(tmp_path / "new.case") as case:
        async with sitting(case, pending=[str(log)]) as ui:
            await ui.type("1")
            assert "5 shows the" in ui.text()
            await ui.type("2", "3", "4")
            assert "no sessions here" in ui.text()


async def test_the_timeline_takes_moments_of_ones_own_and_leads_to_the_events(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("t", "enter", "0")
        assert "moments" in ui.text().splitlines()[0]
        await ui.type("a", "ctrl+u", "2026-05-18 14:00", "tab", "atlas-4 released", "enter")
        await ui.type("/", "released", "enter")
        assert "2026-05-18 14:00:00" in ui.text()
        await ui.type("enter")
        assert "events" in ui.text().splitlines()[0] and "05-18 14:0" in ui.text()
        await ui.type("escape", "/", "suspect", "enter")
        assert "suspect: account" in ui.text()


async def test_a_campaign_is_walked_as_a_matrix(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("2", "v")
        assert "30 members" in ui.text().splitlines()[0]
        await ui.type("ll")
        assert "held by" in ui.text() and "members, by" in ui.text()
        await ui.type("/", "usr_v1ks0fg562", "enter", "enter")
        assert "accounts ▸ usr_v1ks0fg562" in ui.text().splitlines()[0]


async def test_an_export_shows_what_would_leave_and_writes_reports_too(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with sitting(sample_case, size=(100, 40)) as ui:
        await ui.type("t", "enter", "A", "enter", "w")
        assert "rows would leave" in ui.text() and "session,entity_kind" in ui.text()
        await ui.type("ctrl+u", "report", "tab", "ctrl+u", "enter")
        assert "1 accepted finding" in ui.text()
        assert "<html" in (tmp_path / "sample-report.html").read_text()
        await ui.type("w", "tab", "tab", "nobody", "enter")
        assert "there is no policy" in ui.text()


async def test_the_page_of_an_account_says_what_it_shares_and_with_how_many(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("3", "/", "usr_cwv1apmkeg", "enter", "enter")
        lines = ui.text().splitlines()
        assert "60 requests" in lines[0] and "Mon" in ui.text()
        payment = next(line for line in lines if line.lstrip().startswith("payment")).split()
        assert payment[:5] == ["payment", "60", "100", "7", "pm_f6396b876e9d"]
        await ui.type("/", "pm_f", "enter", "F")
        assert "8 rows" in ui.text()
        await ui.type("escape", "t", "enter")
        assert "▸ suspect" in ui.text()
        await ui.type("enter")
        assert "payment_ref:pm_f6396b876e9d" in ui.text().splitlines()[0]


def sample_case_rank(text: str, rank: int) -> str:
    """Return the entity of a rank as it stands on the screen."""
    return next(line.split()[3] for line in text.splitlines() if line.lstrip(" ▸*").startswith(f"{rank} "))


async def test_digits_typed_fast_are_places_where_they_are_no_count(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        for typed, place in (("34", "sessions"), ("35", "events"), ("53", "accounts"), ("90", "timeline")):
            await ui.type("escape", typed)
            assert ui.text().startswith(f"sample ▸ {place}"), typed
        await ui.type("3", "34G")
        assert "34 of 244" in ui.text().splitlines()[0]
        await ui.type("999")
        assert "34 of 244" in ui.text().splitlines()[0], "a count that nothing follows is forgotten"
        await ui.type("999j")
        assert "244 of 244" in ui.text().splitlines()[0]


async def test_a_count_that_another_key_follows_goes_nowhere_later(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        for key in ("3", "4", "y"):
            await ui.pilot.press(key)
        assert "copied" in ui.text()
        await asyncio.sleep(1.5)  # longer than two digits wait
        assert ui.text().startswith("sample ▸ triage")


async def test_a_digit_acts_at_once_where_there_is_nothing_to_count(tmp_path: Path, sitting: Open) -> None:
    with Case.create(tmp_path / "new.case") as case:
        async with sitting(case) as ui:
            for digit, place in (("3", "accounts"), ("4", "sessions"), ("5", "events")):
                await ui.pilot.press(digit)
                assert not ui.app.screen.typing  # type: ignore[attr-defined]
                await ui.settle()
                assert ui.text().startswith(f"new ▸ {place}")
