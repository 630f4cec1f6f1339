"""Runs: what was asked, of what, and a hash of the answer; and running one again on the case as it was then."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.digest import Digest, Result, is_ordered
from workbench.case.folder import Folder
from workbench.case.near import near
from workbench.case.who import tools
from workbench.errors import EvidenceError, UsageError
from workbench.evidence.chain import State, entries, follow
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.engine import Table
    from workbench.detect import Triage


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of running something again; ``same`` where the answer has the same rows."""

    run: int
    what: str
    same: bool
    said: str
    notes: tuple[str, ...]


def recorded(case: Case, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Ask what a person wrote, and write the run down once its rows have been read (or as many as were wanted)."""
    cursor = case.cursor(sql)
    ordered = is_ordered(cursor, sql)
    started = time.monotonic()
    columns, rows = case.stream(sql, cursor=cursor)
    digest = Digest(columns, ordered=ordered)

    def passing() -> Iterator[tuple[Any, ...]]:
        try:
            yield from digest.passing(rows)
        except GeneratorExit:
            digest.cut = True
        case.record_run("sql", "", sql, {}, digest.number, time.monotonic() - started, digest)

    return columns, passing()


def asked(case: Case, sql: str, limit: int, cursor: duckdb.DuckDBPyConnection) -> Table:
    """Ask what a person wrote, hold the answer in memory up to a number of rows, and write the run down."""
    if case.remote:
        from workbench.engines.ask import here, query

        if not here(case, sql):
            return query(case, sql, limit)
    ordered = is_ordered(cursor, sql)
    started = time.monotonic()
    found = case.ask(sql, limit=limit, cursor=cursor)
    digest = Digest(found.columns, ordered=ordered, cut=found.cut).of(found.rows)
    case.record_run("sql", "", sql, {}, len(found.rows), time.monotonic() - started, digest)
    return found


def answered(case: Case, sql: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]], int]:
    """Ask a query of ours for a figure that will be cited; returns columns, rows and the number of the run.

    Where the same was asked of the same segments before, with the same answer, that run is cited.
    """
    cursor = case.cursor(sql)
    ordered = is_ordered(cursor, sql)
    started = time.monotonic()
    found, told = _there(case, sql, parameters)
    if found is None:
        found = case.query(sql, parameters, cursor=cursor)
    digest = Digest(found.columns, ordered=ordered).of(found.rows)
    number = _cited(case, "sql", sql, parameters, digest, told)
    if number is None:
        number = case.record_run("sql", "", sql, parameters, len(found.rows), time.monotonic() - started, digest, told)
    return found.columns, found.rows, number


def _there(case: Case, sql: str, parameters: Mapping[str, Any]) -> tuple[Table | None, dict[str, Any] | None]:
    """Ask the case's engine what is of its events; returns the answer and what a run says of it."""
    if not case.remote:
        return None, None
    from workbench.engines.ask import own_told

    return own_told(case, sql, parameters) or (None, None)


def judged(case: Case, by: str) -> tuple[Triage, int]:
    """Judge all entities of a kind; returns the triage and its run, an earlier one where the answer was the same."""
    from workbench.detect import triage

    started = time.monotonic()
    found = triage(case, by)
    said, asked = _asked(found, None)
    number = _cited(case, "triage", said, asked, _triaged(found), found.elsewhere)
    if number is None:
        number = record_triage(case, found, top=None, seconds=time.monotonic() - started)
    return found, number


def _cited(
    case: Case,
    kind: str,
    sql: str,
    parameters: Mapping[str, Any],
    digest: Digest,
    elsewhere: Mapping[str, Any] | None = None,
) -> int | None:
    """Return the latest run that asked the same and got the same."""
    given = json.dumps(dict(parameters), default=str, ensure_ascii=False, sort_keys=True)
    rows = case.ledger.rows(
        "SELECT run FROM run WHERE kind = ? AND sql = ? AND parameters = ? AND result = ? AND tools = ? "
        "ORDER BY run LIMIT 1",
        kind, sql, given, digest.result().rows, tools(elsewhere["engine"] if elsewhere else None),
    )  # fmt: skip
    return int(rows[0]["run"]) if rows else None


def record_triage(case: Case, found: Triage, *, top: int | None, seconds: float) -> int:
    """Write a triage down as a run; returns its number."""
    said, asked = _asked(found, top)
    return case.record_run("triage", found.by, said, asked, len(found.rows), seconds, _triaged(found), found.elsewhere)


def _asked(found: Triage, top: int | None) -> tuple[str, dict[str, Any]]:
    asked = {"by": found.by, "fdr": found.fdr, "top": top}
    return "workbench triage" + "".join(f" --{name} {value}" for name, value in asked.items() if value), asked


def _triaged(found: Triage) -> Digest:
    from workbench.detect import COLUMNS

    return Digest(COLUMNS, ordered=True).of(one.row() for one in found.rows)


def replay(case: Case, number: int) -> Replay:
    """Run a run again on the segments, sources, tags and settings that there were, and compare the answers.

    Raises UsageError where there is no such run, EvidenceError where the case itself does not fit its chain.
    """
    rows = case.ledger.rows("SELECT * FROM run WHERE run = ?", number)
    if not rows:
        raise UsageError(f"there is no run {number}; workbench sql CASE 'SELECT * FROM run' lists them")
    row = dict(rows[0])
    what = f"run {number}: {row['kind']} {row['name']}".rstrip()
    if row["result"] is None:
        raise EvidenceError(f"{what} was recorded without a hash of its result, so it cannot be compared")
    with as_it_was(case, number) as then:
        again = _ask_again(then, row)
    notes = [] if row["tools"].startswith(tools()) else [f"it was made with {row['tools']}, replayed with {tools()}"]
    if again.rows != row["result"]:
        return Replay(number, what, False, f"another result: hash {again.rows}, recorded {row['result']}", tuple(notes))
    if again.order != row["result_order"]:
        notes.append("the same rows in another order: the question leaves the order of equals open")
    return Replay(
        number, what, True, f"the same result: {counted(row['rows'], 'row')}, hash {again.rows}", tuple(notes)
    )


def _ask_again(then: Case, row: Mapping[str, Any]) -> Result:
    parameters = json.loads(row["parameters"])
    if row["kind"] == "playbook":
        from workbench.playbooks.model import read
        from workbench.playbooks.run import run

        book = read(row["sql"], row["name"], "replay", f"run {row['run']}")
        answer = run(then, book, {name: typed(value) for name, value in parameters.items()})
        found = then.ledger.rows("SELECT result, result_order, cut FROM run WHERE run = ?", answer.run)[0]
        return Result(found["result"], found["result_order"], bool(found["cut"]))
    if row["kind"] == "triage":
        from workbench.detect import triage

        return _triaged(triage(then, parameters["by"], fdr=parameters["fdr"], top=parameters["top"])).result()
    with then.folder.workspace("replay") as work:
        return _rows_again(then, row, parameters, work.resolve() / "pieces")


def _rows_again(then: Case, row: Mapping[str, Any], parameters: Mapping[str, Any], pieces: Path) -> Result:
    chosen = "tag" in parameters and not parameters.get("everything") and row["name"] != "tags"
    if then.remote and (chosen or ("tag" in parameters and "event" in row["sql"])):  # asked of a part
        with near(then, parameters) as at:
            return _rows_again(at, row, parameters, pieces)
    cursor, sql, ordered = None, row["sql"], False
    if then.remote and row["kind"] != "export":  # which asks of what is here
        from workbench.engines.ask import brought, here

        if not here(then, sql):
            cursor, sql, ordered, _ = brought(then, sql, pieces, parameters)
            parameters = {}
    if cursor is None:
        cursor = then.cursor(sql)
        ordered = is_ordered(cursor, sql)
    columns, rows = then.stream(sql, parameters or (), cursor=cursor)
    digest = Digest(columns, ordered=ordered)
    for one in rows:
        if row["cut"] and digest.number == row["rows"]:
            break
        digest.add(one)
    return digest.result()


def typed(value: object) -> str:
    """Return a parameter's value as a person would type it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextlib.contextmanager
def as_it_was(case: Case, run: int) -> Iterator[Case]:
    """Give the case as it was when a run was made: the chain says with which sources, segments, tags and settings."""
    from workbench.case import Case as Opened

    told = list(follow(entries(case.ledger)))
    at = next((one.seq for one in told if one.action == "run" and one.said.get("run") == run), None)
    if at is None:
        raise EvidenceError(f"run {run} is in no entry of the audit chain")
    state = State().follow(told[: at - 1])
    with case.folder.workspace("replay") as work:
        folder = Folder(work / f"{case.name}.case")
        folder.create()
        case.ledger.snapshot(folder.ledger)
        _trim(folder.ledger, state)
        for segment in state.segments.values():
            if segment["kind"] == "segments":  # in the folder that its engine reads
                continue
            _link(case.folder.path / segment["file"], folder.path / segment["file"])
        with Opened.open(folder.path) as then:
            yield then


def _trim(ledger: Path, state: State) -> None:
    with contextlib.closing(sqlite3.connect(ledger)) as db, db:
        for table, kept in (("segment", state.segments), ("source", state.sources)):
            numbers = {row[0] for row in db.execute(f"SELECT {table} FROM {table}")}
            db.executemany(f"DELETE FROM {table} WHERE {table} = ?", [(one,) for one in numbers - set(kept)])
        db.execute("DELETE FROM tag")
        tags = [(*key, *value) for key, value in state.tags.items()]
        db.executemany("INSERT INTO tag (kind, id, tag, note, tagged_by, tagged_at) VALUES (?, ?, ?, ?, ?, ?)", tags)
        db.execute("DELETE FROM setting")
        db.executemany("INSERT INTO setting VALUES (?, ?)", list(state.settings.items()))


def _link(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except FileNotFoundError as error:
        raise EvidenceError(f"segment {file.name} is missing; workbench verify says more") from error
    except OSError:
        shutil.copyfile(file, to)
