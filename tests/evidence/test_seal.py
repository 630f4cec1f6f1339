"""A seal is checked with OpenSSH alone, and finds what was changed after it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import EvidenceError, ExportError, UsageError
from workbench.evidence.seal import NAMESPACE, read_head, seal
from workbench.evidence.verify import verify


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ana", "-f", made], check=True)
    return made


def openssh_accepts(file: Path, key: Path) -> bool:
    signers = key.with_name("signers")
    signers.write_text(f"ana@example.org {key.with_suffix('.pub').read_text()}")
    command: list[str | Path] = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        signers,
        "-I",
        "ana@example.org",
        "-n",
        NAMESPACE,
        "-s",
        f"{file}.sig",
    ]
    return subprocess.run(command, input=file.read_bytes(), capture_output=True, check=False).returncode == 0


def test_a_signed_seal_is_verified_by_ssh_keygen_alone(case: Case, key: Path, tmp_path: Path) -> None:
    file = tmp_path / "monday.seal"
    made = seal(case, file, key)
    assert openssh_accepts(file, key)
    assert read_head(file) == made.head
    assert list(verify(case, heads=[made.head]))
    file.write_text(file.read_text().replace(made.head, "0" * 64))
    assert not openssh_accepts(file, key)


def test_sealing_is_in_the_chain_and_the_head_is_its_entry(case: Case) -> None:
    made = seal(case)
    last = case.ledger.rows("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")[0]
    assert (last["action"], last["hash"], last["seq"]) == ("seal", made.head, made.entries)


def test_what_cannot_be_signed_is_said(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a file to sign"):
        seal(case, None, tmp_path / "key")
    with pytest.raises(UsageError, match="there is no key"):
        seal(case, tmp_path / "a.seal", tmp_path / "key")
    (tmp_path / "key").write_text("no key at all\n")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(ExportError, match="not signed: ssh-keygen says"):
        seal(case, tmp_path / "a.seal", tmp_path / "key")
    with pytest.raises(EvidenceError, match="is not a seal"):
        read_head(tmp_path / "key")


def test_a_key_with_a_passphrase_is_refused_where_nobody_is_to_be_asked(case: Case, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", locked], check=True)
    before = dict(os.environ)
    with pytest.raises(ExportError, match="not signed: ssh-keygen says"):
        seal(case, tmp_path / "a.seal", locked, ask=False)
    assert dict(os.environ) == before
