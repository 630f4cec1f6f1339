"""Undo restores what was there, byte for byte; it leaves alone what a colleague did since, and the chain keeps all."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable

import pytest

from tests.case.test_ledger import make_older
from workbench.case import Case
from workbench.case.history import History
from workbench.case.ledger import entry_hash
from workbench.case.tags import Tag
from workbench.errors import CaseError, EvidenceError
from workbench.evidence.chain import entries, state_of
from workbench.evidence.verify import verify

As = Callable[[str], None]


@pytest.fixture
def history(case: Case) -> History:
    return History(case.ledger, case.tags)


@pytest.fixture
def act_as(monkeypatch: pytest.MonkeyPatch) -> As:
    """Let somebody else act from now on."""

    def somebody(name: str) -> None:
        monkeypatch.setenv("WORKBENCH_USER", name)

    return somebody


def actions(case: Case) -> list[str]:
    return [entry.action for entry in entries(case.ledger)]


def test_a_colleagues_tag_comes_back_with_note_author_time_and_place(case: Case, history: History, act_as: As) -> None:
    act_as("bob")
    case.tags.add("account", ["a", "b", "c"], "suspect", "seen by bob on site")
    before = case.tags.all()
    act_as("alice")
    history.untag([before[1]])
    assert [tag.id for tag in case.tags.all()] == ["a", "c"]
    undone = history.undo()
    assert undone and undone.what == "untagging account b 'suspect'" and not undone.kept
    assert case.tags.all() == before
    assert actions(case)[-3:] == ["tag", "untag", "undo"] and entries(case.ledger)[-1].who == "alice"
    assert list(verify(case))


def test_a_note_that_was_written_by_mistake_is_gone_after_undo(case: Case, history: History) -> None:
    history.tag("account", ["u1"], "suspect", "")
    history.tag("account", ["u1"], "suspect", "wrong note")
    assert history.undoable and history.undoable.what == "tagging account u1 'suspect'"
    history.undo()
    assert [tag.note for tag in case.tags.all()] == [""]
    history.undo()
    assert case.tags.all() == [] and history.undo() is None
    assert list(verify(case))


def test_a_verdict_and_its_reason_are_undone_to_the_one_before(case: Case, history: History, act_as: As) -> None:
    act_as("bob")
    case.tags.add("account", ["u1"], "dismissed", "a class with a deadline")
    before = case.tags.all()
    act_as("alice")
    change = history.judge("account", ["u1", "u2"], "accepted", "fills templates")
    assert change.what == "accepting 2 accounts" and len(change.entries) == 2
    assert {(tag.id, tag.tag) for tag in case.tags.all()} == {("u1", "accepted"), ("u2", "accepted")}
    after = case.tags.all()
    history.undo()
    assert case.tags.all() == before
    history.redo()
    assert case.tags.all() == after and all(tag.tagged_by == "alice" for tag in after)
    assert list(verify(case))


def test_another_name_is_undone_and_a_note_of_somebody_else_stays_signed(
    case: Case, history: History, act_as: As
) -> None:
    act_as("bob")
    case.tags.add("account", ["a", "b"], "suspect", "seen on site")
    act_as("alice")
    case.tags.add("account", ["b"], "proxy", "mine")
    before = case.tags.all()
    history.rename([tag for tag in before if tag.tag == "suspect"], "proxy")
    assert {(tag.id, tag.tag, tag.note, tag.tagged_by) for tag in case.tags.all()} == {
        ("a", "proxy", "seen on site (bob)", "alice"),
        ("b", "proxy", "seen on site (bob)", "alice"),
    }
    history.undo()
    assert case.tags.all() == before
    assert list(verify(case))


def test_another_name_for_a_tag_that_a_colleague_took_off_meanwhile_brings_it_not_back(
    case: Case, history: History
) -> None:
    case.tags.add("account", ["a", "b"], "suspect", "note")
    shown = case.tags.all()
    with Case.open(case.folder.path) as other:
        other.tags.remove("account", ["a"], "suspect")
        other.tags.add("account", ["b"], "suspect", "a newer note")
    history.rename(shown, "proxy")
    assert [(tag.id, tag.tag, tag.note) for tag in case.tags.all()] == [("b", "proxy", "a newer note")]


def test_undo_and_redo_go_back_and_forth_until_something_new_is_done(case: Case, history: History) -> None:
    states = [case.tags.all()]
    for number in range(3):
        history.tag("account", [f"u{number}", "always"], "suspect", f"note {number}")
        states.append(case.tags.all())
    for state in reversed(states[:-1]):
        history.undo()
        assert case.tags.all() == state
    for state in states[1:]:
        history.redo()
        assert case.tags.all() == state
    assert history.redo() is None
    history.undo()
    undone = history.redoable
    assert undone and undone.what == "tagging 2 accounts 'suspect'"
    history.tag("account", ["new"], "suspect", "")
    assert history.redo() is None
    assert list(verify(case))


def test_what_changed_nothing_is_not_offered_to_be_undone(case: Case, history: History) -> None:
    history.tag("account", ["u1"], "suspect", "why")
    assert not history.tag("account", ["u1"], "suspect", "")
    history.undo()
    assert case.tags.all() == []


def test_very_many_tags_are_undone(case: Case, history: History) -> None:
    case.tags.add("account", [f"u{number}" for number in range(0, 1500, 2)], "suspect", "even")
    before = case.tags.all()
    history.tag("account", [f"u{number}" for number in range(1500)], "suspect", "all of them")
    history.undo()
    assert case.tags.all() == before and list(verify(case))


def test_a_busy_ledger_forgets_no_undo(case: Case, history: History) -> None:
    history.tag("account", ["u1"], "suspect", "")
    case.ledger.rows("PRAGMA busy_timeout = 50")
    holding = sqlite3.connect(case.folder.ledger, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(CaseError, match="held by another process"):
            history.undo()
    assert history.undoable and len(case.tags.all()) == 1
    holding.execute("ROLLBACK")
    history.undo()
    holding.execute("BEGIN IMMEDIATE")
    with pytest.raises(CaseError, match="held by another process"):
        history.redo()
    holding.close()
    history.redo()
    assert [tag.id for tag in case.tags.all()] == ["u1"]


def test_two_undos_at_once_undo_two_changes(case: Case, history: History) -> None:
    for number in range(6):
        history.tag("account", [f"u{number}"], "suspect", "")
    threads = [threading.Thread(target=history.undo) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tag.id for tag in case.tags.all()] == ["u0", "u1"] and list(verify(case))


@pytest.mark.parametrize(
    ("colleague", "why"),
    [
        (lambda case: case.tags.add("account", ["u1"], "suspect", "bob's note"), "bob wrote another note on it on 2"),
        (lambda case: case.tags.add("account", ["u1"], "suspect"), "bob tagged it too on 2"),
        (lambda case: case.tags.remove("account", ["u1"], "suspect"), "bob took it off on 2"),
    ],
)
def test_what_a_colleague_did_since_stays(
    case: Case, history: History, act_as: As, colleague: Callable[[Case], object], why: str
) -> None:
    act_as("alice")
    history.tag("account", ["u0"], "earlier", "")
    history.tag("account", ["u1", "u2"], "suspect", "mine")
    act_as("bob")
    with Case.open(case.folder.path) as other:
        colleague(other)
    theirs = [tag for tag in case.tags.all() if tag.id == "u1"]
    act_as("alice")
    undone = history.undo()
    assert undone and undone.change and len(undone.kept) == 1
    assert undone.kept[0].startswith(f"account u1 'suspect' stays as it is, because {why}")
    assert [tag for tag in case.tags.all() if tag.id == "u1"] == theirs
    assert not [tag for tag in case.tags.all() if tag.id == "u2"]
    history.redo()
    assert [tag for tag in case.tags.all() if tag.id == "u1"] == theirs
    assert [tag.note for tag in case.tags.all() if tag.id == "u2"] == ["mine"]
    assert list(verify(case))


def test_where_nothing_can_be_undone_nothing_is_written_and_the_change_before_is_next(
    case: Case, history: History, act_as: As
) -> None:
    act_as("alice")
    history.tag("account", ["u0"], "earlier", "")
    history.tag("account", ["u1"], "suspect", "mine")
    act_as("bob")
    case.tags.add("account", ["u1"], "suspect", "bob's")
    act_as("alice")
    written = len(entries(case.ledger))
    outcome = history.undo()
    assert outcome and not outcome.change and "bob wrote another note" in outcome.kept[0]
    assert len(entries(case.ledger)) == written and history.redoable is None
    assert history.undoable and history.undoable.what == "tagging account u0 'earlier'"


def test_an_undo_cannot_put_words_into_a_colleagues_mouth(case: Case) -> None:
    """Whoever writes an entry of an undo by hand can only restore what a tag had before."""
    case.tags.add("account", ["u1"], "suspect", "why")
    forged = Tag("account", "u1", "suspect", "guilty, I saw it", "bob", "2026-05-01T10:00:00.000000Z")
    tag = {name: getattr(forged, name) for name in ("kind", "id", "tag", "note", "tagged_by", "tagged_at")}
    with case.ledger.transaction() as db:
        db.execute("UPDATE tag SET note = ?, tagged_by = ?, tagged_at = ?", (*tag.values(),)[3:])
        seq, prev = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        text = json.dumps({"entries": [seq], "removed": [], "restored": [tag]}, sort_keys=True)
        entry = (seq + 1, "2030-01-01T00:00:00Z", "alice", "undo", text)
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, prev, entry_hash(prev, *entry)))
    with pytest.raises(EvidenceError, match="restores a row that the tag account u1 suspect never had"):
        list(verify(case))


def test_the_state_before_an_undo_can_be_rebuilt(case: Case, history: History) -> None:
    history.tag("account", ["u1"], "suspect", "why")
    tagged = case.tags.all()
    history.undo()
    chain = entries(case.ledger)
    before, after = state_of(chain[:-1]).tags, state_of(chain).tags
    assert [(*key, *row) for key, row in before.items()] == [
        (tag.kind, tag.id, tag.tag, tag.note, tag.tagged_by, tag.tagged_at) for tag in tagged
    ]
    assert after == {}


def test_a_tag_of_an_older_version_comes_back_as_it_was(case: Case) -> None:
    case.tags.add("account", ["u1"], "suspect", "why")
    case.close()
    make_older(case.folder.path)
    with sqlite3.connect(case.folder.ledger) as db:
        db.execute("UPDATE tag SET tagged_at = '2026-05-01T10:00:00.000001Z'")
    with Case.open(case.folder.path) as again:
        before, history = again.tags.all(), History(again.ledger, again.tags)
        history.untag(before)
        history.undo()
        assert again.tags.all() == before and list(verify(again))
