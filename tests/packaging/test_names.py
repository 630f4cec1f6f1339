"""Names say what they hold: a word such as ``found`` is no name for a value that lives longer than three lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAGUE = frozenset(("one", "found", "said", "told", "made", "given"))
LINES = 3


def long_lived(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each vague name that is bound in a function and used more than three lines later."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs]
            places: dict[str, list[int]] = {arg.arg: [arg.lineno] for arg in arguments if arg.arg in VAGUE}
            for node in _own_nodes(function):
                if isinstance(node, ast.Name) and node.id in VAGUE:
                    places.setdefault(node.id, []).append(node.lineno)
            for name, lines in places.items():
                if max(lines) - min(lines) > LINES:
                    yield min(lines), name


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of comprehensions and functions inside: their names are others."""
    for child in ast.iter_child_nodes(function):
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp)
        if not isinstance(child, (*inner, ast.GeneratorExp)):
            yield child
            yield from _own_nodes(child)


def test_a_vague_name_is_seen_where_it_lives_long() -> None:
    short = "def f():\n    found = 1\n    return found\n"
    long = "def f(x):\n    found = 1\n    a = 2\n    b = 3\n    c = 4\n    return found\n"
    assert list(long_lived(short)) == [] and list(long_lived(long)) == [(2, "found")]


def test_no_value_that_lives_longer_than_three_lines_has_a_vague_name() -> None:
    offenders = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in sorted((ROOT / "workbench").rglob("*.py"))
        for line, name in long_lived(file.read_text(encoding="utf-8"))
    ]
    assert offenders == []
