"""A seeded generator of sample logs: a language model service with honest users of many kinds and planted campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written: files, requests in the gateway log, accounts, and how many of them belong to campaigns."""

    paths: tuple[Path, ...]
    requests: int
    accounts: int
    campaign_accounts: int


def write(
    folder: Path, *, seed: int = 7, requests: int = 12000, accounts: int = 240, share: float = 0.15
) -> SampleSummary:
    """Write sample logs into ``folder``, which is made if need be; files of the same names are replaced.

    The same arguments give the same bytes. ``requests`` is met about, ``accounts`` exactly; ``share`` of the accounts
    belong to campaigns. Raises UsageError where the numbers make no sample.
    """
    if accounts < 1 or requests < 1:
        raise UsageError("a sample needs at least one account and one request")
    if not 0 <= share < 1:
        raise UsageError(f"the share of campaign accounts is from 0 to below 1, not {share:g}")
    from workbench.sample.cast import Cast
    from workbench.sample.logs.files import write_logs

    return write_logs(folder, Cast(seed=seed, requests=requests, accounts=accounts, share=share), seed=seed)
