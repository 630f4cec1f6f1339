"""Following a log that is still written to, while one looks at its events; and what a list says until it is made."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from pathlib import Path

import pytest

from tests.tui.conftest import Open, Sitting
from workbench.case import Case
from workbench.case.browse import build_index, grown_index, read_events
from workbench.case.filter import parse_filter
from workbench.ingest import load
from workbench.tui.frame import Frame

LINE = '192.0.2.{n} - - [21/Oct/2026:10:00:{n:02d} +0000] "GET /a{n} HTTP/1.1" 200 10 "-" "curl/8"\n'


def lines(first: int, last: int) -> str:
    return "".join(LINE.format(n=n) for n in range(first, last))


async def until(ui: Sitting, said: str) -> str:
    """Wait, ten seconds at most, until the screen says something."""
    await seen(ui, said)
    await ui.settle()
    return ui.text()


async def seen(ui: Sitting, said: str) -> str:
    """Wait for it while jobs may still run."""
    for _ in range(200):
        if said in ui.text():
            break
        await asyncio.sleep(0.05)
    return ui.text()


async def test_what_is_appended_comes_while_one_reads(tmp_path: Path, sitting: Open) -> None:
    log = tmp_path / "access.log"
    log.write_text(lines(0, 10))
    with Case.create(tmp_path / "f.case") as case:
        load(case, [str(log)])
        async with sitting(case, size=(120, 30)) as ui:
            await ui.type("escape", "9", "F")
            assert str(log)[-20:] in ui.text()
            await ui.type("enter")
            assert "no new lines yet" in ui.text()

            with log.open("a") as file:
                file.write(lines(10, 15))
            text = await until(ui, "5 lines taken")
            assert "5 lines taken, the last at " in text and "15 lines = 15 event lines" in text

            await ui.type("5", "G")
            assert "following  15 of 15" in ui.text()
            with log.open("a") as file:
                file.write(lines(15, 18))
            assert "18 of 18" in await until(ui, "18 of 18"), "at the end it stays at the end"

            await ui.type("k", "k", "k")
            with log.open("a") as file:
                file.write(lines(18, 20))
            assert "15 of 20" in await until(ui, "of 20"), "elsewhere the cursor stays on its event"

            await ui.type("9", "escape")
            assert "stopped" in ui.text() and ui.app.following is not None and not ui.app.following.running
            with log.open("a") as file:
                file.write(lines(20, 22))
            await ui.type("F", "enter")
            await until(ui, "2 lines taken")
        assert case.info()["events"] == 22 and not ui.app.following.running


@pytest.mark.parametrize("text", ["", "path:/a1*", "status:404"])
def test_an_index_that_has_grown_is_as_one_that_is_made_anew(tmp_path: Path, text: str) -> None:
    log = tmp_path / "access.log"
    chosen = parse_filter(text)
    with Case.create(tmp_path / "f.case") as case:
        log.write_text(lines(0, 12))
        load(case, [str(log)])
        index = build_index(case, chosen)
        for first, last in ((12, 20), (5, 9)):
            since = max(source.source or 0 for source in case.sources())
            log.write_text(lines(first, last).replace("21/Oct", "22/Oct" if first == 12 else "20/Oct"))
            load(case, [str(log)])
            index = grown_index(case, index, since)
        anew = build_index(case, chosen)
        assert index.total == anew.total and (index.total > 0) == (text != "status:404")
        rows = [[row[0] for row in read_events(case, one, ["event_id"], 0, 100)] for one in (index, anew)]
        assert rows[0] == rows[1] and len(rows[0]) == anew.total


async def test_what_cannot_be_followed_is_said(tmp_path: Path, sitting: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)  # a short name, so that the message is seen whole
    with Case.create(tmp_path / "f.case") as case:
        async with sitting(case) as ui:
            await ui.type("F", *"logs", "enter")
            assert "is no file" in await until(ui, "is no file")


async def test_a_list_that_is_being_made_says_so(tmp_path: Path, sitting: Open) -> None:
    with Case.create(tmp_path / "f.case") as case:
        async with sitting(case) as ui:
            await ui.type("3")
            frame, until_read = ui.app.screen, threading.Event()
            assert isinstance(frame, Frame)
            frame.job("making", lambda _: until_read.wait(10), lambda _: None, changes=True).about = "made once…"
            await asyncio.sleep(0.4)
            assert "making… Esc stops" in ui.text() and "%" not in ui.text(), "the engine is not asked anything"
            assert "made once… Esc stops it; the other places work meanwhile." in ui.text()
            until_read.set()
            await ui.settle()
            assert "made once" not in ui.text() and "no accounts here" in ui.text()


async def test_how_far_a_long_query_is_is_told_while_it_runs(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        frame = ui.app.screen
        assert isinstance(frame, Frame)
        long = "SELECT count(*) FROM (SELECT hash(range) AS h FROM range(20000000000)) WHERE h % 7 = 1"
        frame.job("counting", lambda job: sample_case.query(long, cursor=job.cursor()), lambda _: None)
        told = await seen(ui, " %… Esc stops")
        share = re.search(r"counting (\d+) %… Esc stops", told)
        assert share and int(share[1]) < 100
        await ui.type("escape")
        assert "counting: stopped" in ui.text() and "%" not in ui.text().splitlines()[0]


def test_a_connection_that_tells_its_progress_is_given_back_empty(sample_case: Case) -> None:
    with contextlib.ExitStack() as stack:
        lent = [stack.enter_context(sample_case.store.watched()) for _ in range(9)]
        for one in lent:
            one.execute("CREATE TEMP TABLE left_over AS SELECT 1 AS one")
        told = [one.execute("SELECT current_setting('enable_progress_bar')").fetchone() for one in lent]
        assert told == [(True,)] * 4 + [(False,)] * 5
        assert lent[0].execute("SELECT current_setting('enable_progress_bar_print')").fetchone() == (False,)
    with sample_case.store.watched() as again:
        assert again in lent[:4]
        assert again.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchone() == (0,)
