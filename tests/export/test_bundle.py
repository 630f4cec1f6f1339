"""A bundle is checked by strangers with standard tools, is the same each time, and shows any change."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.export.conftest import records as told
from workbench.case import Case
from workbench.errors import EvidenceError, ExportError, UsageError
from workbench.evidence.records import lines_of
from workbench.evidence.seal import BUNDLE_NAMESPACE, seal
from workbench.evidence.verify import verify
from workbench.evidence.verify_bundle import verify_bundle
from workbench.export import export
from workbench.export.bundle import bundle
from workbench.export.policy import load_policy
from workbench.ingest import load


def unpacked(file: Path) -> Path:
    subprocess.run(["tar", "xf", file, "-C", file.parent], check=True)
    return file.parent / "bundle"


def test_a_stranger_checks_it_with_standard_tools(case: Case, tmp_path: Path) -> None:
    head = seal(case).head
    bundle(case, tmp_path / "b.tar", tag="accepted")
    folder = unpacked(tmp_path / "b.tar")
    sums = ["sha256sum", "--quiet", "--check", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(sums, cwd=folder, check=False).returncode == 0
    readme = (folder / "data" / "README.md").read_text()
    script = re.search(r"    (python3 -c '.*?print\(p\)')", readme, re.DOTALL)
    assert script
    ran = subprocess.run(
        ["sh", "-c", re.sub(r"\n    ", "\n", script[1])], cwd=folder, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == json.loads((folder / "data" / "head.json").read_text())["head"]
    assert head not in ran.stdout, "sealing hands over; the chain ends before it"
    rows = duckdb.execute(f"SELECT count(*), count(DISTINCT account) FROM '{folder}/data/events.parquet'").fetchall()
    assert rows == [(40, 8)]
    with (folder / "data" / "events.csv").open(newline="") as read:
        assert len(list(csv.DictReader(read))) == 40


def test_records_are_the_lines_of_the_log(case: Case, tmp_path: Path) -> None:
    done = bundle(case, tmp_path / "b.tar", tag="accepted")
    assert done.events == 40 and not done.missing
    with (unpacked(tmp_path / "b.tar") / "data" / "records.csv").open(newline="") as read:
        found = list(csv.DictReader(read))
    log = (tmp_path / "logs-of-hidden-host.ndjson").read_text().splitlines()
    assert len(found) == 40
    assert all(one["record"] == log[int(one["line"]) - 1] for one in found)
    assert {json.loads(one["record"])["user"] for one in found} <= {str(one["user"]) for one in told()}


def test_a_lost_or_swapped_log_is_said(case: Case, tmp_path: Path) -> None:
    (tmp_path / "logs-of-hidden-host.ndjson").write_text("another\n")
    assert "not the one that was loaded" in bundle(case, tmp_path / "b.tar").missing[0]
    (tmp_path / "logs-of-hidden-host.ndjson").unlink()
    done = bundle(case, tmp_path / "b.tar")
    assert "not where it was" in done.missing[0]
    assert "not where it was" in (unpacked(tmp_path / "b.tar") / "data" / "README.md").read_text()


@pytest.mark.parametrize(
    "policy", [None, *(pytest.param(name, marks=pytest.mark.slow) for name in ("counsel", "regulator"))]
)
def test_the_same_case_gives_the_same_bytes(case: Case, tmp_path: Path, policy: str | None) -> None:
    chosen = load_policy(policy) if policy else None
    one = bundle(case, tmp_path / "one.tar", policy=chosen)
    export(case, "tags", tmp_path / "t.csv")
    seal(case)
    shutil.rmtree(case.folder.derived)
    with Case.open(case.folder.path) as again:
        two = bundle(again, tmp_path / "two.tar", policy=chosen)
    assert one.sha256 == two.sha256
    case.tags.add("account", ["acct-kelp"], "accepted")
    assert bundle(case, tmp_path / "three.tar", policy=chosen).sha256 != one.sha256


def test_one_finding_alone(case: Case, tmp_path: Path) -> None:
    assert bundle(case, tmp_path / "b.tar", finding="acct-cedar").events == 5
    said = json.loads((unpacked(tmp_path / "b.tar") / "data" / "findings.json").read_text())
    assert [(one["id"], one["note"]) for one in said] == [("acct-cedar", "told by whistle-blower")]


def test_what_cannot_be_bundled_is_said_and_leaves_nothing(case: Case, tmp_path: Path) -> None:
    for options, error in (
        ({"tag": "nobody"}, ExportError),
        ({"finding": "nobody"}, ExportError),
        ({"tag": "accepted", "finding": "acct-amber"}, UsageError),
        ({"key": tmp_path / "no-key"}, UsageError),
    ):
        with pytest.raises(error):
            bundle(case, tmp_path / "b.tar", **options)
    with pytest.raises(ExportError, match="cannot write"):
        bundle(case, tmp_path / "no" / "b.tar")
    assert not list(tmp_path.glob("*.tar")) and not list(tmp_path.glob(".*part"))


def test_a_signature_is_checked_by_ssh_keygen_alone(case: Case, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    bundle(case, tmp_path / "b.tar", key=key)
    (tmp_path / "signers").write_text(f"ana {key.with_suffix('.pub').read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "ana", "-n", BUNDLE_NAMESPACE,
               "-s", str(tmp_path / "b.tar.sig")]  # fmt: skip
    whole = (tmp_path / "b.tar").read_bytes()
    assert subprocess.run(command, input=whole, capture_output=True, check=False).returncode == 0
    assert subprocess.run(command, input=whole + b"x", capture_output=True, check=False).returncode != 0


def rewritten(file: Path, change: dict[str, bytes | None], *, add: tarfile.TarInfo | None = None) -> Path:
    """Return a copy of a tar with members changed (None: left out)."""
    to = file.with_name("changed.tar")
    with tarfile.open(file) as old, tarfile.open(to, "w") as new:
        for member in old:
            inner = member.name.partition("/")[2]
            content = change.get(inner, old.extractfile(member).read())  # type: ignore[union-attr]
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
        if add is not None:
            new.addfile(add, io.BytesIO(b"x" * add.size))
    return to


def test_any_change_to_a_bundle_is_found(case: Case, tmp_path: Path) -> None:
    bundle(case, tmp_path / "b.tar")
    assert [one.what for one in verify_bundle(tmp_path / "b.tar")] == ["package", "audit chain", "runs"]
    bad = tarfile.TarInfo("bundle/data/../../escape")
    link = tarfile.TarInfo("bundle/data/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    extra = tarfile.TarInfo("bundle/data/extra.txt")
    extra.size = 1
    cases: tuple[tuple[dict[str, bytes | None], tarfile.TarInfo | None, str], ...] = (
        ({"data/tags.csv": b"nothing"}, None, "data/tags.csv was changed"),
        ({"data/tags.csv": None}, None, "has no data/tags.csv"),
        ({"bag-info.txt": b"Source-Organization: x\n"}, None, "bag-info.txt was changed"),
        ({"manifest-sha256.txt": b"junk\n"}, None, "manifest-sha256.txt has a line that is none"),
        ({"bagit.txt": None}, None, "has no bagit.txt"),
        ({}, extra, "extra.txt is in no manifest"),
        ({}, bad, "not a plain file inside"),
        ({}, link, "not a plain file inside"),
    )
    for change, add, says in cases:
        with pytest.raises(EvidenceError, match=re.escape(says)):
            list(verify_bundle(rewritten(tmp_path / "b.tar", change, add=add)))
    for content in (b"", b"no tar", gzip.compress(b"x" * 999), b"\0" * 10240):
        (tmp_path / "odd.tar").write_bytes(content)
        with pytest.raises(EvidenceError):
            list(verify_bundle(tmp_path / "odd.tar"))


def test_a_bundle_that_was_repacked_with_another_chain_is_found(case: Case, tmp_path: Path) -> None:
    import hashlib

    bundle(case, tmp_path / "b.tar")
    folder = unpacked(tmp_path / "b.tar")
    chain = (folder / "data" / "audit.jsonl").read_bytes()
    for changed in (chain.replace(b"whistle-blower", b"confession"), b"\n".join(chain.splitlines()[:-1]) + b"\n"):
        manifest = (folder / "manifest-sha256.txt").read_text()
        new = manifest.replace(hashlib.sha256(chain).hexdigest(), hashlib.sha256(changed).hexdigest()).encode()
        tags = (folder / "tagmanifest-sha256.txt").read_text()
        old_sum = hashlib.sha256(manifest.encode()).hexdigest()
        tags = tags.replace(old_sum, hashlib.sha256(new).hexdigest())
        change = {"data/audit.jsonl": changed, "manifest-sha256.txt": new, "tagmanifest-sha256.txt": tags.encode()}
        with pytest.raises(EvidenceError, match="audit chain"):
            list(verify_bundle(rewritten(tmp_path / "b.tar", dict(change))))


def test_members_of_archives_and_several_records_of_one_line_are_found(tmp_path: Path) -> None:
    lines = [json.dumps({"time": f"2026-05-01T10:00:{n:02}Z", "user": "u"}) for n in range(30)]
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as made:
        made.writestr("day/a!b.ndjson", "\n".join(lines))
    (tmp_path / "many.json").write_text('{"Records": [' + ", ".join(_cloudtrail(n) for n in range(3)) + "]}")
    with Case.create(tmp_path / "z.case") as case:
        load(case, [str(tmp_path / "logs.zip"), str(tmp_path / "many.json")])
        ids = [str(row[0]) for row in case.query("SELECT event_id FROM event ORDER BY source, line, item").rows]
        case.tags.add("event", ids, "all")
        done = bundle(case, tmp_path / "b.tar")
        assert done.events == len(ids) > 30 and not done.missing
        assert "2 of 2" in next(one.said for one in verify(case, originals=True) if one.what == "originals")
    with (unpacked(tmp_path / "b.tar") / "data" / "records.csv").open(newline="") as read:
        found = {one["event_id"]: one["record"] for one in csv.DictReader(read)}
    assert [found[one] for one in ids[:30]] == lines
    assert len(set(found)) == len(ids) and '"Records"' in found[ids[-1]]


def _cloudtrail(number: int) -> str:
    told = {"eventVersion": "1.08", "eventTime": f"2026-05-01T10:00:0{number}Z", "eventSource": "bedrock.amazonaws.com",
            "eventName": "InvokeModel", "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.9",
            "eventID": str(number),
            "userIdentity": {"type": "IAMUser", "userName": "ana"}}  # fmt: skip
    return json.dumps(told)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_lines_are_found_across_the_chunks_of_a_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    monkeypatch.setattr("workbench.ingest.stream.CHUNK", 7)
    lines = [b"a" * (number % 23) for number in range(200)] + [b"the last has no ending"]
    (tmp_path / "log").write_bytes(ending.join(lines))
    for wanted in ([1], [201], [5, 6, 7, 100, 201], list(range(1, 202)), [2, 200]):
        found, _ = lines_of(str(tmp_path / "log"), wanted)
        assert found == {number: lines[number - 1] for number in wanted}


def test_a_case_of_hostile_lines_is_bundled_whole(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x")\x1b]52;c;eA==\x07 <script>alert(1)</script> \u202e [red] \x9b31m'
    (tmp_path / "a\n'b.ndjson").write_text(
        json.dumps({"time": "2026-05-01T00:00:00Z", "user": evil, "prompt": evil}) + "\n"
    )
    (tmp_path / "raw.log").write_bytes(b"May  1 10:00:00 host app[1]: \xff\xfe bytes\n")
    with Case.create(tmp_path / "evil.case") as case:
        load(case, [str(tmp_path / "a\n'b.ndjson"), str(tmp_path / "raw.log")])
        case.tags.add("account", [evil], "accepted", evil)
        case.tags.add("event", ["2:1"], "accepted")
        bundle(case, tmp_path / "b.tar")
        assert list(verify_bundle(tmp_path / "b.tar"))
        folder = unpacked(tmp_path / "b.tar") / "data"
        report = (folder / "report.html").read_text()
        assert "<script" not in report and "\x1b" not in report and "\u202e" not in report
        assert (folder / "events.csv").read_text().count("'=HYPERLINK") >= 2
        with (folder / "records.csv").open(newline="") as read:
            found = {one["event_id"]: one for one in csv.DictReader(read)}
        assert json.loads(found["1:1"]["record"])["user"] == evil
        assert found["2:1"]["base64"] and "\\xff" in found["2:1"]["record"]
