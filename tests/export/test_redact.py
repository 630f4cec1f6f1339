"""What a policy redacts is nowhere in what leaves, in no form and in no name."""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from workbench.case import Case
from workbench.case.fields import COLUMNS
from workbench.errors import ExportError, UsageError
from workbench.export import export
from workbench.export.bundle import bundle
from workbench.export.policy import TREATMENTS, Policy, load_policy, presets
from workbench.export.preview import preview
from workbench.export.pseudonym import KEY, Pseudonyms, pseudonyms
from workbench.export.redact import Redactor, mask
from workbench.export.report import write_report
from workbench.values import iso

TABLES = ("sessions", "accounts", "events", "tags")
#: What has to be gone besides the values of fields: who investigates, their notes, the case's and the log's names.
OURS = {
    "tagged_by": ["tester"],
    "note": ["whistle-blower", "see acct", "known to be a school"],
    "source_path": ["logs-of-hidden-host"],
    "tag": ["ring-of"],
}


def content(file: Path) -> Iterator[str]:
    """Yield everything a file says: names, bytes, and what compressed Parquet holds."""
    yield file.name
    if file.suffix != ".tar":
        yield file.read_bytes().decode(errors="replace")
        return
    yield file.read_bytes().decode(errors="replace")
    with tarfile.open(file) as tar:
        tar.extractall(file.parent / f"{file.stem}-unpacked", filter="data")
    for inner in sorted((file.parent / f"{file.stem}-unpacked").rglob("*.parquet")):
        yield repr(duckdb.execute(f"FROM '{inner}'").fetchall())
        yield repr(duckdb.execute("FROM parquet_metadata(?)", [str(inner)]).fetchall())


def raw_values(case: Case, policy: Policy) -> set[str]:
    """Return each value that the policy redacts, as text, where it is long enough to be told from others."""
    found: set[str] = set()
    for column in (one.name for one in COLUMNS):
        treatment = policy.of(column)
        if treatment in ("keep", "group", "template"):
            continue
        for (value,) in case.query(f"SELECT DISTINCT {column} FROM event WHERE {column} IS NOT NULL").rows:
            if isinstance(value, datetime):
                found |= {iso(value), str(value), value.isoformat(), value.strftime("%H:%M:%S")}
            elif isinstance(value, str):
                found |= {value} if len(value) > 3 else set()
    for column, values in OURS.items():
        if policy.of(column) != "keep":
            found |= set(values)
    if policy.of("session") != "keep":
        found |= {row[0] for row in case.query("SELECT session FROM session").rows}
    if policy.of("account") != "keep":
        found |= {case.name}
    return found


CUSTOM = """
about = "everything pseudonymous or gone"
times = "month"
k = 3
[fields]
account = "pseudonym"
entity = "pseudonym"
entity_kind = "keep"
id = "pseudonym"
kind = "keep"
client_ip = "owner"
ts = "coarse"
first = "coarse"
organization = "pseudonym"
tag = "verdict"
prompt = "template"
country = "group"
"""


def test_an_address_is_cut_to_its_network_however_it_was_logged() -> None:
    redactor = Redactor(load_policy("counsel"), Pseudonyms(b"k" * 32))
    logged = {
        "203.0.113.7": "203.0.113.*", "203.0.113.7:51022": "203.0.113.*", "::ffff:203.0.113.7": "203.0.113.*",
        "2001:db8::7": "2001:db8:0:*", "[2001:DB8:0:1::9]:443": "2001:db8:0:*", "fe80::1%eth0": "fe80:0:0:*",
    }  # fmt: skip
    assert [cut for (cut,) in redactor.rows(["client_ip"], [(text,) for text in logged])] == list(logged.values())
    ((name,),) = redactor.rows(["client_ip"], [("host-of-ana",)])
    assert "ana" not in name and len(name) > 20


