"""Writes all files of a sample in one pass over its requests."""

from __future__ import annotations

import csv
from pathlib import Path

from workbench.sample import SampleSummary, readme
from workbench.sample.account import Request
from workbench.sample.cast import Cast
from workbench.sample.hours import moment
from workbench.sample.logs import auth
from workbench.sample.logs.front import access_log
from workbench.sample.logs.gateway import row
from workbench.sample.logs.noise import noise
from workbench.sample.logs.text import writing

#: When the front server's log was rotated.
ROTATED = moment("2026-05-14T00:00")


def write_logs(folder: Path, cast: Cast, *, seed: int) -> SampleSummary:
    """Write gateway, front server and host logs, the labels and the README into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("gateway.ndjson.gz", "front-access.log.1.gz", "front-access.log", "auth.log", "labels.csv", "README.md")
    gateway, older, newer, host, labels, about = paths = tuple(folder / name for name in names)
    planned = sum(map(len, cast.ticks))
    count = 0
    with writing(gateway) as requests, writing(older) as before, writing(newer) as after:
        for written in access_log(cast.requests(), noise(seed, 40 + planned // 60), seed):
            if isinstance(written, Request):
                requests.write(row(written) + "\n")
                count += 1
            else:
                end, line = written
                (before if end < ROTATED else after).write(line + "\n")
    with writing(host) as log:
        log.writelines(f"{line}\n" for line in auth.lines(seed))
    with writing(labels) as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("account", "kind", "campaign"))
        rows.writerows(sorted((account.id, account.kind, account.campaign) for account in cast.accounts))
    hostile = sum(1 for account in cast.accounts if account.campaign)
    about.write_text(
        readme.readme_text(seed=seed, requests=count, accounts=len(cast.accounts), hostile=hostile), encoding="utf-8"
    )
    return SampleSummary(paths, count, len(cast.accounts), hostile)
