"""BagIt packages (RFC 8493, version 1.0) in one tar file, the same bytes for the same content.

A bag is a folder with its payload below ``data/``, a manifest of SHA-256 sums, and a manifest of those manifests. Here
it is written straight into a tar: no copy of the payload, fixed owners, modes and times, names in order.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from workbench.errors import EvidenceError

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]?(.+)")
#: Manifests are read into memory.
_LARGEST_MANIFEST = 64 << 20


def write_bag(out: BinaryIO, name: str, payload: Mapping[str, Path | bytes], info: Mapping[str, str]) -> None:
    """Write a bag: ``payload`` by path below ``data/``, ``info`` for bag-info.txt."""
    sums, size = {}, 0
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(payload):
            sums[f"data/{path}"], length = _add(tar, f"{name}/data/{path}", payload[path])
            size += length
        told = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
        tags = {
            "bagit.txt": _DECLARATION,
            "bag-info.txt": "".join(f"{key}: {_one_line(value)}\n" for key, value in told.items()),
            "manifest-sha256.txt": _manifest(sums),
        }
        tag_sums = {file: _add(tar, f"{name}/{file}", text.encode())[0] for file, text in sorted(tags.items())}
        _add(tar, f"{name}/tagmanifest-sha256.txt", _manifest(tag_sums).encode())


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes) -> tuple[str, int]:
    member = tarfile.TarInfo(name)
    member.mode, member.mtime = 0o600, 0
    if isinstance(content, bytes):
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
        return hashlib.sha256(content).hexdigest(), member.size
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        member.size = file.tell()
        file.seek(0)
        tar.addfile(member, file)
    return digest, member.size


def _manifest(sums: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items()))


def _one_line(value: str) -> str:
    return " ".join(value.split())


class Bag:
    """A bag that is read where it lies in its tar; nothing is unpacked."""

    def __init__(self, tar: tarfile.TarFile, name: str, members: dict[str, tarfile.TarInfo]) -> None:
        self._tar, self.name, self._members = tar, name, members

    @property
    def paths(self) -> list[str]:
        """The files' paths, from the bag's folder."""
        return sorted(self._members)

    def open(self, path: str) -> IO[bytes]:
        """Open one file. Raises EvidenceError where the bag has none of that name."""
        member = self._members.get(path)
        file = self._tar.extractfile(member) if member else None
        if file is None:
            raise EvidenceError(f"the bag has no {path}")
        return file

    def text(self, path: str) -> str:
        """Return a small text file's content."""
        content = self.open(path).read(_LARGEST_MANIFEST + 1)
        if len(content) > _LARGEST_MANIFEST:
            raise EvidenceError(f"{path} is larger than {_LARGEST_MANIFEST >> 20} MiB")
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise EvidenceError(f"{path} is not UTF-8 text") from error

    def check(self) -> int:
        """Check declaration, manifests and every file; returns the number of payload files.

        Raises EvidenceError naming the first file that does not fit.
        """
        if not self.text("bagit.txt").startswith("BagIt-Version: "):
            raise EvidenceError("bagit.txt declares no BagIt version")
        tags = self._listed("tagmanifest-sha256.txt")
        payload = self._listed("manifest-sha256.txt")
        known = {*tags, *payload, "tagmanifest-sha256.txt"}
        for path in self.paths:
            if path not in known:
                raise EvidenceError(f"{path} is in no manifest: it was added")
        for path, digest in {**tags, **payload}.items():
            found = self._sha256(path)
            if found != digest:
                raise EvidenceError(f"{path} was changed: its SHA-256 is {found}, the manifest says {digest}")
        return len(payload)

    def _sha256(self, path: str) -> str:
        digest = hashlib.sha256()
        with self.open(path) as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def _listed(self, manifest: str) -> dict[str, str]:
        listed = {}
        for line in self.text(manifest).splitlines():
            match = _LINE.fullmatch(line)
            if not match:
                raise EvidenceError(f"{manifest} has a line that is none: {line[:80]!r}")
            listed[match[2]] = match[1]
        return listed


@contextmanager
def open_bag(file: Path) -> Iterator[Bag]:
    """Open a bag in a tar. Raises EvidenceError for anything else, or where a member is not a plain file inside it."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield Bag(tar, *_members(tar, file))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise EvidenceError(f"{file} is not a bundle that can be read ({error})") from error


def _members(tar: tarfile.TarFile, file: Path) -> tuple[str, dict[str, tarfile.TarInfo]]:
    members: dict[str, tarfile.TarInfo] = {}
    folders = set()
    for member in tar:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
            raise EvidenceError(f"{file}: {member.name!r} is not a plain file inside the bag")
        if member.isreg():
            folders.add(path.parts[0])
            inner = "/".join(path.parts[1:])
            if inner in members:
                raise EvidenceError(f"{file}: {member.name!r} is in it twice")
            members[inner] = member
    if len(folders) != 1 or "bagit.txt" not in members:
        raise EvidenceError(f"{file} is not a bag: it has no bagit.txt in one folder")
    return folders.pop(), members
