"""A case over a table that stays where it is: which engine, which table, how its columns are named, what it holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as made
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from workbench.case import views
from workbench.case.folder import sha256_file
from workbench.engines import folder
from workbench.engines.line import connected
from workbench.engines.mapped import by_format
from workbench.engines.remote import EngineError, Remote, check_url
from workbench.engines.segments import MANIFEST
from workbench.engines.tables import EVENT, event_select
from workbench.engines.translate import RULES, parse, translate
from workbench.errors import UsageError
from workbench.formats.registry import format_named
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case

ENGINE, TABLE = "engine", "engine_table"
SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Attached:
    """A table of an engine. ``columns`` has the SQL (DuckDB's) of each of our columns that it has.

    ``filled`` counts their values, ``formats`` the same by log format; a table that was never loaded has one, ``""``.
    ``manifest`` is the file that lists the logs that the events come from, with its hash in ``manifest_sha256``.
    """

    url: str
    table: str
    map: str
    columns: dict[str, str]
    filled: dict[str, int]
    rows: int
    first: str | None
    last: str | None
    snapshot: str
    sha256: str | None
    version: str
    formats: dict[str, dict[str, int]] = made(default_factory=dict)
    manifest: str | None = None
    manifest_sha256: str | None = None


def use(case: Case, url: str) -> None:
    """Let a new case have its events in an engine. Raises UsageError."""
    case.ledger.set_setting(ENGINE, check_url(url))


def attached(case: Case) -> Attached:
    """Return what the case is attached to. Raises UsageError where that is nothing yet."""
    text = case.ledger.setting(TABLE, "")
    if not text:
        raise UsageError(f"{case.name} has an engine but no table yet: workbench attach {case.name}.case TABLE")
    return Attached(**json.loads(text))


def attach(case: Case, table: str, mapping: str = SEGMENTS, manifest: Path | None = None) -> tuple[Attached, list[str]]:
    """Look at a table, write down how it is read and what it holds; returns that and the columns that nothing fills.

    ``mapping`` is ``segments`` where the columns have our names, else the name of a log format whose fields the table's
    columns are. ``manifest`` is that of the segments that a table was filled from; a folder of them has its own.
    Raises UsageError, EngineError.
    """
    url = case.ledger.setting(ENGINE, "")
    if not url:
        raise UsageError(f"{case.name} has no engine; make a case that has one: workbench new CASE --engine URL")
    table = folder.absolute(table)
    here = Path(table) if folder.is_here(table) else None
    sha256 = folder.check(here) if here else None
    if manifest is None and here and (here / MANIFEST).is_file():
        manifest = here / MANIFEST
    listed = _listed(manifest) if manifest else (None, None)
    with connected(case) as remote:
        snapshot = remote.snapshot(table)
        types = remote.columns(table)
        columns = _same_names(types) if mapping == SEGMENTS else by_format(types, format_named(mapping))
        if not columns:
            raise UsageError(
                f"{table} has no column that --map {mapping} knows; it has: {', '.join(sorted(types)[:12])}"
            )
        found = Attached(
            url, table, mapping, columns, {}, 0, None, None, snapshot, sha256, remote.version(), {}, *listed
        )
        counts = ", ".join(f"count({name}) AS n_{name}" for name in columns)
        ask = translate(
            f"SELECT coalesce(format, '') AS f, min(ts) AS first, max(ts) AS last, count(*) AS n, {counts} FROM event "
            "GROUP BY coalesce(format, '')",
            remote.dialect, event(found, remote), {},
        )  # fmt: skip
        rows = sorted(remote.ask(ask, None).rows)
        found = replace(found, snapshot=snapshot or _counted(found, remote))
    formats = {
        row[0]: {name: int(count) for name, count in zip(("events", *columns), row[3:], strict=True) if count}
        for row in rows
    }
    filled: Counter[str] = Counter()
    for one in formats.values():
        filled.update(one)
    told = asdict(found) | {
        "rows": filled.pop("events", 0),
        "first": min((str(row[1]) for row in rows if row[1]), default=None),
        "last": max((str(row[2]) for row in rows if row[2]), default=None),
        "filled": filled,
        "formats": formats,
    }
    case.ledger.set_setting(TABLE, json.dumps(told))
    return Attached(**told), [field.name for field in EVENT if field.name not in told["filled"]]


def logs(case: Case) -> list[dict[str, Any]]:
    """Return what is known of the logs that the attached segments were made of; none where that is nothing.

    Raises UsageError where nothing is attached yet, EngineError where the manifest is another by now.
    """
    found = attached(case)
    return folder.logs(Path(found.manifest), found.manifest_sha256) if found.manifest and found.manifest_sha256 else []


def _listed(manifest: Path) -> tuple[str, str]:
    """Return the full path of a manifest that can be read, and its hash. Raises EngineError."""
    try:
        sha256 = sha256_file(manifest)
    except OSError as error:
        raise EngineError(f"{manifest} cannot be read: {error.strerror}") from error
    folder.logs(manifest.resolve(), sha256)
    return str(manifest.resolve()), sha256


def event(found: Attached, remote: Remote) -> exp.Select:
    """Return the SELECT, in the engine's terms, that stands for ``event``."""
    rule = RULES[remote.dialect]
    columns = {name: rule(parse(f"SELECT {text}")).expressions[0] for name, text in found.columns.items()}
    source = sqlglot.parse_one(f"SELECT 1 FROM {remote.source(found.table)}", read=remote.dialect)
    lacking = {"entity": views.ENTITY, "entity_kind": views.ENTITY_KIND, "event_id": "request_id"}
    if lacking := {name: text for name, text in lacking.items() if name not in columns}:
        inner = event_select(source.args["from_"].this, columns).subquery("t")
        columns = {field.name: exp.column(field.name) for field in EVENT}
        columns |= {name: rule(parse(f"SELECT {text}")).expressions[0] for name, text in lacking.items()}
        return event_select(inner, columns)
    return event_select(source.args["from_"].this, columns)


def check(case: Case, found: Attached) -> None:
    """Raise EngineError where the table is not the one that was attached; connects only where it has to."""
    if folder.is_here(found.table):
        _same(found, folder.state(Path(found.table)))
        return
    with connected(case) as remote:
        unchanged(found, remote)


def unchanged(found: Attached, remote: Remote) -> None:
    """Raise EngineError where the table is not the one that was attached."""
    _same(found, remote.snapshot(found.table) or _counted(found, remote))


def _same(found: Attached, snapshot: str) -> None:
    if snapshot != found.snapshot:
        raise EngineError(
            f"{found.table} changed since it was attached, so answers would not fit the runs before; "
            f"look at it anew: workbench attach CASE {found.table}"
        )


def told(found: Attached, remote: Remote | None = None, sql: str | Mapping[str, str] = "") -> dict[str, Any]:
    """Return what a run's entry says of the engine; without a connection, of tables that were derived there before."""
    return {
        "engine": remote.version() if remote else found.version,
        "url": found.url,
        "table": found.table,
        "snapshot": found.snapshot,
        "table_sha256": found.sha256,
        "translated": sql,
    }


def _counted(found: Attached, remote: Remote) -> str:
    """Return how many events there are and the last one's time, where the engine shows no state of the table."""
    asked = "SELECT count(*) AS n, max(ts) AS last FROM event"
    number, last = remote.ask(translate(asked, remote.dialect, event(found, remote), {}), None).rows[0]
    return f"{counted(number, 'event')} to {last}"


def _same_names(types: dict[str, str]) -> dict[str, str]:
    return {field.name: views.identifier(field.name) for field in EVENT if field.name in types}
