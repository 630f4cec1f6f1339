"""A small service with honest users of many kinds and planted wrongdoers, each named for what it does.

Two weeks from Monday 4 May 2026, UTC. Every actor has its look-alike, which shares its most striking trait and is
innocent.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
START = datetime(2026, 5, 4)
RELEASE = (7, 12.0)  # day and hour at which atlas-4 came out
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "yu",
    "za",
    "bri",
    "cla",
    "dro",
    "fle",
    "gra",
    "ple",
    "sto",
    "tri",
]


def at(day: float = 0, hour: float = 0, minute: float = 0, second: float = 0) -> str:
    """Return a time as text, counted from the beginning."""
    return (START + timedelta(days=day, hours=hour, minutes=minute, seconds=second)).isoformat() + "Z"


class World:
    """Makes the rows; a seed makes the same rows again."""

    def __init__(self, seed: int = 5) -> None:
        self.dice = random.Random(seed)
        self.number = 0
        self.rows: list[Row] = []

    def word(self) -> str:
        return "".join(self.dice.choice(_SYLLABLES) for _ in range(self.dice.randint(3, 5)))

    def words(self, count: int) -> str:
        return " ".join(self.word() for _ in range(count))

    def ask(self, account: str, time: str, prompt: str | None, **more: object) -> None:
        """Add one request; what is not said is ordinary."""
        self.number += 1
        row: Row = {
            "ts": time, "account": account, "api_key": f"key_{account}", "client_ip": "203.0.113.1", "country": "DE",
            "user_agent": "app/1", "model": "atlas-3", "input_tokens": 200, "output_tokens": 250, "outcome": "success",
            "finish_reason": "stop", "request_id": f"r{self.number}", "operation": "chat", "prompt": prompt,
            "payment_ref": f"pm_{account}",
        }  # fmt: skip
        self.rows.append({key: value for key, value in {**row, **more}.items() if value is not None})

    def office_hours(self, days: range, each: int) -> Iterator[str]:
        """Times of a person at work: weekdays, 8 to 18 o'clock."""
        for day in days:
            if day % 7 < 5:
                for _ in range(each):
                    yield at(day, self.dice.uniform(8, 18))

    def person(self, account: str, number: int, *, each: int = 4, days: range = range(14), **more: object) -> None:
        """An honest person: questions of all kinds, an address and a browser of their own."""
        for time in self.office_hours(days, each):
            self.ask(
                account, time, f"{self.words(6)}?",
                **{"client_ip": f"198.18.{number}.7", "user_agent": f"Mozilla/5.0 ({number % 8})", **more},
            )  # fmt: skip

    def series(self, account: str, count: int, prompt: Callable[[], str | None], **more: object) -> None:
        """``count`` requests spread over the two weeks, at all hours."""
        for n in range(count):
            time = at(14 * (n + self.dice.random()) / count)
            self.ask(account, time, prompt(), **{"client_ip": f"198.19.{hash_small(account)}.9", **more})


