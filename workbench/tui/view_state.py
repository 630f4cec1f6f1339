"""Where one was: places, filters, positions and pins come back with the case, also after the connection dropped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from workbench.config import state_folder

_VERSION = 1


class ViewState:
    """What the UI remembers of one case, for one person; written as it changes, whole or not at all."""

    def __init__(self, case_folder: Path) -> None:
        digest = hashlib.sha256(str(case_folder.resolve()).encode()).hexdigest()[:16]
        self._file = state_folder() / "views" / f"{digest}.json"
        self._kept: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            read = json.loads(self._file.read_text(encoding="utf-8"))
            if isinstance(read, dict) and read.get("version") == _VERSION:
                self._kept = read
        self._written = json.dumps(self._kept)

    def get(self, name: str) -> dict[str, Any]:
        """Return what is remembered of a place or under another name."""
        values = self._kept.get(name)
        return values if isinstance(values, dict) else {}

    def keep(self, name: str, values: dict[str, Any]) -> None:
        """Remember values of a place; ``write`` makes it last."""
        self._kept[name] = values

    def write(self) -> None:
        """Write what changed since the last time; a state folder that cannot be written is no reason to stop."""
        text = json.dumps({**self._kept, "version": _VERSION})
        if text == self._written:
            return
        part = self._file.with_suffix(f".{os.getpid()}.part")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            part.chmod(0o600)
            part.replace(self._file)
            self._written = text
