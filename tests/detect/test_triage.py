"""Triage over the sample: the campaign on top, nobody else accused, reasons that can be checked."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.case import Case
from workbench.detect import COLUMNS, compare, explain, triage
from workbench.errors import UsageError
from workbench.ingest import load
from workbench.playbooks import Library
from workbench.words import plural


def truth() -> dict[str, str]:
    with (ROOT / "sample_logs" / "labels.csv").open(encoding="utf-8") as file:
        return {row["account"]: row["campaign"] for row in csv.DictReader(file)}


def test_the_planted_campaigns_are_on_top_and_hardly_anyone_else_is_flagged(sample_case: Case) -> None:
    found = triage(sample_case)
    campaign = truth()
    hostile = {account for account, name in campaign.items() if name}
    assert {row.entity for row in found.rows[: len(hostile)]} == hostile
    flagged = {row.entity for row in found.rows if row.flagged}
    assert hostile <= flagged
    assert len(flagged - hostile) <= 2
    names = {(row.campaign, campaign[row.entity]) for row in found.rows if row.entity in hostile}
    assert len(names) == len({given for given, _ in names}) == 2, "each planted campaign is one of its own"


def test_a_finding_gives_reasons_with_figures_and_tests_every_innocent_explanation(sample_case: Case) -> None:
    first = triage(sample_case, top=1).rows[0]
    assert dict(zip(COLUMNS, first.row(), strict=True))["rank"] == 1
    assert len(first.reasons) >= 4
    assert all(any(letter.isdigit() for letter in reason.text) or reason.evidence for reason in first.reasons)
    assert [reason.evidence for reason in first.reasons] == sorted(
        (reason.evidence for reason in first.reasons), reverse=True
    )
    assert len(first.innocent) >= 7
    assert all(one.settled_by for one in first.innocent)
    assert all(one.verdict in {"fits", "does not fit", "open"} for one in first.innocent)
    assert sum(one.verdict == "does not fit" for one in first.innocent) >= 5


def test_every_playbook_that_can_be_cited_exists_with_its_parameters() -> None:
    from workbench.detect.reasons import CITED

    library = Library()
    for book, parameters in CITED.values():
        given = {
            name: value.format_map({"hub": 40, "entities": 240, "entity": "u"}) for name, value in parameters.items()
        }
        assert library.get(book).bind(given)


def test_the_campaigns_are_found_although_only_a_part_of_what_is_shared_is_looked_at(
    sample_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a very large case: of each account's addresses few are kept, and few pairs are compared."""
    from workbench.detect import pairs

    before = triage(sample_case)
    for name, value in {
        "KEPT": 12, "KEPT_ALL": 0, "SEARCHED": 6, "SEARCHED_ALL": 0, "PAIRS": 1500, "MOST_REPRESENTATIVES": 12,
    }.items():  # fmt: skip
        monkeypatch.setattr(pairs, name, value)
    for kept in sample_case.folder.derived.glob("triage-account-*"):
        kept.unlink()
    found = triage(sample_case)
    assert found.rows != before.rows, "the bounds have no effect here"
    hostile = {account for account, name in truth().items() if name}
    flagged = {row.entity for row in found.rows if row.flagged}
    assert len(flagged & hostile) >= 0.9 * len(hostile)
    assert len(flagged - hostile) <= 2


def test_the_second_triage_reads_what_the_first_kept_and_a_load_makes_it_anew(
    sample_case: Case, tmp_path: Path
) -> None:
    before = triage(sample_case)
    kept = {file: file.stat().st_mtime_ns for file in sample_case.folder.derived.glob("triage-account-*")}
    assert len(kept) == 3
    again = triage(sample_case)
    assert again.rows == before.rows
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    more = tmp_path / "more.ndjson"
    more.write_text('{"startTime": "2026-06-05T10:00:00Z", "user": "newcomer", "model": "atlas-3"}\n', encoding="utf-8")
    load(sample_case, [str(more)])
    after = triage(sample_case)
    assert after.entities >= before.entities
    assert not any(file.exists() for file in kept)


@pytest.mark.parametrize("by", ["account", "session", "address", "organisation", "key"])
def test_each_kind_of_entity_is_judged_and_named_by_its_word(sample_case: Case, by: str) -> None:
    found = triage(sample_case, by)
    assert found.kind == by
    assert len(found.rows) > 1 and found.rows[0].score >= found.rows[-1].score
    assert 0 < len(triage(sample_case, by, top=10).rows) <= 10
    reasons = [*(r for row in found.rows for r in row.reasons), *(r for one in found.campaigns for r in one.reasons)]
    said = "\n".join(reason.text for reason in reasons)
    assert f"of all {plural(by)} (median" in said
    assert re.findall(r"\w*sss\b|(?<![.,\d])1 (?!has|is|address\b)\w+s\b", said) == []


def test_a_stricter_rate_flags_no_more(sample_case: Case) -> None:
    flagged = [triage(sample_case, fdr=fdr).flagged for fdr in (0.2, 0.05, 0.001)]
    assert flagged == sorted(flagged, reverse=True)
    with pytest.raises(UsageError, match="between 0 and 1"):
        triage(sample_case, fdr=1.5)


def test_explain_adds_up_and_names_what_is_shared(sample_case: Case) -> None:
    first = triage(sample_case, top=1).rows[0]
    told = explain(sample_case, "account", first.entity)
    assert told.finding.entity == first.entity
    assert sum(value for _, value in told.score_parts) >= first.score - 1e-6
    assert {one.kind for one in told.shared} >= {"address", "payment", "template"}
    assert told.campaign is not None
    assert first.entity in {member.entity for member in told.campaign.members}
    with pytest.raises(UsageError, match="there is no account 'nobody'"):
        explain(sample_case, "account", "nobody")


def test_compare_two_and_one_with_its_peers(sample_case: Case) -> None:
    rows = triage(sample_case).rows
    two = compare(sample_case, "account", rows[0].entity, rows[-1].entity)
    assert {name: (one, other) for name, one, other in two.rows}["requests"] == (
        rows[0].requests,
        rows[-1].requests,
    )
    assert "median of 239 others" in compare(sample_case, "account", rows[0].entity).second


def test_a_plain_access_log_is_judged_by_address_and_client(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    start = datetime(2026, 5, 1, 8)
    lines = []
    for n in range(400):
        at = (start + timedelta(minutes=7 * n)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        agent = "Mozilla/5.0" if n % 3 else "curl/8.5"
        lines.append(f'198.51.100.{n % 20} - - [{at}] "GET /p/{n} HTTP/1.1" 200 512 "-" "{agent}"\n')
    log.write_text("".join(lines), encoding="utf-8")
    with Case.create(tmp_path / "web.case") as case:
        load(case, [str(log)])
        found = triage(case)
        assert found.kind == "client"
        assert not found.flagged
        assert any("no log here names accounts" in limit for limit in found.limits)
        assert Counter(row.kind for row in found.rows)["client"] == found.entities


def test_a_case_without_the_kind_says_so(tmp_path: Path) -> None:
    log = tmp_path / "few.ndjson"
    log.write_text('{"ts": "2026-05-01T08:00:00Z", "user": "a", "model": "m"}\n', encoding="utf-8")
    with Case.create(tmp_path / "few.case") as case:
        load(case, [str(log)])
        assert triage(case).entities == 1
        with pytest.raises(UsageError, match="names an organisation"):
            triage(case, "organisation")
        with pytest.raises(UsageError, match="unknown kind"):
            triage(case, "planet")
