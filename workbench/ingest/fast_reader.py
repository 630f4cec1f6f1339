"""FastReader readers: the engine's own, over a chunk; they refuse what they cannot read exactly.

One row a line or the chunk is read line by line instead (see ``exact``): nothing is dropped, nothing becomes NULL
unseen, and a row's place in the segment is its line.

For JSON, the chunk's file begins with two made-up records that give every member its type: text, or JSON where the
kind of value matters. The engine takes the schema from them, and then refuses a member that is not in it, one that is
there twice, and anything that is no JSON. Lines of text are read as a CSV of one column, and must all fit the pattern.
"""

from __future__ import annotations

import json
import re
import secrets
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.ingest import json_sql, record_sql
from workbench.ingest.chunks import Chunk
from workbench.ingest.record_sql import Parsing
from workbench.sqltext import file_literal, target_literal

if TYPE_CHECKING:
    from workbench.formats.model import Format

#: The engine reads in pieces of twice this; a longer record goes the other way.
_LONGEST = 4 << 20
_MOST_NAMES = 300
_UNKNOWN = re.compile(r'has unknown key "')


class FastReader(ABC):
    """Reads the chunks of one source; ``room`` bytes are free at the beginning of each chunk's file."""

    room = 0

    def __init__(self) -> None:
        self._tried = self._refused = 0

    def read(self, connection: duckdb.DuckDBPyConnection, chunk: Chunk, source: int, segment: Path) -> bool:
        """Write the events of a chunk to ``segment``; False, with nothing written, where it cannot be exact."""
        # Where chunks are refused mostly, only every eighth is tried.
        self._tried += 1
        if self._refused * 2 > self._tried + 2 and self._tried % 8:
            return False
        if self._read(connection, chunk, source, segment):
            return True
        segment.unlink(missing_ok=True)
        self._refused += 1
        return False

    @abstractmethod
    def _read(self, connection: duckdb.DuckDBPyConnection, chunk: Chunk, source: int, segment: Path) -> bool:
        """Read a chunk; False where that cannot be exact."""

    @abstractmethod
    def extra_keys(self) -> list[str]:
        """Return the names beyond the columns that its records may have."""


def _write(connection: duckdb.DuckDBPyConnection, select: str, made: Path, lines: int) -> bool:
    """Write rows; False if they are not as many as the lines."""
    connection.execute(f"COPY ({select}) TO {target_literal(made)} ({SEGMENT})")
    row = connection.fetchone()
    return bool(row) and row is not None and row[0] == lines


class FastLines(FastReader):
    """Lines that all fit the format's pattern."""

    room = 2

    def __init__(self, fmt: Format) -> None:
        super().__init__()
        self._parsing = Parsing(fmt)

    def _read(self, connection: duckdb.DuckDBPyConnection, chunk: Chunk, source: int, segment: Path) -> bool:
        assert chunk.file is not None
        if chunk.returns:
            return False
        with chunk.file.open("r+b") as out:
            out.write(b"-\n")
        lines = f"""(SELECT {source}::INTEGER AS source, NULL::TIMESTAMP AS newest, NULL::BIGINT AS line,
            {chunk.first_line}::BIGINT AS first_line, 0 AS item, 1 AS lines, text, NULL::BLOB AS raw
            FROM read_csv({file_literal(chunk.file)}, columns = {{'text': 'VARCHAR'}}, delim = '\n', quote = '',
                escape = '', header = false, skip = 1, auto_detect = false))"""
        try:
            return _write(
                connection,
                self._parsing.events(record_sql.parsed_regex(self._parsing, lines), row_a_line=True),
                segment,
                chunk.lines,
            )
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            return False

    def extra_keys(self) -> list[str]:
        """Return the groups that no field takes."""
        return record_sql.unmapped(self._parsing.format)


class FastJson(FastReader):
    """Records all of whose members are known; what is known grows."""

    room = 64 << 10

    def __init__(self, fmt: Format, names: list[str]) -> None:
        super().__init__()
        self.format, self.names = fmt, names
        self.marker = f"workbench {secrets.token_hex(8)}"

    def _read(self, connection: duckdb.DuckDBPyConnection, chunk: Chunk, source: int, segment: Path) -> bool:
        assert chunk.file is not None
        for again in (False, True):
            if not self._write_schema(chunk.file):
                return False
            try:
                select = self._select(chunk.file, source, chunk.first_line)
                return _write(connection, select, segment, chunk.lines)
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                if again or not _UNKNOWN.search(str(error)) or not self._learn(connection, chunk.file):
                    return False
        return False

    def extra_keys(self) -> list[str]:
        """Return the members that no column takes whole always."""
        parsing = self._parsing()
        plain = json_sql.as_text(parsing)
        return sorted(name for name in self.names if name not in plain)

    def _parsing(self) -> Parsing:
        return Parsing(self.format, frozenset(self.names))

    def _write_schema(self, file: Path) -> bool:
        if not self.names or len({name.lower() for name in self.names}) != len(self.names):
            return False
        plain = json_sql.as_text(self._parsing())
        one = {self.marker: "x", **{name: "x" if name in plain else 1 for name in self.names}}
        two = {self.marker: "x", **{name: "x" if name in plain else [1] for name in self.names}}
        head = json.dumps(one).encode() + b"\n" + json.dumps(two).encode()
        if len(head) >= self.room:
            return False
        with file.open("r+b") as out:
            out.write(head.ljust(self.room - 1) + b"\n")
        return True

    def _select(self, file: Path, source: int, first_line: int) -> str:
        columns = {name: f"c{index}" for index, name in enumerate(self.names)}
        listed = ", ".join(columns.values())
        nothing = " AND ".join(f"{column} IS NULL" for column in columns.values())
        base = f"""(SELECT {source}::INTEGER AS source, NULL::BIGINT AS line, {first_line}::BIGINT AS first_line,
            0 AS item, 1 AS lines, CASE WHEN {nothing} THEN 'nothing' END AS reason, {listed}
            FROM {_reader(file)} AS t(marker, {listed}) WHERE marker IS NULL)"""
        parsing = self._parsing()
        return parsing.events(json_sql.parsed_columns(parsing, base, columns), row_a_line=True)

    def _learn(self, connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
        """Add the members of this chunk that were not known; False where they are too many."""
        keys = f"SELECT DISTINCT json_keys(json) AS keys FROM read_ndjson_objects({file_literal(file)})"
        try:
            found = connection.execute(f"SELECT DISTINCT unnest(keys) AS name FROM ({keys}) ORDER BY name").fetchall()
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            return False
        self.names += [name for (name,) in found if name != self.marker and name not in self.names]
        return len(self.names) <= _MOST_NAMES


def _reader(file: Path) -> str:
    return (
        f"read_json({file_literal(file)}, format = 'newline_delimited', records = true, auto_detect = true, "
        f"sample_size = 2, maximum_depth = 2, map_inference_threshold = -1, maximum_object_size = {_LONGEST})"
    )


#: How a segment is written.
SEGMENT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
