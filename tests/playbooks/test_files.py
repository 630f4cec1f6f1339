"""Reading playbook files: what a good one gives, and one clear line for each way to get it wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from workbench.errors import PlaybookError, UsageError
from workbench.playbooks import Library
from workbench.playbooks.model import Parameter, Playbook, read_playbook

GOOD = """-- title: A title
-- question: What is asked?
-- why: Because it matters,
--   and for a second reason.
-- innocent: One explanation.
-- innocent: Another
--   on two lines.
-- needs: account, outcome | status
-- chart: bar x=account y=n
-- entity: account account
SET VARIABLE top = 5;  -- integer: how many
SET VARIABLE share = 0.5;  -- number: a share
SET VARIABLE word = 'it''s';  -- text: a word
SET VARIABLE since = NULL::TIMESTAMP;  -- time: from when on
SET VARIABLE moment = TIMESTAMP '2026-05-04 10:00';  -- time: a moment
SET VARIABLE deep = false;  -- boolean: whether
SET VARIABLE every = (SELECT count(*) FROM event);  -- integer: from the case

-- a remark
SELECT account, count(*) AS n FROM event GROUP BY account;
"""


def made(text: str = GOOD, name: str = "good") -> Playbook:
    return read_playbook(text, name, "own", f"queries/own/{name}.sql")


def test_a_good_file_gives_its_parts() -> None:
    book = made()
    assert (book.title, book.question, book.why) == (
        "A title",
        "What is asked?",
        "Because it matters, and for a second reason.",
    )
    assert book.innocent == ("One explanation.", "Another on two lines.")
    assert book.needs == ("account", "outcome | status")
    assert book.entity == ("account", "account")
    assert book.chart is not None and book.chart.kind == "bar"
    assert book.sql.startswith("SELECT account") and not book.sql.endswith(";")


def test_parameters_have_the_type_and_default_of_the_file() -> None:
    assert made().bind({}) == {
        "top": 5,
        "share": 0.5,
        "word": "it's",
        "since": None,
        "moment": datetime(2026, 5, 4, 10),
        "deep": False,
        "every": None,
    }


def test_given_values_are_read_as_their_type() -> None:
    bound = made().bind(
        {"top": "7", "since": "2026-05-04T12:00:00+02:00", "deep": "yes", "word": "'; DROP TABLE x; --"}
    )
    assert bound["top"] == 7
    assert bound["since"] == datetime(2026, 5, 4, 10)
    assert bound["deep"] is True
    assert bound["word"] == "'; DROP TABLE x; --"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "many"),
        ("integer", "1.5"),
        ("integer", "9" * 30),
        ("integer", ""),
        ("number", "half"),
        ("boolean", "perhaps"),
        ("time", "yesterday"),
        ("time", ""),
        ("time", "9999-99-99"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_an_example(kind: str, text: str) -> None:
    with pytest.raises(UsageError, match="for example"):
        Parameter("top", kind, "", "about").value(text)


def test_an_unknown_parameter_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="it has: deep, every, moment, share, since, top, word"):
        made().bind({"limit": "3"})


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("-- why:", "-- reason:", "line 3", "unknown header 'reason'"),
        ("-- title: A title\n", "", "good.sql:", "lacks '-- title:"),
        ("-- title: A title", "-- title: A title\n-- title: B", "line 2", "a second '-- title:'"),
        ("bar x=account y=n", "pie x=account", "line 9", "unknown kind 'pie'"),
        ("entity: account account", "entity: planet account", "line 10", "KIND COLUMN"),
        ("entity: account account", "entity: account", "line 10", "KIND COLUMN"),
        ("needs: account,", "needs: acount,", "line 8", "perhaps account"),
        ("-- integer: how many", "-- whole: how many", "line 11", "the type must be one of"),
        ("top = 5;", "top = five;", "line 11", "'five' is not an integer"),
        ("word = 'it''s';", "word = version();", "line 13", "in quotes, NULL or"),
        ("share = 0.5;", "top = 0.5;", "line 12", "there twice"),
        ("SET VARIABLE top", "SET top", "line 11", "a parameter is written"),
        ("SELECT account, count(*) AS n FROM event GROUP BY account;", "", "good.sql:", "there is no query"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_file_and_line(old: str, new: str, where: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(PlaybookError) as caught:
        made(GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert message.startswith("queries/own/good.sql") and where in message and what in message
    assert "\n" not in message


def test_a_name_that_is_no_plain_word_is_refused() -> None:
    with pytest.raises(PlaybookError, match="letters, digits"):
        made(name="bad\x1b[31m")


def test_header_text_cannot_draw_on_the_screen() -> None:
    book = made(GOOD.replace("A title", "A \x1b[31mtitle\u202e"))
    assert book.title == "A \\x1b[31mtitle\\u202e"


def test_the_nearer_file_of_a_name_wins_and_a_broken_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "x.case" / "queries"
    folder.mkdir(parents=True)
    (folder / "who_asks_most.sql").write_text(GOOD)
    (folder / "broken.sql").write_text("-- titel: x\nSELECT 1")
    (folder / "binary.sql").write_bytes(b"\xff\xfe")
    (folder / "huge.sql").write_text("-- title: x\n" * 50_000)
    (folder / "folder.sql").mkdir()
    library = Library(folder.parent)
    assert library.get("who_asks_most").title == "A title"
    assert library.get("who_asks_most").group == "case"
    assert set(library.broken) == {"broken", "binary", "huge", "folder"}
    with pytest.raises(PlaybookError, match="unknown header 'titel'"):
        library.get("broken")


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(PlaybookError, match="did you mean who_asks_most"):
        Library().get("who_ask_most")
