"""The ledger's tables as SQL sees them: copied into the engine once, then row by row as acts change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.case import views
from workbench.case.acts import ACTIONS, read_act
from workbench.sqltext import identifier

if TYPE_CHECKING:
    import sqlite3

    import duckdb

    from workbench.case.ledger import Ledger

#: The columns that tell a row of each table from the others.
KEYS: Mapping[str, tuple[str, ...]] = {"source": ("source",), "tag": ("kind", "id", "tag"), "run": ("run",)}
#: From so many changed rows on a table is copied whole.
MANY = 5_000

#: The values of a row's key columns.
RowKey = tuple[object, ...]


def last_entry(ledger: Ledger) -> tuple[int, str]:
    """Return number and hash of the last audit entry."""
    row = ledger.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")[0]
    return int(row["seq"]), str(row["hash"])


def changed_since(ledger: Ledger, table: str, seq: int) -> list[RowKey] | None:
    """Return the keys of the rows that entries after ``seq`` changed; None where it may be any row, or very many."""
    elsewhere = [action for action, kind in ACTIONS.items() if table not in kind.CHANGES]
    marks = ", ".join("?" for _ in elsewhere)
    rows = ledger.rows(
        f"SELECT action, detail FROM audit WHERE seq > ? AND action NOT IN ({marks}) ORDER BY seq", seq, *elsewhere
    )
    keys: dict[RowKey, None] = {}
    for row in rows:
        try:
            changed = read_act(row["action"], row["detail"]).keys(table)
        except (LookupError, ValueError):  # of a newer version
            return None
        if changed is None or len(keys) + len(changed) > MANY:
            return None
        keys.update(dict.fromkeys(changed))
    return list(keys)


def rows_of(ledger: Ledger, table: str, keys: Sequence[RowKey] | None = None) -> list[sqlite3.Row]:
    """Return rows of a table, with their ``place`` in it: those with these keys, all where None."""
    sql = f"SELECT rowid AS place, {', '.join(views.LEDGER_TABLES[table])} FROM {table}"
    if keys is None:
        return ledger.rows(f"{sql} ORDER BY rowid")
    wanted = " AND ".join(f"{column} = ?" for column in KEYS[table])
    return [row for key in keys for row in ledger.rows(f"{sql} WHERE {wanted}", *key)]


def typed_columns(table: str) -> str:
    """Return the columns of a SELECT that gives those of a table their types. What is no timestamp becomes NULL."""
    return ", ".join(
        f"try_cast({identifier(column)} AS {kind}) AS {identifier(column)}"
        for column, kind in views.LEDGER_TABLES[table].items()
    )


class LedgerTables:
    """The tables of a ledger in one engine."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seq = 0

    def refresh(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Bring the tables up to date. The audit chain tells which rows changed; the first time all are copied."""
        with self._ledger.reading():
            seq, _ = last_entry(self._ledger)
            for table in views.LEDGER_TABLES:
                keys = changed_since(self._ledger, table, self._seq) if self._seq else None
                if keys is None:
                    self._copy(connection, table)
                elif keys:
                    self._replace(connection, table, keys)
        self._seq = seq

    def _copy(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        select, lists = _listed(table, rows_of(self._ledger, table))
        connection.execute(f"CREATE OR REPLACE TABLE {identifier(table)} AS {select}", lists)

    def _replace(self, connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[RowKey]) -> None:
        """Put the present rows with these keys in place of those that are there."""
        types = views.LEDGER_TABLES[table]
        listed = ", ".join(f"unnest(?::{types[column]}[])" for column in KEYS[table])
        select, lists = _listed(table, rows_of(self._ledger, table, keys))
        name = identifier(table)
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(
                f"DELETE FROM {name} WHERE ({', '.join(KEYS[table])}) IN (SELECT ({listed}))",
                [list(values) for values in zip(*keys, strict=True)],
            )
            connection.execute(f"INSERT INTO {name} {select}", lists)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _listed(table: str, rows: Sequence[sqlite3.Row]) -> tuple[str, list[list[object]]]:
    """Return a SELECT of rows, and its values, column by column."""
    types = views.LEDGER_TABLES[table]
    lists = [[row[column] for row in rows] for column in types]
    bound = ", ".join(
        f"unnest(?::{'VARCHAR' if kind == 'TIMESTAMP' else kind}[]) AS {identifier(column)}"
        for column, kind in types.items()
    )
    return f"SELECT {typed_columns(table)} FROM (SELECT {bound})", lists
