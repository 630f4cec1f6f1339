"""A case over a table that stays where it is: which engine, which table, how its columns are named, what it holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as made
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from workbench.case import views
from workbench.case.folder import sha256_file
from workbench.case.settings import ENGINE_SETTING, TABLE_SETTING
from workbench.case.store import Provenance
from workbench.engines import folder
from workbench.engines.connection import SharedConnection
from workbench.engines.mapped import by_format
from workbench.engines.registry import check_url
from workbench.engines.remote import EngineError, Remote
from workbench.engines.segments import MANIFEST
from workbench.engines.tables import EVENT, columns_select
from workbench.engines.translate import parse_sql, translate
from workbench.errors import UsageError
from workbench.formats.registry import format_named
from workbench.sqltext import identifier
from workbench.words import counted

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.case.ledger import Ledger

SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Attachment:
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
    """Let a new case, which nothing was read of yet, have its events in an engine. Raises UsageError."""
    case.ledger.set_setting(ENGINE_SETTING, check_url(url))


def attachment(ledger: Ledger, case: str) -> Attachment:
    """Return what the case of a ledger is attached to. Raises UsageError where that is nothing yet."""
    text = ledger.setting(TABLE_SETTING, "")
    if not text:
        raise UsageError(f"{case} has an engine but no table yet: workbench attach {case}.case TABLE")
    return Attachment(**json.loads(text))


def attach(
    case: Case, table: str, mapping: str = SEGMENTS, manifest: Path | None = None
) -> tuple[Attachment, list[str]]:
    """Look at a table, write down how it is read and what it holds; returns that and the columns that nothing fills.

    ``mapping`` is ``segments`` where the columns have our names, else the name of a log format whose fields the table's
    columns are. ``manifest`` is that of the segments that a table was filled from; a folder of them has its own.
    Raises UsageError, EngineError.
    """
    url = case.ledger.setting(ENGINE_SETTING, "")
    if not url:
        raise UsageError(f"{case.name} has no engine; make a case that has one: workbench new CASE --engine URL")
    table = folder.absolute(table)
    here = Path(table) if folder.is_here(table) else None
    sha256 = folder.check_manifest(here) if here else None
    if manifest is None and here and (here / MANIFEST).is_file():
        manifest = here / MANIFEST
    listed = _listed(manifest) if manifest else (None, None)
    with SharedConnection(url).held() as remote:
        snapshot = remote.snapshot(table)
        types = remote.columns(table)
        columns = _same_names(types) if mapping == SEGMENTS else by_format(types, format_named(mapping))
        if not columns:
            raise UsageError(
                f"{table} has no column that --map {mapping} knows; it has: {', '.join(sorted(types)[:12])}"
            )
        attachment = Attachment(
            url, table, mapping, columns, {}, 0, None, None, snapshot, sha256, remote.version(), {}, *listed
        )
        counts = ", ".join(f"count({name}) AS n_{name}" for name in columns)
        ask = translate(
            f"SELECT coalesce(format, '') AS f, min(ts) AS first, max(ts) AS last, count(*) AS n, {counts} FROM event "
            "GROUP BY coalesce(format, '')",
            remote.dialect, event_select(attachment, remote), {},
        )  # fmt: skip
        rows = sorted(remote.ask(ask, None).rows)
        attachment = replace(attachment, snapshot=snapshot or _counted(attachment, remote))
    formats = {
        row[0]: {name: int(count) for name, count in zip(("events", *columns), row[3:], strict=True) if count}
        for row in rows
    }
    filled: Counter[str] = Counter()
    for one in formats.values():
        filled.update(one)
    counted = asdict(attachment) | {
        "rows": filled.pop("events", 0),
        "first": min((str(row[1]) for row in rows if row[1]), default=None),
        "last": max((str(row[2]) for row in rows if row[2]), default=None),
        "filled": filled,
        "formats": formats,
    }
    case.ledger.set_setting(TABLE_SETTING, json.dumps(counted))
    return Attachment(**counted), [field.name for field in EVENT if field.name not in counted["filled"]]


def _listed(manifest: Path) -> tuple[str, str]:
    """Return the full path of a manifest that can be read, and its hash. Raises EngineError."""
    try:
        sha256 = sha256_file(manifest)
    except OSError as error:
        raise EngineError(f"{manifest} cannot be read: {error.strerror}") from error
    folder.manifest_sources(manifest.resolve(), sha256)
    return str(manifest.resolve()), sha256


def event_select(found: Attachment, remote: Remote) -> exp.Select:
    """Return the SELECT that stands for ``event``: of the engine's table, in DuckDB's SQL (see ``extractors``)."""
    columns = {name: parse_sql(f"SELECT {text}").expressions[0] for name, text in found.columns.items()}
    source = sqlglot.parse_one(f"SELECT 1 FROM {remote.source(found.table)}", read=remote.dialect)
    lacking = {"entity": views.ENTITY, "entity_kind": views.ENTITY_KIND, "event_id": "request_id"}
    if lacking := {name: text for name, text in lacking.items() if name not in columns}:
        inner = columns_select(source.args["from_"].this, columns).subquery("t")
        columns = {field.name: exp.column(field.name) for field in EVENT}
        columns |= {name: parse_sql(f"SELECT {text}").expressions[0] for name, text in lacking.items()}
        return columns_select(inner, columns)
    return columns_select(source.args["from_"].this, columns)


def check_state(attachment: Attachment, connection: SharedConnection) -> str:
    """Return which table is attached and its state; connects only where it has to.

    Raises EngineError where the table is not the one that was attached, UsageError where triage needs more counts.
    """
    if folder.is_here(attachment.table):
        _same(attachment, folder.state(Path(attachment.table)))
    else:
        with connection.held() as remote:
            unchanged(attachment, remote)
    return json.dumps(
        [
            attachment.url,
            attachment.table,
            attachment.columns,
            attachment.snapshot,
            attachment.sha256,
            attachment.formats,
            attachment.first,
            attachment.last,
        ]
    )


def unchanged(found: Attachment, remote: Remote) -> None:
    """Raise EngineError where the table is not the one that was attached."""
    _same(found, remote.snapshot(found.table) or _counted(found, remote))


def _same(attachment: Attachment, snapshot: str) -> None:
    if snapshot != attachment.snapshot:
        raise EngineError(
            f"{attachment.table} changed since it was attached, so answers would not fit the runs before; "
            f"look at it anew: workbench attach CASE {attachment.table}"
        )


def provenance(found: Attachment, remote: Remote | None = None, translated: str | Mapping[str, str] = "") -> Provenance:
    """Return what a run records of the engine; without a connection, of tables that were derived there before."""
    version = remote.version() if remote else found.version
    return Provenance(version, found.url, found.table, found.snapshot, found.sha256, translated)


def _counted(found: Attachment, remote: Remote) -> str:
    """Return how many events there are and the last one's time, where the engine shows no state of the table."""
    asked = "SELECT count(*) AS n, max(ts) AS last FROM event"
    number, last = remote.ask(translate(asked, remote.dialect, event_select(found, remote), {}), None).rows[0]
    return f"{counted(number, 'event')} to {last}"


def _same_names(types: dict[str, str]) -> dict[str, str]:
    return {field.name: identifier(field.name) for field in EVENT if field.name in types}
