"""Whatever is done to a case through its functions, in whatever order, verify says that it is as it was recorded."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.case.test_ledger import make_older
from tests.evidence.conftest import requests
from tests.examples import examples
from workbench.case import Case
from workbench.case.acts import ACTIONS, read_act
from workbench.case.acts.tagging import TagsImported
from workbench.case.history import History
from workbench.case.ledger import entry_hash
from workbench.case.ledger_files import LedgerFiles
from workbench.case.loads import running_load
from workbench.case.moments import add_moment
from workbench.case.opensql import SHOWN
from workbench.cli import cli
from workbench.engines.segments import write_segments
from workbench.enrich import add_table
from workbench.enrich import remove as remove_table
from workbench.errors import EvidenceError, ExportError, QueryCancelled
from workbench.evidence.chain import entries
from workbench.evidence.merge import bring_in, merge, read_tags
from workbench.evidence.runs import replay, stream_query
from workbench.evidence.seal import seal
from workbench.evidence.verify import verify
from workbench.export import export
from workbench.export.bundle import bundle
from workbench.export.policy import load_policy
from workbench.export.report import write_report
from workbench.ingest import load
from workbench.playbooks import Library, run
from workbench.playbooks.write import save

#: The JSON fields of each action's entry: cases keep them for ever, and programs of others read them.
FIELDS: Mapping[str, set[str]] = {
    "create": {"name"},
    "migrate": {"from", "to", "backup", "segments"},
    "setting": {"name", "value"},
    "enrich": {"name", "value"},
    "moment": {"at", "what", "by", "noted_at"},
    "load": {"sources", "loader", "segments"},
    "load cancelled": {"what"},
    "load killed": {"what"},
    "run": {
        "kind", "name", "parameters", "rows", "sql_sha256", "run", "result", "result_order", "cut", "segments",
        "inputs", "tools",
    },
    "derive": {"table", "file", "sha256", "tools", "segments"},
    "playbook": {"name", "text"},
    "corroborate": {
        "first", "second", "tolerance", "where", "matched_by", "offset", "outside", "confirmed", "contradicted",
        "only_first", "only_second", "differs",
    },
    "export": {"what", "file", "sha256", "rows", "tag", "policy"},
    "bundle": {"file", "sha256", "tag", "finding", "policy", "events"},
    "report": {"file", "findings", "policy"},
    "disclose": {"policy", "epsilon", "spent"},
    "seal": {"file", "signed"},
    "segments": {"folder", "files", "rows"},
    "tag": {"kind", "ids", "tag", "note"},
    "untag": {"kind", "ids", "tag", "removed"},
    "merge": {"from", "shared", "head", "their_entries", "tags", "added", "joined", "same"},
    "import": {"file", "tags", "added", "joined", "same"},
    "undo": {"entries", "removed", "restored"},
    "redo": {"entries", "removed", "restored"},
}  # fmt: skip


def as_recorded(case: Case) -> bool:
    """Say whether verify finds nothing, and what SQL and the shell see is what the ledger has."""
    checks = list(verify(case))
    tags = "SELECT kind, id, tag, note, tagged_by FROM {} ORDER BY kind, id, tag"
    seen, held = case.query(tags.format("tag")).rows, [tuple(row) for row in case.ledger.rows(tags.format("tag"))]
    files = LedgerFiles(case.folder, case.ledger)
    return bool(checks) and sorted(seen) == sorted(held) and all(files.check(table) == "same" for table in SHOWN)


def cancelled(case: Case) -> None:
    with pytest.raises(QueryCancelled), running_load(case.ledger, "a log too many"):
        raise QueryCancelled("cancelled")


def killed(case: Case) -> None:
    """As a load leaves it whose process was killed, found when the case is opened again."""
    with sqlite3.connect(case.folder.ledger) as db:
        db.execute(
            "INSERT INTO load (at, who, host, pid, what, state) VALUES ('', '', ?, 4194304, 'a log', 'running')",
            (socket.gethostname(),),
        )
    Case.open(case.folder.path).close()


def import_tags(case: Case, file: Path, kind: str, thing: str) -> None:
    file.write_text(json.dumps({"kind": kind, "id": thing, "tag": "odd", "note": "from a file", "tagged_by": "carl"}))
    bring_in(case, read_tags(file), TagsImported(file=file.name, tags=()))


def with_a_copy(case: Case, copy: Path, do: Callable[[Case], object]) -> None:
    """Merge a copy of the case in which somebody else did something."""
    shutil.rmtree(copy, ignore_errors=True)
    case.ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(case.folder.path, copy)
    with Case.open(copy) as other:
        do(other)
        merge(case, other)


def test_every_act_there_is_verifies_and_reads_as_it_was_written(case: Case, tmp_path: Path) -> None:
    """Each action of the table is written here by the function that does it, with the fields that it always had."""
    case.close()
    make_older(case.folder.path)
    with Case.open(case.folder.path) as opened:
        do_everything(opened, tmp_path)
        killed(opened)
        written = entries(opened.ledger)
        assert {entry.action for entry in written} == set(ACTIONS) == set(FIELDS)
        migrated = next(entry.seq for entry in written if entry.action == "migrate")
        for entry in written:
            detail = json.loads(entry.detail)
            assert read_act(entry.action, entry.detail).detail() == detail, entry
            if entry.seq > migrated:
                totals = {"epsilon", "run"} if detail.get("what") == "totals" else set()
                assert set(detail) == FIELDS[entry.action] | totals, entry
        assert as_recorded(opened)
        number = opened.ledger.rows("SELECT max(run) FROM run WHERE kind = 'sql'")[0][0]
        assert replay(opened, number).same


def do_everything(case: Case, folder: Path) -> None:
    (folder / "again.ndjson").write_text("\n".join(json.dumps({**one, "more": 1}) for one in requests()))
    load(case, [str(folder / "again.ndjson")])
    cancelled(case)
    run(case, Library(case.folder.path).get("who_asks_most"))
    list(stream_query(case, "SELECT account, count(*) FROM event GROUP BY account ORDER BY account")[1])
    case.query("SELECT count(*) FROM session")
    case.tags.remove("account", ["user-001"], "suspect")
    history = History(case.ledger, case.tags)
    history.tag("account", ["user-004"], "accepted", "fills templates")
    history.undo()
    history.redo()
    with_a_copy(case, folder / "copy.case", lambda other: other.tags.add("account", ["user-009"], "odd", "theirs"))
    import_tags(case, folder / "tags.json", "account", "user-010")
    case.set_gap(20)
    add_moment(case, datetime(2026, 5, 18, 14), "atlas-4 é \udcff released")
    save(case, "SELECT 1 AS one", name="mine", title="t", question="q", why="w", innocent="i")
    (folder / "customers.csv").write_text("account,organization\nuser-001,Acme\n")
    add_table(case, folder / "customers.csv", "account", "customers")
    remove_table(case, "customers")
    export(case, "tags", folder / "tags.csv", tag="odd")
    export(case, "totals", folder / "totals.csv", policy=load_policy("public"))
    write_report(case, folder / "report.md")
    bundle(case, folder / "bundle.tar", tag="odd")
    write_segments(case, folder / "segments")
    seal(case, folder / "a.seal")
    asked = CliRunner().invoke(cli, ["corroborate", str(case.folder.path), "1,2", "3"])
    assert not asked.exit_code, asked.output


# --- any order ------------------------------------------------------------------------------------------------------

KIND = st.sampled_from(["account", "session"])
THING = st.sampled_from(["user-001", "user-002", "it's \x00", "=é\u2028"])
TAG = st.sampled_from(["suspect", "odd", "accepted"])
NOTE = st.sampled_from(["", "why", "a ' note\nof lines"])
THINGS = st.lists(THING, min_size=1, max_size=3, unique=True)
ACTS = st.one_of(
    st.tuples(st.just("tag"), KIND, THINGS, TAG, NOTE),
    st.tuples(st.just("untag"), KIND, THINGS, TAG),
    st.tuples(st.just("somebody else tags"), KIND, THINGS, TAG, NOTE),
    st.tuples(st.just("somebody else untags"), KIND, THINGS, TAG),
    st.tuples(st.just("tag to undo"), KIND, THINGS, TAG, NOTE),
    st.tuples(st.just("untag to undo"), TAG),
    st.tuples(st.just("rename"), TAG, TAG),
    st.tuples(st.just("judge"), THINGS, st.sampled_from(["accepted", "dismissed"]), NOTE),
    st.tuples(st.just("note"), NOTE),
    st.tuples(st.just("undo")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
    st.tuples(st.just("gap"), st.integers(1, 99)),
    st.tuples(st.just("moment"), st.integers(0, 99), st.text(min_size=1, max_size=9).filter(str.strip)),
    st.tuples(st.just("load"), st.integers(0, 2)),
    st.tuples(st.just("query")),
    st.tuples(st.just("derive")),
    st.tuples(st.just("playbook")),
    st.tuples(st.just("export"), TAG),
    st.tuples(st.just("enrich")),
    st.tuples(st.just("seal")),
    st.tuples(st.just("bring in"), KIND, THING),
    st.tuples(st.just("merge"), KIND, THINGS, TAG, NOTE),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("kill")),
    st.tuples(st.just("open again")),
)


class Sitting:
    """A case in which acts are done by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case = Case.open(folder / "a.case")
        self.history = History(self.case.ledger, self.case.tags)

    def do(self, name: str, *values: object) -> None:
        getattr(self, name.replace(" ", "_"))(*values)

    def tag(self, kind: str, ids: list[str], tag: str, note: str) -> None:
        self.case.tags.add(kind, ids, tag, note)

    def untag(self, kind: str, ids: list[str], tag: str) -> None:
        self.case.tags.remove(kind, ids, tag)

    def somebody_else_tags(self, kind: str, ids: list[str], tag: str, note: str) -> None:
        with pytest.MonkeyPatch.context() as patch, Case.open(self.case.folder.path) as other:
            patch.setenv("WORKBENCH_USER", "bob")
            other.tags.add(kind, ids, tag, note)

    def somebody_else_untags(self, kind: str, ids: list[str], tag: str) -> None:
        with pytest.MonkeyPatch.context() as patch, Case.open(self.case.folder.path) as other:
            patch.setenv("WORKBENCH_USER", "bob")
            other.tags.remove(kind, ids, tag)

    def tag_to_undo(self, kind: str, ids: list[str], tag: str, note: str) -> None:
        self.history.tag(kind, ids, tag, note)

    def untag_to_undo(self, tag: str) -> None:
        self.history.untag(self.case.tags.all(tag=tag))

    def rename(self, tag: str, name: str) -> None:
        self.history.rename(self.case.tags.all(tag=tag), name)

    def judge(self, ids: list[str], verdict: str, reason: str) -> None:
        self.history.judge("account", ids, verdict, reason)

    def note(self, note: str) -> None:
        for tag in self.case.tags.all()[:1]:
            self.history.write_note(tag, note)

    def undo(self) -> None:
        self.history.undo()

    def redo(self) -> None:
        self.history.redo()

    def gap(self, minutes: int) -> None:
        self.case.set_gap(minutes)

    def moment(self, hours: int, what: str) -> None:
        add_moment(self.case, datetime(2026, 5, 1) + timedelta(hours=hours), what)

    def load(self, number: int) -> None:
        log = self.folder / f"log-{number}.ndjson"
        log.write_text("".join(json.dumps({**one, "log": number}) + "\n" for one in requests(2, 2)) + "no record\n")
        load(self.case, [str(log)])

    def query(self) -> None:
        list(stream_query(self.case, "SELECT tag, count(*) FROM tag JOIN event ON id = account GROUP BY tag")[1])

    def derive(self) -> None:
        self.case.query("SELECT count(*) FROM session, account")

    def playbook(self) -> None:
        if not (self.case.folder.queries / "mine.sql").exists():
            save(self.case, "SELECT 1 AS one", name="mine", title="t", question="q", why="w", innocent="i")

    def export(self, tag: str) -> None:
        try:
            export(self.case, "tags", self.folder / "out.csv", tag=tag)
        except ExportError as error:
            assert "nothing is tagged" in str(error)

    def enrich(self) -> None:
        (self.folder / "customers.csv").write_text("account,organization\nuser-001,Acme\n")
        if "customers" in self.case.tables():
            remove_table(self.case, "customers")
        else:
            add_table(self.case, self.folder / "customers.csv", "account", "customers")

    def seal(self) -> None:
        seal(self.case)

    def cancel(self) -> None:
        cancelled(self.case)

    def kill(self) -> None:
        killed(self.case)

    def bring_in(self, kind: str, thing: str) -> None:
        import_tags(self.case, self.folder / "tags.json", kind, thing)

    def merge(self, kind: str, ids: list[str], tag: str, note: str) -> None:
        with_a_copy(self.case, self.folder / "copy.case", lambda other: other.tags.add(kind, ids, tag, note))

    def open_again(self) -> None:
        self.case.close()
        self.case = Case.open(self.case.folder.path)
        self.history = History(self.case.ledger, self.case.tags)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small loaded case, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "log.ndjson").write_text("\n".join(json.dumps(one) for one in requests(3, 3)))
    with Case.create(folder / "a.case") as case:
        load(case, [str(folder / "log.ndjson")])
    return folder


