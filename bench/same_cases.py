"""The cases whose results ``bench same`` compares, and how the results are read.

They are read from the command line's output, from the documented files of a case and from exports. No module of
workbench is imported here, except by the mixes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb

from bench.detect_mix import WAYS, Mix, write_mix
from bench.same_digest import Item, bytes_item, table_item, text_item

CHECKOUT = Path(__file__).resolve().parent.parent
CASE = "same.case"
BY = ("account", "session", "address", "organisation", "key")
#: The tables of triage in ``derived/``, and the columns that name their rows.
JUDGED = {"judged": ("id",), "shared": ("team", "kind", "id"), "base": ()}
DERIVED = {"session": ("session",), "account": ("account",)}
MIXES = (
    Mix("some kinds 20 %", 600, 0.2),
    Mix("all kinds 5 %", 600, 0.05, chosen=("hydra", "rubric", "proxy", "slow", "takeover")),
    Mix("any share", 600, -1),
)
#: The modification time of the sample's logs, in seconds since 1970 (5 June 2026).
CHANGED = 1_780_617_600
#: The day of all tags.
TAGGED_ON = "2026-06-06"
#: The key of pseudonyms, so that a redacted export is the same each time.
KEY = "c0ffee" * 10 + "1234"
REDACTED = "regulator"

#: A column of answers that holds a time of the run itself.
LOADED = "loaded_at"
#: Fields of a bundle's records that hold such times, or hashes that cover them.
TIMES = frozenset({"at", "run_at", LOADED, "hash", "prev", "head"})
#: Playbooks that show when a log was loaded: the hash of their answer covers that time.
SHOW_LOADING = frozenset({"file_times"})
MASK = "(masked)"
_STIX_ID = re.compile(r"(?<=--)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: "created" and "modified" (a look-behind has one width): when the case was made or loaded, if it is no tag's day.
_STIX_TIME = re.compile(rf'(?<=(?:created|odified)": ")(?!{TAGGED_ON})[^"]+')
_VERSION = re.compile(r"workbench \d+\.\d+[.\w+-]*")
#: A derived table's file name has the hash of the code that makes it.
_CODE_HASH = re.compile(r"-[0-9a-f]{16}(?=\.(?:parquet|json)\b)")

Rows = tuple[list[str], list[list[object]]]


class CommandLine:
    """Runs ``workbench`` of this checkout in a folder, as a user of fixed name, with one thread.

    The sample's answers depend on threads in two ways: the last digits of sums, and which of several equally good
    values is taken (``any_value``, ``arg_max``). With one thread both are the same each time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "SSH_"))}
        # DuckDB takes its number of threads from SLURM_CPUS_ON_NODE, where that is set; new_case checks it.
        self._environment = environment | {
            "PYTHONPATH": str(CHECKOUT), "WORKBENCH_USER": "same", "WORKBENCH_MEMORY": "4GB",
            "WORKBENCH_CONFIG": str(folder / "config"), "WORKBENCH_STATE": str(folder / "state"),
            "TZ": "UTC", "NO_COLOR": "1", "COLUMNS": "100", "LINES": "40", "PYTHONUTF8": "1",
            "SLURM_CPUS_ON_NODE": "1", "POLARS_MAX_THREADS": "1",
        }  # fmt: skip

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever becomes of it."""
        return subprocess.run(
            [sys.executable, "-m", "workbench", *arguments],
            cwd=self.folder, env=self._environment, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip

    def do(self, *arguments: str) -> str:
        """Run a command that has to succeed; returns its output. Raises SystemExit with its error."""
        result = self.run(*arguments)
        if result.returncode:
            raise SystemExit(f"workbench {' '.join(arguments)} failed: {result.stderr.strip()}")
        return result.stdout

    def item(self, *arguments: str) -> tuple[Item, str]:
        """Run a command that writes rows as JSON; returns them as an item (or the reason why not), and its notes."""
        result = self.run(*arguments, "--format", "json")
        if result.returncode:
            return text_item(f"refused ({result.returncode}): {self.masked(result.stderr)}"), ""
        columns, rows = _records(json.loads(result.stdout))
        if not rows:
            columns = next(csv.reader(io.StringIO(self.do(*arguments, "--format", "csv"))), [])
        return table_item(columns, _without_times(columns, rows)), self.masked(result.stderr)

    def masked(self, text: str) -> str:
        """Return a text without this folder, the version of workbench and the hashes of code in file names."""
        return _masked(text.replace(str(self.folder), MASK))


def _masked(text: str) -> str:
    return _CODE_HASH.sub(f"-{MASK}", _VERSION.sub(f"workbench {MASK}", text))


def _records(objects: Sequence[dict[str, object]]) -> Rows:
    """Return objects as columns and rows; a field that an object lacks is None."""
    columns = list(dict.fromkeys(name for record in objects for name in record))
    return columns, [[record.get(name) for name in columns] for record in objects]


def _without_times(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [[MASK if name == LOADED else value for name, value in zip(columns, row, strict=True)] for row in rows]


def new_case(shell: CommandLine, logs: Sequence[str]) -> None:
    """Make the case of some logs in the command line's folder. Raises SystemExit where the engine has many threads."""
    shell.do("new", CASE)
    threads = json.loads(shell.do("sql", CASE, "SELECT current_setting('threads') AS threads", "--format", "json"))
    if threads != [{"threads": 1}]:
        raise SystemExit(f"the engine should run with one thread here and says {threads}: results would not repeat")
    shell.do("load", CASE, *logs)


