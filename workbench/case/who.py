"""Who acts: the name that every entry in the ledger carries."""

from __future__ import annotations

import getpass
import os


def who() -> str:
    """Return the investigator's name: ``WORKBENCH_USER`` where set, else the login, with the SSH client's address."""
    name = os.environ.get("WORKBENCH_USER")
    if name:
        return name
    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = f"uid {os.getuid()}"
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{login} from {client}" if client else login
