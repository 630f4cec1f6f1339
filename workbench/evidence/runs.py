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

from workbench.case.acts.contents import Ran
from workbench.case.digest import Digest, ResultHash, is_ordered
from workbench.case.folder import Folder
from workbench.case.identity import versions
from workbench.case.runs import Run
from workbench.case.state import State
from workbench.case.statements import tables_read
from workbench.errors import EvidenceError, UsageError
from workbench.evidence.chain import act_of, checked_entries, entries, state_of
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case
    from workbench.case.execute import QueryResult
    from workbench.detect import Triage


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of running something again; ``same`` where the answer has the same rows."""

    run: int
    what: str
    same: bool
    said: str
    notes: tuple[str, ...]


def stream_query(case: Case, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
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
        case.runs.record("sql", "", sql, {}, digest.number, time.monotonic() - started, digest)

    return columns, passing()


def run_query(
    case: Case, sql: str, limit: int | None = None, cursor: duckdb.DuckDBPyConnection | None = None
) -> QueryResult:
    """Ask what a person wrote, hold the answer in memory up to a number of rows, and write the run down."""
    started = time.monotonic()
    answered = case.store.answer(sql, {}, limit=limit, cursor=cursor)
    table, seconds = answered.table, time.monotonic() - started
    digest = Digest(table.columns, ordered=answered.ordered, cut=table.cut).of(table.rows)
    case.runs.record("sql", "", sql, {}, len(table.rows), seconds, digest, answered.provenance)
    return table


def cite_query(case: Case, sql: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]], int]:
    """Ask a query of ours for a figure that will be cited; returns columns, rows and the number of the run.

    Where the same was asked of the same segments before, with the same answer, that run is cited.
    """
    started = time.monotonic()
    answered = case.store.answer(sql, parameters=parameters, trusted=True)
    table = answered.table
    digest = Digest(table.columns, ordered=answered.ordered).of(table.rows)
    number = case.runs.same("sql", sql, parameters, digest, answered.provenance)
    if number is None:
        seconds = time.monotonic() - started
        number = case.runs.record("sql", "", sql, parameters, len(table.rows), seconds, digest, answered.provenance)
    return table.columns, table.rows, number


def cite_triage(case: Case, by: str) -> tuple[Triage, int]:
    """Judge all entities of a kind; returns the triage and its run, an earlier one where the answer was the same."""
    from workbench.detect import triage

    started = time.monotonic()
    triaged = triage(case, by)
    command, options = _command(triaged, None)
    number = case.runs.same("triage", command, options, _triaged(triaged), triaged.provenance)
    if number is None:
        number = record_triage(case, triaged, top=None, seconds=time.monotonic() - started)
    return triaged, number


def record_triage(case: Case, triaged: Triage, *, top: int | None, seconds: float) -> int:
    """Write a triage down as a run; returns its number."""
    command, options = _command(triaged, top)
    rows, digest = len(triaged.rows), _triaged(triaged)
    return case.runs.record("triage", triaged.by, command, options, rows, seconds, digest, triaged.provenance)


def _command(found: Triage, top: int | None) -> tuple[str, dict[str, Any]]:
    options = {"by": found.by, "fdr": found.fdr, "top": top}
    return "workbench triage" + "".join(f" --{name} {value}" for name, value in options.items() if value), options


def _triaged(found: Triage) -> Digest:
    from workbench.detect import COLUMNS

    return Digest(COLUMNS, ordered=True).of(one.row() for one in found.rows)


def replay(case: Case, number: int) -> Replay:
    """Run a run again on the segments, sources, tags and settings that there were, and compare the answers.

    Raises UsageError where there is no such run, EvidenceError where the case itself does not fit its chain.
    """
    run = case.runs.get(number)
    if run is None:
        raise UsageError(f"there is no run {number}; workbench sql CASE 'SELECT * FROM run' lists them")
    what = f"run {number}: {run.kind} {run.name}".rstrip()
    if run.result is None:
        raise EvidenceError(f"{what} was recorded without a hash of its result, so it cannot be compared")
    with as_it_was(case, number) as then:
        again = _ask_again(then, run)
    now = versions()
    notes = [] if run.tools.startswith(now) else [f"it was made with {run.tools}, replayed with {now}"]
    if again.rows != run.result:
        return Replay(number, what, False, f"another result: hash {again.rows}, recorded {run.result}", tuple(notes))
    if again.order != run.result_order:
        notes.append("the same rows in another order: the question leaves the order of equals open")
    return Replay(number, what, True, f"the same result: {counted(run.rows, 'row')}, hash {again.rows}", tuple(notes))


def _ask_again(then: Case, run: Run) -> ResultHash:
    parameters = json.loads(run.parameters)
    if run.kind == "playbook":
        from workbench.playbooks.model import read_playbook
        from workbench.playbooks.run import run as run_playbook

        book = read_playbook(run.sql, run.name, "replay", f"run {run.run}")
        answer = run_playbook(then, book, {name: typed_text(value) for name, value in parameters.items()})
        repeated = then.runs.get(answer.run)
        assert repeated is not None
        return ResultHash(repeated.result or "", repeated.result_order, bool(repeated.cut))
    if run.kind == "triage":
        from workbench.detect import triage

        return _triaged(triage(then, parameters["by"], fdr=parameters["fdr"], top=parameters["top"])).result()
    of_tags = run.name == "tags" or ("tag" not in parameters) or parameters.get("everything")
    with then.folder.workspace("replay") as work, contextlib.ExitStack() as opened:
        if not of_tags or ("tag" in parameters and "event" in tables_read(run.sql)):  # it was run over what is tagged
            then = then.over(opened.enter_context(then.store.tagged_subset(parameters)))
        return _rows_again(then, run, parameters, work.resolve() / "pieces")


def _rows_again(then: Case, run: Run, parameters: Mapping[str, Any], pieces: Path) -> ResultHash:
    if run.kind == "export":  # of what is here
        cursor = then.cursor(run.sql)
        sql, ordered = run.sql, is_ordered(cursor, run.sql)
    else:
        fetched = then.store.fetch(run.sql, pieces, parameters)
        cursor, sql, ordered = fetched.cursor, fetched.select, fetched.ordered
        parameters = {} if fetched.ours else parameters
    columns, rows = then.stream(sql, parameters or (), cursor=cursor)
    digest = Digest(columns, ordered=ordered)
    for row in rows:
        if run.cut and digest.number == run.rows:
            break
        digest.add(row)
    return digest.result()


def typed_text(value: object) -> str:
    """Return a parameter's value as a person would type it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextlib.contextmanager
def as_it_was(case: Case, run: int) -> Iterator[Case]:
    """Give the case as it was when a run was made: the chain says with which sources, segments, tags and settings."""
    from workbench.case import Case as Opened

    chain = list(checked_entries(entries(case.ledger)))
    at = next((one.seq for one in chain if one.action == Ran.ACTION and act_of(one).keys("run") == [(run,)]), None)
    if at is None:
        raise EvidenceError(f"run {run} is in no entry of the audit chain")
    state = state_of(chain[: at - 1])
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