def judged_items(shell: CommandLine, by: str) -> Iterator[tuple[str, Item]]:
    """Run triage by one kind of entity; gives its rows, what it says beside them, and the tables it is made of."""
    item, notes = shell.item("triage", CASE, "--by", by, "--all")
    yield f"triage by {by}", item
    yield f"triage by {by}, notes", text_item(notes)
    for table, key in JUDGED.items():
        for file in sorted((shell.folder / CASE / "derived").glob(f"triage-{by}-{table}-*.parquet")):
            yield f"table {table} by {by}", parquet_item(file, key)


def parquet_item(file: Path, key: Sequence[str]) -> Item:
    """Return the rows of a Parquet file, its columns sorted by name, as an item."""
    with duckdb.connect() as bare:
        result = bare.execute("SELECT * FROM read_parquet(?)", [str(file)])
        columns = [column[0] for column in result.description or ()]
        order = sorted(range(len(columns)), key=lambda at: columns[at])
        rows = [[row[at] for at in order] for row in result.fetchall()]
    return table_item([columns[at] for at in order], rows, [name for name in key if name in columns])


def seed_items(folder: Path, seed: int) -> Iterator[tuple[str, Item]]:
    """Make the case of a seed of ``bench detect`` and judge its accounts, or what stands for them.

    The seeds take turns in the ways of logging (half of them have prompts) and in the mixes.
    """
    mix, way = MIXES[seed % len(MIXES)], WAYS[seed % len(WAYS)]
    folder.mkdir(parents=True)
    log, _ = write_mix(folder / "logs", mix, seed, [way])[way]
    shell = CommandLine(folder)
    name = f"seed {seed} ({mix.name}, {way})"
    with log.open("rb") as content:
        yield f"{name}: log", bytes_item(content.read())
    new_case(shell, [str(log.relative_to(folder))])
    for part, item in judged_items(shell, "account"):
        yield f"{name}: {part}", item
    yield f"{name}: playbook list", shell.item("playbook", "list", CASE)[0]


def sample_items(folder: Path) -> Iterator[tuple[str, Item]]:
    """Make the case of the sample logs with fixed tags, and ask everything of it."""
    folder.mkdir(parents=True)
    shell = CommandLine(folder)
    new_case(shell, _sample_logs(folder / "logs"))
    _write_tags(shell)
    for by in BY:
        for part, item in judged_items(shell, by):
            yield f"sample: {part}", item
    yield from _playbook_items(shell)
    yield from _explanations(shell)
    yield from _bundle_items(shell)
    yield from _export_items(shell)
    for table, key in DERIVED.items():
        for file in sorted((folder / CASE / "derived").glob(f"{table}-*.parquet")):
            yield f"sample: table {table}", parquet_item(file, key)


def _sample_logs(folder: Path) -> list[str]:
    """Copy the sample logs, with fixed times; returns their paths from the folder above."""
    folder.mkdir()
    for log in sorted((CHECKOUT / "sample_logs").iterdir()):
        if log.name.endswith((".log", ".gz")):
            shutil.copy(log, folder / log.name)
            os.utime(folder / log.name, (CHANGED, CHANGED))
    return [f"{folder.name}/{log.name}" for log in sorted(folder.iterdir())]


