"""What triage found, told in lines: each is a style (``title``, ``text``, ``cite``, ``dim``) and its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.output import cell, iso
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.detect.explain import Explanation
    from workbench.detect.model import Campaign, Finding, Innocent, Reason

Told = tuple[str, str]

#: How many of a long list are told.
_LISTED = 40


def tell_explanation(found: Explanation) -> Iterator[Told]:
    """Tell the whole reasoning about one entity."""
    one = found.finding
    verdict = "flagged" if one.flagged else "not flagged"
    yield "title", f"{one.kind} {one.entity}: {verdict}, rank {one.rank:,}, score {one.score:.2f}, q {one.q_value:.2g}"
    yield "text", f"{counted(one.requests, 'request')} from {iso(one.first)} to {iso(one.last)}"
    yield "text", "score: " + " + ".join(f"{name} {value:.2f}" for name, value in found.score_parts)
    yield "text", ""
    yield from tell_finding(one)
    if found.shared:
        yield from (("text", ""), ("title", "Shared with others of its group"))
        for thing in found.shared[:_LISTED]:
            declared = ", explained by one organisation" if thing.declared else ""
            held = f"{counted(thing.members, 'member')} of {counted(thing.holders, 'holder')}{declared}"
            yield "text", f"  {thing.kind:<9}{100 * thing.share:4.0f} %  {held}: {thing.value[:160]}"
    if found.campaign is not None:
        yield "text", ""
        yield from tell_campaign(found.campaign)
    yield from (("text", ""), ("title", "Figures (its own, the median of all)"))
    for name, mine, usual in found.figures:
        yield "text", f"  {name:<44}{cell(mine):>15}{cell(usual):>15}"
    yield from (("dim", f"note: {limit}") for limit in found.limits)


def tell_finding(found: Finding) -> Iterator[Told]:
    """Tell the reasons for a finding and the innocent explanations tested."""
    yield "title", "Reasons"
    yield from _reasons(found.reasons)
    yield from (("text", ""), ("title", "Innocent explanations"))
    yield from _innocent(found.innocent)


def tell_campaign(found: Campaign) -> Iterator[Told]:
    """Tell the evidence of coordination, and what each member adds."""
    size = f"{counted(found.size, 'member')}, {found.flagged:,} flagged, {counted(found.requests, 'request')}"
    yield "title", f"{found.name}: {size}"
    yield from _reasons(found.reasons)
    yield "title", "What each member adds"
    for member in found.members[:_LISTED]:
        yield "text", f"      {member.entity}  {member.score:.2f}  {member.adds}"
    if found.size > _LISTED:
        yield "dim", f"      and {found.size - _LISTED:,} more"


def _reasons(reasons: Sequence[Reason]) -> Iterator[Told]:
    for reason in reasons:
        asked = "".join(f" --param {name}={value}" for name, value in reason.parameters.items())
        yield "text", f"  +{reason.evidence:.2f}  {reason.text}"
        yield "cite", f"         {reason.playbook}{asked}"
    if not reasons:
        yield "dim", "  none"


def _innocent(explanations: Sequence[Innocent]) -> Iterator[Told]:
    for one in explanations:
        yield "text", f"  {one.name}: {one.verdict}"
        yield from (("dim", f"      for: {text}") for text in one.speaks_for)
        yield from (("dim", f"      against: {text}") for text in one.speaks_against)
        yield "dim", f"      would settle it: {one.settled_by}"
