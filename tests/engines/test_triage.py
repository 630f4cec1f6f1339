"""Triage over an engine: it reads the events there, and comes to what it comes to in a case of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.engines.conftest import ENGINES, table_of
from workbench.case import Case
from workbench.cli import cli
from workbench.detect import compare, explain, profile, triage
from workbench.detect.links import links
from workbench.engines.attachment import attach, use
from workbench.engines.remote import EngineError
from workbench.evidence.runs import cite_triage, replay
from workbench.evidence.verify import verify

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("url", ENGINES)
def test_whoever_reads_the_events_ranks_scores_and_reasons_are_the_same(
    url: str, sample_case: Case, segments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "SAMPLE", 1_000_000)  # each engine draws prompts by a hash of its own
    for kept in sample_case.folder.derived.glob("triage-*"):  # of fewer prompts
        kept.unlink()
    kinds = ("account", "session") if url == "chdb://" else ("account",)
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, table_of(segments, url))
        for by in kinds:
            here, there = triage(sample_case, by), triage(far, by)
            assert [row.entity for row in there.rows] == [row.entity for row in here.rows]
            for ours, theirs in zip(here.rows, there.rows, strict=True):
                assert theirs.score == pytest.approx(ours.score, abs=1e-6)
                assert theirs.q_value == pytest.approx(ours.q_value, abs=1e-6)
                assert [one.text for one in theirs.reasons] == [one.text for one in ours.reasons]
                assert (theirs.campaign, theirs.flagged) == (ours.campaign, ours.flagged)
            assert there.limits == here.limits


def test_a_run_of_triage_names_the_engine_and_what_it_was_asked(over_chdb: Case) -> None:
    found, number = cite_triage(over_chdb, "account")
    told = json.loads(over_chdb.ledger.rows("SELECT detail FROM audit WHERE action = 'run'")[-1]["detail"])
    assert told["engine"].startswith("chdb clickhouse") and told["snapshot"]
    assert set(told["translated"]) == {"about", "hour", "facet", "setting", "prompted"}
    assert cite_triage(over_chdb, "account")[1] == number, "the same answer is cited, not written down again"
    assert replay(over_chdb, number).same
    assert all(check.said for check in verify(over_chdb))
    assert found.flagged > 10


def test_what_triage_made_is_explained_compared_and_tagged_without_the_events(over_chdb: Case) -> None:
    found = triage(over_chdb)
    campaign = found.campaigns[0]
    first, second = (one.entity for one in campaign.members[:2])
    told = explain(over_chdb, "account", first)
    assert told.campaign is not None and told.campaign.name == campaign.name and told.shared
    assert len(compare(over_chdb, "account", first, second).rows) > 10
    assert links(over_chdb, "account", [one.entity for one in campaign.members])
    assert over_chdb.store.absent("account", [first, second]) == []


def test_a_table_that_changed_is_not_judged_by_what_was_read_of_it_before(over_chdb: Case, tmp_path: Path) -> None:
    triage(over_chdb)
    next((tmp_path / "segments").glob("day=*/*.parquet")).touch()
    with pytest.raises(EngineError, match="changed since it was attached"):
        triage(over_chdb)
    attach(over_chdb, str(tmp_path / "segments"))
    assert triage(over_chdb).flagged > 10


def test_the_commands_of_triage_work_over_an_engine(over_chdb: Case) -> None:
    case, (account,) = str(over_chdb.folder.path), (triage(over_chdb, top=1).rows[0].entity,)
    for arguments in (["triage", case], ["explain", case, "account", account], ["compare", case, account]):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.output
        assert account in done.output
