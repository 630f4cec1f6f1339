"""Files that people write, checked against a table of their keys: each fault is one line with file, key and what fits.

A check is a function of a key's path and its value. It returns what is wrong, or nothing where the value fits; a
``table`` of checks is a check itself, so a table of keys reads like the file that it describes.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import UsageError, WorkbenchError
from workbench.safetext import safe

Check = Callable[[str, object], str]

#: What a person writes by hand is smaller.
LARGEST = 1_000_000


def read_toml(file: Path, keys: Check, error: type[WorkbenchError] = UsageError) -> dict[str, Any]:
    """Return what a TOML file says, once it was checked. Raises ``error`` naming file and key, FileNotFoundError."""
    return parse_toml(read_text(file, error), safe(file), keys, error)


def read_text(file: Path, error: type[WorkbenchError] = UsageError) -> str:
    """Return a file's text. Raises ``error`` for what is no text of a person's, FileNotFoundError."""
    try:
        if file.is_file() and file.stat().st_size > LARGEST:
            raise error(f"{safe(file)}: it is larger than {LARGEST:,} bytes")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise error(f"{safe(file)}: it cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise error(f"{safe(file)}: it is not UTF-8 text (byte {fault.start})") from fault


def parse_toml(text: str, where: str, keys: Check, error: type[WorkbenchError] = UsageError) -> dict[str, Any]:
    """Return what a text of TOML says, once it was checked. Raises ``error``, whose message begins with ``where``."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{where}: not valid TOML: {safe(fault)}") from fault
    except RecursionError as fault:
        raise error(f"{where}: not valid TOML: it is nested too deeply") from fault
    if wrong := keys("", data):
        raise error(f"{where}: {wrong}")
    return data


def unlike(path: str, must: str, value: object) -> str:
    """Return the complaint that a key has a value that does not fit."""
    shown = safe(repr(value))
    return f"{path} must be {must}, not {shown if len(shown) <= 60 else shown[:59] + '…'}"


# --- checks of one value --------------------------------------------------------------------------------------------


def anything(_path: str, _value: object) -> str:
    """Let everything through."""
    return ""


def is_text(path: str, value: object) -> str:
    """Let a text through."""
    return "" if isinstance(value, str) and "\0" not in value else unlike(path, "a text", value)


def flag(path: str, value: object) -> str:
    """Let true and false through."""
    return "" if isinstance(value, bool) else unlike(path, "true or false", value)


def is_whole(low: int, high: int | None = None) -> Check:
    """Return the check of a whole number from ``low`` up, to ``high`` where that is given."""
    must = f"a whole number from {low} {'up' if high is None else f'to {high}'}"

    def check(path: str, value: object) -> str:
        fits = type(value) is int and low <= value and (high is None or value <= high)
        return "" if fits else unlike(path, must, value)

    return check


def above(low: float) -> Check:
    """Return the check of a number greater than ``low``; infinity and NaN are none."""

    def check(path: str, value: object) -> str:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low < value < float("inf")
        return "" if fits else unlike(path, f"a number above {low:g}", value)

    return check


def among(allowed: Collection[object]) -> Check:
    """Return the check of one of a few values."""
    must = ("one of " if len(allowed) > 1 else "") + ", ".join(map(str, allowed))

    def check(path: str, value: object) -> str:
        fits = any(type(value) is type(item) and value == item for item in allowed)
        return "" if fits else unlike(path, must, value)

    return check


def fitting(must: str, fits: Callable[[str], object]) -> Check:
    """Return the check of a text that fits; ``must`` completes "KEY must be …"."""

    def check(path: str, value: object) -> str:
        return "" if isinstance(value, str) and "\0" not in value and fits(value) else unlike(path, must, value)

    return check


def texts(path: str, value: object) -> str:
    """Let a list of strings through."""
    fits = isinstance(value, list) and not any(is_text("", item) for item in value)
    return "" if fits else unlike(path, "a list of strings", value)


# --- checks of what holds others ------------------------------------------------------------------------------------


def table(keys: Mapping[str, Check], required: Collection[str] = (), *, others: bool = False) -> Check:
    """Return the check of a table that has these keys, and no others unless they are let through."""

    def check(path: str, value: object) -> str:
        if not isinstance(value, dict):
            return unlike(path, "a table", value)
        for name in (*value, *required):
            if name not in keys and others:
                continue
            if name not in keys:
                return f"unknown key {_under(path, name)!r}; {_perhaps(name, keys)}"
            if name not in value:
                return f"{_under(path, name)} is missing"
            if wrong := keys[name](_under(path, name), value[name]):
                return wrong
        return ""

    return check


def every_entry(check_value: Check, name_fits: Check | None = None) -> Check:
    """Return the check of a table whose keys are anybody's; ``name_fits`` checks the keys themselves."""

    def check(path: str, value: object) -> str:
        if not isinstance(value, dict):
            return unlike(path, "a table", value)
        for name, item in value.items():
            wrong = (name_fits(_under(path, name), name) if name_fits else "") or check_value(_under(path, name), item)
            if wrong:
                return wrong
        return ""

    return check


def items(check_item: Check, *, least: int = 0) -> Check:
    """Return the check of a list with at least so many items."""

    def check(path: str, value: object) -> str:
        if not isinstance(value, list) or len(value) < least:
            return unlike(path, "a list" if not least else f"a list of at least {least}", value)
        return next((wrong for at, item in enumerate(value, 1) if (wrong := check_item(f"{path}[{at}]", item))), "")

    return check


def either(must: str, *checks: Check) -> Check:
    """Return the check of what fits one of several; of a table the complaint is that of its own check."""

    def check(path: str, value: object) -> str:
        wrong = [found for one in checks if (found := one(path, value))]
        if len(wrong) < len(checks):
            return ""
        inner = [found for found in wrong if not found.startswith(f"{path} must be")]
        return inner[-1] if isinstance(value, dict) and inner else unlike(path, must, value)

    return check


def _under(path: str, name: str) -> str:
    plain = name if name.isidentifier() else safe(repr(name))
    return f"{path}.{plain}" if path else plain


def _perhaps(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=2)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(sorted(known))}"
