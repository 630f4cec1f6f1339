"""The README that goes with a sample."""

from __future__ import annotations

TEXT = """\
# Sample logs

All of this is made up by `workbench sample` (seed {seed}, {requests} requests of {accounts} accounts): people, firms,
texts, and what is said to come from each address. No real log, account or customer is behind it.

| file | what |
|---|---|
| `gateway.ndjson.gz` | what the service's gateway logged, one JSON object a request (LiteLLM style) |
| `front-access.log.1.gz`, `front-access.log` | access log of the web server in front (nginx combined), rotated |
| `auth.log` | logins on that server (syslog RFC 3164, which has no year: it is 2026) |
| `labels.csv` | the truth about each account, to check results with; it is no evidence |

The gateway cuts long prompts, and keeps at most the beginning of an answer. The access log has the same requests, pages
of the web console, visitors, crawlers and scanners.

The window is 22 April to 4 June 2026, UTC. A new model, `atlas-4`, came out on 18 May at 14:00. The service was hardly
reachable on 12 May from 09:24 to 10:03.

{hostile} accounts belong to distillation campaigns. The others are chat users, programmers, firms behind one address,
a class with a deadline, products, batches, evaluation suites, CI jobs, a reseller, load tests: many of them ask more,
or look odder at first sight, than any account of a campaign.
"""


def readme_text(*, seed: int, requests: int, accounts: int, hostile: int) -> str:
    """Return the README of a sample."""
    return TEXT.format(seed=seed, requests=f"{requests:,}", accounts=f"{accounts:,}", hostile=hostile)
