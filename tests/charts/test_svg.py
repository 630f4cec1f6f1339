"""The same picture as SVG: for a report, so nothing in it may act and everything must be readable."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.charts import ChartSpec, Style, StyledRun, draw, svg

NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script><a href=\"javascript:x\" onload='y'>&amp;]]><!--\x1b[31m\x00\uffff"
ATTRIBUTES = {
    "svg": {"viewBox", "width", "height", "role", "font-family", "font-size", "fill", "space"},
    "title": set[str](),
    "rect": {"width", "height", "fill"},
    "text": {"x", "y", "textLength", "lengthAdjust", "fill", "font-weight"},
}


def elements(picture: str) -> list[tuple[str, dict[str, str], str]]:
    """Return kind, attributes and text of every element; fails where the XML is not well formed or holds more."""
    found = []
    for element in ElementTree.fromstring(picture).iter():
        kind = element.tag.removeprefix(NAMESPACE)
        attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        assert set(attributes) <= ATTRIBUTES[kind]
        found.append((kind, attributes, element.text or ""))
    return found


def test_the_words_are_those_of_the_terminal_each_in_its_column() -> None:
    drawing = draw(
        ChartSpec("bar", "a", "b"),
        ["a", "b"],
        [("请求 one", 3), ("two", 7)],
        width=60,
        height=9,
        style=Style(True, True),
    )
    places = []
    for kind, attributes, text in elements(svg(drawing.lines)):
        if kind == "text":
            column = (float(attributes["x"]) - 8) / 8.4
            assert column == pytest.approx(round(column), abs=0.02)
            assert float(attributes["textLength"]) == pytest.approx(8.4 * cell_len(text), abs=0.06)
            places.append(((int(attributes["y"]) - 20) // 16, round(column), text))
    words = [
        (line, cell_len(text[: word.start()]), word.group())
        for line, text in enumerate(drawing.plain().splitlines())
        for word in re.finditer(r"\S+", text)
    ]
    assert places == words


@pytest.mark.parametrize("kind", ["bar", "line", "histogram", "heatmap", "scatter"])
def test_hostile_labels_are_only_text(kind: str) -> None:
    x = HOSTILE if kind != "histogram" else "v"
    spec = ChartSpec(kind, x, "v", HOSTILE + "s", HOSTILE + "s" if kind != "heatmap" else "v", title=HOSTILE)
    rows = [(HOSTILE, 1, HOSTILE), (HOSTILE + "2", 2, HOSTILE)]
    drawing = draw(spec, [HOSTILE, "v", HOSTILE + "s"], rows, width=120, height=30, style=Style(True, True))
    found = elements(svg(drawing.lines, HOSTILE))
    assert [kind for kind, _, _ in found[:3]] == ["svg", "title", "rect"]
    assert found[1][2].startswith("</text><script>alert(1)</script>")


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=30), st.text(max_size=10))
def test_any_label_and_title_make_well_formed_xml(label: str, title: str) -> None:
    drawing = draw(ChartSpec("bar", "a", "b"), ["a", "b"], [(label, 1)], width=60, height=6, style=Style(True, True))
    elements(svg(drawing.lines, title))


def test_every_style_is_readable_on_the_paper() -> None:
    styles = ("bar", "axis", "muted", "label", *(f"series{n}" for n in range(1, 7)), *(f"heat{n}" for n in range(5)))
    found = elements(svg([[StyledRun("x", style)] for style in styles]))
    ink, paper = found[0][1]["fill"], found[1][1]["fill"]
    colours = {attributes.get("fill", ink) for kind, attributes, _ in found if kind == "text"}
    assert len(colours) >= 7
    for colour in colours:
        assert (_light(paper) + 0.05) / (_light(colour) + 0.05) >= 4.5  # WCAG 2.1, contrast of text


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_nothing_drawn_is_an_empty_picture() -> None:
    assert [kind for kind, _, _ in elements(svg([]))] == ["svg", "rect"]
