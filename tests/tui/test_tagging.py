"""Tags under other names, and notes in Markdown."""

from __future__ import annotations

import sqlite3

import pytest
from rich.console import Console

from tests.tui.conftest import Open
from workbench.case import Case
from workbench.tui.dialogs.note import rendered


async def test_marked_tags_get_another_name_and_it_is_undone(sample_case: Case, sitting: Open) -> None:
    sample_case.tags.add("account", ["a", "b"], "suspect", "same pool")
    sample_case.tags.add("account", ["c"], "reseller", "known")
    async with sitting(sample_case) as ui:
        await ui.type("escape", "8", "l", "l", "]", "m", "m", "t", "ctrl+u", "proxy", "enter")
        assert "2 tags now 'proxy'" in ui.text()
        assert {(one.id, one.note) for one in sample_case.tags.all(tag="proxy")} == {
            ("a", "same pool"),
            ("b", "same pool"),
        }
        await ui.type("u")
        assert {(one.id, one.tag) for one in sample_case.tags.all()} == {
            ("a", "suspect"), ("b", "suspect"), ("c", "reseller")
        }  # fmt: skip


async def test_a_note_is_written_in_several_lines_and_drawn(sample_case: Case, sitting: Open) -> None:
    sample_case.tags.add("account", ["a"], "suspect", "first")
    async with sitting(sample_case) as ui:
        await ui.type("escape", "8", "a", "enter", "- **one** pool", "enter", "- [x](http://e.example) <b>", "ctrl+s")
        assert sample_case.tags.all()[0].note == "first\n- **one** pool\n- [x](http://e.example) <b>"
        text = ui.text()
        assert " • one pool" in text and "**one** pool" not in text.split("noted")[0].splitlines()[-3]
        assert "http://e.example" in text and "<b>" in text
        await ui.type("u")
        assert sample_case.tags.all()[0].note == "first"


async def test_a_note_added_by_mistake_is_undone_and_done_again(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("escape", "3", "t", "ctrl+u", "zzz", "enter")
        before = sample_case.tags.all()
        assert [(tag.tag, tag.note) for tag in before] == [("zzz", "")]
        await ui.type("t", "tab", "wrong note", "enter")
        after = sample_case.tags.all()
        assert [tag.note for tag in after] == ["wrong note"] and "u undoes it" in ui.text()
        await ui.type("u")
        assert sample_case.tags.all() == before and "undone: tagging account" in ui.text()
        await ui.type("U")
        assert sample_case.tags.all() == after and "done again: tagging account" in ui.text()
        await ui.type("u", "u", "u")
        assert sample_case.tags.all() == [] and "there is nothing to undo" in ui.text()


async def test_a_colleagues_tag_comes_back_as_the_colleague_gave_it(
    sample_case: Case, sitting: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_USER", "bob")
    sample_case.tags.add("account", ["a"], "suspect", "seen by bob on site")
    before = sample_case.tags.all()
    monkeypatch.setenv("WORKBENCH_USER", "alice")
    async with sitting(sample_case) as ui:
        await ui.type("escape", "8", "T")
        assert sample_case.tags.all() == [] and "took 'suspect' off account a; u undoes it" in ui.text()
        await ui.type("u")
        assert sample_case.tags.all() == before
        await ui.type("U")
        monkeypatch.setenv("WORKBENCH_USER", "bob")
        sample_case.tags.add("account", ["a"], "suspect", "put back by bob")
        monkeypatch.setenv("WORKBENCH_USER", "alice")
        await ui.type("u")
        said = " ".join(ui.text().split())
        assert "nothing was undone: account a 'suspect' stays as it is, because bob wrote another note on it" in said
        assert [tag.note for tag in sample_case.tags.all()] == ["put back by bob"]


async def test_the_offer_names_what_the_key_will_really_undo(sample_case: Case, sitting: Open) -> None:
    sample_case.tags.add("account", ["a"], "suspect")
    async with sitting(sample_case, size=(120, 40)) as ui:
        await ui.type("escape", "8", "a", "a note", "ctrl+s")
        assert "noted; u undoes it" in ui.text()
        await ui.type("3", "t", "ctrl+u", "zzz", "enter")
        tagged = next(line for line in ui.text().splitlines() if "u undoes it" in line)
        await ui.type("8")
        assert "undoes" not in ui.text(), "the offer to undo the note does not hold any more"
        await ui.type("u")
        assert f"undone: tagging {tagged.split()[1]}" in ui.text()
        assert "u undoes the note on account a 'suspect'; U redoes it" in " ".join(ui.text().split())
        offered = {command.title: command.help for command in ui.app.get_system_commands(ui.app.screen)}
        assert offered["undo (u)"] == "undo the note on account a 'suspect'"
        assert offered["redo (U)"].startswith("redo tagging account usr_")


async def test_a_verdict_is_undone_to_the_one_before(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("x", "a class with a deadline", "enter")
        dismissed = sample_case.tags.all()
        await ui.type("g", "A", "fills templates", "enter")
        assert [tag.tag for tag in sample_case.tags.all()] == ["accepted"]
        await ui.type("u")
        assert sample_case.tags.all() == dismissed and "undone: accepting account" in ui.text()


async def test_a_busy_ledger_loses_no_undo(sample_case: Case, sitting: Open) -> None:
    async with sitting(sample_case) as ui:
        await ui.type("escape", "3", "t", "enter")
        assert "u undoes it" in ui.text()
        sample_case.ledger.rows("PRAGMA busy_timeout = 50")
        holding = sqlite3.connect(sample_case.folder.ledger, isolation_level=None)
        holding.execute("BEGIN IMMEDIATE")
        await ui.type("u")
        assert "is held by another process" in " ".join(ui.text().split())
        holding.execute("ROLLBACK")
        holding.close()
        await ui.type("u")
        assert sample_case.tags.all() == [] and "undone: tagging" in ui.text()


def test_nothing_of_a_note_but_its_looks_comes_through() -> None:
    console = Console(width=60, force_terminal=True, record=True)
    with console.capture() as got:
        console.print(
            rendered("# a\x1b]8;;http://evil\x07\u202e\n\n<script>x</script>\n\n![i](http://e.example/i.png)")
        )
    drawn = got.get()
    assert "\x1b]8" not in drawn and "\u202e" not in drawn and "<script>" in drawn
