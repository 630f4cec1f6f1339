"""Where the investigator's own things live: settings, playbooks, formats, unkept cases."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import UsageError


def config_folder() -> Path:
    """Return the configuration folder (``WORKBENCH_CONFIG`` overrides the platform's)."""
    chosen = os.environ.get("WORKBENCH_CONFIG")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("workbench", appauthor=False)


def settings() -> dict[str, dict[str, str]]:
    """Return the tables of ``config.toml`` in the configuration folder, empty where there is none.

    Raises UsageError for a file that is no TOML, or that holds anything but texts in tables.
    """
    import tomllib

    file = config_folder() / "config.toml"
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    for name, table in read.items():
        if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
            raise UsageError(
                f'{file}: [{name}] has to be a table of texts, such as filter = "f5"; '
                'a name with a dot stands in quotes: "events.filter" = "f5"'
            )
    return read


def state_folder() -> Path:
    """Return the folder for cases that were opened on the fly and for histories (``WORKBENCH_STATE`` overrides)."""
    chosen = os.environ.get("WORKBENCH_STATE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("workbench", appauthor=False)
