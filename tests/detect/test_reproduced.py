"""Each reason cites a playbook: asked with the parameters that are cited, it has to show what the reason says."""

from __future__ import annotations

import pytest

from workbench.case import Case
from workbench.detect import Finding, triage
from workbench.detect.templates import ELICITING, FIXED, HEAD, NOVELTY, TAIL, TEMPLATE_RUNS, TEMPLATE_SHARE, WORD, WORDS
from workbench.playbooks import Library, run

pytestmark = pytest.mark.slow

#: Their rows are about others, compared with the account that they are asked about.
ABOUT_OTHERS = {"same_hours", "began_with"}


@pytest.fixture
def flagged(sample_case: Case) -> list[Finding]:
    """Five flagged ones of each campaign of the sample."""
    found: dict[str | None, list[Finding]] = {}
    for one in triage(sample_case, "account").rows:
        if one.flagged:
            found.setdefault(one.campaign, []).append(one)
    assert len(found) == 2
    return [one for members in found.values() for one in members[:5]]


def test_every_reason_is_shown_by_what_it_cites(sample_case: Case, flagged: list[Finding]) -> None:
    library = Library(sample_case.folder.path)
    cited = set()
    for finding in flagged:
        assert finding.reasons
        for reason in finding.reasons:
            rows = run(sample_case, library.get(reason.playbook), dict(reason.parameters)).table.rows
            shown = [row for row in rows if reason.playbook in ABOUT_OTHERS or finding.entity in str(row)]
            assert shown, f"{finding.entity}: {reason.text} ({reason.playbook} {dict(reason.parameters)})"
            cited.add(reason.playbook)
    assert len(cited) >= 6


def test_the_campaigns_reasons_are_shown_too(sample_case: Case) -> None:
    library = Library(sample_case.folder.path)
    for campaign in triage(sample_case, "account").campaigns:
        members = {member.entity for member in campaign.members}
        for reason in campaign.reasons:
            rows = run(sample_case, library.get(reason.playbook), dict(reason.parameters)).table.rows
            assert any(member in str(row) for row in rows for member in members), reason.text


def test_what_playbooks_repeat_of_triage_is_the_same() -> None:
    eliciting, filled = Library().get("eliciting").text, Library().get("filled_templates").text
    assert ELICITING.replace("'", "''") in eliciting
    assert f"left(prompt, {HEAD})" in eliciting
    for part in (f"left(prompt, {HEAD})", f"right(prompt, {TAIL})", f"'{WORD}')[:{WORDS}]", f"c >= {FIXED} * top"):
        assert part in filled
    for name, value in (("new", NOVELTY), ("fixed_runs", TEMPLATE_RUNS), ("fixed_share", TEMPLATE_SHARE)):
        assert f"min_{name} = {value};" in filled