@examples(6, 20, unhealthy=True)
@given(acts=st.lists(ACTS, max_size=12))
def test_any_acts_in_any_order_verify(loaded: Path, acts: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(loaded / "a.case", Path(name) / "a.case")
        sitting = Sitting(Path(name))
        try:
            for act in acts:
                sitting.do(*act)
            assert as_recorded(sitting.case)
            for entry in entries(sitting.case.ledger):
                assert read_act(entry.action, entry.detail).detail() == json.loads(entry.detail)
        finally:
            sitting.case.close()


# --- what older, newer and forged cases have ------------------------------------------------------------------------


def append(case: Case, action: str, detail: object, *changes: str) -> None:
    """Write an entry as another program would, and change tables beside it."""
    with case.ledger.transaction() as db:
        for change in changes:
            db.execute(change)
        seq, prev = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        entry = (seq + 1, "2030-01-01T00:00:00.000000Z", "tester", action, text)
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, prev, entry_hash(prev, *entry)))


def test_moments_that_an_earlier_version_noted_verify(case: Case) -> None:
    for number in (1, 2):
        noted = [{"at": f"2026-05-18T14:0{n}:00", "what": f"é {n}", "by": "tester"} for n in range(1, number + 1)]
        setting = json.dumps(noted).replace("'", "''")
        append(
            case, "moment", {**noted[-1], "noted_at": "2026-05-19T00:00:00.000000Z"},
            f"INSERT OR REPLACE INTO setting VALUES ('moments', '{setting}')",
        )  # fmt: skip
    assert list(verify(case))
    add_moment(case, datetime(2026, 5, 20), "one more")
    assert list(verify(case)) and len(json.loads(case.ledger.setting("moments", ""))) == 3


