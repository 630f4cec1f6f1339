"""Sigma rules asked of an engine match what they match in a case of one's own, and say what cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.conftest import SPARK
from tests.sigma.test_sigma import LINES, TRAIL, TRAILS, asked, rule
from workbench.case import Case
from workbench.engines.attachment import attach, use
from workbench.engines.segments import write_segments
from workbench.evidence.runs import replay
from workbench.ingest import load
from workbench.playbooks import run
from workbench.sigma import Hunted

pytestmark = pytest.mark.slow

WEB = "category: webserver"
RULES = [
    (WEB, "{s: ['union%20select'], f: {sc-status: 404}, condition: s and not f}"),
    (WEB, "{s: {c-uri|contains: '0%_s'}, condition: s}"),
    (WEB, "{s: {c-useragent|re|i: '^MOZ'}, condition: s}"),
    (WEB, '{s: {cs-username: "o\'neil"}, condition: s}'),
    (WEB, "{s: {cs-uri-stem: ['/a', '/c']}, condition: s}"),
    (WEB, "{s: {c-ip|cidr: 203.0.113.0/24}, f: {cs-cookie: x}, condition: s and not f}"),
    (WEB, "{s: {cs-cookie: x}, condition: s}"),
    (TRAILS, "{s: {eventName: createuser, userIdentity.type: Root}, condition: s}"),
    (TRAILS, "{s: {readOnly: true}, condition: s}"),
    (TRAILS, "{s: {requestParameters.count|gt: 1}, condition: s}"),
    (TRAILS, "{s: {requestParameters.items.user: eve}, condition: s}"),
    (TRAILS, "{s: {userIdentity.colour: red}, condition: s}"),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("hunt")
    (folder / "access.log").write_text("\n".join(LINES) + "\n")
    (folder / "trail.json").write_text(json.dumps({"Records": TRAIL}))
    with Case.create(folder / "own.case") as case:
        load(case, [str(folder / "access.log"), str(folder / "trail.json")])
        write_segments(case, folder / "segments")
        yield case


def told(one: Hunted) -> tuple[object, ...]:
    return one.hits, one.first, one.last, one.said


@pytest.mark.parametrize("url", ["chdb://", *SPARK])
def test_rules_match_there_what_they_match_here(url: str, own: Case, tmp_path: Path) -> None:
    with Case.create(tmp_path / "far.case") as far:
        use(far, url)
        attach(far, str(own.folder.path.parent / "segments"))
        for source, detection in RULES if url == "chdb://" else RULES[10:11]:
            file = rule(tmp_path, detection, source=source)
            here, there = asked(own, file), asked(far, file)
            assert told(there) == told(here), detection
            if there.hits:
                entry = json.loads(far.ledger.rows("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1")[0]["detail"])
                assert entry["engine"] and entry["snapshot"] and "extra" in entry["translated"]
        assert there.rule.playbook is not None
        if url == "chdb://":
            assert replay(far, there.run).same
            assert len(run(far, asked(far, rule(tmp_path, RULES[4][1])).rule.playbook).table.rows) == 2  # type: ignore[arg-type]


def test_a_rule_that_has_no_counterpart_is_said_and_the_others_are_asked(own: Case, tmp_path: Path) -> None:
    with Case.create(tmp_path / "far.case") as far:
        use(far, "chdb://")
        attach(far, str(own.folder.path.parent / "segments"))
        odd = asked(far, rule(tmp_path, '{s: {sc-status: 200}, f: {"a\\u202eb": x}, condition: s and not f}'))
        assert odd.hits is None and "refuses" in odd.said and "\n" not in odd.said
        assert asked(far, rule(tmp_path, RULES[0][1])).hits == 1
