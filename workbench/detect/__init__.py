"""Finding the campaign, accusing nobody wrongly: triage of entities and groups, explained and calibrated.

``triage`` ranks; ``explain`` gives the whole reasoning about one entity; ``compare`` puts two side by side.
"""

from workbench.detect.explain import Comparison, Explanation, compare, explain
from workbench.detect.model import COLUMNS, Campaign, Finding, Innocent, Member, Reason, Triage
from workbench.detect.subject import BY
from workbench.detect.triage import triage

__all__ = [
    "BY", "COLUMNS", "Campaign", "Comparison", "Explanation", "Finding", "Innocent", "Member", "Reason", "Triage",
    "compare", "explain", "triage",
]  # fmt: skip
