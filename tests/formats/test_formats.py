"""Every format's samples are its tests; a definition that is wrong is refused with a line that names the key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.errors import FormatError
from workbench.formats import Format, load_formats, parse_format
from workbench.ingest.tryout import Tryout, failures

FORMATS = sorted(load_formats().values(), key=lambda one: one.name)


@pytest.fixture(scope="module")
def tryout() -> Iterator[Tryout]:
    """One case and one engine for the samples of all formats."""
    with Tryout() as opened:
        yield opened


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_samples_give_what_they_say(fmt: Format, tryout: Tryout) -> None:
    assert len(fmt.samples) >= 3
    assert tryout.failures(fmt) == []


def test_a_wrong_expectation_is_told() -> None:
    wrong = parse_format(
        """
        name = "small"
        kind = "regex"
        pattern = '^(?P<time>\\S+) (?P<account>\\S+) (?P<status>\\S+)$'
        fields = { ts = "time", account = "account", status = "status" }
        [[sample]]
        text = "2026-01-01T00:00:00Z ana 200"
        expect = { account = "bob", status = 200, ts = "2026-01-01T00:00:00Z" }
        [[sample]]
        text = "2026-01-01T00:00:00Z ana 200 more"
        expect = { account = "ana" }
        [[sample]]
        text = "2026-01-01T00:00:00Z ana 200"
        reject = true
        """,
        "small.toml",
    )
    assert failures(wrong) == [
        "sample 1: account is 'ana', not 'bob'",
        "sample 2: it is a reject: it is not a line of small",
        "sample 3: it should be a reject, but was read",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = ", "not valid TOML"),
        ('name = "a b"\nkind = "json"', "name must be"),
        ('name = "a"\nkind = "xml"', "kind must be one of"),
        ('name = "a"\nkind = "json"\npattern = "x"', "a pattern belongs to kind 'regex'"),
        ('name = "a"\nkind = "json"\ncolour = "red"', "unknown key 'colour'"),
        ('name = "a"\nkind = "json"\nnull = "-"', "null must be a list of strings"),
        ('name = "a"\nkind = "json"\nfields = { colour = "x" }', "fields.colour is not a normalised column"),
        ('name = "a"\nkind = "json"\nfields = { ts = 5 }', "fields.ts must be"),
        ('name = "a"\nkind = "json"\nfields = { prompt = { from = "p", take = "all" } }', "fields.prompt.take"),
        ('name = "a"\nkind = "json"\nfields = { status = { from = "p", unit = "s" } }', "fields.status.unit"),
    ],
)
def test_a_wrong_definition_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(FormatError, match=r"^mine\.toml: ") as caught:
        parse_format(text, "mine.toml")
    assert complaint in str(caught.value)
