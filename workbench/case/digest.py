"""A hash of an answer's rows that another run of the same question gives again.

Each row is a JSON list: times as ISO 8601, bytes as text or base64, floating-point numbers to nine significant digits
(a sum over threads differs in the last ones from run to run). Where the question does not order, the order of rows
means nothing: the hash is then over the sum of the rows' hashes, a multiset hash (Bellare and Micciancio, "A new
paradigm for collision-free hashing", 1997: AdHash, here with 2048 bits). Where it does, the order has a hash of its
own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.values import plain

if TYPE_CHECKING:
    import duckdb

_BITS = 2048
_SAME = frozenset((str, int, bool, type(None)))
_MODIFIERS = "SELECT json_extract_string(json_serialize_sql(?), '$.statements[#-1].node.modifiers[*].type')"


class Result(NamedTuple):
    """``rows`` is the hash of the rows in any order, ``order`` that of their order where it was asked for."""

    rows: str
    order: str | None
    cut: bool


class Digest:
    """Takes in an answer row by row."""

    def __init__(self, columns: Sequence[str], *, ordered: bool = False, cut: bool = False) -> None:
        self._names = json.dumps(list(columns), ensure_ascii=True).encode()
        self._sum = 0
        self._order = hashlib.sha256(self._names) if ordered else None
        self.number = 0
        self.cut = cut

    def add(self, row: Sequence[object]) -> None:
        """Take in one row."""
        text = canonical(row)
        self._sum += int.from_bytes(hashlib.shake_256(text).digest(_BITS // 8), "big")
        self.number += 1
        if self._order is not None:
            self._order.update(text + b"\n")

    def of(self, rows: Iterable[Sequence[object]]) -> Digest:
        """Take in rows and return itself."""
        for row in rows:
            self.add(row)
        return self

    def passing(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Hand rows on, taking them in on the way."""
        for row in rows:
            self.add(row)
            yield row

    def result(self) -> Result:
        """Return the hashes of what was taken in."""
        total = (self._sum % (1 << _BITS)).to_bytes(_BITS // 8, "big")
        rows = hashlib.sha256(self._names + str(self.number).encode() + b"\n" + total).hexdigest()
        return Result(rows, self._order.hexdigest() if self._order is not None else None, self.cut)


def canonical(row: Sequence[object]) -> bytes:
    """Return a row as it is hashed: a JSON list without blanks, ASCII only."""
    told = [value if type(value) in _SAME else _exact(value) for value in row]
    return json.dumps(told, separators=(",", ":")).encode()


def _exact(value: object) -> Any:
    if type(value) in _SAME:
        return value
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, dict):
        return {str(key): _exact(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(one) for one in value]
    found = plain(value)
    return f"{found:.9g}" if isinstance(found, float) else found


def is_ordered(cursor: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Say whether a query orders its rows, by the engine's own reading of it; what it cannot read does not."""
    import duckdb

    try:
        found = cursor.execute(_MODIFIERS, [sql]).fetchone()
    except duckdb.Error:
        return False
    return found is not None and "ORDER_MODIFIER" in (found[0] or ())
