"""What ``import workbench`` gives, and what starting the command does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import workbench

HEAVY = {"duckdb", "opendp", "plotext", "polars", "rich", "textual", "zstandard"}


def test_the_public_names_are_there() -> None:
    from workbench import Case, explain, load, triage

    assert all(callable(one) for one in (Case, explain, load, triage))
    assert set(workbench.__all__) <= set(dir(workbench))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        workbench.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_help_and_package_load_no_heavy_library() -> None:
    code = (
        "import sys, workbench\nfrom workbench.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\nprint('loaded:', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.partition("loaded:")[2].split())
    assert "workbench.cli" in loaded
    assert not HEAVY & loaded
