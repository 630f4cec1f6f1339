"""The macros that playbooks share, in the place of their calls: no other engine has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from sqlglot import exp
from sqlglot.errors import UnsupportedError

from workbench.case.macros import Macro, macros


def expand_macros(tree: exp.Expr, read: Callable[[str], exp.Expr]) -> exp.Expr:
    """Return a tree in which macros stand for their calls; ``read`` reads their bodies.

    Raises UnsupportedError where the arguments of a call are not those of the macro.
    """

    def expand(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and (macro := _called(node.this, table=True)):
            alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(macro.name))
            return exp.Subquery(this=_filled(macro, node.this, read), alias=alias)
        if macro := _called(node, table=False):
            return exp.paren(_filled(macro, node, read), copy=False)
        return node

    return tree.transform(expand) if tree.find(exp.Anonymous) else tree


def _called(node: exp.Expr, *, table: bool) -> Macro | None:
    macro = macros().get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
    return macro if macro is not None and macro.table is table else None


def _filled(macro: Macro, call: exp.Expr, read: Callable[[str], exp.Expr]) -> exp.Expr:
    """Return a macro's body with the arguments of a call in the place of its parameters."""
    given = {name: expand_macros(argument, read) for name, argument in _arguments(macro, call).items()}

    def fill(part: exp.Expr) -> exp.Expr:
        return (
            given[part.name].copy() if isinstance(part, exp.Column) and not part.table and part.name in given else part
        )

    return expand_macros(_body(macro.name, read).copy(), read).transform(fill)


def _arguments(macro: Macro, call: exp.Expr) -> Mapping[str, exp.Expr]:
    """Return a call's arguments by the names of the macro's parameters; they may be named, ``name := value``."""
    values: dict[str, exp.Expr] = {}
    for name, argument in zip(macro.parameters, call.expressions, strict=False):
        if isinstance(argument, exp.PropertyEQ):
            values[argument.name.lower()] = argument.expression
        else:
            values[name] = argument
    if set(values) != set(macro.parameters) or len(call.expressions) != len(macro.parameters):
        raise UnsupportedError(f"{macro.name} wants {', '.join(macro.parameters)}")
    return values


@cache
def _body(name: str, read: Callable[[str], exp.Expr]) -> exp.Expr:
    macro = macros()[name]
    tree = read(macro.body if macro.table else f"SELECT {macro.body}")
    return tree if macro.table else tree.expressions[0]
