"""Innocent explanations, each tested: what the figures say for it, what against, and which record would settle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.detect.model import Innocent

Figures = Mapping[str, Any]
Clue = tuple[str, Callable[[Figures], bool]]


@dataclass(frozen=True, slots=True)
class _Explanation:
    name: str
    supports: tuple[Clue, ...]
    contradicts: tuple[Clue, ...]
    settled_by: str


def _much(name: str, least: float) -> Callable[[Figures], bool]:
    return lambda row: row.get(name) is not None and bool(row[name] >= least)


def _little(name: str, most: float) -> Callable[[Figures], bool]:
    return lambda row: row.get(name) is not None and bool(row[name] <= most)


def _repeats(row: Figures) -> bool:
    return bool(row["prompts"] and row["different_prompts"] <= 0.6 * row["prompts"])


def _renews(row: Figures) -> bool:
    return bool(row["prompts"] >= 20 and row["different_prompts"] >= 0.8 * row["prompts"])


def _alone(row: Figures) -> bool:
    return row["team"] is None


_ONE_ORGANISATION: Clue = (
    "its group names one organisation",
    lambda row: row["team"] is not None and _much("one_organization", 0.9)(row),
)
_NO_ORGANISATION: Clue = (
    "no organisation is common to its group",
    lambda row: row["team"] is not None and not _much("one_organization", 0.5)(row),
)
_ROTATES: Clue = ("it works from four or more addresses of a common pool", _much("own_addresses", 4))
_NIGHT: Clue = ("it works through the night, without the pauses of people", _much("night", 0.15))
_PEOPLE: Clue = ("most of its requests belong to conversations of the chat product", _much("in_sessions", 0.5))
_STRANGERS: Clue = ("accounts without a common organisation fill the same templates", _much("wording", 0.5))
_SYNC: Clue = (
    "its hours move with those of others beyond any common working day",
    lambda row: bool(row["by_sync"]) and row["time"] > 0,
)
_LONG: Clue = ("its answers are among the longest of the case", _much("output_rank", 0.9))
_NEW: Clue = ("nearly every prompt is new", _renews)

_EXPLANATIONS = (
    _Explanation(
        "one product's own traffic",
        (
            (
                "its templates are its own: no other entity's group fills them",
                lambda row: (row["template_share"] or 0) >= 0.5 and not row["wording"],
            ),
            ("it sends a system message of its own with most requests", _much("with_system", 0.5)),
        ),
        (_STRANGERS, _NIGHT, _ROTATES),
        "the contract, and the end users' ids that the product passes on",
    ),
    _Explanation(
        "an evaluation suite",
        (
            ("the same prompts come again", _repeats),
            ("it samples at temperature 0", _little("warm", 0.05)),
            ("its answers are short", _little("output_rank", 0.5)),
        ),
        (_NEW, _LONG),
        "the benchmark's published items, held against the prompts",
    ),
    _Explanation(
        "a build pipeline (CI)",
        (
            ("it samples at temperature 0", _little("warm", 0.05)),
            ("its answers are short", _little("output_rank", 0.5)),
            (
                "hub addresses (shared runners) carry its traffic",
                lambda row: row["addresses"] >= 5 and not row["own_addresses"],
            ),
        ),
        (_LONG, _NIGHT, _SYNC),
        "the repository's pipeline runs, held against the times of the requests",
    ),
    _Explanation(
        "a company behind one address",
        (
            _ONE_ORGANISATION,
            ("its group shares one or two addresses", lambda row: 0 < row["own_addresses"] <= 2),
            ("it does half of its work from an address where a handful of others do", lambda row: bool(row["office"])),
            ("its nights are quiet", _little("night", 0.03)),
        ),
        (_NO_ORGANISATION, _ROTATES, _NIGHT),
        "the customer's billing record: who signed for the accounts, and who pays",
    ),
    _Explanation(
        "a class with a deadline",
        (
            _PEOPLE,
            ("it asked little in all", lambda row: row["requests"] <= 40),
            ("its group ends together", _much("end_together", 0.5)),
        ),
        (_NIGHT, _ROTATES, _SYNC, ("it asks far more than a course calls for", _much("requests", 300))),
        "the university's course list, or the domain of the members' e-mail addresses",
    ),
    _Explanation(
        "a reseller or gateway",
        (
            _ONE_ORGANISATION,
            ("few fixed servers carry its traffic", _little("addresses", 3)),
            ("its prompts are of all kinds", lambda row: row["prompts"] >= 20 and (row["template_share"] or 0) < 0.3),
        ),
        (_NO_ORGANISATION, _ROTATES, _STRANGERS),
        "the reseller's contract and its own customers' ids",
    ),
    _Explanation(
        "a load test",
        (
            ("it lasted a few hours in all", _little("active_hours", 8)),
            ("the same prompts come again", _repeats),
        ),
        (_NEW, ("it went on for more than ten days", _much("active_days", 10))),
        "the customer's announcement of the test",
    ),
    _Explanation(
        "users of one program",
        (
            ("all who have its program send the same templates", lambda row: bool(row["one_program"])),
            (
                "others fill the same templates with affairs of their own",
                lambda row: (row["template_share"] or 0) >= 0.3 and not row["wording"],
            ),
        ),
        (_STRANGERS, _ROTATES, _SYNC),
        "the program's maker: which templates it sends, and for whom",
    ),
    _Explanation(
        "one person at several addresses",
        (("what its group asks, one person can ask, and it sleeps", lambda row: bool(row["one_person"])),),
        (
            ("it is named by more than an address", lambda row: row["kind"] not in {"client", "address"}),
            _NIGHT,
        ),
        "the account or the cookie behind the requests",
    ),
    _Explanation(
        "made-up data for its own product",
        (
            ("it acts alone", _alone),
            ("what it orders fits one product", lambda row: (row["template_share"] or 0) >= 0.5 and not row["wording"]),
        ),
        (
            _STRANGERS,
            _SYNC,
            ("it shares its addresses or payment with others", lambda row: row["network"] + row["payment"] >= 0.5),
        ),
        "what the data was used for: the customer's fixtures and demos",
    ),
)


def explanations(row: Figures) -> tuple[Innocent, ...]:
    """Return every innocent explanation, tested on one entity's figures."""
    tested = []
    for explanation in _EXPLANATIONS:
        speaks_for = tuple(text for text, holds in explanation.supports if holds(row))
        against = tuple(text for text, holds in explanation.contradicts if holds(row))
        verdict = "fits" if speaks_for and not against else "does not fit" if against and not speaks_for else "open"
        tested.append(Innocent(explanation.name, verdict, speaks_for, against, explanation.settled_by))
    return tuple(tested)
