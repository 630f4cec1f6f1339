"""Which playbooks there are: the package's, the investigator's own, the case's; the same name nearer the case wins."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from workbench.errors import PlaybookError
from workbench.playbooks.model import Playbook, read
from workbench.safetext import safe

LARGEST = 200_000


def shipped_folder(name: str) -> Path:
    """Return a folder of the package's data: beside the package in a checkout, inside it once installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_data" / name
    return inside if inside.is_dir() else package.parent / name


class Library:
    """All playbooks that can be asked, by name. Files that cannot be read are in ``broken``, not in the way."""

    def __init__(self, case_folder: Path | None = None) -> None:
        self._case_folder = case_folder

    def _folders(self) -> Iterator[tuple[str, Path]]:
        from workbench.config import config_folder

        yield "", shipped_folder("queries")
        yield "own", config_folder() / "queries"
        if self._case_folder is not None:
            yield "case", self._case_folder / "queries"

    @cached_property
    def _read(self) -> tuple[dict[str, Playbook], dict[str, str]]:
        playbooks: dict[str, Playbook] = {}
        broken: dict[str, str] = {}
        for owner, folder in self._folders():
            for file in sorted(folder.glob("**/*.sql")):
                try:
                    if file.stat().st_size > LARGEST or not file.is_file():
                        raise PlaybookError(f"{safe(file)}: a playbook is a text file of at most {LARGEST:,} bytes")
                    group = owner or file.parent.name
                    book = read(
                        file.read_text(encoding="utf-8"), file.stem, group, str(file.relative_to(folder.parent))
                    )
                    playbooks[book.name] = book
                except UnicodeDecodeError as error:
                    broken[safe(file.stem)] = f"{safe(file)}: not UTF-8 text (byte {error.start})"
                except OSError as error:
                    broken[safe(file.stem)] = f"{safe(file)}: {error.strerror}"
                except PlaybookError as error:
                    broken[safe(file.stem)] = str(error)
        return playbooks, broken

    @property
    def broken(self) -> dict[str, str]:
        """Playbook files that cannot be read, and why."""
        return self._read[1]

    def all(self) -> list[Playbook]:
        """Return all playbooks, by group and name."""
        return sorted(self._read[0].values(), key=lambda book: (book.group, book.name))

    def get(self, name: str) -> Playbook:
        """Return one playbook. Raises PlaybookError with the nearest names."""
        playbooks, broken = self._read
        if name in playbooks:
            return playbooks[name]
        if name in broken:
            raise PlaybookError(broken[name])
        near = difflib.get_close_matches(name, playbooks, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "workbench playbook list shows them all"
        raise PlaybookError(f"there is no playbook {name!r}; {hint}")
