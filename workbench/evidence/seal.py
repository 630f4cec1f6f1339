"""Sealing: the head of the audit chain, to be written down or sent away, signed with the investigator's SSH key.

Whoever holds an earlier head can tell whether anything before it was changed since. The signature is OpenSSH's own
(``ssh-keygen -Y sign``), so that nothing of this program is needed to check it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.handover import Sealed
from workbench.case.folder import write_whole
from workbench.errors import EvidenceError, ExportError, UsageError

if TYPE_CHECKING:
    from workbench.case import Case

#: What the signature is for, in OpenSSH's words its namespace.
NAMESPACE = "workbench-seal"
BUNDLE_NAMESPACE = "workbench-bundle"


@dataclass(frozen=True, slots=True)
class Seal:
    """The head of a case's chain at a moment: so many entries, the last with this hash."""

    case: str
    entries: int
    head: str
    at: str
    who: str

    def text(self) -> str:
        """Return the seal as it stands in its file and is signed."""
        told = {"seal": "workbench audit chain", **{name: getattr(self, name) for name in self.__slots__}}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def seal(case: Case, file: Path | None = None, key: Path | None = None, *, ask: bool = True) -> Seal:
    """Note the sealing in the chain, and return its head; write it to ``file`` and sign that with ``key`` if given.

    Unless ``ask``, a key that needs a passphrase is refused rather than asked for on the terminal. Raises UsageError,
    ExportError where the file cannot be written or ssh-keygen refuses.
    """
    if key is not None and file is None:
        raise UsageError("a signature needs a file to sign: workbench seal CASE -o FILE --key KEY")
    if key is not None and not key.is_file():
        raise UsageError(f"there is no key {key}; ssh-keygen -t ed25519 makes one")
    seq = case.ledger.record(Sealed(file.name if file else None, key is not None))
    row = case.ledger.rows("SELECT seq, hash, at, who FROM audit WHERE seq = ?", seq)[0]
    sealed = Seal(case.name, row["seq"], row["hash"], row["at"], row["who"])
    if file is not None:
        write_whole(file, sealed.text())
        if key is not None:
            sign(file, key, NAMESPACE, ask=ask)
    return sealed


def sign(file: Path, key: Path, namespace: str, *, ask: bool = True) -> Path:
    """Sign a file with an SSH key; the signature stands beside it as ``FILE.sig``."""
    if shutil.which("ssh-keygen") is None:
        raise ExportError("ssh-keygen is not installed, so nothing can be signed; it comes with OpenSSH")
    signature = file.with_name(file.name + ".sig")
    signature.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(file)]
    env = None if ask else {**os.environ, "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "force"}
    done = subprocess.run(  # noqa: S603 - no shell, paths only
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, env=env
    )
    if done.returncode or not signature.exists():
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise ExportError(f"{file} was written but not signed: ssh-keygen says {said[-1]}")
    signature.chmod(0o600)
    return signature


def read_head(file: Path) -> str:
    """Return the head that a seal's file names. Raises EvidenceError for any other file."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        head = told["head"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{file} is not a seal (workbench seal CASE -o FILE makes one)") from error
    return str(head)
