"""``python -m bench shape``: the size and the names of the code, counted by reading it.

It prints the longest functions and modules, the number of functions and their median length in lines, and the public
names that more than one module defines. It counts the word ``Any``, and the bindings of variables with names that say
nothing (``one``, ``found`` …), with those that are read more than three lines later.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
#: Names that do not say what a variable holds.
VAGUE = ("one", "found", "said", "told", "made", "given")
#: A variable of such a name may be read so many lines after it was bound.
LIVES = 3
LISTED = 10

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp
)  # fmt: skip


@dataclass(slots=True)
class Shape:
    """What was counted: lines by function and by module, modules by public name, and the bindings of vague names."""

    functions: dict[str, int] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)
    public: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    any_words: int = 0
    vague: Counter[str] = field(default_factory=Counter)
    long_lived: Counter[str] = field(default_factory=Counter)

    def twice(self) -> dict[str, list[str]]:
        """Return the public names of functions and classes that more than one module defines, with the modules."""
        return {name: modules for name, modules in sorted(self.public.items()) if len(modules) > 1}


def measure(folder: Path) -> Shape:
    """Read all modules below a folder. Raises SystemExit where there are none."""
    shape = Shape()
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        module = ".".join(file.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(text)
        shape.modules[module] = len(text.splitlines())
        shape.any_words += len(re.findall(r"\bAny\b", text))
        for name in {node.name for node in tree.body if isinstance(node, Function | ast.ClassDef)}:
            if not name.startswith("_"):
                shape.public[name].append(module)
        for qualified, node in _functions(tree, ()):
            shape.functions[f"{module}:{node.lineno} {qualified}"] = _length(node)
        for name, lived in _vague_bindings(tree):
            shape.vague[name] += 1
            shape.long_lived[name] += lived > LIVES
    if not shape.modules:
        raise SystemExit(f"{folder} has no modules; name a folder with Python code")
    return shape


def _functions(node: ast.AST, outer: tuple[str, ...]) -> Iterator[tuple[str, Function]]:
    """Give all functions and methods, inner ones too, with their dotted names."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            path = (*outer, child.name)
            if isinstance(child, Function):
                yield ".".join(path), child
            yield from _functions(child, path)
        else:
            yield from _functions(child, outer)


def _length(node: Function) -> int:
    """Return a function's lines, from ``def`` to its last; decorators are not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _vague_bindings(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give each binding of a vague name with the lines until the name is last read before it is bound again.

    A parameter is bound where its function begins; what a comprehension binds lives within it.
    """
    for scope in ast.walk(tree):
        if not isinstance(scope, (*_SCOPES, ast.Module, ast.ClassDef)):
            continue
        bound = sorted(_bound_here(scope))
        reads = [(node.id, node.lineno) for node in ast.walk(scope)
                 if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in VAGUE]  # fmt: skip
        for at, (line, name) in enumerate(bound):
            again = next((next_line for next_line, other in bound[at + 1 :] if other == name), None)
            # In a comprehension the name is read before the line that binds it.
            lives = [abs(read - line) for other, read in reads if other == name and (again is None or read <= again)]
            yield name, max(lives, default=0)


def _bound_here(scope: ast.AST) -> Iterator[tuple[int, str]]:
    """Give line and name of what a scope binds itself, not in a scope within it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VAGUE:
            yield node.lineno, node.id
        elif isinstance(node, ast.arg) and node.arg in VAGUE:
            yield node.lineno, node.arg
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs) and node.name in VAGUE:
            yield node.lineno, node.name or ""
        if not isinstance(node, (*_SCOPES, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def report(shape: Shape, listed: int = LISTED) -> str:
    """Return the figures as lines of text."""
    lengths, twice = list(shape.functions.values()), shape.twice()
    lines = [f"modules: {len(shape.modules):,}, {sum(shape.modules.values()):,} lines", "longest modules:"]
    lines += [f"  {length:>5}  {name}" for name, length in _longest(shape.modules, listed)]
    lines += [f"functions: {len(lengths):,}, median {statistics.median(lengths or [0]):g} lines", "longest functions:"]
    lines += [f"  {length:>5}  {name}" for name, length in _longest(shape.functions, listed)]
    lines += [f"public names defined in more than one module: {len(twice):,}"]
    lines += [f"  {len(modules):>5}  {name}: {', '.join(modules)}" for name, modules in twice.items()]
    lines += [f"the word Any: {shape.any_words:,}"]
    lines += [
        f"bindings of {', '.join(VAGUE)}: {shape.vague.total():,}, "
        f"read more than {LIVES} lines later: {shape.long_lived.total():,}"
    ]
    lines += [f"  {shape.vague[name]:>5}  {name}, {shape.long_lived[name]:,} read later" for name in VAGUE]
    return "\n".join(lines)


def _longest(lengths: dict[str, int], listed: int) -> Sequence[tuple[str, int]]:
    return sorted(lengths.items(), key=lambda pair: (-pair[1], pair[0]))[:listed]


def main(arguments: list[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        prog="bench shape", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=CHECKOUT / "workbench", help="which code [default: workbench]")
    parser.add_argument("--listed", type=int, default=LISTED, help="how many functions and modules [default: 10]")
    options = parser.parse_args(arguments)
    print(report(measure(options.folder.resolve()), options.listed))
    return 0
