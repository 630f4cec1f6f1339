"""Which formats there are: those of the package, then the investigator's own; the same name nearer wins."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from workbench.errors import FormatError, UsageError
from workbench.formats.check import check
from workbench.formats.model import Format, parse
from workbench.safetext import safe
from workbench.userfiles import read_text


def load_formats() -> dict[str, Format]:
    """Return all formats by name. The investigator's own that are not valid are left out: see ``broken_formats``."""
    return _shipped() | {one.name: one for one, _ in _own()[0].values()}


def broken_formats() -> dict[str, str]:
    """Return the investigator's own formats that are not valid: by the file's name without its ending, why."""
    return _own()[1]


def _own() -> tuple[dict[str, tuple[Format, str]], dict[str, str]]:
    """Read the investigator's own definitions: by file, each with its text, and what is wrong with the others."""
    read: dict[str, tuple[Format, str]] = {}
    broken: dict[str, str] = {}
    for file in sorted(own_folder().glob("*.toml")):
        try:
            text = read_text(file, FormatError)
            read[file.stem] = check(parse(text, safe(file)), safe(file)), text
        except FileNotFoundError:
            continue
        except FormatError as error:
            broken[safe(file.stem)] = str(error)
    return read, broken


@cache
def _shipped() -> dict[str, Format]:
    """The package's own, read once; the investigator's may change while the UI is open."""
    formats: dict[str, Format] = {}
    for entry in sorted(resources.files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            one = parse(entry.read_text(encoding="utf-8"), entry.name)
            formats[one.name] = one
    return formats


def own_folder() -> Path:
    """Return the folder of the investigator's own formats."""
    from workbench.config import config_folder

    return config_folder() / "formats"


def format_named(name: str) -> Format:
    """Return one format. Raises UsageError with the known names, FormatError for one that is not valid."""
    if broken := broken_formats().get(name):
        raise FormatError(broken)
    known = load_formats()
    if name in known:
        return known[name]
    raise UsageError(f"there is no format {name!r}; known: {', '.join(sorted(known))}")


def format_file(file: Path) -> Format:
    """Return the format that a file defines. Raises FormatError naming the file and the key that is wrong."""
    return check(parse(read_text(file, FormatError), safe(file)), safe(file))


def text_of(name: str) -> str:
    """Return the definition of a format as it is written. Raises UsageError for an unknown name."""
    format_named(name)
    for fmt, text in _own()[0].values():
        if fmt.name == name:
            return text
    for entry in resources.files(__package__).iterdir():
        if entry.name.endswith(".toml") and parse(text := entry.read_text(encoding="utf-8"), entry.name).name == name:
            return text
    raise UsageError(f"there is no file of the format {name!r}")


def make_own(name: str, directive: str | None = None) -> Path:
    """Write a definition into the investigator's own folder: from a log_format (see ``directive``), or to start from.

    Raises UsageError if the name is taken, or for a directive that is none.
    """
    if not name.isidentifier():
        raise UsageError(f"{name!r} cannot name a format; use letters, digits and _")
    file = own_folder() / f"{name}.toml"
    if file.exists():
        raise UsageError(f"{file} exists already; edit it, or choose another name")
    text = _NEW.format(name=name)
    if directive is not None:
        from workbench.formats.directive import choose, definition, read

        text = definition(choose(read(directive), name), name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


_NEW = """# docs/formats.md explains every key; "workbench format check {name}" tries the samples.
name = "{name}"
title = "What writes it, in a few words"
kind = "regex"                # or json (an object a line), csv (rows under a header)
priority = 90                 # wins over formats with less that fit too
null = ["-"]
pattern = '^(?P<time>\\S+) (?P<client_ip>\\S+) (?P<account>\\S+) (?P<model>\\S+) (?P<status>\\d+)$'

[fields]
ts = "time"
client_ip = "client_ip"
account = "account"
model = "model"
status = "status"

[[sample]]
text = "2026-01-01T00:00:00Z 198.51.100.7 ana atlas-3 200"
expect = {{ ts = "2026-01-01T00:00:00Z", client_ip = "198.51.100.7", account = "ana", model = "atlas-3", status = 200 }}

[[sample]]
text = "2026-01-01T00:00:00+02:00 2001:db8::1 - atlas-3 429"
expect = {{ ts = "2025-12-31T22:00:00Z", account = "", status = 429 }}

[[sample]]
text = "2026-02-30T00:00:00Z 198.51.100.7 ana atlas-3 200"
reject = true
"""
