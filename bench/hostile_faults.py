"""Faults of disk, clock, files and other processes: the message that a user gets, and that nothing is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

from bench.hostile_base import Threat, case_of, command, first_line, say, write_lines
from workbench.case import Case
from workbench.case import ledger as ledger_module
from workbench.evidence.verify import verify

_ROOT = Path(__file__).resolve().parent.parent
#: Takes from root what lets it override permissions, so that they hold for the tester too.
_UNPRIVILEGED = """
import ctypes
libc = ctypes.CDLL(None)
header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert libc.capget(header, sets) == 0
for word in (0, 1, 2):
    sets[word] &= ~0b110
assert libc.capset(header, sets) == 0
"""


def made(folder: Path) -> Path:
    """Make a case with a log and a tag, and return its folder."""
    told: list[dict[str, object]] = [
        {"time": f"2026-05-01T10:00:{n:02}Z", "user": f"u{n}", "prompt": "x" * 8000} for n in range(50)
    ]
    log = write_lines(folder / "a.ndjson", told)
    with case_of(folder, log, name="a.case") as case:
        case.tags.add("account", ["u1"], "suspect", "why")
        return case.folder.path


def whole(place: Path) -> None:
    """Hold that nothing is lost."""
    with Case.open(place) as case:
        assert [(tag.id, tag.note) for tag in case.tags.all()] == [("u1", "why")]
        assert case.query("SELECT count(*) FROM event").rows == [(50,)]
        list(verify(case))


def elsewhere(program: str, *arguments: str) -> str:
    """Run a few lines of Python in a process of its own; returns its output, which has to be one line."""
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program), *arguments], capture_output=True, text=True,
                         check=False, cwd=_ROOT)  # fmt: skip
    assert not ran.stderr, ran.stderr
    return first_line(ran.stdout)


_ACT = """
import sys
from workbench.case import Case
from workbench.errors import WorkbenchError
from pathlib import Path
try:
    with Case.open(Path(sys.argv[1])) as case:
        {act}
except WorkbenchError as error:
    print(error)
"""


def full_disk(act: str, folder: Path) -> str:
    """Files may not grow beyond a size, as on a full disk."""
    place = made(folder)
    big = folder / "big.log"
    big.write_text("\n".join(f"2026-05-01T10:00:00Z host app[{n}]: {os.urandom(30).hex()}" for n in range(20_000)))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, -1)); "
    said = elsewhere(_ACT.format(act=limit + act), str(place), str(big), str(folder / "out"))
    assert said, "no message"
    whole(place)
    assert not [file for file in folder.iterdir() if file.name.startswith(("out", ".out"))]
    return said


FULL = {
    "tagging": "case.tags.add('account', [f'user {n}' for n in range(40_000)], 'many')",
    "loading": "from workbench.ingest import load; load(case, [sys.argv[2]])",
    "exporting": "from workbench.export import export; export(case, 'events', Path(sys.argv[3]))",
}


def read_only(folder: Path) -> str:
    """A case on a medium that cannot be written: read, verified, and a clear line for the rest."""
    place = made(folder)
    paths = [*place.rglob("*"), place]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        act = "assert case.query('SELECT count(*) FROM event').rows == [(50,)]; case.tags.add('account', ['u2'], 'x')"
        said = elsewhere(_UNPRIVILEGED + _ACT.format(act=act), str(place))
    finally:
        for path in paths:
            path.chmod(0o700)
    whole(place)
    return said


def no_place(folder: Path) -> str:
    """An export to a folder that is not there."""
    place = made(folder)
    said = say("export", place, "events", "-o", folder / "no" / "e.csv", fails=True)
    whole(place)
    return first_line(said)


def lost_original(folder: Path) -> str:
    """The log that was loaded is gone."""
    place = made(folder)
    (folder / "a.ndjson").unlink()
    said = say("verify", place, "--originals")
    whole(place)
    return first_line(next(line for line in said.splitlines() if "is not here" in line).replace("note", ""))


def swapped_original(folder: Path) -> str:
    """The log that was loaded is another one now."""
    place = made(folder)
    (folder / "a.ndjson").write_text("another\n")
    return first_line(say("verify", place, "--originals", fails=True).splitlines()[-1])


def clock_back(folder: Path) -> str:
    """The clock goes back between two acts."""
    place = made(folder)
    with mock.patch.object(ledger_module, "now", lambda: "2001-01-01T00:00:00.000000Z"), Case.open(place) as case:
        case.tags.add("account", ["u2"], "x")
        case.tags.remove("account", ["u2"], "x")
    whole(place)
    return first_line(next(line for line in say("verify", place).splitlines() if "clock" in line).replace("note", ""))


def damaged(what: str, change: Callable[[bytes], bytes], folder: Path) -> str:
    """A file of the case is damaged; put back, the case is as it was."""
    place = made(folder)
    file = (
        place / "ledger.sqlite"
        if what == "ledger"
        else max((place / "events").iterdir(), key=lambda one: one.stat().st_size)
    )
    content = file.read_bytes()
    file.write_bytes(change(content))
    code, out, err = command("verify", place)
    assert code == 1, out
    file.write_bytes(content)
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (place / name).unlink(missing_ok=True)
    whole(place)
    return first_line(err)


def version(number: int, folder: Path) -> str:
    """A case of another version."""
    place = made(folder)
    with sqlite3.connect(place / "ledger.sqlite") as db:
        kept = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute(f"PRAGMA user_version = {number}")
    said = say("info", place, fails=True)
    with sqlite3.connect(place / "ledger.sqlite") as db:
        db.execute(f"PRAGMA user_version = {kept}")
    whole(place)
    return first_line(said)


def hung(folder: Path) -> str:
    """Another process holds the ledger and does not let go."""
    place = made(folder)
    holding = sqlite3.connect(place / "ledger.sqlite", isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    with mock.patch.object(ledger_module, "_BUSY_SECONDS", 0.2):
        said = say("tag", place, "account", "u2", "x", fails=True)
    holding.close()
    whole(place)
    return first_line(said)


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def noise(content: bytes) -> bytes:
    return os.urandom(len(content))


def one_bit(content: bytes) -> bytes:
    return content[:200] + bytes([content[200] ^ 1]) + content[201:]


_HELD = "one transaction an act, files moved into place whole; every error is one line"
THREATS = [
    *(Threat(f"full disk while {name}", _HELD, partial(full_disk, act)) for name, act in FULL.items()),
    Threat("read-only folder", "opened for reading", read_only),
    Threat("export to a place that is not there", _HELD, no_place),
    Threat("lost original", "its hash is kept", lost_original),
    Threat("swapped original", "its hash is kept", swapped_original),
    Threat("clock going back", "entries are in the order of their numbers and hashes", clock_back),
    *(
        Threat(f"corrupt {what}: {said}", "hashes; SQLite's own check", partial(damaged, what, change))
        for what in ("segment", "ledger")
        for said, change in (("half of it", halved), ("noise", noise), ("one bit", one_bit))
        if (what, said) != ("ledger", "one bit")
    ),
    Threat("a newer case version", "versions; migrated with a backup or refused", partial(version, 99)),
    Threat("an unknown case version", "versions; migrated with a backup or refused", partial(version, 0)),
    Threat("ledger locked by a hung process", "a limit to waiting", hung),
]
