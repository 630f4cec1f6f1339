"""Checking a case against what its audit chain says; the first thing that does not fit is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.case.enrichment import enrichments
from workbench.case.folder import sha256_file
from workbench.case.ledger import schema
from workbench.case.ledger_files import LedgerFiles
from workbench.case.opensql import SHOWN, file_of
from workbench.case.state import State
from workbench.errors import EvidenceError
from workbench.evidence.chain import Entry, checked_entries, entries, state_of
from workbench.sqltext import unglobbed
from workbench.words import counted

if TYPE_CHECKING:
    import sqlite3

    from workbench.case import Case


#: The tables of the ledger that the chain tells of, and their rows.
_COMPARED = ("tag", "setting", "source", "segment", "run")
Tables = Mapping[str, Sequence["sqlite3.Row"]]


class Check(NamedTuple):
    """One thing that was checked and fits; ``notes`` are what to know all the same."""

    what: str
    said: str
    notes: tuple[str, ...] = ()


def verify(case: Case, *, originals: bool = False, heads: Sequence[str] = ()) -> Iterator[Check]:
    """Check a case and yield what fits, part by part.

    ``heads`` are hashes of entries that were written down or sealed earlier: each has to be in the chain. Raises
    EvidenceError naming the first thing that does not fit.
    """
    yield _ledger(case)
    with case.ledger.reading():  # others may go on working in the case
        chain = list(checked_entries(entries(case.ledger)))
        tables = {table: case.ledger.rows(f"SELECT * FROM {table}") for table in _COMPARED}
    yield _chain(chain, heads)
    state = state_of(chain)
    yield _tables(tables, state)
    yield _segments(case, state)
    yield _accounting(case)
    yield from _enrichments(case)
    yield _derived(case, state)
    if originals:
        yield _originals(case)


def _ledger(case: Case) -> Check:
    """The file itself, and that it still refuses to change the chain."""
    found = [row[0] for row in case.ledger.rows("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise EvidenceError(f"{case.folder.ledger} is damaged: {found[0]}")
    triggers = {
        row["name"]: row["sql"]
        for row in case.ledger.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    }
    if triggers != schema("trigger"):
        raise EvidenceError(
            "the ledger's triggers, which keep the audit chain from being changed, are not as they were made"
        )
    return Check("ledger", "sound")


def _chain(chain: Sequence[Entry], heads: Sequence[str]) -> Check:
    if not chain:
        raise EvidenceError("audit chain: it is empty; a case begins with an entry")
    known = {one.hash: one.seq for one in chain}
    for head in heads:
        if head.lower() not in known:
            raise EvidenceError(
                f"audit chain: the head {head} that was written down earlier is not in it: "
                "entries were removed or rewritten"
            )
    back = tuple(
        f"the clock went back before entry {one.seq} ({before.at} to {one.at})"
        for before, one in pairwise(chain)
        if one.at < before.at
    )
    follows = f", {counted(len(heads), 'earlier head')} found" if heads else ""
    return Check("audit chain", f"{counted(len(chain), 'entry')}, head {chain[-1].hash}{follows}", back)


def _tables(tables: Tables, state: State) -> Check:
    """The ledger's tables against the chain, row by row."""
    _tags(tables["tag"], state)
    _same("setting", {row["name"]: row["value"] for row in tables["setting"]}, state.settings)
    _rows("source", tables, state.sources, state.older)
    _rows("segment", tables, state.segments, state.older)
    _rows("run", tables, state.runs, state.older)
    _asked(tables["run"], state)
    return Check(
        "ledger against chain",
        f"{counted(len(state.sources), 'source')}, {counted(len(state.segments), 'segment')}, "
        f"{counted(len(state.tags), 'tag')}, {counted(len(state.runs), 'run')}, "
        f"{counted(len(state.settings), 'setting')}",
    )


def _tags(rows: Sequence[sqlite3.Row], state: State) -> None:
    # An older version took the time of a tag and of its entry one after the other.
    compared = ("note", "tagged_by", "tagged_at")[: 2 if state.older else 3]
    _same(
        "tag",
        {f"{row['kind']} {row['id']} {row['tag']}": tuple(row[name] for name in compared) for row in rows},
        {" ".join(key): tuple(row[: len(compared)]) for key, row in state.tags.items()},
    )


def _rows(table: str, tables: Tables, recorded: Mapping[int, Mapping[str, Any]], older: int) -> None:
    """Compare the columns that the entry tells of each row, by the row's number."""
    present = {row[table]: dict(row) for row in tables[table]}
    for number in [*present, *recorded]:
        if number not in recorded:
            raise EvidenceError(f"ledger: {table} {number} is in no entry of the audit chain")
        if number not in present:
            raise EvidenceError(f"ledger: {table} {number} is in the audit chain, but not in the ledger any more")
        for column, value in present[number].items():
            was = recorded[number].get(column, ...)
            exact = not (older and column in ("run_at", "loaded_at"))
            if was is not ... and exact and column != "parameters" and value != was:
                raise EvidenceError(f"ledger: {column} of {table} {number} is {value!r}; the audit chain says {was!r}")


def _asked(rows: Sequence[sqlite3.Row], state: State) -> None:
    """What was asked in each run: the entry tells the text's hash, and the parameters."""
    for row in rows:
        told = state.runs[row["run"]]
        digest = hashlib.sha256(row["sql"].encode(errors="surrogatepass")).hexdigest()
        if digest != told.get("sql_sha256", digest) or json.loads(row["parameters"]) != told["parameters"]:
            raise EvidenceError(f"ledger: what run {row['run']} asked is not what the audit chain says")