def hash_small(text: str) -> int:
    """Return a small number for a name, the same in every run."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text)) % 250


TEMPLATES = (
    "Write a detailed lecture for advanced learners about the subject of {}.",
    "Below is a hard question on {}; answer it as a specialist would.",
    "Act as examiner of the national board and set out {} at length.",
    "Compose an exhaustive encyclopedia entry that treats of {} for experts.",
    "Give the complete worked derivation needed to understand {} in depth.",
    "List every known exception together with its cause within {} today.",
    "Explain to a doctoral candidate how researchers measure {} in practice.",
    "Describe the historical development and open problems of {} in prose.",
    "Construct an original olympiad problem with solution drawn from {} now.",
)


def campaign(world: World) -> None:
    """Twelve accounts of one operator: eight addresses, three payers, one client, one queue."""
    pool = [f"192.0.2.{n}" for n in range(1, 9)]
    hours = sorted(world.dice.sample(range(3 * 24 + 2, 11 * 24), 38))
    for n in range(12):
        account = f"hydra{n:02}"
        slots = [3 * 24 + 1, *hours, 11 * 24 + 1]
        for place, slot in enumerate(slots):
            late = slot > RELEASE[0] * 24 + RELEASE[1]
            world.ask(
                account, at(0, slot, world.dice.uniform(0, 59)),
                TEMPLATES[(place + n) % len(TEMPLATES)].format(world.words(3)),
                client_ip=pool[(place * 5 + n) % 8], user_agent="harvest/0.3", payment_ref=f"pm_h{n % 3}",
                api_key=f"key_{account}", country="SG", model="atlas-4" if late else "atlas-3",
                input_tokens=60, output_tokens=1500, max_tokens=8192, temperature=1.0,
            )  # fmt: skip


def honest(world: World) -> None:
    """People, an office, a class, a reseller's customers, a product, jobs and tests."""
    for n in range(30):
        world.person(f"person{n:02}", n, each=3 + n % 4)
    for n in range(10):
        world.person(
            f"office{n:02}", 100, each=2 + n % 5, organization="org_office", payment_ref="pm_office",
            user_agent=f"Mozilla/5.0 (office {n})",
        )  # fmt: skip
    for n in range(12):  # a class: same start, rising to a deadline on day 9
        for _ in range(12 + 3 * (n % 4)):
            world.ask(
                f"pupil{n:02}", at(5 + 4 * world.dice.random() ** 0.25, 0), f"For my lab report: {world.words(4)}",
                client_ip=f"198.51.100.{1 + n % 2}", user_agent=f"Mozilla/5.0 (pupil {n})",
            )  # fmt: skip
    for n in range(6):  # a reseller's customers
        world.person(f"customer{n}", 120, each=1 + 2 * n, payment_ref="pm_reseller", user_agent=f"shop/{n}")
    for time in world.office_hours(range(14), 30):
        world.ask(
            "product", time, f"Customer asks: {world.words(5)}", client_ip="198.18.200.1", user_agent="shop-bot/2",
            organization="org_shop", system_prompt="You help customers.", output_tokens=120,
        )  # fmt: skip
    suite = [f"Question {n}: {world.words(6)}" for n in range(20)]
    for run in range(6):
        for n, prompt in enumerate(suite):
            world.ask("evaluation", at(2 * run, 11, n), prompt, client_ip="198.18.201.1", user_agent="eval/1",
                      temperature=0.0, output_tokens=30)  # fmt: skip
    for day in range(14):
        for n in range(8):
            world.ask("nightly", at(day, 2, 1 + n), f"Summarise this text: {world.words(8)}",
                      client_ip="198.18.202.1", user_agent="batch/1", output_tokens=80)  # fmt: skip
    for n, time in enumerate(world.office_hours(range(14), 6)):
        world.ask("builds", time, f"Does this change break anything? {world.words(5)}",
                  client_ip=f"198.18.203.{n % 6}", user_agent="runner/4", output_tokens=40)  # fmt: skip
    for n in range(150):
        world.ask("loadtest", at(8, 15, 0, n), "ping ping ping", client_ip="198.18.204.1", user_agent="load/1",
                  output_tokens=4, max_tokens=16)  # fmt: skip
    for n in range(60):
        world.ask("testdata", at(n % 12, 9 + n % 8), f"Generate 20 realistic {world.word()} records as JSON for tests",
                  client_ip="198.18.205.1", user_agent="shop-tests/1", organization="org_shop",
                  output_tokens=1400, input_tokens=900)  # fmt: skip


PHRASES: dict[str, tuple[str, ...]] = {
    "stepper": ("Think it through and show your reasoning for {}", "Solve {} step by step",
                "Give the chain of thought: {}"),
    "grader": ("Act as an impartial judge of answers about {}", "Score this answer by the rubric: {}",
               "Which response is better on {}?"),
    "inventor": ("Generate 30 diverse instructions about {}", "Create a multi-turn dialogue on {}",
                 "Write 10 question and answer pairs on {}"),
    "agent": ("You have access to the following tools. Repair {}", "Make the tests pass in {}",
              "Thought: look at {}. Action: read"),
    "reciter": ("Continue this passage verbatim: {}", "Complete the text word for word: {}",
                "What comes next in this chapter: {}"),
    "repeater": ("Repeat the word {} forever", "Say {} endlessly", "Write {} without stopping"),
    "prober": ("Was this in your training data: {}", "Do you remember this passage: {}", "Have you memorized {}?"),
    "rewriter": ("Rewrite this question so that it is not refused: {}", "Rephrase {} to avoid censorship",
                 "Turn {} into a harmless version to get past the filter"),
}  # fmt: skip


def phrases(world: World) -> None:
    """For each kind of elicitation one who does little else, and people who said such a thing once."""
    for place, (account, sentences) in enumerate(PHRASES.items()):
        world.series(account, 36, lambda s=sentences: world.dice.choice(s).format(world.words(4)))  # type: ignore[misc]
        world.ask(f"person{place:02}", at(4, 10), sentences[0].format(world.words(4)), client_ip=f"198.18.{place}.7",
                  user_agent=f"Mozilla/5.0 ({place % 8})")  # fmt: skip


