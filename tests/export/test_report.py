"""A report says what was accepted and why, what was dismissed, and can do nothing to its reader."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from workbench.case import Case
from workbench.errors import ExportError, UsageError
from workbench.evidence.runs import replay
from workbench.evidence.verify import verify
from workbench.export.report import build_report, write_report

EVIL = '</p><script>fetch("//x")</script><img src=x onerror=alert(1)> | [a](javascript:x) \x1b[31m \u202e `x`'


class Tags(HTMLParser):
    """Collects elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_findings_have_reasons_explanations_and_runs_that_can_be_replayed(sample_case: Case, tmp_path: Path) -> None:
    from workbench.detect import triage

    chosen = [one.entity for one in triage(sample_case, top=3).rows]
    sample_case.tags.add("account", chosen, "accepted", "fills templates")
    sample_case.tags.add("account", ["usr_zzz"], "dismissed", "a class with a deadline")
    write_report(sample_case, tmp_path / "r.html")
    write_report(sample_case, tmp_path / "r.md")
    page, text = (tmp_path / "r.html").read_text(), (tmp_path / "r.md").read_text()
    for said in (page, text):
        assert "fills templates" in said and "a class with a deadline" in said
        assert "Could it be" in said and "would settle it" in said and "run " in said
        assert re.search("Requests a day", said)
    assert page.count("<svg") == 2
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(picture)
    runs = {int(number) for number in re.findall(r"\(run (\d+)\)", page)}
    assert runs and all(replay(sample_case, number).same for number in runs)
    before = sample_case.ledger.rows("SELECT count(*) AS n FROM run")[0]["n"]
    write_report(sample_case, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == page
    assert sample_case.ledger.rows("SELECT count(*) AS n FROM run")[0]["n"] == before
    assert list(verify(sample_case))


def test_nothing_of_a_log_or_a_note_becomes_markup(case: Case, tmp_path: Path) -> None:
    case.tags.add("account", [EVIL], "accepted", EVIL)
    case.tags.add("address", [EVIL], "dismissed", EVIL)
    write_report(case, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    found = Tags()
    found.feed(page)
    assert not found.seen & {"script", "img", "iframe", "a", "link", "object", "form"}
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "default-src 'none'" in page and "\x1b" not in page and "\u202e" not in page
    write_report(case, tmp_path / "r.md")
    text = (tmp_path / "r.md").read_text()
    assert "<script" not in text and "](javascript" not in text and "\x1b" not in text


def test_a_report_needs_something_accepted_and_a_name_that_says_how(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.md or \.html"):
        write_report(case, tmp_path / "r.pdf")
    for tag in case.tags.all(tag="accepted"):
        case.tags.remove(tag.kind, [tag.id], "accepted")
    with pytest.raises(ExportError, match="nothing is accepted"):
        build_report(case)
    with pytest.raises(ExportError, match="nothing is accepted"):
        write_report(case, tmp_path / "r.md")
