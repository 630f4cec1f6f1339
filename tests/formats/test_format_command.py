"""``workbench format``: list, show, new, check, explain."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from workbench.cli import cli


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["format", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_new_format_is_made_checked_and_used(tmp_path: Path) -> None:
    assert "my_gateway.toml" in run("new", "my_gateway").output
    assert run("check", "my_gateway").output.startswith("my_gateway: 3 samples, as they should be")
    log = tmp_path / "gateway.log"
    log.write_text("2026-01-01T00:00:00Z 198.51.100.7 ana atlas-3 200\n" * 3)
    assert "is read as my_gateway" in run("explain", str(log)).output
    assert "my_gateway" in run("list").output
    assert 'name = "my_gateway"' in run("show", "my_gateway").output


def test_a_format_that_fails_its_samples_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(
        run("show", "litellm").output.replace('expect = { ts = "2026-04-22', 'expect = { ts = "2026-04-23', 1)
    )
    output = run("check", str(broken), code=1).output
    assert "litellm: 3 samples, not so" in output
    assert "sample 1: ts is" in output


def test_explain_says_why_a_format_does_not_fit(tmp_path: Path) -> None:
    log = tmp_path / "x.ndjson"
    log.write_text('{"request_id":"r","prompt_tokens":1}\nno json\n')
    output = run("explain", str(log), "--only", "litellm").output
    assert "0 of 2" in output
    assert "no startTime" in output
    assert "not a JSON object" in output
    assert "no line gives the names" in run("explain", str(log), "--only", "zeek_tsv").output


def test_names_that_are_none_and_taken_are_refused() -> None:
    run("new", "two words", code=1)
    run("new", "mine")
    run("new", "mine", code=1)
    run("show", "no_such_format", code=1)
