"""Looking through a case over an engine: lists, events, histograms and entities are what they are in one's own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engines.conftest import ENGINES, table_of
from workbench.case import Case
from workbench.case.browse import (
    build_index,
    find_event,
    read_event,
    read_events,
    row_number,
    sorted_events,
    things_of_event,
    top_values,
)
from workbench.case.filter import parse_filter
from workbench.case.moments import moments
from workbench.case.neighbours import Sharing, Tie, facets, sharing
from workbench.case.profile import account_activity, break_down, by_hour_and_weekday, change, having, session_activity
from workbench.engines.attachment import attach, use
from workbench.tui.picture import picture

pytestmark = pytest.mark.slow

COLUMNS = ["event_id", "ts", "what", "status", "stream", "temperature"]


def looked_through(case: Case, *, briefly: bool) -> dict[str, Any]:
    """Return what the screens show of a case."""
    cursor = case.cursor("FROM account" if briefly else "FROM session, account")
    chosen = parse_filter('account:usr_* -agent:curl* in>100 {output_tokens < 5000} prompt:"*the*"')
    index = build_index(case, chosen)
    found: dict[str, Any] = {
        "accounts": case.query("SELECT * FROM account ORDER BY account").rows,
        "index": index,
        "page": read_events(case, index, COLUMNS, index.total // 2, 30),
    }
    if briefly:
        return found
    first = found["accounts"][7][0]
    sessions = case.query("SELECT * FROM session ORDER BY session").rows
    _, session, entity, start, end, *_ = sessions[11]
    event = found["page"][3][0]
    return found | {
        "sessions": sessions,
        "words": build_index(case, parse_filter("the -summarise")).total,
        "who": [replace(one, sample=None) for one in break_down(case, "account", first, cursor)],
        "change": change(case, "account", first, cursor),
        "everything": build_index(case),
        "networks": build_index(case, parse_filter("ip:13.0.0.0/8 status:4xx")).counts,
        "a day": build_index(case, chosen, (datetime(2026, 5, 20), datetime(2026, 5, 21))),
        "sorted": sorted_events(case, chosen, COLUMNS, "output_tokens", True, 20).rows,
        "found": find_event(case, index, "summarise", 3, 1),
        "before": find_event(case, index, "summarise", index.total - 1, -1),
        "number": row_number(case, index, (datetime(2026, 5, 20), 1, 1, 0)),
        "event": {k: v for k, v in read_event(case, event).items() if not k.startswith("source_")},
        "things": things_of_event(case, event, cursor),
        "models": top_values(case, "model", chosen),
        "moments": [(m.at, m.what) for m in moments(case, cursor) if m.kind in ("model", "spike")],
        "activity": account_activity(case, [first], 20, cursor),
        "all activity": account_activity(case, None, 20, cursor),
        "session": session_activity(case, session, entity, start, end, 8, cursor),
        "week": by_hour_and_weekday(case, "account", first, cursor),
        "beside": {one: beside(sharing(case, "account", first, one, cursor)) for one in facets(case, "account")},
        "having": having(case, "account", "model", "atlas-3", cursor).rows,
    }


def beside(found: Sharing) -> tuple[dict[str, int], list[Tie]]:
    """Return who shares what, weights without the last digits: sums depend on the order of their parts."""
    return dict(found.holders), [replace(tie, weight=round(tie.weight, 9)) for tie in found.ties]


@pytest.mark.parametrize("url", ENGINES)
def test_every_list_and_figure_is_that_of_a_case_of_ones_own(
    url: str, sample_case: Case, segments: Path, tmp_path: Path
) -> None:
    briefly = url != "chdb://"
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, table_of(segments, url))
        there, here = (looked_through(case, briefly=briefly) for case in (far, sample_case))
    assert there.keys() == here.keys()
    for name, found in here.items():
        assert there[name] == found, name
    assert here["index"].total > 60


def test_the_screens_show_what_the_engine_has(over_chdb: Case) -> None:
    def shown(*keys: str) -> str:
        return " ".join(re.sub("<[^>]*>", " ", picture(over_chdb, keys, 100, 30)).split()).replace("&#160;", " ")

    assert "campaign-1" in shown() and "flagged" in shown()
    assert "summarise" in shown("3", "enter").lower()
    assert "pam_unix" in shown("5")
    assert "sha256" in shown("5", "enter")
    assert "python-requests" in shown("7", "ctrl+r")
    run = over_chdb.ledger.rows("SELECT kind, tools FROM run ORDER BY run DESC")[0]
    assert run["kind"] == "sql" and "clickhouse" in run["tools"]
