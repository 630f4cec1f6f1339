"""Running the installed command as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("workbench")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def workbench(tmp_path: Path) -> Run:
    """Run the installed ``workbench`` in an empty folder and return its exit code and what it wrote."""

    def run(*arguments: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, check: bool = True) -> Ran:
        command: Sequence[str] = [str(COMMAND), *map(str, arguments)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, cwd=tmp_path, env={**os.environ, **(env or {})}, check=False
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err and "a fault of the program" not in ran.err, ran.err
        if check:
            assert ran.code == 0, ran.err
        return ran

    return run
