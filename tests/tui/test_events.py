"""Looking at the events from all sides: fields, columns, orders, stretches of time, what belongs together."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.ingest import load


async def test_the_fields_list_their_values_and_filter_by_them(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "f", "/", "atlas-4", "enter")
        assert "events ▸ fields" in ui.text().splitlines()[0]
        await ui.type("enter")
        assert "model:atlas-4" in ui.text().splitlines()[0] and "of 1,577 of 33,057" in ui.text()
        await ui.type("f", "j", "-")
        assert "model:atlas-4 -account:usr_" in ui.text().splitlines()[0]


async def test_columns_are_widened_narrowed_and_moved(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("5", "l")
        before = ui.text().splitlines()[4]
        await ui.type(".", ".")
        wider = ui.text().splitlines()[4]
        assert wider.index("client_ip") == before.index("client_ip") + 8
        await ui.type(",", ",")
        assert ui.text().splitlines()[4] == before
        await ui.type("L")
        assert ui.text().splitlines()[4].split()[:3] == ["ts", "client_ip", "account"]
        await ui.type("H", "H")
        assert ui.text().splitlines()[4].split()[:2] == ["account", "ts"]


async def test_the_largest_values_come_first_and_time_comes_back(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("5", "l", "l", "l", "l", "]")
        lines = ui.text().splitlines()
        assert "first 1,000 by status ↓" in lines[0] and " 504 " in lines[5]
        await ui.type("}")
        assert "by time again" in ui.text()
        await ui.type("h", "h", "h", "h", "[")
        assert "first 1,000" not in ui.text() and "of 33,057" in ui.text().splitlines()[0]


async def test_a_stretch_of_time_is_brushed_and_zoomed_into(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "1000G", "b", "3000G")
        assert ui.text(styles=True).splitlines()[2].count("reverse") == 1
        await ui.type("b")
        head = ui.text().splitlines()[0]
        assert "–" in head and " of 2,00" in head
        await ui.type("Z", "Z", "Z", "!", "b", "escape")
        assert "of 33,057" in ui.text().splitlines()[0]


async def test_a_place_that_is_being_opened_or_closed_keeps_what_was_remembered(
    sample_case: Case, sitting: Open
) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "=", "model:atlas-4", "enter")
        ui.app.remember()
        events = ui.app.screen
        ui.app.back()
        while events.is_attached:
            ui.app.remember()
            await asyncio.sleep(0)
        ui.app.go("events")
        while not ui.app.screen.is_mounted:
            ui.app.remember()
            await asyncio.sleep(0)
        await ui.settle()
        assert ui.app.view_state.get("events")["text"] == "model:atlas-4"
        assert ui.text().startswith("sample ▸ events ▸ model:atlas-4")


async def test_what_belongs_to_an_event_is_one_key_away(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("5", "=", "model:atlas-4", "enter", "10j", "A")
        assert "account:usr_" in ui.text().splitlines()[0]
        await ui.type("escape", "S")
        head = ui.text().splitlines()[0]
        assert "entity:usr_" in head and "ts>=" in head
        await ui.type("escape", "I")
        assert "client_ip:" in ui.text().splitlines()[0]


async def test_several_addresses_are_called_so_in_the_head(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 30)) as ui:
        await ui.type("5", "=", "model:atlas-3", "enter", "o", "i")
        assert "addresses" in ui.text().splitlines()[0]
        await ui.type("F")
        head = ui.text().splitlines()[0]
        assert "▸ addresses ▸" in head and "addresss" not in head


async def test_a_network_of_ipv6_is_a_filter_and_a_mistaken_one_says_so(tmp_path: Path, sitting: Open) -> None:
    log = tmp_path / "a.log"
    line = '{} - - [10/Oct/2026:13:55:36 +0000] "GET /{} HTTP/1.1" 200 512 "-" "curl/8.5"\n'
    log.write_text("".join(line.format(ip, n) for n, ip in enumerate(("2001:db8::7", "2001:db8:0:1::9", "192.0.2.1"))))
    with Case.create(tmp_path / "new.case") as case:
        load(case, [str(log)])
        async with sitting(case, size=(120, 30)) as ui:
            await ui.type("escape", "5", "=", "ip:2001:DB8:0::/64", "enter")
            assert "GET /0" in ui.text() and "GET /1" not in ui.text() and "GET /2" not in ui.text()
            await ui.type("=", "ctrl+u", "ip:2001:db8::/200", "enter")
            assert "'200' is not a prefix of IPv6: it has 0 to 128 bits" in ui.text()


async def test_what_is_known_of_a_network_is_a_column_and_a_filter(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case, size=(120, 30)) as ui:
        await ui.type("5", "s", "ctrl+u", "ts network_k", "tab", "enter")
        assert "network_kind" in ui.text()
        await ui.type("=", "network_ki", "tab", "cloud", "enter")
        assert "no event passes this filter" in ui.text()


@pytest.mark.parametrize("keep", [True, False])
async def test_the_record_says_whether_it_is_the_logs_or_the_copy(tmp_path: Path, sitting: Open, keep: bool) -> None:
    log = tmp_path / "a.log"
    line = '203.0.113.9 - - [10/Oct/2026:13:55:36 +0000] "GET /\x1b[31m HTTP/1.1" 200 512 "-" "curl/8.5"'
    log.write_text(line + "\n")
    with Case.create(tmp_path / "new.case") as case:
        load(case, [str(log)], keep_raw=keep)
        async with sitting(case, size=(120, 40)) as ui:
            await ui.type("escape", "5", "enter")
            assert "line 1 of the original log, unchanged since it was loaded" in ui.text()
            assert r'"GET /\x1b[31m HTTP/1.1" 200 512 "-" "curl/8.5"' in ui.text()
            log.unlink()
            await ui.type("escape", "enter")
            said = " ".join(ui.text().split())
            if keep:
                assert "line 1 of the copy that the case keeps, since" in said and "is not there any more" in said
                assert r'"GET /\x1b[31m HTTP/1.1" 200 512 "-" "curl/8.5"' in said
            else:
                assert "is not there any more, and the case keeps no copy" in said


async def test_the_record_of_a_large_log_is_read_when_it_is_asked_for(
    sample_case: Case, sitting: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.tui.screens.event._AT_ONCE", 1000)
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("5", "enter")
        assert "v reads it from the log, whose 0 MB are hashed first" in ui.text()
        await ui.type("v")
        assert "line 1 of the original log" in ui.text() and ui.text().count("kube-probe/1.31") == 3
