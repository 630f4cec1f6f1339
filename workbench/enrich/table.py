"""Reading the investigator's own look-up: a CSV with a header, one row a key."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.case.enrichment import FILLABLE
from workbench.case.fields import BY_NAME, ENRICHED
from workbench.errors import SourceError
from workbench.sqltext import identifier, parquet, target_literal
from workbench.words import counted

if TYPE_CHECKING:
    import duckdb

#: Types that a column gets where all its values are of it; a number only where it is written as the engine would.
_TYPES = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN")
_OWN = {*BY_NAME, *(field.name for field in ENRICHED), "event_id", "entity", "entity_kind"}
_OF_ACCOUNTS = {"first", "last", "requests", "addresses", "user_agents", "api_keys", "models", "errors", "days"}


def read_table(bare: duckdb.DuckDBPyConnection, path: Path, on: str, file: Path) -> tuple[list[str], list[str]]:
    """Check a look-up by ``on`` and write it as Parquet; returns its other columns, and notes.

    Raises SourceError for what is no table, for a name that is the case's own, and for keys with two answers.
    """
    names, rows = _rows(path)
    if on not in names:
        raise SourceError(f"{path} has no column {on!r} to go by; it has: {', '.join(names)}")
    columns = [one for one in names if one != on]
    _check(path, on, names, columns)
    texts = file.with_name("texts.parquet")
    place = names.index(on)
    kept = [row for row in rows if row[place].strip()]
    if not kept:
        raise SourceError(f"{path} holds no row with a value of {on}")
    _write_texts(names, kept, texts)
    key = identifier(on)
    chosen = ", ".join(_typed(bare, texts, one) if one not in (on, *FILLABLE) else identifier(one) for one in names)
    bare.execute(f"CREATE TABLE made AS SELECT DISTINCT {chosen} FROM {parquet(texts)}")
    twins = bare.execute(f"SELECT {key} FROM made GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 3").fetchall()
    if twins:
        said = ", ".join(repr(row[0]) for row in twins)
        raise SourceError(f"{path} has several rows that differ for one {on}: {said}; leave one row for each")
    bare.execute(f"COPY (FROM made ORDER BY {key}) TO {target_literal(file)} (FORMAT parquet)")
    blank = len(rows) - len(kept)
    return columns, [f"{counted(blank, 'row')} without {on} left out"] if blank else []


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        head = text.partition("\n")[0]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
        names = [name.strip() for name in next(rows, [])]
        kept_rows = []
        for row in rows:
            if row and len(row) != len(names):
                raise SourceError(
                    f"{path} line {rows.line_num}: {len(row)} values under {len(names)} columns; one row a line, please"
                )
            if row:
                kept_rows.append(row)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise SourceError(f"{path} cannot be read as CSV: {error}") from error
    return names, kept_rows


def _check(path: Path, on: str, names: list[str], columns: list[str]) -> None:
    if not columns:
        raise SourceError(f"{path} has no column besides {on}")
    lowered = [name.lower() for name in names]
    if twice := next((name for name in lowered if lowered.count(name) > 1), None):
        raise SourceError(f"{path} has the column {twice!r} twice")
    if not all(names):
        raise SourceError(f"{path} has a column without a name")
    taken = _OWN | (_OF_ACCOUNTS if on == "account" else set())
    for column in columns:
        if column.lower() in taken and column not in FILLABLE:
            raise SourceError(f"{path}: the column {column!r} has the name of one of the case's; rename it in the file")


def _write_texts(names: list[str], rows: list[list[str]], file: Path) -> None:
    import polars as pl

    frame = {name: pl.Series([row[at] or None for row in rows], dtype=pl.String) for at, name in enumerate(names)}
    pl.DataFrame(frame).write_parquet(file)


def _typed(bare: duckdb.DuckDBPyConnection, texts: Path, name: str) -> str:
    """Return the column with the first type that all its values are of."""
    column = identifier(name)
    for kind in _TYPES:
        same = f"AND try_cast({column} AS {kind})::VARCHAR = {column}" if kind == "BIGINT" else ""
        sql = f"SELECT count({column}) > 0 AND bool_and(try_cast({column} AS {kind}) IS NOT NULL {same}) "
        row = bare.execute(f"{sql} FROM {parquet(texts)} WHERE {column} IS NOT NULL").fetchone()
        # A code such as 007 is no number.
        if row and row[0] and not (kind == "DOUBLE" and _leading_zero(bare, texts, column)):
            return f"CAST({column} AS {kind}) AS {column}"
    return column


def _leading_zero(bare: duckdb.DuckDBPyConnection, texts: Path, column: str) -> bool:
    row = bare.execute(f"SELECT count(*) FROM {parquet(texts)} WHERE regexp_matches({column}, '^[+-]?0\\d')").fetchone()
    return bool(row and row[0])
