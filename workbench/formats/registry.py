"""Which formats there are: those of the package, then the investigator's own; the same name nearer wins."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from workbench.errors import UsageError
from workbench.formats.model import Format, parse


@cache
def load_formats() -> dict[str, Format]:
    """Return all formats by name. Raises FormatError for a definition that is not valid."""
    found: dict[str, Format] = {}
    for entry in sorted(resources.files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            one = parse(entry.read_text(encoding="utf-8"), entry.name)
            found[one.name] = one
    for file in sorted(own_folder().glob("*.toml")):
        one = parse(file.read_text(encoding="utf-8"), str(file))
        found[one.name] = one
    return found


def own_folder() -> Path:
    """Return the folder of the investigator's own formats."""
    from workbench.config import config_folder

    return config_folder() / "formats"


def format_named(name: str) -> Format:
    """Return one format. Raises UsageError with the known names."""
    known = load_formats()
    if name not in known:
        raise UsageError(f"there is no format {name!r}; known: {', '.join(sorted(known))}")
    return known[name]