@pytest.mark.parametrize("name", [*(pytest.param(name, marks=pytest.mark.slow) for name in presets()), "custom"])
def test_no_raw_value_of_a_redacted_field_is_anywhere(case: Case, tmp_path: Path, name: str) -> None:
    (tmp_path / "custom.toml").write_text(CUSTOM)
    policy = load_policy(str(tmp_path / "custom.toml") if name == "custom" else name)
    out = tmp_path / "out"
    out.mkdir()
    for table in TABLES:
        if table in policy.tables:
            export(case, table, out / f"{table}.csv", policy=policy)
            export(case, table, out / f"{table}-tagged.csv", tag="accepted", policy=policy)
    if policy.epsilon:
        export(case, "totals", out / "totals.csv", policy=policy)
    if "findings" in policy.tables:
        write_report(case, out / "report.html", policy)
        write_report(case, out / "report.md", policy)
        bundle(case, out / "all.tar", policy=policy)
    raw = raw_values(case, policy)
    assert len(raw) > 50
    files = [file for file in sorted(out.iterdir()) if file.is_file()]
    assert files
    for file in files:
        said = "\n".join(content(file))
        leaked = sorted(value for value in raw if value in said)
        assert not leaked, f"{file.name} holds {leaked[:5]}"
    if policy.of("prompt") == "template":
        said = (out / "events.csv").read_text()
        assert "grade the essay about ▯" in said.lower()
        if policy.of("account") != "keep":
            assert not re.search(r"amber|birch|cedar|number \d", said)


def test_a_policy_says_which_tables_leave(case: Case, tmp_path: Path) -> None:
    public = load_policy("public")
    for what in TABLES:
        with pytest.raises(ExportError, match="does not let"):
            export(case, what, tmp_path / "out.csv", policy=public)
    with pytest.raises(ExportError, match="a bundle holds none"):
        bundle(case, tmp_path / "out.tar", policy=public)
    with pytest.raises(ExportError, match="does not let findings leave"):
        write_report(case, tmp_path / "out.html", public)
    assert not list(tmp_path.glob("out*"))


def test_a_thing_has_one_pseudonym_wherever_it_stands(case: Case, tmp_path: Path) -> None:
    policy = load_policy("regulator")
    for table in TABLES:
        export(case, table, tmp_path / f"{table}.csv", policy=policy)
    amber = pseudonyms(case).of("account", "acct-amber")
    for table in TABLES:
        assert amber in (tmp_path / f"{table}.csv").read_text(), table


def test_a_pseudonym_is_proved_with_openssl_alone(case: Case) -> None:
    proof = pseudonyms(case).prove("account", "acct-amber")
    command = proof.command.replace("KIND:VALUE", "account:acct-amber")
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.strip()
    assert proof.pseudonym == f"account-{said}"
    assert pseudonyms(case).prove("account", "acct-birch").opening != proof.opening


def test_the_key_is_the_owners_alone_and_other_cases_have_others(case: Case, tmp_path: Path) -> None:
    mine = pseudonyms(case).of("account", "acct-amber")
    assert pseudonyms(case).of("account", "acct-amber") == mine
    assert (case.folder.path / KEY).stat().st_mode & 0o777 == 0o600
    with Case.create(tmp_path / "other.case") as other:
        assert pseudonyms(other).of("account", "acct-amber") != mine


def test_a_preview_says_what_would_leave_field_by_field(case: Case) -> None:
    found = {row[0]: row for row in preview(case, "events", load_policy("regulator"))}
    assert set(found) > {column.name for column in COLUMNS}
    assert found["account"][1:5] == (TREATMENTS["pseudonym"], 60, 12, 12)
    assert found["client_ip"][5] in ("203.0.113.*", "2001:db8:0:*")
    assert found["response"][1] == "left out" and found["response"][4:] == (0, "")
    assert found["user_agent"][3:5] == (5, 2)
    assert len(str(found["ts"][5])) == len("2026-05-01T10")


def test_small_groups_are_not_named(case: Case, tmp_path: Path) -> None:
    export(case, "events", tmp_path / "e.csv", policy=load_policy("regulator"))
    said = (tmp_path / "e.csv").read_text()
    assert "shared-client/1.0" in said and "odd-client" not in said and "only-amber" not in said
    assert "(fewer than 5)" in said


def test_only_words_that_many_use_stand_and_no_numbers() -> None:
    common = {"grade", "the", "essay", "42"}
    assert mask("Grade the essay about Ana's dog 42 times", common) == "Grade the essay ▯"
    assert mask("x\x1b[31m the <b>essay</b>", common).count("\x1b") == 0
    assert mask("", common) == ""


def test_a_policy_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="there is no policy 'nobody'; name a TOML file or one of: internal"):
        load_policy("nobody")
