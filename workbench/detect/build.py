"""What triage is made of, kept in the case's ``derived/`` folder and made again only when the segments changed.

Kept are: ``judged`` (a row an entity: figures, evidence, score), ``shared`` (what members of a group have in common, in
words: addresses, payment methods, keys, an example of each template), ``base`` (what is usual in this case).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import addresses
from workbench.case.store import EventStore, Provenance
from workbench.detect.subject import Subject, subject
from workbench.errors import CaseError, QueryCancelled
from workbench.sqltext import parquet, target_literal
from workbench.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from workbench.case import Case

TABLES = ("judged", "shared", "base")
#: What is recorded of another engine, where one made the tables of events.
SOURCE = "told"

_BASE = """
CREATE TEMP TABLE base AS
SELECT count(*) AS entities, {attainable}::DOUBLE AS attainable, median(requests) AS requests,
    median(addresses) AS addresses,
    median(mean_output) AS mean_output, median(output_ratio) AS output_ratio, median(eliciting) AS eliciting,
    median(night) AS night, median(coalesce(template_share, 0)) AS template_share,
    (SELECT avg((addresses > 0)::INTEGER) FROM stranger) AS strangers_share_address,
    (SELECT avg((templates > 0)::INTEGER) FROM stranger) AS strangers_share_template,
    (SELECT sum(together) / nullif(sum(expected), 0) FROM stranger) AS strangers_sync
FROM judged"""

_SHARED = """
CREATE TEMP TABLE shared AS
WITH example AS (
    SELECT template, any_value(head) AS head FROM filled JOIN asked USING (id, h) GROUP BY template
), word AS (
    SELECT DISTINCT 'address' AS kind, hash(value) AS value, value AS said FROM place
    UNION ALL SELECT DISTINCT 'payment', hash(value), value FROM payment
    UNION ALL SELECT DISTINCT 'key', hash(value), value FROM api
    UNION ALL SELECT 'template', template, head FROM example
)
SELECT owned.team, owned.kind, said, owned.members, owned.declared, attribute.id, attribute.share, attribute.holders
FROM owned JOIN attribute USING (kind, value) JOIN member USING (id, team) JOIN word USING (kind, value)
WHERE owned.kind <> 'network'"""


@dataclass(frozen=True, slots=True)
class Built:
    """The kept tables of one kind of entity; ``table(name)`` is a table expression for a query of the case.

    ``provenance`` is what a run records of another engine that was queried: its version, the table, the SQL.
    """

    subject: Subject
    files: dict[str, Path]
    provenance: Provenance | None = None

    def table(self, name: str) -> str:
        """Return the table expression of a kept table."""
        return parquet(self.files[name].resolve())


def build(case: Case, by: str, cursor: duckdb.DuckDBPyConnection | None = None) -> Built:
    """Return the tables for one kind of entity, made if need be (minutes on a very large case, once).

    Raises UsageError where the case has no such entity, QueryCancelled when interrupted.
    """
    judged = subject(case.store.formats(), by, has_lines=case.store.has_lines)
    stem = f"triage-{by}"
    key = _key(case, judged)
    files = {name: case.folder.derived / f"{stem}-{name}-{key}.parquet" for name in TABLES}
    source = case.folder.derived / f"{stem}-{SOURCE}-{key}.json"
    needed = [*files.values(), *([source] if case.store.url else [])]
    if not all(file.exists() for file in needed):
        _make(case, judged, (*files.values(), source), cursor)
        for stale in case.folder.derived.glob(f"{stem}-*"):
            if stale not in (*files.values(), source):
                with contextlib.suppress(OSError):
                    stale.unlink()
    made_by = Provenance(**json.loads(source.read_text(encoding="utf-8"))) if source in needed else None
    return Built(judged, files, made_by)


@cache
def _code() -> bytes:
    """What the tables are made by: another version of this package makes them again."""
    digest = hashlib.sha256()
    for file in (*sorted(Path(__file__).parent.glob("*.py")), Path(addresses.__file__)):
        digest.update(file.read_bytes())
    return digest.digest()


def _key(case: Case, judged: Subject) -> str:
    made_of = judged.select.encode() + str(case.gap_minutes).encode() + case.store.state().encode()
    return hashlib.sha256(_code() + made_of).hexdigest()[:16]


def _make(case: Case, judged: Subject, files: Sequence[Path], cursor: duckdb.DuckDBPyConnection | None) -> None:
    import duckdb

    from workbench.case.derived import keep_derived
    from workbench.case.execute import first_line

    # Where another engine has the events, the views that the subject is read from are there, not here.
    cursor = cursor or case.cursor("" if case.store.url else judged.select)
    with case.folder.workspace("derive") as work:
        try:
            provenance = compute(case.store, judged, cursor)
            for name, file in zip(TABLES, files, strict=False):
                cursor.execute(
                    f"COPY {name} TO {target_literal((work / file.name).resolve())} (FORMAT parquet, COMPRESSION zstd)"
                )
        except duckdb.InterruptException as error:
            raise QueryCancelled("cancelled") from error
        except duckdb.Error as error:
            raise CaseError(f"{plural(judged.by)} cannot be judged: {first_line(error)}") from error
        finally:
            _drop(cursor)
        if provenance:
            text = json.dumps(provenance.as_dict(), ensure_ascii=False)
            (work / files[-1].name).write_text(text, encoding="utf-8")
        for file in files:
            if (work / file.name).exists():
                keep_derived(case.ledger, work / file.name, file, file.name.rpartition("-")[0])


def compute(store: EventStore, judged: Subject, cursor: duckdb.DuckDBPyConnection) -> Provenance | None:
    """Make all temporary tables on a connection, from events to scores; returns who made those of events."""
    from workbench.detect import groups, pairs, profile, scoring, similarity, templates

    def run(sql: str) -> None:
        cursor.execute(sql)

    with store.event_tables({"act": judged.select}, cursor) as tables:
        profile.make_profile(run, tables.make)
        entities, low, high = cursor.execute("SELECT (SELECT count(*) FROM profile), low, high FROM span").fetchall()[0]
        if judged.has("prompt"):
            templates.make_texts(
                run, tables.make, min(profile.SAMPLE, max(30, profile.SAMPLED_PROMPTS // max(entities, 1)))
            )
        else:
            templates.no_texts(run)
    if judged.has("prompt"):
        similarity.make_style(run)
    else:
        similarity.no_style(run)
    pairs.make_attributes(run)
    pairs.make_pairs(run, low or 0, high or 0)
    groups.link_pairs(run)
    groups.join_groups(cursor)
    scoring.make_evidence(run, judged)
    run(_BASE.format(attainable=scoring.attainable(judged)))
    run(_SHARED)
    return tables.provenance


def _drop(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let go of the temporary tables: the connection may live on."""
    import duckdb

    with contextlib.suppress(duckdb.Error):
        for kind in ("VIEW", "TABLE"):
            listed = cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'temp' AND table_type = ?",
                ["VIEW" if kind == "VIEW" else "LOCAL TEMPORARY"],
            ).fetchall()
            for (name,) in listed:
                cursor.execute(f'DROP {kind} IF EXISTS "{name}"')
