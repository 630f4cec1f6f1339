"""What people install: the wheel in an environment of its own, away from the checkout, and the sdist."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from workbench import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
IN_CHECKOUT = ("queries", "sample_logs", "workbench/formats", "workbench/export/policies", "workbench/sample/prompts")


def checked(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command that has to work, and return what it wrote."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def build(source: Path, target: Path, *options: str) -> None:
    checked(sys.executable, "-m", "hatchling", "build", "-d", target, *options, cwd=source)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


def runtime_files() -> set[Path]:
    """Return the files and folders in site-packages of the packages that a user gets, and of no others."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    places = set()
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE):
        try:
            files = metadata.distribution(name).files or []
        except metadata.PackageNotFoundError:
            continue  # for another platform
        tops = {file.parts[0] for file in files} - {"..", "__pycache__"}
        places |= {Path(str(metadata.distribution(name).locate_file(top))) for top in tops}
    return places


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel and what requirements.lock pins, lent by the one that runs the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "--disable-pip-version-check"]
    checked(*pip, "install", "-q", "--no-index", "--no-deps", wheel, cwd=folder)
    python = folder / "bin" / "python"
    site = checked(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    for top in runtime_files():
        (Path(site.strip()) / top.name).symlink_to(top)
    return folder


@pytest.fixture
def installed(environment: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a program of the fresh environment in an empty folder."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def run(program: str, *arguments: str | Path) -> str:
        return checked(environment / "bin" / program, *arguments, cwd=tmp_path, env=kept)

    return run


def files_in(folder: str) -> set[str]:
    """Return the data files of a folder of the checkout, relative to it."""
    found = (ROOT / folder).rglob("*")
    return {str(one.relative_to(ROOT / folder)) for one in found if one.is_file() and one.suffix not in (".py", ".pyc")}


@pytest.mark.parametrize("folder", IN_CHECKOUT)
def test_the_wheel_holds_all_data(wheel: Path, folder: str) -> None:
    inside = folder if folder.startswith("workbench/") else f"workbench/_data/{folder}"
    names = {name.removeprefix(inside + "/") for name in zipfile.ZipFile(wheel).namelist()}
    assert files_in(folder)
    assert files_in(folder) <= names


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    about = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert f"\nVersion: {__version__}\n" in about and "\nLicense-Expression: Apache-2.0\n" in about
    assert "workbench/py.typed" in names and any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "bench/")) or "__pycache__" in name]


def test_the_sdist_builds_the_same_wheel_and_can_be_tested(built: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for needed in ("run", "requirements.lock", "tests/conftest.py", "bench/__main__.py", "docs/tour.md", "LICENSE"):
        assert (source / needed).is_file(), needed
    build(source, tmp_path / "again", "-t", "wheel")
    again = zipfile.ZipFile(next((tmp_path / "again").glob("*.whl")))
    assert set(again.namelist()) == set(zipfile.ZipFile(wheel).namelist())


def test_the_main_job_from_the_wheel(installed: Callable[..., str], environment: Path, tmp_path: Path) -> None:
    package = Path(installed("python", "-c", "import workbench; print(workbench.__path__[0])").strip())
    assert environment in package.parents
    assert __version__ in installed("workbench", "--version")
    absent = (
        "import importlib.util as u; print([n for n in ('pandas', 'pyarrow', 'pytest', 'stix2') if u.find_spec(n)])"
    )
    assert installed("python", "-c", absent).strip() == "[]"

    logs = package / "_data" / "sample_logs"
    installed("workbench", "new", "acme.case")
    installed("workbench", "load", "acme.case", *sorted(logs.glob("*.log")), *sorted(logs.glob("*.gz")))
    info = json.loads(installed("workbench", "info", "acme.case", "--json"))
    assert info["events"] == info["event_lines"] == 33_057 and info["failed_sources"] == 0

    worst = json.loads(installed("workbench", "triage", "acme.case", "--top", "1", "--format", "json"))[0]
    assert worst["flagged"] and worst["campaign"] and worst["reasons"]
    account = worst["entity"]
    assert account in installed("workbench", "explain", "acme.case", "account", account)
    books = installed("workbench", "playbook", "list", "acme.case")
    assert "shared_addresses" in books and "what_was_loaded" in books
    assert account in installed("workbench", "playbook", "run", "acme.case", "shared_payment", "--format", "csv")
    assert "litellm" in installed("workbench", "format", "list")
    installed("workbench", "format", "check")

    installed("workbench", "tag", "acme.case", "account", account, "accepted", "--note", "first in triage")
    installed("workbench", "export", "acme.case", "accounts", "--tag", "accepted", "-o", "accepted.csv")
    assert account in (tmp_path / "accepted.csv").read_text()
    installed("workbench", "report", "acme.case", "-o", "acme.html", "--redact", "counsel")
    installed("workbench", "bundle", "acme.case", "-o", "acme.tar", "--tag", "accepted", "--redact", "regulator")
    installed("workbench", "verify", "acme.tar")
    installed("workbench", "verify", "acme.case")


def test_made_up_logs_and_the_ui_from_the_wheel(installed: Callable[..., str], tmp_path: Path) -> None:
    installed("workbench", "sample", "logs", "--requests", "2000", "--accounts", "60")
    assert (tmp_path / "logs" / "labels.csv").is_file()
    installed("workbench", "new", "a.case")
    installed("workbench", "load", "a.case", "logs")
    installed("workbench", "picture", "a.case", "-o", "screen.svg", "6")
    assert "Impossible&#160;travel" in (tmp_path / "screen.svg").read_text()


def test_scripts_and_notebooks_use_the_package(installed: Callable[..., str], tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(
        "from pathlib import Path\n"
        "import workbench\n"
        "from workbench import Case, explain, load, triage\n"
        "logs = Path(workbench.__path__[0], '_data', 'sample_logs')\n"
        "with Case.create('acme.case') as case:\n"
        "    load(case, [str(logs / 'gateway.ndjson.gz')])\n"
        "    print(case.query('SELECT count(*) FROM event').rows[0][0])\n"
        "    worst = triage(case, top=1).rows[0]\n"
        "    print(explain(case, worst.kind, worst.entity).finding.entity == worst.entity)\n"
    )
    assert installed("python", script).split() == ["12016", "True"]
