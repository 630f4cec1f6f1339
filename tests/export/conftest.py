"""A case whose every field has values that can be told apart wherever they turn up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.ingest import load

ACCOUNTS = 12
WORDS = ["amber", "birch", "cedar", "daisy", "ember", "fjord", "grape", "hazel", "indigo", "juniper", "kelp", "lotus"]


def records() -> list[dict[str, object]]:
    """Return gateway records: twelve accounts that fill one template, each with words of its own."""
    return [
        {
            "startTime": f"2026-05-{1 + account:02}T10:{3 * ask:02}:{account:02}.123Z",
            "request_id": f"req-{account:03}-{ask:02}-x",
            "user": f"acct-{WORDS[account]}",
            "api_key": f"sk-hash-{account:04}",
            "organization_id": f"org-{account % 3}-secret",
            "requester_ip_address": f"203.0.113.{100 + account}" if account % 2 else f"2001:db8:{account:x}::77",
            "model": "common-7b" if account else "ft:only-amber",
            "prompt_tokens": 100 + ask,
            "completion_tokens": 11 * account,
            "session_id": f"conv-{account}-{ask}",
            "messages": [{"role": "user", "content": f"Please grade the essay about {WORDS[account]} number 4{ask}7"}],
            "response": {"choices": [{"message": {"content": f"answer-for-{WORDS[account]}-{ask}"}}]},
            "metadata": {"user_agent": "shared-client/1.0" if account > 3 else f"odd-client-{account}",
                         "country": "DE", "payment_fingerprint": f"pm_{account:06}"},
        }
        for account in range(ACCOUNTS)
        for ask in range(5)
    ]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Loaded from a file with a telling name, with some of it tagged and accepted."""
    file = tmp_path / "logs-of-hidden-host.ndjson"
    file.write_text("\n".join(json.dumps(one) for one in records()))
    with Case.create(tmp_path / "hush.case") as made:
        load(made, [str(file)], format="litellm")
        chosen = [f"acct-{word}" for word in WORDS[:8]]
        made.tags.add("account", chosen, "accepted", "told by whistle-blower")
        made.tags.add("account", chosen[:2], "ring-of-acct-amber", "see acct-birch")
        made.tags.add("address", ["203.0.113.101"], "accepted", "theirs")
        made.tags.add("account", ["acct-lotus"], "dismissed", "known to be a school")
        yield made
