"""What would leave a case under a policy, field by field, before anything does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from workbench.export.export import column_names, query_for, reading, selection
from workbench.export.policy import TREATMENTS
from workbench.export.redact import Redactor
from workbench.export.totals import spent

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.export.policy import Policy

COLUMNS = ("field", "leaves", "rows_with_it", "different_before", "different_after", "example")
#: Rows that are looked at; a preview is to be quick.
SAMPLE = 100_000


def preview(case: Case, what: str, policy: Policy, tag: str | None = None) -> list[tuple[object, ...]]:
    """Return a row of :data:`COLUMNS` a field; the example is a value as it would leave. Nothing is written."""
    redactor = Redactor.of(case, policy)
    redactor.allow(what)
    if what == "totals":
        after = spent(case) + (policy.epsilon or 0.0)
        said = f"with noise, epsilon {policy.epsilon or 0:g} (then {after:g} of {policy.budget:g} spent)"
        return [(name, said, None, None, None, "") for name in ("accounts", "requests")]
    sql = query_for(case, what, tag)
    parameters = selection(tag, everything=tag is None)
    with reading(case, what, parameters) as at:
        names = column_names(at, sql, parameters)
        redactor.prepare(at, sql, parameters, names)
        before = at.query(sql, parameters, limit=SAMPLE).rows
    kept = redactor.columns(names)
    after_rows = list(redactor.rows(names, before))
    rows: list[tuple[object, ...]] = []
    for index, name in enumerate(names):
        treatment = policy.of(name)
        raw = [row[index] for row in before if row[index] is not None]
        leaving = [row[kept.index(name)] for row in after_rows] if name in kept else []
        left = [value for value in leaving if value is not None]
        example = left[0] if left else ""
        rows.append((name, TREATMENTS[treatment], len(raw), _different(raw), _different(left), example))
    return rows


def _different(values: list[object]) -> int:
    return len({hashlib.sha256(repr(value).encode(errors="surrogatepass")).digest()[:8] for value in values})
