"""Reasons as sentences: the figure, what is usual in this case, and the playbook that reproduces it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from workbench.detect.model import Reason
from workbench.detect.scoring import APART, HARVEST, LIKENESS, TOGETHER
from workbench.words import counted, plural

Figures = Mapping[str, Any]

#: The playbooks that reasons cite, with the parameters they are to be asked with (a test holds each against queries/).
CITED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "network": ("shared_addresses", {"min_shared": "2", "max_accounts": "{hub}"}),
    "payment": ("shared_payment", {"min_accounts": "2"}),
    "sync": ("same_hours", {"account": "{entity}"}),
    "life": ("began_with", {"account": "{entity}"}),
    "wording": ("filled_templates", {"account": "{entity}"}),
    "client": ("shared_clients", {"min_accounts": "2"}),
    "likeness": ("narrow_focus", {"account": "{entity}"}),
    "change": ("sudden_change", {"min_signs": "2"}),
    "output": ("who_asks_most", {"top": "1000000"}),
    "eliciting": ("eliciting", {"account": "{entity}"}),
    "night": ("around_the_clock", {"min_requests": "20", "max_quiet_hours": "8"}),
}


def reasons(row: Figures, base: Figures) -> tuple[Reason, ...]:
    """Return the reasons for an entity's score, strongest first: those that add at least a tenth of a point."""
    found = [*_together(row, base), *_alone(row, base)]
    return tuple(sorted((one for one in found if one.evidence >= 0.1), key=lambda one: -one.evidence))


def _together(row: Figures, base: Figures) -> list[Reason]:
    if row["team"] is None or row["by_what"] != "shared":
        return []
    others = f"{counted(row['team_size'] - 1, 'other')} of its group"
    part = {family: weight * row["purpose"] * row["backing"] * row[family] for family, weight in TOGETHER.items()}
    kinds, reasons = plural(row["kind"]), []
    if row["network"]:
        text = (
            f"{_percent(row['own_address_share'])} of its requests come from "
            f"{counted(row['own_addresses'], 'address')} that it "
            f"shares with {others} and with hardly anyone else; of two {kinds} drawn at random, "
            f"{_percent(base['strangers_share_address'])} share any address"
        )
        reasons.append(_cite("network", text, part["network"], row, base))
    if row["payment"]:
        text = (
            f"what pays for it pays for {row['payers'] - 1:,.0f} more of its group, which name no common organisation; "
            f"the group uses {row['payments']} such means of payment"
        )
        reasons.append(_cite("payment", text, part["payment"], row, base))
    if row["client"]:
        text = (
            f"{_percent(max(row['own_client_share'], row['own_settings_share']))} of its requests come from a client, "
            f"or with sampling settings, that {others} use and hardly anyone else"
        )
        reasons.append(_cite("client", text, part["client"], row, base))
    if row["change"]:
        text = (
            f"it had a past of its own before it came to its group's addresses, as {_percent(row['late_share'])} of "
            f"the members had"
        )
        reasons.append(_cite("change", text, part["change"], row, base))
    if row["time"]:
        if row["by_sync"]:
            text = (
                f"it was active in the same hours as {others} {row['sync']:.1f} times as often as their habits by hour "
                f"of the week explain ({row['together']:,.0f} common hours against {row['expected']:,.0f})"
            )
            reasons.append(_cite("sync", text, part["time"], row, base))
        else:
            text = (
                f"its first request came within 8 hours of that of {_percent(row['start_together'])} of the compared "
                f"members of its group, its last within 8 hours of that of {_percent(row['end_together'])}"
            )
            reasons.append(_cite("life", text, part["time"], row, base))
    if row["wording"]:
        text = (
            f"{_percent(row['own_template_share'])} of its {counted(row['read_prompts'], 'different prompt')} read "
            f"fill {counted(row['own_templates'], 'template')} that {others} fill as if from one list: "
            f"what they put in is {_percent(row['mix'])} as like each other's as like their own; "
            f"of two {kinds} drawn at random, "
            f"{_percent(base['strangers_share_template'])} share any template"
        )
        if row["scatter"]:
            text += f"; members who fill them work from {counted(row['places'], 'network')}, each from its own"
        reasons.append(_cite("wording", text, part["wording"], row, base))
    return reasons


def _alone(row: Figures, base: Figures) -> list[Reason]:
    part = {name: HARVEST * row[f"harvest_{name}"] for name in ("output", "ratio", "eliciting", "night")}
    kinds, reasons = plural(row["kind"]), []
    if part["output"]:
        text = (
            f"its answers have {row['mean_output']:,.0f} tokens on average: more than those of "
            f"{_percent(row['output_rank'])} of all {kinds} (median {_number(base['mean_output'])})"
        )
        reasons.append(_cite("output", text, part["output"], row, base))
    if part["ratio"]:
        text = (
            f"it is answered {row['output_ratio']:.1f} tokens for each that it sends: more than "
            f"{_percent(row['ratio_rank'])} of all {kinds} (median {_number(base['output_ratio'])})"
        )
        reasons.append(_cite("output", text, part["ratio"], row, base))
    if part["eliciting"]:
        text = (
            f"{_percent(row['eliciting'])} of its prompts ask for reasoning, grades, made-up tasks or the use of tools "
            f"(median {_percent(base['eliciting'])})"
        )
        reasons.append(_cite("eliciting", text, part["eliciting"], row, base))
    if row["by_what"] == "likeness":
        text = (
            f"its prompts are {_percent(row['alike'])} as like those of the {kinds} nearest to it as they are "
            f"like each other, and unlike everybody else's (compared with {row['compared']:,})"
        )
        reasons.append(_cite("likeness", text, LIKENESS * row["purpose"] * row["likeness"], row, base))
    if row["by_what"] == "apart":
        text = (
            f"its prompts are farther from everybody's mean than the median {row['kind']}'s by {row['far']:.1f} times "
            "what is usual among the nearest four fifths"
        )
        reasons.append(_cite("likeness", text, APART * row["purpose"] * row["apart"], row, base))
    if part["night"]:
        text = (
            f"no time of day is quiet: the quietest 8 hours have {_percent(row['night'])} of its active hours, where a "
            f"third would be an even spread (median {_percent(base['night'])})"
        )
        reasons.append(_cite("night", text, part["night"], row, base))
    return reasons


def _cite(what: str, text: str, evidence: float, row: Figures, base: Figures) -> Reason:
    book, parameters = CITED[what]
    values = {"entities": base["entities"], "hub": max(40, 2 * (row["team_size"] or 0))}
    values["entity"] = row["id"] if row["kind"] == "account" else ""
    return Reason(text, evidence, book, {name: value.format_map(values) for name, value in parameters.items()})


def _percent(share: float | None) -> str:
    if share is None or not isfinite(share):
        return "none"
    per = 100 * share
    return f"{per:.0f} %" if per >= 10 or per == 0 else f"{per:.1f} %"


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
