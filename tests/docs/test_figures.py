"""The page on detection gives the figures that the code has: whoever attacks a finding reads both."""

from __future__ import annotations

from math import log
from pathlib import Path

from workbench import addresses
from workbench.detect import calibrate, communities, groups, pairs, profile, scoring, shared_lists, templates

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"
#: Numbers that the page writes as words.
WORDS = {
    0.1: "a tenth", 0.2: "a fifth", 0.25: "a quarter", 0.5: "half", 0.9: "nine in ten", 2: "two", 3: "three", 5: "five",
    6: "six", 8: "eight", 12: "twelve", 2_000_000: "two million",
}  # fmt: skip


def percent(share: float) -> str:
    return f"{100 * share:g} %"


def sentences() -> list[str]:
    """Return what the page has to say, with the figures of the code."""
    weight, part = scoring.TOGETHER, scoring.HARVEST_PARTS
    return [
        # from events to a score
        f"/{addresses.PREFIX4} of IPv4, /{addresses.PREFIX6} of IPv6",
        f"at least {templates.TEMPLATE_RUNS + 1} words are fixed ({templates.TEMPLATE_RUNS} runs), they make up "
        f"{WORDS[templates.TEMPLATE_SHARE]} of the prompt, and {percent(templates.NOVELTY)} of its prompts differ",
        f"At most {profile.SAMPLE} prompts an entity are read",
        f"{pairs.STRANGERS:,} random pairs show how common each tie is",
        f"the {WORDS[pairs.PAIRS]} pairs at most that have most in common",
        f"at most {groups.MOST:g} ({groups.MOST_CLIENT:g} for a client's name",
        f"a tie shown by {percent(groups.COMMON)} of strangers or more gives none",
        f"two kinds that add up to {groups.ENOUGH:g} points, or by {WORDS[groups.SAME_TEMPLATES]} common templates "
        f"that hold {WORDS[groups.SAME_SHARE]} of both ones' prompts",
        f"the square of what their points exceed {groups.ENOUGH - 2:g} by",
        f"nearly as dense as within ({communities.ACROSS:g}) are made one again",
        f"a value at least {WORDS[scoring.OWNED]} of whose holders are members (templates, and values of which a "
        f"group holds {WORDS[scoring.PART]}",
        f"one kind of evidence alone counts {scoring.ALONE:g}",
        f"(from {scoring.SECOND[0]:g}, in full at {scoring.SECOND[1]:g};",
        f"*Purpose*: {scoring.UNLIKE_HARVEST:g} for requests that do not look like a harvest",
        # the families
        *(f"| {family} | {weight[family]:g} |" for family in weight),
        f"| harvest | {scoring.HARVEST:g} |",
        f"| likeness | {scoring.LIKENESS:g} |",
        f"| apart | {scoring.APART:g} |",
        f"answers long against the median ({part['output']:g}), tokens answered a token sent ({part['ratio']:g}), "
        f"prompts that elicit reasoning, grades, made-up tasks, tool use ({part['eliciting']:g}), "
        f"no quiet {WORDS[profile.SLEEP]} hours ({part['night']:g})",
        f"first and last requests within {scoring.TOGETHER_HOURS} hours of each other",
        f"three templates, {2 * scoring.FEW_PROMPTS} prompts, fillings alike",
        f"{scoring.PLACES[1]} networks (from {scoring.PLACES[0]})",
        f"had a past of {WORDS[scoring.OWN_PAST_DAYS]} days or more",
        f"It counts from {shared_lists.SWAPPED[0]:g} on, in full from {shared_lists.SWAPPED[1]:g}; "
        "and again over all listed "
        f"templates together ({shared_lists.MIXED[0]:g} to {shared_lists.MIXED[1]:g})",
        f"as much as themselves ({shared_lists.SUITE[0]:g} to {shared_lists.SUITE[1]:g}) run one suite each",
        # three innocent explanations
        f"two to {WORDS[scoring.OFFICE]} entities do half of their work from one and the same address",
        f"{WORDS[scoring.DECLARED]} of all who have it send these templates",
        f"wording then counts {scoring.PROGRAM:g}",
        f"({scoring.AN_HOUR} requests in an hour of work or fewer, and a quiet night with less than "
        f"{percent(scoring.ASLEEP)} of the hours), and less for fewer than {WORDS[scoring.SERVERS[1]]} addresses",
        # calibration and limits
        *calibration(),
        f"Only the first {templates.HEAD} and last {templates.TAIL} letters of a prompt are read",
    ]


def calibration() -> list[str]:
    scale = calibrate.LEAST_SCALE * (scoring.HARVEST + sum(scoring.TOGETHER.values()))

    def above_the_median(alike: int) -> float:
        """Return the score at which so many of 2,000 accounts have a q-value of 0.05."""
        return scale * log((1 - calibrate.UPPER) * 2000 / alike / 0.05)

    assert scoring.CAUTION == 2
    return [
        f"between the {100 * calibrate.LOWER:g}th and {100 * calibrate.UPPER:g}th hundredth",
        f"never faster than a factor e in {percent(calibrate.LEAST_SCALE)} of the score attainable with this case's "
        f"columns ({scale + 1e-9:.2f} points with all), nor in {calibrate.LEAST_POINTS:g} points; twice the former",
        f"Its floor of {percent(calibrate.LEAST_SCALE)} was chosen",
        f"a lone account must score about {above_the_median(1):.1f} above the median, one of a hundred that score "
        f"alike about {above_the_median(100):.1f}",
    ]


def test_the_page_on_detection_has_the_figures_of_the_code() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [text for text in sentences() if text not in page] == []
    assert pairs.REPRESENTATIVES == 12 and "each with a dozen holders of the value" in page
