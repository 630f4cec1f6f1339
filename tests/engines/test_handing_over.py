"""What is handed over from a case over an engine: the same rows as from a case of one's own, and whence they came."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.case.filter import parse_filter
from workbench.cli import cli
from workbench.engines import subset
from workbench.engines.attachment import attach, use
from workbench.engines.remote import EngineError
from workbench.errors import EvidenceError, SourceError, UsageError
from workbench.evidence.bag import open_bag, write_bag
from workbench.evidence.corroborate import corroborate
from workbench.evidence.runs import replay
from workbench.evidence.verify import verify
from workbench.evidence.verify_bundle import verify_bundle
from workbench.export import export
from workbench.export.bundle import bundle
from workbench.export.interop import share
from workbench.export.original import original
from workbench.export.policy import load_policy
from workbench.export.preview import preview
from workbench.export.report import write_report
from workbench.export.stix import share_stix
from workbench.tui.picture import picture

pytestmark = pytest.mark.slow

#: Of each kind something, in the sample case; two sessions and a client are of no account.
TAGGED = {
    "account": ["usr_h4fmh4ptpe", "usr_haj9asyzrx"],
    "address": ["13.236.254.94"],
    "session": ["s-cbd6f9ee99f44e16", "s-cab3dce848b09eac"],
    "client": ["10.0.3.17 kube-probe/1.31"],
    "event": ["4:1"],
    "organisation": ["org_20582d9d3b"],
}
#: What a bundle says that is the case's own: its history, its engine, and what was made of them.
OWN = {"README.md", "audit.jsonl", "head.json", "runs.jsonl", "findings.json", "report.html", "engine.json"}


@pytest.fixture(scope="module")
def both(
    sample_case_folder: Path, segments: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Case, Case]]:
    """The sample case and one over its segments, with the same tags: ``suspect`` on all, ``handed`` on a few."""
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(sample_case_folder, folder / "own.case")
    with (
        pytest.MonkeyPatch.context() as patch,
        Case.open(folder / "own.case") as own,
        Case.create(folder / "far.case") as far,
    ):
        patch.setattr("workbench.case.ledger.now", lambda: "2026-05-05T00:00:00.000000Z")
        patch.setenv("WORKBENCH_USER", "tester")
        use(far, "chdb://")
        attach(far, str(segments))
        for case in (own, far):
            for kind, ids in TAGGED.items():
                assert not case.store.absent(kind, ids)
                case.tags.add(kind, ids, "suspect", f"why this {kind}")
                if kind in ("client", "event"):  # which triage does not judge: that has tests of its own
                    case.tags.add(kind, ids, "handed", "")
        yield own, far


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Case]:
    """A case over a gateway's own table, which was never loaded from logs."""
    (tmp_path / "own").mkdir()
    duckdb.connect().execute(
        "COPY (SELECT 'r' || i AS request_id, 'u' || i % 5 AS \"user\", TIMESTAMP '2026-05-01' + to_hours(i) AS "
        f"\"startTime\", 'm' AS model FROM range(90) t(i)) TO '{tmp_path}/own/a.parquet'"
    )
    with Case.create(tmp_path / "foreign.case") as case:
        use(case, "chdb://")
        attach(case, str(tmp_path / "own"), "litellm")
        case.tags.add("account", ["u1"], "suspect", "")
        yield case


def read(path: Path) -> dict[str, bytes]:
    with open_bag(path) as bag:
        return {name.removeprefix("data/"): bag.open(name).read() for name in bag.paths if name.startswith("data/")}


def told(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        case.ledger.rows("SELECT detail FROM audit WHERE action = 'run' ORDER BY seq DESC LIMIT 1")[0]["detail"]
    )
    return found


def test_tables_are_byte_for_byte_those_of_a_case_of_ones_own(both: tuple[Case, Case], tmp_path: Path) -> None:
    files = [tmp_path / "own.csv", tmp_path / "far.csv"]
    for what, tag in [(what, "suspect") for what in ("sessions", "accounts", "events", "tags", "totals")] + [
        ("sessions", None), ("totals", None), ("accounts", None),
    ]:  # fmt: skip
        done = [export(case, what, file, tag=tag) for case, file in zip(both, files, strict=True)]
        assert files[0].read_bytes() == files[1].read_bytes() and done[0].rows > 1, (what, tag)
    assert share(both[0], "siem", files[0]).sha256 == share(both[1], "siem", files[1]).sha256
    counsel = load_policy("counsel")
    looked = [preview(case, "events", counsel, "suspect") for case in both]
    assert [row[:-1] for row in looked[0]] == [row[:-1] for row in looked[1]], "all but the pseudonyms' examples"


def test_other_programs_are_told_the_same(both: tuple[Case, Case], tmp_path: Path) -> None:
    files = [tmp_path / "own.jsonl", tmp_path / "far.jsonl"]
    assert len({share(case, "timesketch", file).sha256 for case, file in zip(both, files, strict=True)}) == 1
    found = []
    for case in both:
        share_stix(case, tmp_path / "x.json")
        objects = json.loads((tmp_path / "x.json").read_text())["objects"]
        found.append([
            (one["type"], *(one.get(name) for name in ("value", "user_id", "first_observed", "last_observed",
             "number_observed", "content")))
            for one in objects
        ])  # fmt: skip
    assert found[0] == found[1]


