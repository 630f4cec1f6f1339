"""DuckDB's SQL as questions are written in it: what sqlglot does not read of it, or reads as something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import TokenType, exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.duckdb import DuckDBParser


class VariableCall(exp.Expression, exp.Func):
    """``getvariable('name')``: the value of a playbook's parameter."""

    _sql_names = ["GETVARIABLE"]  # noqa: RUF012


class Hash(exp.Expression, exp.Func):
    """``hash(…)``: a number of 64 bits without a sign, which each engine computes in its own way."""

    arg_types = {"expressions": True}  # noqa: RUF012 - as sqlglot declares it
    is_var_len_args = True


class MicrosecondOfMinute(exp.Expression, exp.Func):
    """``microsecond(…)``: the seconds of a time with their fraction, in microseconds."""

    _sql_names = ["MICROSECOND"]  # noqa: RUF012


class ListReduce(exp.Expression, exp.Func):
    """``list_reduce(list, lambda)``: the list's values taken together from the left, beginning with the first."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012


def _span(unit: str) -> Callable[[Sequence[exp.Expr]], exp.Expr]:
    return lambda args: exp.Interval(this=args[0], unit=exp.var(unit))


class DuckDBSQL(DuckDB):
    """What questions are read with, and written with again."""

    class Parser(DuckDBParser):
        """Reads ``to_hours`` and its like as intervals, and ``len`` as that of a list."""

        FUNCTIONS = {  # noqa: RUF012
            **DuckDBParser.FUNCTIONS,
            "EPOCH_US": exp.UnixMicros.from_arg_list,
            "GETVARIABLE": VariableCall.from_arg_list,
            "HASH": Hash.from_arg_list,
            "LEN": exp.ArraySize.from_arg_list,
            "LIST_INTERSECT": exp.ArrayIntersect.from_arg_list,
            "LIST_REDUCE": ListReduce.from_arg_list,
            "LIST_SUM": exp.ArraySum.from_arg_list,
            "MICROSECOND": MicrosecondOfMinute.from_arg_list,
            "STRLEN": exp.ByteLength.from_arg_list,
            "TO_DAYS": _span("DAY"),
            "TO_HOURS": _span("HOUR"),
            "TO_MINUTES": _span("MINUTE"),
            "TO_SECONDS": _span("SECOND"),
            "TO_MILLISECONDS": _span("MILLISECOND"),
        }

        def _parse_bracket_key_value(self, is_map: bool = False) -> exp.Expr | None:
            """Read ``[:name(…)]`` as a slice: sqlglot takes ``:name`` for a placeholder."""
            if not is_map and self._match(TokenType.COLON, advance=False):
                return self._parse_slice(None)
            return super()._parse_bracket_key_value(is_map)

    class Generator(DuckDBGenerator):
        """Writes these functions as they were read."""

        TRANSFORMS = {  # noqa: RUF012
            **DuckDBGenerator.TRANSFORMS,
            exp.ArrayIntersect: lambda self, node: self.func("LIST_INTERSECT", *node.expressions),
            exp.ArraySize: lambda self, node: self.func("LEN", node.this),
            exp.ArraySum: lambda self, node: self.func("LIST_SUM", node.this),
            exp.ByteLength: lambda self, node: self.func("STRLEN", node.this),
            exp.UnixMicros: lambda self, node: self.func("EPOCH_US", node.this),
        }
