"""What ``bench same`` calls equal, and what it says of what is not."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from bench.same import main
from bench.same_cases import CommandLine, file_item
from bench.same_digest import Item, difference, save, table_item, text_item

COLUMNS = ["id", "score", "reasons"]
ROWS: list[list[object]] = [[f"usr_{n}", n / 7, [f"reason {n}", {"figure": n / 3}]] for n in range(50)]


def _compare(folder: Path, before: dict[str, Item], after: dict[str, Item]) -> int:
    save(folder / "before.json", {"duckdb": "2"}, before)
    save(folder / "after.json", {"duckdb": "2"}, after)
    return main(["compare", str(folder / "before.json"), str(folder / "after.json")])


def test_compare_names_the_column_and_the_row_of_a_changed_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [list(row) for row in ROWS]
    changed[17][1] = 17 / 7 + 1e-8
    before = {"judged": table_item(COLUMNS, ROWS), "notes": text_item("a\nb")}
    after = {"judged": table_item(COLUMNS, changed), "notes": text_item("a\nb")}
    assert _compare(tmp_path, before, after) == 1
    out = capsys.readouterr().out
    assert "judged: DIFFERENT: values of column score differ; 1 of 50 rows differ, the first is 'usr_17'" in out
    assert "notes: equal" in out
    assert out.endswith("1 equal, 1 different\n")


def test_compare_of_equal_results_ends_with_0(tmp_path: Path) -> None:
    items = {"judged": table_item(COLUMNS, ROWS), "notes": text_item("a\nb")}
    assert _compare(tmp_path, items, dict(items)) == 0


def test_an_item_that_only_one_file_has_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = {"judged": table_item(COLUMNS, ROWS)}
    assert _compare(tmp_path, items, {**items, "base": text_item("x")}) == 1
    assert "base: DIFFERENT: only in the second file" in capsys.readouterr().out


def test_a_digest_does_not_depend_on_the_order_of_rows() -> None:
    mixed = list(ROWS)
    random.Random(7).shuffle(mixed)
    assert table_item(COLUMNS, mixed) == table_item(COLUMNS, ROWS)


def test_values_that_change_places_between_rows_are_a_difference() -> None:
    swapped = [list(row) for row in ROWS]
    swapped[3][1], swapped[4][1] = swapped[4][1], swapped[3][1]
    assert "2 of 50 rows differ, the first is 'usr_3'" in difference(
        table_item(COLUMNS, ROWS), table_item(COLUMNS, swapped)
    )


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        (0.1 + 0.2, 0.3, True),
        (88.91292175906625, 88.91292175906622, True),
        (1234.000000001, 1234.000000002, False),
        (4.44e-11, 4.45e-11, False),
        (1e-17, 0.0, True),
        (1.0, 1, False),
        (None, "", False),
    ],
)
def test_floats_are_compared_by_nine_digits_and_types_exactly(first: object, second: object, equal: bool) -> None:
    assert (table_item(["a"], [[first]]) == table_item(["a"], [[second]])) is equal


def test_a_renamed_column_is_a_difference_that_says_so() -> None:
    text = difference(table_item(COLUMNS, ROWS), table_item(["id", "weight", "reasons"], ROWS))
    assert text == "column score is called weight, with equal values"


def test_the_first_line_of_a_text_that_differs_is_shown() -> None:
    assert difference(text_item("a\nshared by 7\nc"), text_item("a\nshared by 8\nc")) == (
        "line 2: 'shared by 7' became 'shared by 8'"
    )


def _runs(at: str, result: str, name: str = "who_asks_most", version: str = "0.1.0") -> bytes:
    run = {"run": 1, "run_at": at, "name": name, "result": result, "tools": f"workbench {version}, duckdb 2.0.1"}
    return (json.dumps(run) + "\n").encode()


def test_times_and_versions_in_a_bundle_are_masked_and_results_are_not(tmp_path: Path) -> None:
    shell, name = CommandLine(tmp_path), "bundle/data/runs.jsonl"
    before = file_item(shell, name, _runs("2026-01-01T00:00:00Z", "abc"))
    later = file_item(shell, name, _runs("2026-01-02T00:00:00Z", "abc", version="0.2.0"))
    other = file_item(shell, name, _runs("2026-01-01T00:00:00Z", "abd"))
    assert difference(before, later) == ""
    assert "values of column result differ" in difference(before, other)


def _stix(case: str, at: str, about: str) -> bytes:
    identity, note = f"identity--{case}-0000-5000-8000-000000000001", f"note--{case}-0000-5000-8000-000000000002"
    return (
        f'{{"id": "{identity}", "created": "{at}"}},\n'
        f'{{"id": "{note}", "created_by_ref": "{identity}", "created": "2026-06-06T00:00:01.000Z", '
        f'"modified": "{at}", "content": "{about}"}}'
    ).encode()


def test_ids_and_times_of_the_run_in_stix_are_masked_and_what_is_said_is_not(tmp_path: Path) -> None:
    shell, name = CommandLine(tmp_path), "export/export-stix.json"
    before = file_item(shell, name, _stix("0000000a", "2026-11-01T00:00:00Z", "3 addresses"))
    later = file_item(shell, name, _stix("0000000b", "2026-11-02T00:00:00Z", "3 addresses"))
    other = file_item(shell, name, _stix("0000000a", "2026-11-01T00:00:00Z", "4 addresses"))
    assert difference(before, later) == ""
    assert difference(before, other).startswith("line 2: ")


def test_files_of_a_bundle_without_times_are_compared_byte_by_byte(tmp_path: Path) -> None:
    shell, name = CommandLine(tmp_path), "bundle/data/events.csv"
    before = file_item(shell, name, b"id,n\r\na,1\r\nb,2\r\n")
    assert difference(before, file_item(shell, name, b"id,n\r\nb,2\r\na,1\r\n")) == (
        "every row is equal, but their order or the bytes of the file differ"
    )
    assert "values of column n differ" in difference(before, file_item(shell, name, b"id,n\r\na,1\r\nb,3\r\n"))


def test_the_command_refuses_what_is_no_file_of_digests(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(SystemExit, match="not a file of digests"):
        main(["compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