def test_a_changed_moment_is_found(case: Case, tamper: Callable[[str], None]) -> None:
    add_moment(case, datetime(2026, 5, 20), "a release")
    tamper("UPDATE setting SET value = replace(value, 'a release', 'a crime') WHERE name = 'moments'")
    with pytest.raises(EvidenceError, match="setting moments is"):
        list(verify(case))


def test_an_action_that_is_not_known_is_an_error_of_verify(case: Case) -> None:
    append(case, "retag", {"kind": "account"}, "UPDATE tag SET tag = 'guilty' WHERE id = 'user-001'")
    with pytest.raises(EvidenceError, match=r"does not know the action 'retag' of entry \d+; use the version"):
        list(verify(case))


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("tag", {"kind": "account"}),
        ("tag", ["account"]),
        ("untag", {"kind": "account", "ids": 5, "tag": "x"}),
        ("load", {"sources": [7]}),
        ("load", {"sources": [{"source": 9}], "segments": [{}]}),
        ("merge", {"from": "x", "shared": 1, "head": "", "their_entries": 1, "tags": [{"kind": "account"}]}),
        ("undo", {"entries": [1], "removed": [{}], "restored": []}),
        ("moment", {"at": "x", "what": "y"}),
        ("run", {}),
    ],
)
def test_an_entry_that_no_program_wrote_so_is_one_clear_line(case: Case, action: str, detail: object) -> None:
    append(case, action, detail)
    with pytest.raises(EvidenceError, match=rf"audit chain: entry \d+ \({action}\) cannot be") as problem:
        list(verify(case))
    assert "\n" not in str(problem.value)
