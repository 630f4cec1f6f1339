"""Who acts, and with what: the name and the versions that entries in the ledger carry."""

from __future__ import annotations

import getpass
import os

from workbench.config import config_folder
from workbench.version import __version__

#: A file of the configuration folder whose first line is the investigator's name.
INVESTIGATOR = "investigator"


def investigator() -> str:
    """Return who acts: ``WORKBENCH_USER`` where set, else the configured name, the login and the SSH client's address.

    It is what the person says of themselves; a signed seal (see docs/evidence.md) is what binds it to a key.
    """
    name = os.environ.get("WORKBENCH_USER")
    if name:
        return utf8(name)
    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = f"uid {os.getuid()}"
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    login = f"{login} from {client}" if client else login
    configured = _configured()
    return utf8(f"{configured} ({login})" if configured else login)


def versions(elsewhere: str | None = None) -> str:
    """Return what makes results: this program's version and the engine's, and that of an engine elsewhere."""
    import duckdb

    return f"workbench {__version__}, duckdb {duckdb.__version__}" + (f", {elsewhere}" if elsewhere else "")


def _configured() -> str:
    try:
        return (config_folder() / INVESTIGATOR).read_text(encoding="utf-8")[:200].splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        return ""


def utf8(name: str) -> str:
    """Return a text that is UTF-8 for certain: what is none in a file's name or an argument appears as ``\\udcNN``."""
    return name.encode(errors="backslashreplace").decode()
