"""What a playbook's answer has that the one before it had not: rows that are new, gone or changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.evidence.runs import as_it_was, typed
from workbench.values import cell

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.execute import Table
    from workbench.case.store import Watch
    from workbench.playbooks import Answer


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows that differ from the run before: ``change``, then the columns (``old → new`` where a cell changed)."""

    run: int
    at: str
    columns: list[str]
    rows: list[tuple[Any, ...]]
    same: int

    def said(self) -> str:
        """Return in one line how many rows differ."""
        counts = [f"{sum(row[0] == kind for row in self.rows):,} {kind}" for kind in ("new", "gone", "changed")]
        return f"since run {self.run} ({self.at}): {', '.join(counts)}, {self.same:,} the same"


def compare(case: Case, answer: Answer, watch: Watch) -> Comparison:
    """Ask the run before this one again, of the case as it was then, and compare the rows.

    A row is known again by the thing that it stands for, else by its cells that are text. ``watch`` is opened with the
    connection while the run is asked again, to stop it. Raises UsageError where the playbook was not asked before,
    EvidenceError where the case does not fit its chain.
    """
    from workbench.playbooks.model import read
    from workbench.playbooks.run import run

    runs = case.ledger.rows(
        "SELECT * FROM run WHERE kind = 'playbook' AND name = ? AND run < ? ORDER BY run DESC LIMIT 1",
        answer.playbook.name,
        answer.run,
    )
    if not runs:
        raise UsageError(f"{answer.playbook.name} was not asked of this case before: there is nothing to compare with")
    before = dict(runs[0])
    parameters = {name: typed(value) for name, value in json.loads(before["parameters"]).items()}
    with as_it_was(case, before["run"]) as then:
        book = read(before["sql"], before["name"], "compare", f"run {before['run']}")
        cursor = then.cursor(book.sql, watch)
        with watch(cursor):
            old = run(then, book, parameters, cursor=cursor).table
    rows, same = differences(old, answer.table, answer.playbook.entity[1] if answer.playbook.entity else None)
    at = str(before["run_at"])[:16].replace("T", " ")
    return Comparison(before["run"], at, ["change", *answer.table.columns], rows, same)


def differences(old: Table, new: Table, entity: str | None) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows that are new, gone or changed, and how many are the same."""
    at = {name: place for place, name in enumerate(old.columns)}
    brought = [tuple(row[at[name]] if name in at else None for name in new.columns) for row in old.rows]
    keys = _key_places(new.columns, [*new.rows, *brought], entity)
    known, left = _by_key(brought, keys), _by_key(new.rows, keys)
    listed: list[tuple[Any, ...]] = []
    same = 0
    for key, row in left.items():
        past = known.pop(key, None)
        if past is None:
            listed.append(("new", *row))
        elif past == row:
            same += 1
        else:
            listed.append(("changed", *(_changed(was, now) for was, now in zip(past, row, strict=True))))
    listed += [("gone", *row) for row in known.values()]
    order = ("new", "gone", "changed")
    return sorted(listed, key=lambda row: order.index(row[0])), same


def _key_places(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], entity: str | None) -> list[int]:
    if entity in columns and entity is not None:
        return [columns.index(entity)]
    texts = [at for at in range(len(columns)) if all(row[at] is None or isinstance(row[at], str) for row in rows)]
    return texts or [0]


def _by_key(rows: Sequence[tuple[Any, ...]], keys: Sequence[int]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return rows by what they are known by; a further one of the same key is told apart by its number."""
    by_key: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        key = json.dumps([cell(row[at]) for at in keys])
        seen[key] = seen.get(key, 0) + 1
        by_key[key, seen[key]] = row
    return by_key


def _changed(was: object, now: object) -> object:
    return now if was == now else f"{cell(was)} → {cell(now)}"
