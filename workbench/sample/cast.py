"""Who takes part: how many accounts of each kind, and how many requests each of them makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from workbench.sample.account import Account, Kind, Request, Stage, requests
from workbench.sample.addresses import AddressBook
from workbench.sample.campaigns import CAMPAIGNS
from workbench.sample.hours import END, START, Tick
from workbench.sample.people import HONEST


def allot(kinds: Sequence[Kind], count: int) -> list[int]:
    """Return how many of ``count`` accounts each kind gets: by share, and at least one where they suffice."""
    least = 1 if count >= len(kinds) else 0
    total = sum(kind.share for kind in kinds)
    exact = [kind.share / total * (count - least * len(kinds)) for kind in kinds]
    out = [least + int(part) for part in exact]
    for i in sorted(range(len(kinds)), key=lambda i: int(exact[i]) - exact[i])[: count - sum(out)]:
        out[i] += 1
    return out


class Cast:
    """The accounts of one sample and their ticks; :meth:`requests` is everything they ask, in time order.

    ``share`` of the accounts belong to ``campaigns``, the others to ``honest`` kinds.
    """

    def __init__(
        self,
        *,
        seed: int,
        requests: int,
        accounts: int,
        share: float,
        honest: Sequence[Kind] = HONEST,
        campaigns: Sequence[Kind] = CAMPAIGNS,
    ) -> None:
        self._stage = stage = Stage(seed, AddressBook(seed, accounts))
        hostile = round(accounts * share)
        self.accounts: list[Account] = []
        for kinds, count in ((honest, accounts - hostile), (campaigns, hostile)):
            for kind, size in zip(kinds, allot(kinds, count), strict=True):
                self.accounts += kind.enlist(stage, size)
        scale = requests / sum(account.weight for account in self.accounts)
        self.ticks: list[list[Tick]] = []
        for account in self.accounts:
            dice = stage.dice("ticks", account.id)
            ticks = account.schedule.ticks(max(1, round(account.weight * scale)), dice)
            self.ticks.append(ticks or [Tick(START + dice.below(END - START), 0, 0)])

    def _of(self, number: int) -> Iterator[tuple[int, int, Request]]:
        account = self.accounts[number]
        for request in requests(account, self.ticks[number], self._stage.dice("requests", account.id)):
            yield request.ms, number, request

    def requests(self) -> Iterator[Request]:
        """Yield all requests in the order of their start. Once only: the speakers remember what was said."""
        for _, _, request in merge(*(self._of(number) for number in range(len(self.accounts)))):
            yield request
