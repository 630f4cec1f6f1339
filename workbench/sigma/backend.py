"""A Sigma condition as DuckDB's SQL: what pySigma's SQLite backend writes otherwise.

Every field comes as text from its log source, and every value through ``quoted``, so nothing of a rule is SQL.
Sigma compares texts without regard to case; patterns are ILIKE, regular expressions RE2's (no look-around, no
back-references: the engine refuses such a rule, and none can run for ever).
"""

# mypy: disable-error-code="misc, no-untyped-call, no-any-return, attr-defined"
# ruff: noqa: D102 - the methods are those of the backend's interface

from __future__ import annotations

from typing import Any, ClassVar

from sigma.backends.sqlite import sqliteBackend
from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionOR, ConditionValueExpression
from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaCasedString,
    SigmaExists,
    SigmaFieldReference,
    SigmaNull,
    SigmaRegularExpression,
    SigmaString,
)

from workbench.sigma.sources import WORDS, LogSource, quoted_text

_Field = ConditionFieldEqualsValueExpression


class DuckDBBackend(sqliteBackend):
    """Writes the conditions of rules of one log source."""

    name: ClassVar[str] = "DuckDB over the events of a case"
    null_safe_expression: ClassVar[str] = "coalesce({expr}, false)"
    compare_op_expression: ClassVar[str] = "TRY_CAST({field} AS DOUBLE) {operator} {value}"
    bool_expression: ClassVar[str] = "lower({field}) IN ({value}, '{numeric_value}')"
    re_expression: ClassVar[str] = "regexp_matches({field}, {regex})"
    field_equals_field_expression: ClassVar[str | None] = "lower({field1}) = lower({field2})"
    field_equals_field_startswith_expression: ClassVar[str | None] = "starts_with(lower({field1}), lower({field2}))"
    field_equals_field_endswith_expression: ClassVar[str | None] = "ends_with(lower({field1}), lower({field2}))"
    field_equals_field_contains_expression: ClassVar[str | None] = "contains(lower({field1}), lower({field2}))"
    field_timestamp_part_expression: ClassVar[str | None] = (
        "TRY_CAST(strftime(TRY_CAST({field} AS TIMESTAMP), '{timestamp_part}') AS INTEGER)"
    )

    def __init__(self, source: LogSource) -> None:
        mapping = FieldMappingTransformation(source.mapping)  # type: ignore[arg-type]
        super().__init__(ProcessingPipeline(items=[ProcessingItem(transformation=mapping)]), fulltext_field=WORDS)
        self.source = source

    def condition(self, rule: SigmaRule) -> str:
        """Return a rule's condition; one of several is enough. Raises SigmaError for what cannot be written."""
        return " OR ".join(f"({one})" for one in self.convert_rule(rule))

    def escape_and_quote_field(self, field: str) -> str:
        return self.source.expression(field)

    def convert_condition_field_eq_val_str(self, cond: _Field, state: ConversionState) -> str:
        field, value = self.source.expression(cond.field), cond.value
        if value.contains_special():
            return f"{field} ILIKE {quoted_text(self._pattern(value))} ESCAPE '\\'"
        plain = value.convert(escape_char=None, wildcard_multi=None, wildcard_single=None)
        return f"lower({field}) = lower({quoted_text(plain)})" if plain else f"coalesce({field}, '') = ''"

    def convert_condition_field_eq_val_str_case_sensitive(self, cond: _Field, state: ConversionState) -> str:
        return f"{self.source.expression(cond.field)} LIKE {quoted_text(self._pattern(cond.value))} ESCAPE '\\'"

    def convert_condition_field_eq_val_num(self, cond: _Field, state: ConversionState) -> str:
        return f"TRY_CAST({self.source.expression(cond.field)} AS DOUBLE) = {float(cond.value.number)!r}"

    def convert_value_re(self, r: SigmaRegularExpression, state: ConversionState) -> str:
        return quoted_text(str(TextQueryBackend.convert_value_re(self, r, state)))

    def convert_condition_val_str(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        how = "LIKE" if isinstance(cond.value, SigmaCasedString) else "ILIKE"
        return f"{self.source.expression(WORDS)} {how} {quoted_text(f'%{self._pattern(cond.value)}%')} ESCAPE '\\'"

    def convert_condition_val_num(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        return f"contains({self.source.expression(WORDS)}, {quoted_text(str(cond.value))})"

    def finalize_query_default(self, rule: Any, query: str, index: int, state: ConversionState) -> str:
        return query

    def _pattern(self, value: Any) -> str:
        return str(value.convert(escape_char="\\", wildcard_multi="%", wildcard_single="_", add_escaped="\\"))


def needed(condition: Any) -> set[str]:
    """Return the fields without which a parsed condition cannot hold: those of all parts, or of each alternative."""
    if isinstance(condition, ConditionFieldEqualsValueExpression):
        value = condition.value
        empty = isinstance(value, SigmaNull) or (isinstance(value, SigmaString) and not str(value))
        if empty or (isinstance(value, SigmaExists) and not value.exists):
            return set()
        more = {value.field} if isinstance(value, SigmaFieldReference) else set()
        return {condition.field, *more}
    if isinstance(condition, ConditionValueExpression):
        return {WORDS}
    if isinstance(condition, ConditionAND | ConditionOR):
        parts = [needed(part) for part in condition.args]
        if not parts:
            return set()
        return set.union(*parts) if isinstance(condition, ConditionAND) else set.intersection(*parts)
    return set()
