"""Keyed pseudonyms: the key stays with the case, and each pseudonym can be proved alone.

The key gives each value an opening of its own, HMAC-SHA-256(key, "kind:value"), and the pseudonym is
HMAC-SHA-256(opening, "kind:value"), its first 128 bits. Without the key no list of candidates can be tried; with one
opening anybody can check one pseudonym (``openssl dgst -sha256 -mac HMAC``), and learns nothing of any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.case.folder import sync
from workbench.errors import CaseError

if TYPE_CHECKING:
    from workbench.case import Case

KEY = "pseudonym.key"
#: Pseudonyms that are kept in memory, since rows repeat them.
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves that a pseudonym stands for a value: the opening, hexadecimal."""

    kind: str
    value: str
    pseudonym: str
    opening: str

    @property
    def command(self) -> str:
        """The command with standard tools that gives the pseudonym's digits again."""
        return f"printf %s KIND:VALUE | openssl dgst -r -sha256 -mac HMAC -macopt hexkey:{self.opening} | cut -c 1-32"


class Pseudonyms:
    """Makes pseudonyms with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._lately: dict[tuple[str, str], str] = {}

    def of(self, kind: str, value: str) -> str:
        """Return the pseudonym of a value of a kind, the same each time."""
        if len(self._lately) > _KEPT:
            self._lately.clear()
        made = self._lately.get((kind, value))
        if made is None:
            made = self._lately[kind, value] = self.prove(kind, value).pseudonym
        return made

    def prove(self, kind: str, value: str) -> Proof:
        """Return a value's pseudonym with its proof."""
        text = f"{kind}:{value}".encode(errors="surrogatepass")
        opening = hmac.digest(self._key, text, hashlib.sha256)
        return Proof(kind, value, f"{kind}-{hmac.digest(opening, text, hashlib.sha256).hex()[:32]}", opening.hex())


def pseudonyms(case: Case) -> Pseudonyms:
    """Return the case's pseudonyms; its key is made when first needed, readable by its owner alone."""
    file = case.folder.path / KEY
    try:
        if not file.exists():
            unpublished = case.folder.path / f".{KEY}.{os.getpid()}.part"
            unpublished.touch(mode=0o600)
            unpublished.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
            sync(unpublished)
            # A link, not a rename: where another process was quicker, its key stays.
            with contextlib.suppress(FileExistsError):
                os.link(unpublished, file)
            unpublished.unlink()
        return Pseudonyms(bytes.fromhex(file.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise CaseError(f"{file} cannot be used ({error}); pseudonyms need it, restore it from a copy") from error
