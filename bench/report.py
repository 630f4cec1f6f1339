"""Tables of results: printed, and written into their section of docs/benchmarks.md with machine and versions."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def machine() -> str:
    """Say what the figures were measured on."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())
        model = found[1].strip() if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}, Polars {version('polars')}; "
        f"{datetime.now(UTC):%Y-%m-%d}, other load on the machine {load:.1f}"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def write(section: str, body: str) -> None:
    """Print the section and put it into the document in place of the one of that name."""
    text = f"## {section}\n\n{body.strip()}\n"
    print(text)
    old = (
        DOCUMENT.read_text()
        if DOCUMENT.exists()
        else "# Benchmarks\n\nEach section is written by `./run bench NAME`.\n"
    )
    pattern = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    new = pattern.sub(lambda _: text + "\n", old) if pattern.search(old) else f"{old.rstrip()}\n\n{text}"
    DOCUMENT.write_text(new.rstrip() + "\n")
