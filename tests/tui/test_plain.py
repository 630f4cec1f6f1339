"""Terminals that show ASCII only."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.tui import ascii_filter


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "C"}, False),
        ({}, False),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "C.utf8", "LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1@euro"}, True),
        ({"LANG": "en_GB.UTF-8", "TERM": "vt100"}, True),
        ({"LANG": "en_GB.UTF-8", "WORKBENCH_ASCII": "1"}, True),
        ({"LC_ALL": "C", "WORKBENCH_ASCII": "0"}, False),
    ],
)
def test_the_environment_says_what_the_terminal_shows(environment: dict[str, str], expected: bool) -> None:
    assert ascii_filter._says_ascii(environment) is expected


@pytest.mark.parametrize("text", ["─▸ usr …", "日本語 prompt", "e\u0301 accent", "█▇▒░·"])
def test_ascii_takes_as_many_cells(text: str) -> None:
    shown = ascii_filter.in_ascii(text)
    assert shown.isascii() and len(shown) == cell_len(text)


async def test_every_place_is_drawn_in_ascii(sample_case: Case, sitting: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ASCII", "1")
    ascii_filter.ascii_only.cache_clear()
    try:
        async with sitting(sample_case) as ui:
            for keys in (["1"], ["3"], ["5"], ["l", "F"], ["6"], ["escape", "9"], ["2"], ["v"], ["?"]):
                await ui.type(*keys)
                assert ui.text().isascii(), ui.text()
    finally:
        ascii_filter.ascii_only.cache_clear()
