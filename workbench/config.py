"""Where the investigator's own things live: settings, playbooks, formats, unkept cases."""

from __future__ import annotations

import os
from pathlib import Path


def config_folder() -> Path:
    """Return the configuration folder (``WORKBENCH_CONFIG`` overrides the platform's)."""
    chosen = os.environ.get("WORKBENCH_CONFIG")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("workbench", appauthor=False)


def config_file() -> Path:
    """Return the file of the investigator's own settings."""
    return config_folder() / "config.toml"


def settings() -> dict[str, dict[str, str]]:
    """Return the tables of ``config.toml`` in the configuration folder, empty where there is none.

    Raises UsageError naming the file and the key that is wrong.
    """
    from workbench.userfiles import entries, like, read_toml, table

    key = like('a text such as "f5" (a name with a dot stands in quotes: "events.filter" = "f5")', bool)
    try:
        return read_toml(config_file(), table({"keys": entries(key)}))
    except FileNotFoundError:
        return {}


def state_folder() -> Path:
    """Return the folder for cases that were opened on the fly and for histories (``WORKBENCH_STATE`` overrides)."""
    chosen = os.environ.get("WORKBENCH_STATE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("workbench", appauthor=False)
