"""Tags come back from a copied case and from files, both sides kept, and the chain tells it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.case.acts.tagging import TagsImported
from workbench.errors import EvidenceError, UsageError
from workbench.evidence.merge import bring_in, merge, read_tags
from workbench.evidence.verify import verify
from workbench.export import export


def told(case: Case) -> dict[tuple[str, str], str]:
    return {(tag.id, tag.tag): tag.note for tag in case.tags.all()}


def test_both_sides_are_kept(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy.case"
    case.ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(case.folder.path, copy)
    with Case.open(copy) as other:
        monkeypatch.setenv("WORKBENCH_USER", "other person")
        other.tags.add("account", ["user-007"], "suspect", "theirs")
        other.tags.add("account", ["user-001"], "suspect", "they say more")
        other.tags.add("account", ["user-008"], "both", "their view")
        monkeypatch.setenv("WORKBENCH_USER", "tester")
        case.tags.add("account", ["user-008"], "both", "our view")
        case.tags.add("account", ["user-009"], "suspect", "ours")
        case.tags.remove("account", ["user-003"], "dismissed")
        done = merge(case, other)
    assert (done.added, done.joined, done.same) == (1, 2, 0)
    found = told(case)
    assert found["user-007", "suspect"] == "theirs" and found["user-009", "suspect"] == "ours"
    assert found["user-008", "both"] == "our view | their view (other person)"
    assert found["user-001", "suspect"] == "asks alike | they say more (other person)"
    assert ("user-003", "dismissed") not in found, "what was taken off here stays off"
    assert next(tag for tag in case.tags.all() if tag.id == "user-007").tagged_by == "other person"
    assert list(verify(case))
    with Case.open(copy) as other:
        assert merge(case, other).added == 0
        assert told(case) == found
        assert list(verify(case))


def test_only_copies_of_one_case_are_merged(case: Case, tmp_path: Path) -> None:
    with (
        Case.create(tmp_path / "stranger.case") as stranger,
        pytest.raises(EvidenceError, match="not copies of one case"),
    ):
        merge(case, stranger)


def test_tags_go_out_and_come_in_as_csv_and_json_lines(case: Case, tmp_path: Path) -> None:
    case.tags.add("account", ['=cmd|" x', "a,b\nc"], "odd", '@note with "quotes"\nand a line')
    export(case, "tags", tmp_path / "tags.csv")
    before = case.tags.all()
    export(case, "tags", tmp_path / "tags.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "tags.jsonl").read_text().splitlines()]
    (tmp_path / "tags.json").write_text("[" + ",\n ".join(map(json.dumps, rows)) + "]\n")
    for file in ("tags.csv", "tags.jsonl", "tags.json"):
        with Case.create(tmp_path / f"{file}.case") as fresh:
            done = bring_in(fresh, read_tags(tmp_path / file), TagsImported(file=file, tags=()))
            assert done.added == len(before)
            assert {(t.kind, t.id, t.tag, t.note, t.tagged_by) for t in fresh.tags.all()} == {
                (t.kind, t.id, t.tag, t.note, t.tagged_by) for t in before
            }
            assert list(verify(fresh))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind,id,tag\naccount,u1,two words\n", "line 2: 'two words' cannot be a tag"),
        ("kind,id,tag\nplanet,u1,x\n", "line 2: unknown kind"),
        ("kind,id,tag\naccount,,x\n", "line 2: it names no id"),
        ("who,what\na,b\n", "has no columns kind, id and tag"),
        ('{"kind": "account", "id": "u1", "tag": "x"}\n{"kind": \n', "line 2: not JSON"),
        ('{"kind": 1}', "line 1: unknown kind"),
        ("{" * 5000, "line 1: not JSON"),
        ('kind,id,tag\naccount,"u1,x\n', "unexpected end of data"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole(case: Case, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "t").write_text(text)
    with pytest.raises(UsageError, match=says):
        read_tags(tmp_path / "t")
    (tmp_path / "t").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        read_tags(tmp_path / "t")
