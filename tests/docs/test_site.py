"""The documents as a site: built strictly, nothing from elsewhere; the pages made from the code are up to date."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date(generate: ModuleType) -> None:
    made = generate.pages()
    for name, text in made.items():
        page = ROOT / "docs" / "generated" / f"{name}.md"
        assert page.exists() and page.read_text(encoding="utf-8") == text, f"{page.name} is behind the code: ./run docs"
    assert {one.stem for one in (ROOT / "docs" / "generated").iterdir()} == set(made)


def test_generated_pages_are_made_without_the_investigators_own_things(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "mine.sql").write_text("-- title: Mine\n-- question: Q?\n-- why: W.\nSELECT 1;\n")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    assert "## mine" not in generate.pages()["playbooks"]
    assert os.environ["WORKBENCH_CONFIG"] == str(tmp_path)


@pytest.mark.slow
def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 15
    loaded = r"<(?:script|img|iframe)[^>]+src=\"?https?:|<link[^>]+(?:stylesheet|preconnect|icon)[^>]+href=\"?https?:"
    for page in pages:
        assert not re.search(loaded, page.read_text(encoding="utf-8")), page
    styles = "".join(one.read_text(encoding="utf-8") for one in (tmp_path / "site").rglob("*.css"))
    assert not re.search(r"url\(['\"]?https?:|@import", styles)
