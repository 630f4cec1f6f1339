"""What triage found, told in lines: each is a style (``title``, ``text``, ``cite``, ``dim``) and its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.values import cell, iso

if TYPE_CHECKING:
    from workbench.detect.explain import Explanation
    from workbench.detect.model import Campaign, Finding, Innocent, Reason

StyledLine = tuple[str, str]

#: How many of a long list are told.
_LISTED = 40


def tell_explanation(explained: Explanation) -> Iterator[StyledLine]:
    """Tell the whole reasoning about one entity."""
    finding = explained.finding
    verdict = "flagged" if finding.flagged else "not flagged"
    yield (
        "title",
        f"{finding.kind} {finding.entity}: {verdict}, rank {finding.rank:,}, score {finding.score:.2f}, "
        f"q {finding.q_value:.2g}",
    )
    yield "text", f"{finding.requests:,} requests from {iso(finding.first)} to {iso(finding.last)}"
    yield "text", "score: " + " + ".join(f"{name} {value:.2f}" for name, value in explained.score_parts)
    yield "text", ""
    yield from tell_finding(finding)
    if explained.shared:
        yield from (("text", ""), ("title", "Shared with others of its group"))
        for thing in explained.shared[:_LISTED]:
            declared = ", explained by one organisation" if thing.declared else ""
            held = f"{thing.members:,} members of {thing.holders:,} holders{declared}"
            yield "text", f"  {thing.kind:<9}{100 * thing.share:4.0f} %  {held}: {thing.value[:160]}"
    if explained.campaign is not None:
        yield "text", ""
        yield from tell_campaign(explained.campaign)
    yield from (("text", ""), ("title", "Figures (its own, the median of all)"))
    for name, mine, usual in explained.figures:
        yield "text", f"  {name:<44}{cell(mine):>15}{cell(usual):>15}"
    yield from (("dim", f"note: {limit}") for limit in explained.limits)


def tell_finding(finding: Finding) -> Iterator[StyledLine]:
    """Tell the reasons for a finding and the innocent explanations tested."""
    yield "title", "Reasons"
    yield from _reasons(finding.reasons)
    yield from (("text", ""), ("title", "Innocent explanations"))
    yield from _innocent(finding.innocent)


def tell_campaign(campaign: Campaign) -> Iterator[StyledLine]:
    """Tell the evidence of coordination, and what each member adds."""
    counted = f"{campaign.size:,} members, {campaign.flagged:,} flagged, {campaign.requests:,} requests"
    yield "title", f"{campaign.name}: {counted}"
    yield from _reasons(campaign.reasons)
    yield "title", "What each member adds"
    for member in campaign.members[:_LISTED]:
        yield "text", f"      {member.entity}  {member.score:.2f}  {member.adds}"
    if campaign.size > _LISTED:
        yield "dim", f"      and {campaign.size - _LISTED:,} more"


def _reasons(reasons: Sequence[Reason]) -> Iterator[StyledLine]:
    for reason in reasons:
        asked = "".join(f" --param {name}={value}" for name, value in reason.parameters.items())
        yield "text", f"  +{reason.evidence:.2f}  {reason.text}"
        yield "cite", f"         {reason.playbook}{asked}"
    if not reasons:
        yield "dim", "  none"


def _innocent(explanations: Sequence[Innocent]) -> Iterator[StyledLine]:
    for explanation in explanations:
        yield "text", f"  {explanation.name}: {explanation.verdict}"
        yield from (("dim", f"      for: {text}") for text in explanation.speaks_for)
        yield from (("dim", f"      against: {text}") for text in explanation.speaks_against)
        yield "dim", f"      would settle it: {explanation.settled_by}"
