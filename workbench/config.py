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


def state_folder() -> Path:
    """Return the folder for cases that were opened on the fly and for histories (``WORKBENCH_STATE`` overrides)."""
    chosen = os.environ.get("WORKBENCH_STATE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("workbench", appauthor=False)