def _same(what: str, present: Mapping[str, object], recorded: Mapping[str, object]) -> None:
    for name in [*present, *recorded]:
        if name not in recorded:
            raise EvidenceError(f"ledger: {what} {name} is in no entry of the audit chain")
        if name not in present:
            raise EvidenceError(f"ledger: {what} {name} is in the audit chain, but not in the ledger any more")
        if present[name] != recorded[name]:
            raise EvidenceError(f"ledger: {what} {name} is {present[name]!r}; the audit chain says {recorded[name]!r}")


def _segments(case: Case, state: State) -> Check:
    """Each segment's bytes, and its rows as the file itself counts them."""
    import duckdb

    rows = 0
    afar = case.store.segments_folder()
    for segment in state.segments.values():
        file = (afar if afar and segment["kind"] == "segments" else case.folder.path) / segment["file"]
        if not file.is_file() or file.is_symlink():
            raise EvidenceError(f"segment {segment['file']} is missing")
        digest = sha256_file(file)
        if digest != segment["sha256"]:
            raise EvidenceError(
                f"segment {segment['file']} was changed: its SHA-256 is {digest}, recorded {segment['sha256']}"
            )
        with duckdb.connect() as bare:
            found = bare.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [unglobbed(file)]).fetchone()
        if not found or int(found[0]) != segment["rows"]:
            raise EvidenceError(
                f"segment {segment['file']} holds {found and found[0]} rows, recorded {segment['rows']:,}"
            )
        rows += segment["rows"]
    named = {segment["file"] for segment in state.segments.values()}
    notes = tuple(
        f"{folder.name}/{file.name} belongs to no load (one that was stopped leaves such a file; it is not read)"
        for folder in (case.folder.events, case.folder.rejects, case.folder.raw)
        for file in sorted(folder.glob("*"))
        if f"{folder.name}/{file.name}" not in named
    )
    return Check("segments", f"{counted(len(state.segments), 'file')}, {counted(rows, 'row')}", notes)


def _accounting(case: Case) -> Check:
    """Events and rejected lines in the segments against what each source's accounting says."""
    if case.store.url and not case.ledger.rows("SELECT 1 FROM source LIMIT 1"):
        return Check("accounting", f"the events are in {case.store.url}; their table is compared whenever it is asked")
    tables = (("event", "events", "count(*)"), ("reject", "rejects", "coalesce(sum(lines), 0)::BIGINT"))
    for table, column, number in tables:
        counted = dict(case.query(f"SELECT source, {number} FROM {table} GROUP BY source").rows)
        for source in case.sources():
            told = getattr(source, column)
            if counted.pop(source.source, 0) != told:
                raise EvidenceError(
                    f"source {source.source}: its segments do not hold the {told:,} {column} that were recorded"
                )
        if counted:
            raise EvidenceError(f"source {next(iter(counted))} has {column} in the segments, but is not in the ledger")
    for source in case.sources():
        if source.lines != source.event_lines + source.rejects + source.skipped:
            raise EvidenceError(f"source {source.source}: its lines do not add up")
    return Check("accounting", "every line of every source is an event's, rejected or skipped")


def _enrichments(case: Case) -> Iterator[Check]:
    """The databases and look-ups that the case was enriched with; what they are was compared with the chain."""
    enriched = enrichments(case.ledger)
    for enrichment in enriched:
        file = case.folder.path / enrichment.file
        if not file.is_file() or file.is_symlink():
            raise EvidenceError(
                f"enrichment {enrichment.name}: {enrichment.file} is missing; remove it and add it again"
            )
        if (digest := sha256_file(file)) != enrichment.sha256:
            raise EvidenceError(
                f"enrichment {enrichment.name}: {enrichment.file} was changed: its SHA-256 is {digest}, "
                f"recorded {enrichment.sha256}"
            )
    if enriched:
        yield Check("enrichments", f"{len(enriched):,}: {', '.join(one.name for one in enriched)}")


def _derived(case: Case, state: State) -> Check:
    following = {file_of(table): table for table in SHOWN}
    checked, notes = 0, []
    for file in sorted(case.folder.derived.glob("*")):
        if file.name in following:
            compared = LedgerFiles(case.folder, case.ledger).check(following[file.name])
            if compared == "changed":
                raise EvidenceError(f"derived/{file.name} was changed; delete it to have it remade")
            if compared == "behind":
                notes.append(f"derived/{file.name} is older than the ledger; the next change brings it up to date")
            checked += 1
            continue
        recorded = state.derived.get(file.name)
        if recorded is None:
            notes.append(f"derived/{file.name} was not recorded; delete it to have it remade")
        elif sha256_file(file) != recorded:
            raise EvidenceError(f"derived/{file.name} was changed; delete it to have it remade")
        checked += recorded is not None
    return Check("derived tables", counted(checked, "file"), tuple(notes))


def _originals(case: Case) -> Check:
    """The logs themselves, where they still are."""
    from workbench.evidence.records import sha256_of
    from workbench.ingest import slices
    from workbench.ingest.archives import locate

    rows = case.ledger.rows("SELECT source, path, origin, sha256 FROM source ORDER BY source")
    same, notes = 0, []
    for row in rows:
        found = locate(row["origin"] or row["path"])
        if found is None:
            notes.append(f"source {row['source']} ({row['path']}) is not here to be compared")
        elif (digest := sha256_of(*found)) != row["sha256"] and slices.split(row["origin"] or row["path"]):
            notes.append(f"source {row['source']} ({row['path']}) was rotated since; the case keeps its lines")
        elif digest != row["sha256"]:
            raise EvidenceError(
                f"source {row['source']}: {row['origin'] or row['path']} is not the file that was loaded: "
                f"its SHA-256 is {digest}, recorded {row['sha256']}"
            )
        else:
            same += 1
    return Check("originals", f"{same:,} of {len(rows):,} are the files that were loaded", tuple(notes))
