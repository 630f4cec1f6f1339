"""What one does with a playbook's answer: compare, save under a new name, read the chart, write it."""

from __future__ import annotations

import asyncio
import csv
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Open, Sitting
from workbench.case import Case
from workbench.case.execute import Table
from workbench.evidence.compare import differences
from workbench.playbooks import Library


def test_rows_are_new_gone_changed_or_the_same() -> None:
    old = Table(["account", "n"], ["VARCHAR", "BIGINT"], [("a", 1), ("b", 2), ("c", 3)])
    new = Table(["account", "n"], ["VARCHAR", "BIGINT"], [("a", 1), ("b", 5), ("d", 4)])
    rows, same = differences(old, new, "account")
    assert rows == [("new", "d", 4), ("gone", "c", 3), ("changed", "b", "2 → 5")] and same == 1
    assert differences(old, new, None)[0] == rows
    twice = Table(["n", "m"], ["BIGINT", "BIGINT"], [(1, 1), (1, 1)])
    assert differences(twice, twice, None) == ([], 2)


async def test_an_answer_is_compared_with_the_one_before(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("escape", ":", "shared_addresses", "enter", "enter", "d")
        assert "was not asked of this case before" in ui.text()
        await ui.type("=", "enter", "d")
        assert "0 new, 0 gone, 0 changed" in ui.text()
        await ui.type("=", "ctrl+u", "6", "enter", "d")
        text = ui.text()
        assert "against run" in text and " gone" in text, text


async def test_it_is_told_that_a_comparison_runs_when_the_case_that_was_asked_is_closed_already(
    sample_case: Case, sitting: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparing, go_on = threading.Event(), threading.Event()

    def held(*args: Any) -> Any:
        comparing.set()
        assert go_on.wait(60)
        return differences(*args)

    monkeypatch.setattr("workbench.evidence.compare.differences", held)
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("escape", ":", "shared_addresses", "enter", "enter", "=", "enter")
        await ui.pilot.press("d")
        try:
            assert await asyncio.to_thread(comparing.wait, 60)
            await until(ui, "asking the run before again… Esc stops")
        finally:
            go_on.set()
        await ui.settle()
        assert "0 new, 0 gone, 0 changed" in ui.text()


async def until(ui: Sitting, text: str) -> None:
    """Wait until a text stands on the screen."""
    async with asyncio.timeout(60):
        while text not in ui.text():
            await asyncio.sleep(0.02)


async def test_a_playbook_is_saved_with_other_parameters(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("escape", ":", "shared_addresses", "enter", "ctrl+u", "6", "enter", "s")
        await ui.type("ctrl+u", "many_shared", "tab", "ctrl+u", "Many shared", "enter")
        assert "saved many_shared.sql" in ui.text()
    book = Library(sample_case.folder.path).get("many_shared")
    assert book.title == "Many shared" and book.parameters[0].default == "6"


async def test_a_chart_tells_its_values_zooms_and_is_written(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with sitting(sample_case) as ui:
        await ui.type("escape", ":", "traffic_over_time", "enter", "enter", "v", "v")
        await ui.type("l", "l", "l")
        said = ui.text()
        assert "2026-04-2" in said and "requests" in said
        whole = ui.text().splitlines()[3:20]
        await ui.type("z")
        assert ui.text().splitlines()[3:20] != whole
        await ui.type("Z", "Z", "y")
        assert "copied the chart" in ui.text()
        await ui.type("w", "ctrl+u", "chart", "enter")
        assert "wrote the chart" in ui.text(), ui.text()
    assert (tmp_path / "sample-chart.svg").read_text().startswith("<svg")


async def test_the_case_is_verified_and_sealed(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with sitting(sample_case, size=(100, 30)) as ui:
        await ui.type("escape", "9", "v")
        assert "the case is as it was recorded" in ui.text() and "audit chain" in ui.text()
        await ui.type("S", "enter")
        assert "write this head down" in ui.text(), ui.text()
    assert "audit chain" in (tmp_path / "sample.seal").read_text()


async def test_a_counted_value_leads_to_its_events(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "l", "F", "j", "enter")
        assert ui.text().startswith("sample ▸ events ▸ account:usr_h4fmh4ptpe ")
        await ui.type("escape", "v", "v", "l", "enter")
        assert ui.text().startswith("sample ▸ events ▸ account:usr_")


async def test_what_is_tagged_is_written_for_other_programs(
    sample_case: Case, sitting: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample_case.tags.add("account", ["usr_cwv1apmkeg"], "suspect", "shares addresses")
    events = sample_case.query("SELECT count(*) FROM event WHERE account = 'usr_cwv1apmkeg'").rows[0][0]
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("w")
        assert "timesketch, siem, stix" in ui.text()
        for what in ("timesketch", "siem", "stix"):
            await ui.type("ctrl+u", what, "enter")
            assert f"sample-{what}." in ui.text(), ui.text()
            await ui.type("w")
    lines = [json.loads(line) for line in (tmp_path / "sample-timesketch.jsonl").read_text().splitlines()]
    assert sum("account" in line and line["timestamp_desc"] == "Event Logged" for line in lines) == events
    rows = list(csv.DictReader((tmp_path / "sample-siem.csv").open()))
    assert [row["user.id"] for row in rows] == ["usr_cwv1apmkeg"] * events
    assert json.loads((tmp_path / "sample-stix.json").read_text())["type"] == "bundle"
