"""Faults of the program itself are one line, too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from workbench import __main__ as command
from workbench.cli import cli


def test_an_unexpected_error_is_one_line_and_its_details_are_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something odd\x1b[31m\nand more")

    monkeypatch.setattr(cli, "main", broken)
    monkeypatch.setattr(sys, "argv", ["workbench", "info"])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "RuntimeError: something odd\\x1b[31m" in said
    assert "Traceback" in (tmp_path / "state" / "errors.log").read_text()
