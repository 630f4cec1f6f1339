"""Adding to a case what is known of addresses, accounts and keys from elsewhere, and taking it away again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.acts.contents import Enriched
from workbench.case.enrichment import ADDRESSES, LOOKUP, PREFIX, Enrichment, enrichments
from workbench.case.folder import publish, sha256_file
from workbench.case.local import require_local
from workbench.errors import SourceError, UsageError
from workbench.sqltext import identifier
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

    from workbench.case import Case

#: Event columns that a look-up can go by.
KEYS = ("account", "api_key", "client_ip", "organization", "payment_ref", "user_agent", "session_ref")


@dataclass(frozen=True, slots=True)
class Added:
    """What was added, and what to know of it."""

    enrichment: Enrichment
    notes: tuple[str, ...] = ()


def add_database(case: Case, path: Path, name: str | None = None) -> Added:
    """Add a database of addresses.

    Raises SourceError for a file that is none, UsageError for a name that is taken, CaseError where the events are in
    another engine, which would not know of it.
    """
    from workbench.enrich import databases, ranges

    require_local(case)
    name = _name(case, path, name)
    origin_sha256 = _hash(path)
    database = databases.read_database(path)
    owned = ranges.disjoint(database.ranges)
    with case.folder.workspace("enrich") as work:
        file = work / "ranges.parquet"
        ranges.write_ranges(owned, file)
        enrichment = Enrichment(
            name, ADDRESSES, _file(name, file), sha256_file(file), len(owned), str(path.absolute()), origin_sha256,
            database=database.title, date=database.date,
        )  # fmt: skip
        _keep(case, enrichment, file)
    case.store.derived.attribute()
    row = case.query(
        "SELECT count(DISTINCT client_ip), count(DISTINCT client_ip) FILTER (network_source LIKE $like) FROM event",
        {"like": f"%: {name}%"},
    ).rows[0]
    note = f"of {counted(row[0], 'address')} in the case, it says something of {row[1]:,}"
    return Added(enrichment, (note,))


def add_table(case: Case, path: Path, on: str, name: str | None = None) -> Added:
    """Add a look-up: a CSV with a header, one row a value of the event column ``on``.

    Raises SourceError for a file that cannot be read or has two answers for one key, UsageError for names, CaseError
    where the events are in another engine.
    """
    import duckdb

    from workbench.enrich import table

    if on not in KEYS:
        raise UsageError(f"--on {on}: a look-up goes by one of {', '.join(KEYS)}")
    require_local(case)
    name = _name(case, path, name)
    origin_sha256 = _hash(path)
    with case.folder.workspace("enrich") as work, duckdb.connect() as bare:
        file = work / "table.parquet"
        columns, notes = table.read_table(bare, path, on, file)
        rows = _one(bare, "SELECT count(*) FROM made")
        known = case.query(f"SELECT DISTINCT {on} FROM event WHERE {on} IS NOT NULL").rows
        keys = {row[0] for row in bare.execute(f"SELECT {identifier(on)} FROM made").fetchall()}
        met = sum(row[0] in keys for row in known)
        enrichment = Enrichment(
            name, LOOKUP, _file(name, file), sha256_file(file), rows, str(path.absolute()), origin_sha256,
            on=on, columns=tuple(columns),
        )  # fmt: skip
        _keep(case, enrichment, file)
    notes.append(
        f"{met:,} of the case's {counted(len(known), 'value')} of {on} are in it; "
        f"it has {counted(len(keys) - met, 'other')}"
    )
    return Added(enrichment, tuple(notes))


def remove(case: Case, name: str) -> None:
    """Take an enrichment away; that it was there stays in the audit chain. Raises UsageError where there is none."""
    enrichment = next((one for one in enrichments(case.ledger) if one.name == name), None)
    if enrichment is None:
        there = ", ".join(one.name for one in enrichments(case.ledger)) or "none"
        raise UsageError(f"the case has no enrichment {name!r}; it has: {there}")
    _set(case, name, "")
    (case.folder.path / enrichment.file).unlink(missing_ok=True)
    case.store.derived.attribute()


def _one(bare: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = bare.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _name(case: Case, path: Path, name: str | None) -> str:
    name = name if name is not None else re.sub(r"\W+", "_", path.name.removesuffix(".gz").rpartition(".")[0]).lower()
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,60}", name):
        raise UsageError(f"{name!r} is no name for an enrichment: letters, digits and _ please (--name NAME)")
    taken: Sequence[str] = [one.lower() for one in case.tables()]
    if name.lower() in taken or any(one.name == name for one in enrichments(case.ledger)):
        raise UsageError(f"the name {name!r} is taken in this case; choose another (--name) or remove that one first")
    return name


def _hash(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def _file(name: str, made: Path) -> str:
    return f"enrich/{name}-{sha256_file(made)[:12]}.parquet"


def _keep(case: Case, one: Enrichment, made: Path) -> None:
    case.folder.enrich.mkdir(mode=0o700, exist_ok=True)
    publish(made, case.folder.path / one.file)
    _set(case, one.name, one.as_json())


def _set(case: Case, name: str, value: str) -> None:
    with case.ledger.act(Enriched(PREFIX + name, value)) as entry:
        # A new row each time, so that the order of rows is that of adding.
        entry.db.execute("DELETE FROM setting WHERE name = ?", (PREFIX + name,))
        entry.db.execute("INSERT INTO setting VALUES (?, ?)", (PREFIX + name, value))
