"""Tagged things as STIX 2.1: read by the library's own parser, the same bytes each time, and as a policy says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import stix2  # type: ignore[import-untyped]
from click.testing import CliRunner

from workbench.case import Case
from workbench.cli import cli
from workbench.errors import ExportError, UsageError
from workbench.export.policy import load_policy
from workbench.export.stix import as_network, share_stix


def objects(path: Path) -> list[Any]:
    """Read a bundle with the strict parser; each reference leads to something in it."""
    bundle = stix2.parse(path.read_text(), allow_custom=False)
    ids = [one["id"] for one in bundle["objects"]]
    assert len(ids) == len(set(ids))
    for one in bundle["objects"]:
        assert set(one.get("object_refs", [])) <= set(ids) and one.get("created_by_ref", ids[0]) in ids
    return list(bundle["objects"])


def of(found: list[Any], kind: str) -> list[Any]:
    return [one for one in found if one["type"] == kind]


def test_what_is_tagged_is_observed_and_noted(case: Case, tmp_path: Path) -> None:
    done = share_stix(case, tmp_path / "a.json", tag="accepted")
    found = objects(done.path)
    assert done.rows == len(found)
    assert {one["user_id"] for one in of(found, "user-account")} >= {"acct-amber", "acct-hazel"}
    assert "203.0.113.101" in {one["value"] for one in of(found, "ipv4-addr")}
    assert "2001:db8:0::77" not in done.path.read_text() and of(found, "ipv6-addr")
    assert {one["number_observed"] for one in of(found, "observed-data")} == {5}
    assert len(of(found, "observed-data")) == len(of(found, "note")) == 9
    assert any("told by whistle-blower" in one["content"] for one in of(found, "note"))
    again = share_stix(case, tmp_path / "b.json", tag="accepted")
    assert again.sha256 == done.sha256


def test_what_was_dismissed_is_left_out_and_that_is_said(case: Case, tmp_path: Path) -> None:
    found = objects(share_stix(case, tmp_path / "a.json").path)
    assert "acct-lotus" not in (tmp_path / "a.json").read_text()
    assert "1 dismissed" in found[0]["description"]
    case.tags.add("organisation", ["org-2-secret"], "odd")
    share_stix(case, tmp_path / "c.json")
    assert "acct-lotus" not in (tmp_path / "c.json").read_text()
    asked = objects(share_stix(case, tmp_path / "b.json", tag="dismissed").path)
    assert [one["user_id"] for one in of(asked, "user-account")] == ["acct-lotus"]


def test_a_policy_holds(case: Case, tmp_path: Path) -> None:
    found = objects(share_stix(case, tmp_path / "a.json", policy=load_policy("regulator")).path)
    text = (tmp_path / "a.json").read_text()
    for secret in ("acct-", "203.0.113.1", "::77", "whistle", "hidden-host", "hush", "sk-hash", "tester", "ring-of"):
        assert secret not in text
    assert {one["value"] for one in of(found, "ipv4-addr")} == {"203.0.113.0/24"}
    assert all(one["first_observed"].minute == 0 for one in of(found, "observed-data"))
    with pytest.raises(ExportError, match="does not let tags leave"):
        share_stix(case, tmp_path / "b.json", policy=load_policy("public"))


def test_every_kind_of_thing_has_a_place(case: Case, tmp_path: Path) -> None:
    session = case.query("SELECT session FROM session ORDER BY first LIMIT 1").rows[0][0]
    case.tags.add("session", [session], "odd", "one of five")
    case.tags.add("key", ["sk-hash-0003"], "odd")
    case.tags.add("organisation", ["org-1-secret"], "odd")
    case.tags.add("event", ["1:7"], "odd")
    case.tags.add("address", ["proxy.example.net", "no address"], "odd", "\x1b[31m\u202e")
    found = objects(share_stix(case, tmp_path / "a.json", tag="odd").path)
    assert {one["value"] for one in of(found, "domain-name")} == {"proxy.example.net"}
    assert len(of(found, "note")) == 6 and len(of(found, "observed-data")) == 4
    assert "\\u202e" not in (tmp_path / "a.json").read_text().replace("\\\\u202e", "")


def test_reasons_explanations_and_campaigns_of_what_was_accepted(sample_case: Case, tmp_path: Path) -> None:
    from workbench.detect import triage

    chosen = [one.entity for one in triage(sample_case, top=5).rows]
    sample_case.tags.add("account", chosen, "accepted", "fills templates")
    done = share_stix(sample_case, tmp_path / "a.json", tag="accepted")
    found = objects(done.path)
    notes = [one["content"] for one in of(found, "note")]
    assert sum("reason: " in note and "innocent explanation: " in note for note in notes) >= 5
    for group in of(found, "grouping"):
        assert 1 <= len(group["object_refs"]) <= 5
    assert of(found, "grouping")
    assert {one["user_id"] for one in of(found, "user-account")} == set(chosen)
    assert share_stix(sample_case, tmp_path / "b.json", tag="accepted").sha256 == done.sha256
    share_stix(sample_case, tmp_path / "c.json", policy=load_policy("regulator"))
    text = (tmp_path / "c.json").read_text()
    assert objects(tmp_path / "c.json") and not [one for one in chosen if one in text]


def test_the_command_writes_it_and_says_what_is_missing(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ["export", str(case.folder.path), "stix", "-o", str(tmp_path / "x.json")]
    done = CliRunner().invoke(cli, call)
    assert done.exit_code == 0 and "objects" in done.output and objects(tmp_path / "x.json")
    with pytest.raises(UsageError, match=r"as \.json"):
        share_stix(case, tmp_path / "x.csv")
    monkeypatch.setitem(sys.modules, "stix2", None)
    with pytest.raises(ExportError, match=r"pip install 'workbench-forensics\[interop\]'"):
        share_stix(case, tmp_path / "y.json")


@pytest.mark.parametrize(
    ("shown", "network"),
    [("203.0.113.*", "203.0.113.0/24"), ("10.*", "10.0.0.0/8"), ("2001:db8:0:*", "2001:db8::/48"),
     ("2001:db8::7", "2001:db8::7"), ("203.0.113.7", "203.0.113.7"), ("address-00ff", None), ("", None)],
)  # fmt: skip
def test_prefixes_become_networks(shown: str, network: str | None) -> None:
    assert as_network(shown) == network