def test_a_bundle_has_the_same_tables_and_records_and_says_whence_they_came(
    both: tuple[Case, Case], segments: Path, tmp_path: Path
) -> None:
    made = [bundle(case, tmp_path / f"{case.name}.tar", tag="handed") for case in both]
    own, far = (read(one.path) for one in made)
    assert made[0].events == made[1].events > 1000 and not made[1].missing
    assert {"engine.json"} == far.keys() - own.keys() and not own.keys() - far.keys()
    assert [name for name in own if name.split("/")[0] not in OWN and own[name] != far.get(name)] == []
    assert len(list(csv.reader(far["records.csv"].decode().splitlines()))) > 1000
    engine = json.loads(far["engine.json"])
    assert engine["engine"].startswith("chdb clickhouse") and engine["table"] == str(segments)
    assert len(engine["table_sha256"]) == len(engine["manifest_sha256"]) == len(engine["part_sha256"]) == 64
    assert "kube-probe" in engine["part_sql"] and made[1].events <= engine["part_rows"] < engine["table_rows"]
    assert "engine.json" in far["README.md"].decode()
    checks = {one.what: one.said for one in verify_bundle(made[1].path)}
    assert "as the audit chain says" in checks["engine"]
    again = bundle(both[1], tmp_path / "again.tar", tag="handed")
    assert again.sha256 == made[1].sha256, "the same case gives the same bytes"


def test_a_bundle_that_says_another_table_than_the_chain_is_refused(both: tuple[Case, Case], tmp_path: Path) -> None:
    files = read(bundle(both[1], tmp_path / "far.tar", tag="handed").path)
    files["engine.json"] = files["engine.json"].replace(b'"table_rows": 33057', b'"table_rows": 33058')
    with (tmp_path / "forged.tar").open("wb") as out:
        write_bag(out, "bundle", files, {})
    with pytest.raises(EvidenceError, match="another table_rows"):
        list(verify_bundle(tmp_path / "forged.tar"))


def test_under_a_policy_neither_table_nor_question_leaves(both: tuple[Case, Case], tmp_path: Path) -> None:
    bundle(both[1], tmp_path / "far.tar", tag="handed", policy=load_policy("regulator"))
    files = read(tmp_path / "far.tar")
    assert set(json.loads(files["engine.json"])) <= {"engine", "part_rows", "table_sha256"}
    assert not [name for name, content in files.items() if b"kube-probe" in content or b"file(" in content]


def test_runs_name_engine_and_part_and_are_replayed(both: tuple[Case, Case], tmp_path: Path) -> None:
    far = both[1]
    for what, tag in (("events", "suspect"), ("accounts", "suspect"), ("accounts", None)):
        done = export(far, what, tmp_path / "a.csv", tag=tag)
        entry = told(far)
        assert entry["engine"].startswith("chdb") and entry["snapshot"] and done.run is not None
        assert (entry.get("part_rows", 0) > 1000) is (tag is not None)
        assert replay(far, done.run).same
    assert all(check.said for check in verify(far))


def test_what_was_brought_is_kept_until_the_table_changes(over_chdb: Case, tmp_path: Path) -> None:
    (account,) = over_chdb.query("SELECT min(account) AS a FROM event").rows[0]
    over_chdb.tags.add("account", [account], "suspect", "")
    chosen = {"tag": None, "id": None}
    with over_chdb.tagged(chosen) as at:
        assert at.query("SELECT DISTINCT account FROM event").rows == [(account,)]
    kept = sorted(over_chdb.folder.derived.glob("part-*"))
    with over_chdb.tagged(chosen):
        assert sorted(over_chdb.folder.derived.glob("part-*")) == kept and len(kept) == 2
    next((tmp_path / "segments").glob("day=*/*.parquet")).touch()
    with pytest.raises(EngineError, match="changed since it was attached"), over_chdb.tagged(chosen):
        pass


