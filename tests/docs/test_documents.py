"""What the documents tell people to type works, and their links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from workbench.cli import cli

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
#: Pages that are made from the code have no commands to try, but links.
LINKING = sorted([*DOCUMENTS, *ROOT.glob("docs/generated/*.md")])
ACCOUNT = "usr_cwv1apmkeg"
#: What stands for something in a document, and what it stands for in the sample case.
STANDS_FOR = {
    "CASE": "acme.case",
    "FILE…": "some.log",
    "FILE": "some.log",
    "FILE.tar": "acme.tar",
    "FOLDER": "made-up",
    "[NAME|FILE…]": "syslog",
    "NAME": "syslog",
    "KIND": "account",
    "VALUE": ACCOUNT,
    "u-1": ACCOUNT,
    "RUN": "1",
    "MINUTES": "30",
    "SELECT …": "SELECT count(*) FROM event",
    "…": "public",
}
#: Documents whose commands are run one after another on the sample case; the tour is run as a shell script.
STORIES = (
    "README.md",
    "docs/playbooks.md",
    "docs/formats.md",
    "docs/evidence.md",
    "docs/coming-from.md",
    "docs/interop.md",
    "docs/scale.md",
)


def spans(text: str) -> Iterator[str]:
    """Yield the lines of code blocks, and code within the text."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line.replace(r"\|", "|"))


def commands(document: Path) -> list[list[str]]:
    """Return the arguments of each different ``workbench …`` in a document."""
    found = []
    for span in spans(document.read_text(encoding="utf-8")):
        for part in re.split(r" \| (?=workbench |[a-z]+ -)", span):
            if re.match(r"workbench( |$)", part):
                typed = re.split(r"\s{2,}| > [\w.]+$| \| ", part)[0]
                found.append(tuple(shlex.split(typed)[1:]))
    return [list(words) for words in dict.fromkeys(found)]


def parse(words: list[str]) -> click.Context | None:
    """Let click parse a command without running it; None for a mere name. Raises click.UsageError."""
    here: click.Command = cli
    context = click.Context(cli, info_name="workbench")
    if not words or (words[0] not in cli.commands and "." in words[0]):
        words = ["open", *words] if words else []
    while isinstance(here, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in here.commands:
            raise click.UsageError(f"no such command: {words[0]}")
        here, words = here.commands[words[0]], words[1:]
    if not words:
        return None
    if words[-1] in ("--help", "--version"):
        words = words[:-1]
        return None if not words else here.make_context(here.name, words, parent=context)
    return here.make_context(here.name, words, parent=context)


@pytest.fixture
def desk(sample_case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the documents speak of: logs, and for commands that need one, a case."""
    shutil.copytree(ROOT / "sample_logs", tmp_path / "sample_logs")
    (tmp_path / "logs").mkdir()
    (tmp_path / "old").mkdir()
    for log, folder in (("gateway.ndjson.gz", "logs"), ("front-access.log", "logs"), ("front-access.log.1.gz", "old")):
        shutil.copy(ROOT / "sample_logs" / log, tmp_path / folder)
    (tmp_path / "more").mkdir()
    shutil.copy(ROOT / "sample_logs/auth.log", tmp_path / "more")
    (tmp_path / "some.log").write_text("".join((ROOT / "sample_logs/auth.log").open().readlines()[:9]))
    (tmp_path / "rules").mkdir()
    rule = (ROOT / "docs/interop.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    for name in ("failed.yml", "same.yml"):
        (tmp_path / "rules" / name).write_text(rule)
    (tmp_path / "ip2asn.tsv").write_text("198.51.100.0\t198.51.100.255\t64500\tDE\tEXAMPLE-NET\n")
    (tmp_path / "customers.csv").write_text(f"account,customer\n{ACCOUNT},yes\n")
    for name in ("access.log", "copy-of-acme.case", "tags.csv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def substituted(words: list[str]) -> list[str]:
    numbers = count(1)
    new = {"NAME": "mine"} if words[:2] == ["format", "new"] else {}
    return [str(next(numbers)) if word == "SOURCE" else (STANDS_FOR | new).get(word, word) for word in words]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_exists(document: Path, desk: Path) -> None:
    for words in commands(document):
        try:
            parse(substituted(words))
        except click.ClickException as error:
            pytest.fail(f"{document.name}: workbench {shlex.join(words)}: {error.format_message()}")


def test_the_examples_of_the_help_exist(desk: Path) -> None:
    def walk(command: click.Command) -> Iterator[click.Command]:
        yield command
        if isinstance(command, click.Group):
            for inner in command.commands.values():
                yield from walk(inner)

    tried = 0
    for command in walk(cli):
        for example in re.split(r" [·|] ", (command.epilog or "").partition("Example: ")[2]):
            if typed := re.search(r"workbench (.*?)(?= > [\w.]+$|\)\"$|$)", example):
                parse(substituted(shlex.split(typed[1])))
                tried += 1
    assert tried > 30


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_the_commands_work_on_the_sample_case(name: str, desk: Path, sample_case_folder: Path) -> None:
    if name != "README.md":
        shutil.copytree(sample_case_folder, desk / "acme.case")
        for words in (
            ["sql", "acme.case", "SELECT 1"],
            ["tag", "acme.case", "account", ACCOUNT, "suspect", "--note", "why"],
            ["bundle", "acme.case", "-o", "acme.tar", "--tag", "suspect"],
        ):
            run(words)
    ran = 0
    for words in commands(ROOT / name):
        parsed = parse(substituted(words))
        if parsed is None or parsed.command.name in ("open", "follow") or {"HASH", "-", "…"} & set(words):
            continue  # a mere name, what goes on until it is stopped, what needs something outside, an abbreviation
        if re.search(r"\(…\)|//HOST\b", " ".join(words)):
            continue  # an abbreviation, somebody's server
        run(substituted(words))
        ran += 1
    assert ran >= 3


def run(words: list[str]) -> None:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, f"workbench {shlex.join(words)}: {done.exception!r} {done.output[-300:]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["docs/tour.md", "docs/walkthrough.md"])
def test_the_tour_and_the_walk_work_as_they_are_typed(name: str, desk: Path) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines() if line.startswith("    workbench ")]
    assert len(lines) >= 10
    script = "\n".join(lines)
    shutil.rmtree(desk / "sample_logs")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        env={**os.environ, "PATH": path},
        cwd=desk,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for log in (ROOT / "sample_logs").iterdir():
        assert (desk / "sample_logs" / log.name).read_bytes() == log.read_bytes()
    for made in ("acme.html", "acme.tar"):
        assert (desk / made).stat().st_size > 0


def test_python_in_the_documents_works(desk: Path, sample_case_folder: Path) -> None:
    shutil.copytree(sample_case_folder, desk / "acme.case")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/notebooks.md").read_text(), re.DOTALL)
    here = [
        block
        for block in blocks
        if all(importlib.util.find_spec(name) for name in re.findall(r"^(?:import|from) (\w+)", block, re.MULTILINE))
    ]
    assert len(here) >= 2
    for block in here:
        done = subprocess.run([sys.executable, "-c", block], cwd=desk, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


@pytest.mark.parametrize("document", LINKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"`[^`\n]+`", "", document.read_text(encoding="utf-8"))  # code has no links
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{document.name} links to {link}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}, link