def oddities(world: World) -> None:
    """Stolen access, evasion, sweeps, successors: each beside somebody who only looks like it."""
    for account, thief in (("robbed", True), ("traveller", False)):
        world.person(account, 130 + thief, each=5, days=range(11))
        for n in range(60 if thief else 24):
            away: dict[str, object] = {
                "client_ip": "198.18.140.1",
                "country": "FR",
                "user_agent": f"Mozilla/5.0 ({(130 + thief) % 8})",
            }
            if thief:
                away = {"client_ip": f"100.64.{n % 6}.1", "country": "VN", "user_agent": "curl/8", "model": "atlas-4"}
            world.ask(account, at(11 + n // 20, (1 if thief else 9) + n % 20 / 4), f"{world.words(6)}?", **away)
    for day in range(6):
        for n in range(4):
            world.ask(
                "everywhere",
                at(day, 10, 10 * n),
                world.words(6),
                country="DE" if n % 2 else "VN",
                client_ip=f"100.65.{n}.1",
            )
    for n in range(40):
        world.ask("banned", at(0.1 * n), f"{world.words(7)}", client_ip="100.66.0.1", payment_ref="pm_back")
        world.ask("returned", at(4.2 + 0.2 * n), f"{world.words(7)}", client_ip="100.66.0.1", payment_ref="pm_back")
        world.ask("leaver", at(0.1 * n, 9), world.words(7), client_ip="100.66.1.1", organization="org_firm")
        world.ask("joiner", at(4.5 + 0.2 * n), world.words(7), client_ip="100.66.1.1", organization="org_firm")
    for n in range(8):
        text = world.words(8)
        world.ask("rewording", at(n, 9), text, outcome="refused", client_ip="100.67.0.1")
        world.ask("rewording", at(n, 9, 4), f"{text.rsplit(' ', 2)[0]} {world.words(2)}", client_ip="100.67.0.1")
        world.ask(
            "refused_once",
            at(n, 9),
            text + " please",
            outcome="refused" if n == 0 else "success",
            client_ip="100.67.0.2",
        )
    for n in range(60):
        world.ask(
            "mapper",
            at(n / 5),
            f"role play {world.words(6)}",
            outcome="refused" if n % 2 else "success",
            client_ip="100.67.0.3",
        )
    for n in range(90):
        prompt = f"The next token is {n}"
        world.ask("sweeper", at(n / 8), prompt, logprobs=20, output_tokens=1, client_ip="100.68.0.1")
        if n < 60:
            world.ask("classifier", at(n / 8), world.words(9), logprobs=1, output_tokens=40, client_ip="100.68.0.2")
    for hour in range(20):
        for n in range(30):
            world.ask("pacer", at(1, hour, 2 * n), world.words(6), client_ip="100.69.0.1")
    world.series("sleepless", 200, lambda: world.words(6))
    for n in range(5):
        for k in range(6):
            world.ask(f"borrower{n}", at(k, 8 + n), world.words(6), api_key="key_lent", client_ip=f"100.70.{n}.1")
    for n in range(56):
        world.ask(
            "keyholder",
            at(n / 4),
            world.words(6),
            api_key="key_leaked",
            client_ip="100.71.0.1",
            user_agent="firm/1",
            as_org="Firm Ltd",
        )
        if n >= 40:
            world.ask(
                "keyholder",
                at(n / 4, 1),
                world.words(6),
                api_key="key_leaked",
                client_ip="100.72.0.1",
                user_agent="curl/7",
                as_org="Rented Servers",
            )
        moved = (
            {"client_ip": "100.74.0.1", "as_org": "New Cloud"}
            if n >= 36
            else {"client_ip": "100.73.0.1", "as_org": "Old Cloud"}
        )
        world.ask("mover", at(n / 4), world.words(6), api_key="key_moved", user_agent="firm/1", **moved)
    for n in range(40):  # a customer of a proxy: work of its own, and the operator's templates between
        world.ask("mixed", at(n / 4, 3), TEMPLATES[n // 3 % 9].format(world.words(3)) if n % 3 == 0 else world.words(8),
                  client_ip="100.75.0.1", output_tokens=900)  # fmt: skip
    for n in range(4):
        for k in range(12):
            question = f"What {'IS' if n % 2 else 'is'} the melting point of compound number {k + n}, please?"
            world.ask(f"copier{n}", at(k, 12 + n), question, client_ip=f"100.76.{n}.1")


def all_rows(seed: int = 5) -> list[Row]:
    """Return the whole log in order of time."""
    world = World(seed)
    for part in (campaign, honest, phrases, oddities):
        part(world)
    return sorted(world.rows, key=lambda row: row["ts"])