def test_a_part_that_is_too_large_is_not_brought(
    both: tuple[Case, Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subset, "LARGEST", 1000)
    with pytest.raises(EngineError, match=r"1,000 are brought here at most; select less") as caught:
        export(both[1], "events", tmp_path / "a.csv")
    assert "\n" not in str(caught.value) and not (tmp_path / "a.csv").exists()


def test_a_connection_that_read_a_part_reads_the_case_again(both: tuple[Case, Case]) -> None:
    far = both[1]
    cursor = far.cursor("FROM session")
    with far.tagged({"tag": "suspect"}, cursor) as at:
        (within,) = at.query("SELECT count(*) FROM session", cursor=cursor).rows[0]
    (without,) = far.query("SELECT count(*) FROM session", cursor=cursor).rows[0]
    assert within < without


def test_an_events_record_is_read_from_its_log_where_that_is(both: tuple[Case, Case]) -> None:
    for event in ("1:7", "2:9", "4:1"):
        assert original(both[1], event) == original(both[0], event)
    assert [one.sha256 for one in both[1].sources()] == [one.sha256 for one in both[0].sources()]


def test_two_records_are_corroborated_as_in_a_case_of_ones_own(both: tuple[Case, Case]) -> None:
    sides = [
        corroborate(case, "litellm", "access_log", where_first=parse_filter("account:usr_h*"),
                    where_second=parse_filter("method:POST"))
        for case in both
    ]  # fmt: skip
    assert sides[0] == sides[1] and sides[1].confirmed > 100
    with pytest.raises(UsageError, match="cannot corroborate itself"):
        corroborate(both[1], "1", "1,2")


def test_the_ui_shows_what_would_leave_and_writes_it(
    both: tuple[Case, Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = picture(both[1], ["8", "w"], 80, 24).replace("&#160;", " ")
    assert "1,179 rows would leave" in drawn
    picture(both[1], ["8", "w", "tab", "tab", "tab", "ctrl+u", "s.csv", "enter"], 80, 24)
    assert len(list(csv.reader((tmp_path / "s.csv").read_text().splitlines()))) == 1180


def test_a_table_that_was_never_loaded_is_handed_over_with_its_request_ids(foreign: Case, tmp_path: Path) -> None:
    done = bundle(foreign, tmp_path / "a.tar")
    assert done.events == 18 and "never loaded from a log" in done.missing[0] and len(done.missing) == 1
    files = read(done.path)
    rows = list(csv.DictReader(files["events.csv"].decode().splitlines()))
    assert [row["request_id"] for row in rows] == [f"r{number}" for number in range(1, 90, 5)]
    assert len(files["records.csv"].splitlines()) == 1 and "never loaded" in files["README.md"].decode()
    for what in ("sessions", "events"):
        assert export(foreign, what, tmp_path / "a.csv", tag="suspect").rows == 18
    with pytest.raises(SourceError, match="its request id r5"):
        original(foreign, "r5")
    with pytest.raises(UsageError, match="a second one has to confirm it"):
        corroborate(foreign, "litellm", "access_log")
    foreign.tags.add("account", ["u1"], "accepted", "why")
    write_report(foreign, tmp_path / "a.md")
    assert "never loaded from logs" in (tmp_path / "a.md").read_text()


def test_segments_without_a_manifest_are_named_where_their_logs_are_not_known(segments: Path, tmp_path: Path) -> None:
    shutil.copytree(segments, tmp_path / "bare")
    (tmp_path / "bare" / "manifest.json").unlink()
    with Case.create(tmp_path / "far.case") as far:
        use(far, "chdb://")
        attach(far, str(tmp_path / "bare"))
        far.tags.add("client", TAGGED["client"], "suspect", "")
        done = bundle(far, tmp_path / "a.tar")
        assert done.missing[0] == "source 2: which log that is was not written down, so its records are left out"
        rows = list(csv.DictReader(read(done.path)["events.csv"].decode().splitlines()))
        assert {row["source_path"] for row in rows} == {str(tmp_path / "bare")} and rows[0]["line"]
        assert corroborate(far, "litellm", "access_log").confirmed > 10_000
        attach(far, str(tmp_path / "bare"), manifest=segments / "manifest.json")
        assert [one.source for one in far.sources()] == [1, 2, 3, 4] and original(far, "1:7").line == 7
        (tmp_path / "odd.json").write_text('{"sources": [{"source": "1"}]}')
        with pytest.raises(EngineError, match="no manifest of segments"):
            attach(far, str(tmp_path / "bare"), manifest=tmp_path / "odd.json")


def test_what_changes_the_events_is_refused_with_what_to_do(over_chdb: Case, tmp_path: Path) -> None:
    (tmp_path / "lookup.csv").write_text("account,country\na,NL\n")
    folder = str(over_chdb.folder.path)
    for arguments in (
        ["segments", folder, "-o", str(tmp_path / "out")],
        ["enrich", folder, "--table", str(tmp_path / "lookup.csv"), "--on", "account"],
        ["follow", folder, str(tmp_path / "lookup.csv")],
    ):
        said = CliRunner().invoke(cli, arguments)
        assert said.exception is not None and "another engine" in str(said.exception), arguments


def test_logs_that_were_loaded_straight_into_segments_are_handed_over_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text('203.0.113.9 - ana [01/May/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 9\nnot one\n')
    with Case.create(tmp_path / "far.case") as case:
        use(case, "chdb://")
    loading = ["load", str(tmp_path / "far.case"), str(tmp_path / "a.log"), "--segments", str(tmp_path / "segments")]
    assert CliRunner().invoke(cli, loading).exit_code == 0
    with Case.open(tmp_path / "far.case") as case:
        case.tags.add("event", ["1:1"], "seen", "")
        done = bundle(case, tmp_path / "a.tar")
        assert (done.events, done.missing) == (1, ()) and b"203.0.113.9 - ana" in read(done.path)["records.csv"]
        exported = export(case, "events", tmp_path / "a.csv", tag="seen")
        assert exported.run is not None and replay(case, exported.run).same
