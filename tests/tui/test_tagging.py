"""Tags under other names, and notes in Markdown."""

from __future__ import annotations

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


def test_nothing_of_a_note_but_its_looks_comes_through() -> None:
    console = Console(width=60, force_terminal=True, record=True)
    with console.capture() as got:
        console.print(
            rendered("# a\x1b]8;;http://evil\x07\u202e\n\n<script>x</script>\n\n![i](http://e.example/i.png)")
        )
    drawn = got.get()
    assert "\x1b]8" not in drawn and "\u202e" not in drawn and "<script>" in drawn