#: What is tagged, by kind: the first two that this query finds.
_TAGGED = {
    "session": "SELECT session FROM session WHERE entity_kind = 'account' ORDER BY requests DESC, session",
    "address": "SELECT client_ip FROM event WHERE format = 'litellm' GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET 40",
    "key": "SELECT api_key FROM event WHERE api_key IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET 20",
    "organisation": "SELECT organization FROM event WHERE organization IS NOT NULL GROUP BY 1 ORDER BY count(*), 1",
    "client": "SELECT entity FROM event WHERE entity_kind = 'client' GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET 90",
    "event": "SELECT event_id FROM event WHERE status = 404 ORDER BY ts, event_id",
}


def _write_tags(shell: CommandLine) -> None:
    """Tag some things of each kind (accounts: five of each planted campaign), with fixed times, from a file."""
    with (CHECKOUT / "sample_logs" / "labels.csv").open(newline="", encoding="utf-8") as labels:
        planted: dict[str, list[str]] = {}
        for label in csv.DictReader(labels):
            planted.setdefault(label["campaign"], []).append(label["account"])
    things = [("account", account) for campaign in sorted(planted) for account in sorted(planted[campaign])[:5]]
    for kind, query in _TAGGED.items():
        found = csv.reader(io.StringIO(shell.do("sql", CASE, f"FROM ({query}) LIMIT 2", "--format", "csv")))
        things += [(kind, row[0]) for row in list(found)[1:]]
    with (shell.folder / "tags.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("kind", "id", "tag", "note", "tagged_by", "tagged_at"))
        for number, (kind, thing) in enumerate(things):
            tag, note = ("accepted", "planted") if number % 2 else ("suspect", "")
            writer.writerow((kind, thing, tag, note, "same", f"{TAGGED_ON}T00:00:{number:02}.000000Z"))
    shell.do("merge", CASE, "tags.csv")
    (shell.folder / CASE / "pseudonym.key").write_text(KEY + "\n", encoding="ascii")
    (shell.folder / CASE / "pseudonym.key").chmod(0o600)


def _playbook_items(shell: CommandLine) -> Iterator[tuple[str, Item]]:
    books = json.loads(shell.do("playbook", "list", CASE, "--format", "json"))
    yield "sample: playbook list", table_item(*_records(books), key=("name",))
    for name in sorted(book["name"] for book in books):
        yield f"sample: playbook {name}", shell.item("playbook", "run", CASE, name)[0]


def _explanations(shell: CommandLine) -> Iterator[tuple[str, Item]]:
    """The whole reasoning about the accounts of the first, middle and last rank, and two of them side by side."""
    ranked = json.loads(shell.do("triage", CASE, "--all", "--format", "json"))
    accounts = [ranked[at]["entity"] for at in (0, len(ranked) // 2, -1)]
    for number, account in enumerate(accounts, start=1):
        yield f"sample: explain {number}", text_item(shell.masked(shell.do("explain", CASE, "account", account)))
    yield "sample: compare", shell.item("compare", CASE, *accounts[:2])[0]


def _bundle_items(shell: CommandLine) -> Iterator[tuple[str, Item]]:
    """Every file of a bundle of all tags, whole and redacted."""
    for name, options in (("bundle", ()), ("redacted bundle", ("--redact", REDACTED))):
        file = shell.folder / f"{name.replace(' ', '-')}.tar"
        shell.do("bundle", CASE, "-o", file.name, *options)
        with tarfile.open(file) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    yield f"sample: {name}: {member.name}", file_item(shell, member.name, content.read())


def _export_items(shell: CommandLine) -> Iterator[tuple[str, Item]]:
    """Exports of what carries a tag, whole and redacted."""
    wanted = [
        *((what, ()) for what in ("sessions", "accounts", "events", "tags", "timesketch", "siem", "stix")),
        *((what, ("--redact", REDACTED)) for what in ("sessions", "accounts", "events")),
    ]
    for what, options in wanted:
        name = f"export {what}{' redacted' if options else ''}"
        ending = {"timesketch": "jsonl", "stix": "json"}.get(what, "csv")
        file = shell.folder / f"{name.replace(' ', '-')}.{ending}"
        result = shell.run("export", CASE, what, "--tag", "suspect", "-o", file.name, *options)
        if result.returncode:
            yield f"sample: {name}", text_item(f"refused ({result.returncode}): {shell.masked(result.stderr)}")
        else:
            yield f"sample: {name}", file_item(shell, f"export/{file.name}", file.read_bytes())


def file_item(shell: CommandLine, name: str, content: bytes) -> Item:
    """Return the item of an exported file: of its bytes, or of what is left of them once masked (see ``MASKS``)."""
    mask = MASKS.get(name.partition("/")[2])
    if mask is not None:
        return mask(shell, content.decode())
    if name.endswith(".csv"):
        columns, *rows = csv.reader(io.StringIO(content.decode(errors="backslashreplace"), newline=""))
        return table_item(columns, rows, content=content)
    if name.endswith(".jsonl"):
        return table_item(*_records([json.loads(text) for text in content.splitlines()]), content=content)
    if name.endswith((".md", ".txt", ".html", ".json", ".sql")):
        return text_item(content.decode(errors="backslashreplace"))
    return bytes_item(content)


def _masked_text(shell: CommandLine, text: str) -> Item:
    return text_item(shell.masked(text))


def _masked_info(shell: CommandLine, text: str) -> Item:
    """bag-info.txt: the payload's size in bytes changes with the lengths of what is masked."""
    return text_item(re.sub(r"(?<=Payload-Oxum: )\d+", MASK, shell.masked(text)))


def _masked_sums(_: CommandLine, text: str) -> Item:
    """A manifest: which files there are, and the sums of those that have neither times nor versions."""
    return text_item(
        re.sub(
            r"(?m)^[0-9a-f]{64}(?=  (.+)$)",
            lambda match: MASK if match[1] in MASKS else match[0],
            text,
        )
    )


def _masked_sources(shell: CommandLine, text: str) -> Item:
    columns, *rows = csv.reader(io.StringIO(shell.masked(text), newline=""))
    return table_item(columns, _without_times(columns, rows))


def _masked_object(_: CommandLine, text: str) -> Item:
    return text_item(json.dumps(_fields_masked(json.loads(text)), sort_keys=True, indent=1))


def _masked_lines(shell: CommandLine, text: str) -> Item:
    """runs.jsonl and audit.jsonl, whose details are JSON in a field."""
    columns, rows = _records([_masked_record(json.loads(text_line)) for text_line in shell.masked(text).splitlines()])
    return table_item(columns, rows, [name for name in ("seq", "action", "run", "name") if name in columns])


def _masked_record(record: dict[str, object]) -> dict[str, object]:
    detail = record.get("detail")
    if isinstance(detail, str):
        fields = json.loads(detail)
        if record["action"] == "derive":
            # The bytes of a derived table may differ where its rows, which are compared, do not.
            fields["sha256"] = MASK
        record["detail"] = fields
    return {name: _fields_masked(value) for name, value in _without_time_fields(record).items()}


def _fields_masked(value: object) -> object:
    """Return a JSON value without the times of the run and the hashes that cover such times."""
    if isinstance(value, dict):
        return {name: _fields_masked(member) for name, member in _without_time_fields(value).items()}
    if isinstance(value, list):
        return [_fields_masked(member) for member in value]
    return value


def _without_time_fields(record: dict[str, object]) -> dict[str, object]:
    times = TIMES | ({"result", "result_order"} if record.get("name") in SHOW_LOADING else set())
    return {name: MASK if name in times else value for name, value in record.items()}


def _masked_stix(_: CommandLine, text: str) -> Item:
    """STIX: ids are made of the moment when the case was made, so each is the number of its first place in the text."""
    ids: dict[str, str] = {}
    text = _STIX_ID.sub(lambda match: ids.setdefault(match[0], f"id {len(ids) + 1}"), text)
    return text_item(_STIX_TIME.sub(MASK, text))


#: The files that hold times of the run, hashes that cover these, or versions: what is compared of each.
MASKS: dict[str, Callable[[CommandLine, str], Item]] = {
    "bag-info.txt": _masked_info,
    "manifest-sha256.txt": _masked_sums,
    "tagmanifest-sha256.txt": _masked_sums,
    "data/README.md": _masked_text,
    "data/report.html": _masked_text,
    "data/audit.jsonl": _masked_lines,
    "data/head.json": _masked_object,
    "data/runs.jsonl": _masked_lines,
    "data/sources.csv": _masked_sources,
    "export-stix.json": _masked_stix,
}
