"""What ``bench shape`` counts."""

from __future__ import annotations

from pathlib import Path

from bench.shape import measure, report

FIRST = '''
from typing import Any

def load(one: Any) -> int:
    """Use a parameter at once."""
    return len(one)

class Table:
    def rows(self) -> list[int]:
        found = [1]
        a = 1
        b = 2
        c = 3
        return [*found, a, b, c]

    def short(self) -> list[int]:
        return [one for one in self.rows()]
'''
SECOND = """
def load() -> None: ...

def _load() -> None: ...
"""


def test_shape_counts_lengths_names_defined_twice_any_and_vague_variables(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    (folder / "inner").mkdir(parents=True)
    (folder / "first.py").write_text(FIRST)
    (folder / "inner" / "second.py").write_text(SECOND)
    shape = measure(folder)
    assert shape.modules == {"code.first": 17, "code.inner.second": 4}
    assert shape.functions["code.first:9 Table.rows"] == 6
    assert len(shape.functions) == 5
    assert shape.twice() == {"load": ["code.first", "code.inner.second"]}
    assert shape.any_words == 2
    assert shape.vague == {"one": 2, "found": 1}
    assert shape.long_lived["found"] == 1
    assert shape.long_lived["one"] == 0
    assert "public names defined in more than one module: 1" in report(shape)
