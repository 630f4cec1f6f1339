"""The strict reader: the engine's own JSON reader over a stretch, which refuses what it cannot read exactly.

The stretch's file begins with two made-up records that give every member its type: text, or JSON where the kind of
value matters. The engine takes the schema from them, and then refuses a member that is not in it, one that is there
twice, and anything that is no JSON. One row a line or the stretch is read line by line instead (see ``exact``): nothing
is dropped, nothing becomes NULL unseen, and a row's place in the segment is its line.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.case.views import literal
from workbench.ingest import parse_json
from workbench.ingest.parse import Parsing
from workbench.ingest.stretches import ROOM

if TYPE_CHECKING:
    from workbench.formats.model import Format

#: The engine reads in pieces of twice this; a longer record goes the other way.
_LONGEST = 4 << 20
_MOST_NAMES = 300
_UNKNOWN = re.compile(r'has unknown key "')


@dataclass(slots=True)
class StrictJson:
    """Reads the stretches of one source; ``names`` are the members known so far, which may grow."""

    format: Format
    names: list[str]
    marker: str = field(default_factory=lambda: f"workbench {secrets.token_hex(8)}")
    tried: int = 0
    refused: int = 0

    def worth_trying(self) -> bool:
        """Say whether stretches are read often enough for trying to pay; of others every eighth is tried."""
        self.tried += 1
        return self.refused * 2 <= self.tried + 2 or self.tried % 8 == 0

    def read(
        self, connection: duckdb.DuckDBPyConnection, file: Path, source: int, first_line: int, lines: int, made: Path
    ) -> bool:
        """Write the events of a stretch to ``made``; False, with nothing written, where it cannot be exact."""
        for again in (False, True):
            if not self._write_schema(file):
                break
            try:
                connection.execute(
                    f"COPY ({self._select(file, source, first_line)}) TO {literal(str(made))} ({SEGMENT})"
                )
                row = connection.fetchone()
                if row and row[0] == lines:
                    return True
                break
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                if again or not _UNKNOWN.search(str(error)) or not self._learn(connection, file):
                    break
        made.unlink(missing_ok=True)
        self.refused += 1
        return False

    def extra_keys(self) -> list[str]:
        """Return the members that no column takes whole always."""
        parsing = self._parsing()
        plain = parse_json.as_text(parsing)
        return sorted(name for name in self.names if name not in plain)

    def _parsing(self) -> Parsing:
        return Parsing(self.format, frozenset(self.names))

    def _write_schema(self, file: Path) -> bool:
        if not self.names or len({name.lower() for name in self.names}) != len(self.names):
            return False
        plain = parse_json.as_text(self._parsing())
        one = {self.marker: "x", **{name: "x" if name in plain else 1 for name in self.names}}
        two = {self.marker: "x", **{name: "x" if name in plain else [1] for name in self.names}}
        head = json.dumps(one).encode() + b"\n" + json.dumps(two).encode()
        if len(head) >= ROOM:
            return False
        with file.open("r+b") as out:
            out.write(head.ljust(ROOM - 1) + b"\n")
        return True

    def _select(self, file: Path, source: int, first_line: int) -> str:
        columns = {name: f"c{index}" for index, name in enumerate(self.names)}
        listed = ", ".join(columns.values())
        nothing = " AND ".join(f"{column} IS NULL" for column in columns.values())
        base = f"""(SELECT {source}::INTEGER AS source, NULL::BIGINT AS line, {first_line}::BIGINT AS first_line,
            0 AS item, 1 AS lines, CASE WHEN {nothing} THEN 'nothing' END AS reason, {listed}
            FROM {_reader(file)} AS t(marker, {listed}) WHERE marker IS NULL)"""
        parsing = self._parsing()
        return parsing.events(parse_json.parsed_columns(parsing, base, columns))

    def _learn(self, connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
        """Add the members of this stretch that were not known; False where they are too many."""
        keys = f"SELECT DISTINCT json_keys(json) AS keys FROM read_ndjson_objects({literal(str(file))})"
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
        f"read_json({literal(str(file))}, format = 'newline_delimited', records = true, auto_detect = true, "
        f"sample_size = 2, maximum_depth = 2, map_inference_threshold = -1, maximum_object_size = {_LONGEST})"
    )


#: How a segment is written.
SEGMENT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
