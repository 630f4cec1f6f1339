"""Mixes of honest and hostile traffic for ``bench detect``: made once a seed, then logged in several ways.

The ways: ``prompts`` (a gateway's full log), ``plain`` (the same without any text), ``client`` (without accounts, keys,
organisations and payments: who acts is an address with its client), ``bare`` (that without any text).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.case import Case
from workbench.ingest import load
from workbench.sample.account import Kind
from workbench.sample.campaigns import CAMPAIGNS
from workbench.sample.campaigns import MORE as MORE_CAMPAIGNS
from workbench.sample.cast import Cast
from workbench.sample.dice import Dice
from workbench.sample.logs.gateway import row
from workbench.sample.people import HONEST
from workbench.sample.people import MORE as MORE_HONEST

WAYS = ("prompts", "plain", "client", "bare")
ALL_CAMPAIGNS: tuple[Kind, ...] = (*CAMPAIGNS, *MORE_CAMPAIGNS)


#: Accounts of a campaign that the seed chooses, at least: two accounts that share nothing are no campaign.
LEAST = 8


@dataclass(frozen=True, slots=True)
class Mix:
    """What a mix is made of: accounts, requests an account, share of campaign accounts, which kinds of campaigns.

    ``chosen`` names the campaigns; empty means that the seed chooses one to five of them, fewer where they would have
    less than ``LEAST`` accounts each. A share below 0 means that the seed draws one from 0.5 % to 20 %.
    """

    name: str
    accounts: int
    share: float
    each: int = 45
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about an entity: its kind, and its campaign ("" for the innocent)."""

    kind: str
    campaign: str


def kinds(mix: Mix, seed: int) -> tuple[list[Kind], list[Kind]]:
    """Return the honest and the hostile kinds of a mix: every honest one, with weights of its own each seed."""
    dice = Dice("bench", mix.name, seed)
    hostile = [one for one in ALL_CAMPAIGNS if one.name in mix.chosen]
    if not hostile:
        most = round(mix.accounts * drawn(mix, seed)) // LEAST
        hostile = dice.some(ALL_CAMPAIGNS, max(1, min(most, dice.between(1, len(ALL_CAMPAIGNS)))))
    return [*HONEST, *MORE_HONEST], hostile


def drawn(mix: Mix, seed: int) -> float:
    """Return the share of hostile accounts: the mix's own, or one that the seed draws (evenly in its logarithm)."""
    return mix.share if mix.share >= 0 else 0.005 * 40 ** Dice("bench", "share", seed).random()


def write_mix(folder: Path, mix: Mix, seed: int, ways: Sequence[str]) -> dict[str, tuple[Path, dict[str, Truth]]]:
    """Write the log of a mix in each way; returns the file and the truth about its entities by way."""
    folder.mkdir(parents=True, exist_ok=True)
    honest, hostile = kinds(mix, seed)
    cast = Cast(
        seed=seed,
        requests=mix.accounts * mix.each,
        accounts=mix.accounts,
        share=drawn(mix, seed),
        honest=honest,
        campaigns=hostile,
    )
    truth = {one.id: Truth(one.campaign.rpartition("-")[0] or one.kind, one.campaign) for one in cast.accounts}
    whose: dict[str, Counter[str]] = defaultdict(Counter)
    files = {way: folder / f"{way}.ndjson" for way in ways}
    opened = {way: file.open("w", encoding="utf-8") for way, file in files.items()}
    try:
        for account, address, agent, line in _lines(cast):
            whose[f"{address} {agent}"][account] += 1
            if "prompts" in opened:
                opened["prompts"].write(line + "\n")
            for way in opened.keys() - {"prompts"}:
                opened[way].write(_told(line, way) + "\n")
    finally:
        for file in opened.values():
            file.close()
    clients = {client: truth[counts.most_common(1)[0][0]] for client, counts in whose.items()}
    return {way: (file, clients if way in {"client", "bare"} else truth) for way, file in files.items()}


def _told(line: str, way: str) -> str:
    """Return a line of the full log as a log of the given way has it."""
    record = json.loads(line)
    if way != "client":
        record.update(messages=None, response=None)
    if way != "plain":
        record.update(user=None, api_key=None, organization_id=None, team_id=None, end_user=None, session_id=None)
        record["metadata"].pop("payment_fingerprint", None)
    return json.dumps(record, ensure_ascii=False)


def _settings(cast: Cast) -> dict[str, float | None]:
    """Return the nucleus (top_p) of each account's program: of all walks of life, so that none is told by it."""
    drawn: dict[str, float | None] = {}
    for account in cast.accounts:
        dice = Dice("bench", "top_p", account.campaign or account.organization or account.id)
        drawn[account.id] = dice.pick(
            (None, 0.9, 0.95, 1.0) if account.campaign else (None, None, None, 0.9, 0.95, 1.0)
        )
    return drawn


def _lines(cast: Cast) -> Iterator[tuple[str, str, str, str]]:
    settings = _settings(cast)
    for request in cast.requests():
        if request.exchange.temperature is not None:
            request.exchange.top_p = settings[request.account.id]
        yield request.account.id, request.address, request.agent, row(request)


def load_mix(folder: Path, log: Path) -> Case:
    """Load a log into a new case and return it open."""
    case = Case.create(folder)
    reports = load(case, [str(log)])
    failed = [report.error for report in reports if report.error]
    if failed:
        raise RuntimeError(failed[0])
    return case
