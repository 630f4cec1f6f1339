"""Accounts, what they ask, and how that becomes requests in the order of time.

A kind of people (``people/``) or of campaigns (``campaigns/``) enlists accounts; each has a schedule (when), a speaker
(what), whereabouts (from where), clients (with what) and a taste (which model). Everything else is common to all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from workbench.sample.addresses import AddressBook, Whereabouts
from workbench.sample.dice import Dice
from workbench.sample.hours import SECOND, Schedule, Tick, moment
from workbench.sample.models import MODELS, Taste

#: An hour in which the service was down for most.
OUTAGE = (moment("2026-05-12T09:24"), moment("2026-05-12T10:03"))


@dataclass(slots=True)
class Exchange:
    """One question and its answer, as far as the log keeps them."""

    prompt: str
    answer: str
    output_tokens: int
    system: str = ""
    history: Sequence[tuple[str, str]] = ()  # earlier (role, content) of the conversation
    unseen_tokens: int = 0  # of context that the log cuts away
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stream: bool | None = None
    tools: Sequence[str] = ()
    tags: Sequence[str] = ()
    end_user: str | None = None
    call_type: str = "acompletion"
    refused: bool = False
    cached: bool = False


class Speaker(Protocol):
    """Writes what an account asks at a tick, and what it is answered."""

    def say(self, tick: Tick, dice: Dice) -> Exchange:
        """Return the exchange of this tick."""
        ...


@dataclass(slots=True)
class Account:
    """One account of the service; ``weight`` is its share of all requests, compared with others."""

    id: str
    kind: str
    weight: float
    schedule: Schedule
    speaker: Speaker
    where: Whereabouts
    agents: Sequence[str]
    taste: Taste
    country: str
    created: int
    payment: str | None
    campaign: str = ""
    keys: Sequence[str] = ()
    organization: str | None = None
    team: str | None = None
    path: str = "/v1/chat/completions"
    sessions: bool = False  # the chat product keeps a session id for each conversation
    console: float = 0.0  # how often the owner looks at the web console before working
    basic_auth: bool = False
    limited: float = 0.004  # share of requests that meet the rate limit
    intruder: tuple[int, str] | None = None  # runs from this number on are somebody else's, with that client


@dataclass(slots=True)
class Request:
    """One request as both logs tell it; times are milliseconds since 1970."""

    ms: int
    duration_ms: int
    account: Account
    exchange: Exchange
    run: int
    model: str
    address: str
    agent: str
    api_key: str
    status: int
    input_tokens: int
    output_tokens: int
    finish: str
    id: str
    session: str | None
    opens: bool  # first of its run


@dataclass(slots=True)
class Stage:
    """What the accounts of one sample have in common."""

    seed: int
    book: AddressBook
    _ids: set[str] = field(default_factory=set)

    def dice(self, *key: object) -> Dice:
        """Return the draws for a part of the sample."""
        return Dice(self.seed, *key)

    def account_id(self, dice: Dice) -> str:
        """Return an account id that is not yet taken."""
        while True:
            name = "usr_" + dice.word("0123456789abcdefghjkmnpqrstvwxyz", 10)
            if name not in self._ids:
                self._ids.add(name)
                return name


class Kind(Protocol):
    """A kind of honest people or of campaigns; ``share`` is its part of the accounts, compared with others."""

    @property
    def name(self) -> str:
        """What the labels call it."""
        ...

    @property
    def share(self) -> float:
        """Its part of the accounts."""
        ...

    def enlist(self, stage: Stage, count: int) -> Iterator[Account]:
        """Yield ``count`` accounts."""
        ...


def tokens(text: str) -> int:
    """Return about how many tokens a text has: four letters each, fewer outside of Latin script."""
    wide = 0 if text.isascii() else sum(1 for letter in text if letter > "ɏ")
    return max(1, (len(text) - wide) // 4 + round(wide * 0.7))


_SERVER_ERRORS = ((500, 0.45), (502, 0.2), (503, 0.25), (504, 0.1))


def _status(account: Account, exchange: Exchange, ms: int, dice: Dice) -> int:
    if exchange.refused:
        return 400
    luck = dice.random()
    if OUTAGE[0] <= ms < OUTAGE[1] and luck < 0.7:
        return 503
    if luck < account.limited:
        return 429
    if luck > 0.994:
        return dice.weighted(_SERVER_ERRORS)
    return 200


def requests(account: Account, ticks: Sequence[Tick], dice: Dice) -> Iterator[Request]:
    """Yield the account's requests in time order."""
    agents = account.agents
    run = -1
    agent, session = agents[0], None
    for tick in ticks:
        if tick.run != run:
            run = tick.run
            session = f"ses_{sha256(f'{account.id}/{run}'.encode()).hexdigest()[:16]}" if account.sessions else None
            agent = agents[min(dice.below(len(agents)), dice.below(len(agents)))]
            if account.intruder is not None and run >= account.intruder[0]:
                agent = account.intruder[1]
        exchange = account.speaker.say(tick, dice)
        embedding = exchange.call_type == "aembedding"
        model = "atlas-embed-1" if embedding else account.taste.pick(dice, tick.ms)
        status = _status(account, exchange, tick.ms, dice)
        asked = tokens(exchange.prompt) + exchange.unseen_tokens
        if exchange.system or exchange.history:
            asked += tokens(exchange.system) + sum(tokens(said) + 4 for _, said in exchange.history)
        limit = exchange.max_tokens
        out = 0 if embedding or status != 200 else exchange.output_tokens
        finish = "" if embedding or status != 200 else ("tool_calls" if exchange.tools and dice.chance(0.7) else "stop")
        if limit is not None and out >= limit:
            out, finish = limit, "length"
        if status in {400, 429} or exchange.cached:
            duration = dice.lognormal(45.0, 0.4)
        elif status == 504:
            duration = 60_000.0 + dice.below(400)
        else:
            duration = dice.lognormal(480.0, 0.45) + asked * 0.02
            duration += out / (MODELS[model].speed * dice.uniform(0.75, 1.15)) * SECOND
        yield Request(
            ms=tick.ms,
            duration_ms=min(round(duration), 600_000),
            account=account,
            exchange=exchange,
            run=tick.run,
            model=model,
            address=account.where.at(tick.ms, dice),
            agent=agent,
            api_key=account.keys[tick.run % len(account.keys)],
            status=status,
            input_tokens=asked,
            output_tokens=out,
            finish=finish,
            id=dice.hex(24),
            session=session,
            opens=tick.turn == 0,
        )
