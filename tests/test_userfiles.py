"""Files that people write: a fault is one line with the file, the key and what fits; the others work."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from workbench.case import Case
from workbench.cli import cli
from workbench.config import settings as own_settings
from workbench.engines.remote import credentials
from workbench.errors import FormatError, UsageError
from workbench.export.policy import load_policy, presets
from workbench.formats import Format, load_formats
from workbench.formats.registry import broken_formats, format_file, format_named
from workbench.ingest import load, macros
from workbench.ingest.recognise import recognise
from workbench.ingest.tryout import failures

GOOD = 'name = "mine"\nkind = "regex"\npattern = "^(?P<who>\\\\S+) (?P<what>.*)$"\n[fields]\naccount = "who"\n'
LOG = '{"request_id":"r1","account":"ana","prompt":"hello"}\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def own_format(tmp_path: Path, text: str, name: str = "mine") -> Path:
    return write(tmp_path / "config" / "formats" / f"{name}.toml", text)


# --- one line for each fault ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "regex"', 'kind = "regx"', "kind must be one of json, regex, csv, text, not 'regx'"),
        ('kind = "regex"', "", "kind is missing"),
        ('kind = "regex"', 'kin = "regex"', "unknown key 'kin'; did you mean kind"),
        ("[fields]", 'priority = "high"\n[fields]', "priority must be a whole number from 0 to 100, not 'high'"),
        ("[fields]", "priority = true\n[fields]", "priority must be a whole number"),
        ("[fields]", "skip = 5\n[fields]", "skip must be an RE2 pattern, not 5"),
        ("[fields]", 'start = ["a"]\n[fields]', "start must be an RE2 pattern, not ['a']"),
        ("[fields]", 'start = "("\n[fields]', "start cannot be '(': missing )"),
        ("[fields]", 'start = "\\\\Qa\\\\E\\\\z"\n[fields]', "Python's re reads it too"),
        ("[fields]", 'delimiter = ""\n[fields]', "delimiter must be one character"),
        ("[fields]", 'time_formats = ["%Q"]\n[fields]', "time_formats cannot be '%Q'"),
        ("[fields]", 'records = "a..b"\n[fields]', "records must be where a list of records is"),
        ("[fields]", "null = [1]\n[fields]", "null must be a list of strings"),
        ("[fields]", 'zone = "CET"\n[fields]', "zone must be 'UTC' (for others there is --tz)"),
        ('account = "who"', 'acount = "who"', "fields.acount is not a normalised column; did you mean account"),
        ('account = "who"', 'account = "hwo"', "fields.account: there is no 'hwo' in a line; there are who, what"),
        ('account = "who"', 'account = { form = "who" }', "unknown key 'fields.account.form'; did you mean from?"),
        ('account = "who"', "account = { join = true }", "fields.account.from is missing"),
        ('account = "who"', 'account = { from = "who", match = "[" }', "fields.account.match cannot be '['"),
        ('account = "who"', 'account = "who"\n[[sample]]\nreject = true', "sample[1].text is missing"),
        ('account = "who"', 'account = "who"\n[[sample]]\ntext = "a"\nevent = -1', "sample[1].event must be a whole"),
        (" (?P<what>.*)", " (?P<who>.*)", "pattern has two groups named 'who'"),
        (GOOD, "a = " + "[" * 3000, "nested too deeply"),
        (GOOD, "name = ", "not valid TOML"),
    ],
)
def test_a_fault_in_a_format_is_one_line_with_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    file = own_format(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(FormatError) as raised:
        format_file(file)
    message = str(raised.value)
    assert message.startswith(f"{file}: ") and said in message and "\n" not in message
    assert broken_formats() == {"mine": message}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables = 5", "tables must be a list"),
        ('tables = ["session"]', "tables[1] must be one of sessions, accounts"),
        ("k = 1", "k must be a whole number from 2 up, not 1"),
        ('k = "many"', "k must be a whole number"),
        ("kk = 3", "unknown key 'kk'; did you mean k?"),
        ('times = "week"', "times must be one of second, minute"),
        ("prefix4 = 20", "prefix4 must be one of 8, 16, 24"),
        ("prefix6 = 48.0", "prefix6 must be one of"),
        ("epsilon = nan", "epsilon must be a number above 0"),
        ("budget = 0", "budget must be a number above 0"),
        ("fields = 3", "fields must be a table"),
        ('[fields]\nprompt = "hide"', "fields.prompt must be one of keep, drop"),
        ("about = 1", "about must be a text"),
    ],
)
def test_a_fault_in_a_policy_is_one_line_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = write(tmp_path / "own.toml", text)
    with pytest.raises(UsageError) as raised:
        load_policy(str(file))
    assert str(raised.value).startswith(f"{file}: {said}") and "\n" not in str(raised.value)


def test_policies_that_are_right_are_read(tmp_path: Path) -> None:
    own = load_policy(str(write(tmp_path / "own.toml", 'k = 9\ntables = ["tags"]\n[fields]\ntag = "verdict"')))
    assert (own.name, own.k, own.tables, own.of("tag"), own.of("id")) == ("own", 9, ("tags",), "verdict", "drop")
    assert [load_policy(name).name for name in presets()] == presets()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[kys]\nfilter = "t"', "unknown key 'kys'; did you mean keys?"),
        ("[keys]\npin = 1", 'keys.pin must be a text such as "f5"'),
        ("keys = 1", "keys must be a table"),
        ("[keys", "not valid TOML"),
    ],
)
def test_a_fault_in_the_settings_is_one_line_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = write(tmp_path / "config" / "config.toml", text)
    with pytest.raises(UsageError) as raised:
        own_settings()
    assert str(raised.value).startswith(f"{file}: {said}") and "\n" not in str(raised.value)


def test_credentials_of_one_engine_do_not_depend_on_another_ones(tmp_path: Path) -> None:
    text = '["chdb://"]\nuser = "ana"\npassword = "p"\n["sc://a"]\npasword = "p"\n["sc://b"]\npassword = 4711\n'
    file = write(tmp_path / "config" / "engines.toml", text)
    assert credentials("chdb://") == {"user": "ana", "password": "p"}
    assert credentials("sc://c") == {}
    with pytest.raises(UsageError, match="did you mean password") as raised:
        credentials("sc://a")
    assert str(raised.value).startswith(str(file))
    with pytest.raises(UsageError, match="must be a text in quotes") as raised:
        credentials("sc://b")
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 1_000_001], ids=["no text", "too large"])
def test_what_is_no_persons_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"not UTF-8|larger than"):
        load_policy(str(file))


# --- the others work ------------------------------------------------------------------------------------------------


def test_a_broken_format_is_named_once_and_the_others_load(tmp_path: Path) -> None:
    broken = own_format(tmp_path, GOOD.replace("regex", "regx"))
    own_format(tmp_path, GOOD.replace('"mine"', '"other"'), "other")
    log = write(tmp_path / "log.ndjson", LOG)
    runner = CliRunner()
    with Case.create(tmp_path / "a.case"):
        pass
    result = runner.invoke(cli, ["load", str(tmp_path / "a.case"), str(log), str(log)])
    assert result.exit_code == 0 and "1 line = 1 event line" in result.output
    assert result.stderr.count(f"this format of yours is left out: {broken}: kind must be one of json") == 1
    assert "other" in load_formats() and "mine" not in load_formats()
    with pytest.raises(FormatError, match="kind must be"):
        format_named("mine")
    listed = runner.invoke(cli, ["format", "list"])
    assert listed.exit_code == 0 and "other" in listed.stdout and str(broken) in listed.stderr


def test_checking_formats_names_the_broken_and_tries_the_others(tmp_path: Path) -> None:
    broken = own_format(tmp_path, GOOD + "[[sample]]\ntext = 5\n")
    own_format(tmp_path, GOOD.replace('"mine"', '"other"') + '[[sample]]\ntext = "ana asks"\n', "other")
    result = CliRunner().invoke(cli, ["format", "check", "mine", "other"])
    assert result.exit_code == 1
    assert f"{broken}: sample[1].text must be a text, not 5" in result.output
    assert "other: 1 sample, as they should be" in result.output


def test_a_broken_format_of_a_shipped_ones_name_is_not_replaced_by_that_where_it_is_asked_for(tmp_path: Path) -> None:
    own_format(tmp_path, GOOD.replace('"mine"', '"litellm"').replace("regex", "regx"), "litellm")
    assert load_formats()["litellm"].kind == "json"
    with pytest.raises(FormatError, match="kind must be"):
        format_named("litellm")


def test_odd_samples_are_told_and_break_nothing(tmp_path: Path) -> None:
    odd = GOOD + '[[sample]]\ntext = "ana asks"\nevent = 3\n[[sample]]\ntext = "ana asks"\nexpect = { ts = "noon" }\n'
    told = failures(format_file(own_format(tmp_path, odd)))
    assert told[0] == "sample 1: 1 event came of it, so there is no event 3" and "ts is" in told[1]


# --- whatever a person writes ---------------------------------------------------------------------------------------

TEXTS = some.one_of(
    some.sampled_from(["", "(", "a", "[", "$", "$.", '"', "a[*].b", "x?", "*", "\\", "%Q", "%H:%M", "\0", "é", "(a)",
                       "(?P<who>x)", "last_user", "span", "ms", "UTC", "json", "csv", "text", "'", "\t", "a\nb"]),
    some.text(max_size=8),
)  # fmt: skip
SCALARS = some.one_of(
    some.booleans(), some.integers(-(10**6), 10**6), some.floats(), some.just(date(2026, 5, 4)), TEXTS, TEXTS
)
VALUES = some.recursive(
    SCALARS, lambda inner: some.one_of(some.lists(inner, max_size=3), some.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
KEYS = (
    "name", "title", "kind", "priority", "pattern", "quick", "start", "same", "partial", "partial_bytes", "glue",
    "skip", "require", "records", "embedded", "null", "header", "delimiter", "names", "quote", "time_formats",
    "time_year", "zone", "unquote", "fields", "sample", "fields.ts", "fields.account", "fields.duration_ms",
    "sample.1.text", "sample.1.expect", "fields.prompt.take", "fields.prompt.from", "fields.prompt.match",
    "fields.prompt.values",
)  # fmt: skip
BASES: tuple[dict[str, Any], ...] = (
    {"name": "mine", "kind": "json", "fields": {"account": "who", "prompt": {"from": "what"}}, "require": ["who"]},
    {"name": "mine", "kind": "csv", "fields": {"account": "who", "prompt": {"from": "what"}}, "require": ["who"]},
    {"name": "mine", "kind": "text", "fields": {"ts": "time", "message": "text", "prompt": {"from": "text"}}},
    {
        "name": "mine", "kind": "regex", "pattern": "^(?P<who>\\S+) (?P<what>.*)$",
        "fields": {"account": "who", "prompt": {"from": "what"}},
    },
)  # fmt: skip
LINES = [
    '{"who": "ana", "what": "hello", "time": "2026-01-01T00:00:00Z"}', "ana hello", "who,what", "ana,hello",
    "2026-01-01 00:00:00 error", "", '"', "{", "ana\thello",
]  # fmt: skip


def toml(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value) if not math.isinf(value) else str(value)
    if isinstance(value, str):
        escaped = "".join(char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}" for char in value)
        return f'"{escaped}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(name)} = {toml(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else str(value)


def put(base: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """Return a definition with another value at one place."""
    made = {**base, "fields": {**base["fields"]}, "sample": [{"text": line} for line in LINES[:3]]}
    place: Any = made
    *path, last = key.split(".")
    for name in path:
        place = place[int(name)] if name.isdigit() else place.setdefault(name, {"from": "what"})
    place[last] = value
    return made


@pytest.fixture(scope="module")
def trying(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Case, duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("trying")
    connection = duckdb.connect()
    macros.define(connection)
    write(folder / "log.txt", "\n".join(LINES))
    return folder, Case.create(folder / "tried.case"), connection


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.sampled_from(BASES), some.sampled_from(KEYS), VALUES)
@example(BASES[1], "names", ["who", "WHO"])
@example(BASES[1], "delimiter", "\t")
@example(BASES[1], "header", "#(.*)")
@example(BASES[0], "records", "a[*]|b|c")
@example(BASES[0], "fields.account", '$."a')
@example(BASES[3], "fields.prompt.take", "span")
@example(BASES[3], "quick", ["(?P<who>x)", "y"])
def test_any_value_at_any_key_gives_a_working_format_or_one_clear_error(
    trying: tuple[Path, Case, duckdb.DuckDBPyConnection], base: dict[str, Any], key: str, value: object
) -> None:
    folder, case, connection = trying
    text = "\n".join(f"{name} = {toml(item)}" for name, item in put(base, key, value).items())
    file = write(folder / "mine.toml", text)
    try:
        fmt = format_file(file)
    except FormatError as error:
        assert str(error).startswith(f"{file}: ") and len(str(error).splitlines()) == 1
        return
    assert isinstance(fmt, Format)
    found = recognise(connection, {0: LINES}, {**load_formats(), fmt.name: fmt})
    assert set(found) == {0}
    report = load(case, [str(folder / "log.txt")], format=fmt, again=True)[0]
    if report.error is None:
        assert report.lines == len(LINES) == report.event_lines + report.rejects + report.skipped
    else:
        assert "header" in report.error
