"""The front web server's access log (nginx combined): the same requests, pages that people look at, and the noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from workbench.sample.account import Request
from workbench.sample.clients import browser
from workbench.sample.dice import Dice
from workbench.sample.hours import HOUR, MINUTE, SECOND
from workbench.sample.logs.text import combined

#: Lines wait this long for earlier ones: a line is written when its request ends.
_LAG = 15 * MINUTE
_CHAT = (("/", 5120), ("/chat", 8240), ("/api/me", 412), ("/api/conversations?limit=30", 2900))
_CONSOLE = (
    ("/console", 6120),
    ("/console/usage", 9400),
    ("/console/keys", 4200),
    ("/console/billing", 5100),
    ("/console/logs?range=24h", 18800),
    ("/docs/quickstart", 21400),
    ("/docs/api/chat", 38200),
    ("/docs/rate-limits", 15300),
    ("/docs/models", 17700),
)
_HOST = "https://atlas.example"

Line = tuple[int, str]


def entry(ms: int, address: str, user: str, request: str, status: int, size: int, referer: str, agent: str) -> str:
    """Return one line in nginx's combined format; the caller has escaped the quoted fields."""
    return f'{address} - {user} [{combined(ms)}] "{request}" {status} {size} "{referer}" "{agent}"'


def _size(request: Request, dice: Dice) -> int:
    if request.status != 200:
        return dice.between(120, 260)
    if request.exchange.call_type == "aembedding":
        return 33000 + dice.below(900)
    if request.exchange.stream:
        return 420 + round(request.output_tokens * dice.uniform(150, 190))
    return 540 + round(request.output_tokens * dice.uniform(3.9, 4.9))


def api_call(request: Request, dice: Dice) -> Line:
    """Return the end and the line of one request to the service."""
    account = request.account
    path = "/v1/embeddings" if request.exchange.call_type == "aembedding" else account.path
    chat = account.sessions
    end = request.ms + request.duration_ms
    line = entry(
        end,
        request.address,
        account.id if account.basic_auth else "-",
        f"POST {path} HTTP/{'2.0' if chat or dice.chance(0.2) else '1.1'}",
        request.status,
        _size(request, dice),
        f"{_HOST}/chat/{(request.session or '')[4:12]}" if chat else "-",
        request.agent,
    )
    return end, line


def pages(request: Request, dice: Dice) -> Iterator[Line]:
    """Yield what a human loads before the first request of a session: the chat page, or the console."""
    account = request.account
    at = request.ms - dice.between(20 * SECOND, 9 * MINUTE)
    week = at // (7 * 24 * HOUR)
    asset = f"/assets/app-{Dice('asset', week).hex(8)}.js"
    referer = "-"
    if account.sessions:
        visited = [_CHAT[0], _CHAT[1], (asset, 184_233), _CHAT[2], _CHAT[3]][dice.below(3) :]
    else:
        visited = [("/console/login", 3300), (asset, 184_233), *dice.some(_CONSOLE, dice.between(1, 4))]
    agent = request.agent if request.agent.startswith("Mozilla") else browser(Dice("browser", account.id))
    for path, size in visited:
        fresh = not path.endswith(".js") or dice.chance(0.3)
        status, sent = (200, size + dice.below(200)) if fresh else (304, 0)
        yield at, entry(at, request.address, "-", f"GET {path} HTTP/2.0", status, sent, referer, agent)
        referer = _HOST + (path if not path.startswith("/a") else "/")
        at += dice.between(80, 4000) if path.startswith("/a") else dice.between(700, 40_000)
        at = min(at, request.ms)


def access_log(requests: Iterable[Request], noise: Sequence[Line], seed: int) -> Iterator[Line | Request]:
    """Yield each request as it comes, and between them the lines of the access log as soon as their order is sure.

    So a single pass over the requests writes both logs. ``noise`` is in the order of time.
    """
    dice = Dice(seed, "front")
    waiting: list[tuple[int, int, str]] = []
    number = taken = 0
    for request in requests:
        yield request
        lines = [api_call(request, dice)]
        if request.opens and dice.chance(request.account.console):
            lines += pages(request, dice)
        until = taken
        while until < len(noise) and noise[until][0] <= request.ms:
            until += 1
        lines += noise[taken:until]
        taken = until
        for end, line in lines:
            number += 1
            heappush(waiting, (end, number, line))
        while waiting[0][0] < request.ms - _LAG:
            end, _, line = heappop(waiting)
            yield end, line
    rest = [(end, line) for end, _, line in waiting]
    yield from sorted([*rest, *noise[taken:]])
