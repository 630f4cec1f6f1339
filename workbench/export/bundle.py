"""The evidence bundle: what is tagged, with everything that a stranger needs to check it, in one BagIt package.

The same case gives the same bytes: nothing of the moment or the machine is in it. The audit chain goes up to the last
entry that is not itself about handing something over, so that making a bundle does not change the next one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.case.acts.handover import BundleWritten
from workbench.case.folder import atomic_write, publish, sha256_file
from workbench.case.tags import Tag
from workbench.csvfile import write_csv
from workbench.errors import ExportError, UsageError
from workbench.evidence.bag import write_bag
from workbench.export.export import QUERIES, selection
from workbench.export.redact import Redactor
from workbench.sqltext import file_literal, identifier, literal, target_literal
from workbench.values import plain

if TYPE_CHECKING:
    from workbench.case import Case
    from workbench.detect import Finding
    from workbench.export.policy import Policy
    from workbench.export.report_model import Accepted

_TABLES = ("sessions", "accounts", "events", "tags")
_RUN = (
    "run", "run_at", "run_by", "kind", "name", "sql", "parameters", "rows", "result", "result_order", "cut", "segments",
    "inputs", "tools",
)  # fmt: skip
_SOURCE = (
    "source", "path", "sha256", "bytes", "mtime", "format", "lines", "event_lines", "events", "rejects", "skipped",
    "first", "last", "loaded_at", "loaded_by", "loader", "error", "warnings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundled:
    """A finished bundle: where, its SHA-256, how many events, and what had to be left out."""

    path: Path
    sha256: str
    events: int
    missing: tuple[str, ...]


def bundle(
    case: Case,
    path: Path,
    *,
    tag: str | None = None,
    finding: str | None = None,
    policy: Policy | None = None,
    key: Path | None = None,
) -> Bundled:
    """Write a bundle of what carries a tag (any tag, if none is named) or of one finding, and note it in the chain.

    It appears whole or not at all; with ``key`` its signature stands beside it. Raises ExportError, UsageError.
    """
    chosen = _chosen(case, tag, finding)
    if policy is not None and not set(policy.tables) & {*_TABLES, "findings"}:
        raise ExportError(
            f"policy {policy.name} lets only {', '.join(policy.tables)} leave, and a bundle holds none: "
            "workbench export CASE totals --redact …"
        )
    if key is not None and not key.is_file():
        raise UsageError(f"there is no key {key}; ssh-keygen -t ed25519 makes one")
    missing: list[str] = []
    with atomic_write(path) as unpublished:
        which = selection(tag, finding)
        with case.folder.workspace("bundle") as work, case.tagged(which) as at:
            contents = _Contents(case, at, work, chosen, which, policy, missing)
            contents.gather()
            info = {
                "Source-Organization": "not stated" if policy else case.name,
                "External-Description": "evidence from request logs, made by workbench",
                "Bag-Software-Agent": contents.tools,
            }
            with unpublished.open("wb") as out:
                write_bag(out, "bundle", contents.files, info)
        digest = sha256_file(unpublished)
        act = BundleWritten(path.name, digest, tag, finding, policy.name if policy else None, contents.events)
        with case.ledger.act(act):
            publish(unpublished, path)
    if key is not None:
        from workbench.evidence.seal import BUNDLE_NAMESPACE, sign

        sign(path, key, BUNDLE_NAMESPACE)
    return Bundled(path, digest, contents.events, tuple(missing))


def _chosen(case: Case, tag: str | None, finding: str | None) -> list[Tag]:
    """Return the tags whose things the bundle is about."""
    if tag is not None and finding is not None:
        raise UsageError("a bundle is of a tag or of a finding; name one of them")
    tags = case.tags.all(tag=tag)
    if finding is not None:
        tags = [one for one in tags if one.id == finding]
    if not tags:
        known = ", ".join(case.tags.names()) or "none yet"
        what = (
            f"nothing is tagged {tag!r}" if tag else f"{finding!r} carries no tag" if finding else "nothing is tagged"
        )
        raise ExportError(f"{what}, so there is nothing to bundle; tags in this case: {known}")
    return tags


class _Contents:
    """Gathers the payload's files, in memory where they are small, else in a workspace.

    ``at`` is the case in which its events are read: itself, or with the part that was brought from another engine.
    """

    def __init__(
        self,
        case: Case,
        at: Case,
        work: Path,
        chosen: list[Tag],
        which: dict[str, object],
        policy: Policy | None,
        missing: list[str],
    ) -> None:
        from workbench.case.identity import versions

        self.at = at
        self.case, self.work, self.chosen, self.which, self.missing = case, work, chosen, which, missing
        self.policy = policy
        self.redactor = Redactor.of(case, policy) if policy else None
        self.files: dict[str, Path | bytes] = {}
        self.events = 0
        self.tools = versions()

    def gather(self) -> None:
        """Collect everything the bundle holds."""
        findings = self._findings()
        for name in _TABLES:
            if self._may(name):
                self._table(name)
        if self.policy is None:
            self._records()
            self._playbooks(findings)
            self._runs()
            self._enrichments()
        self._sources()
        self._engine()
        self._chain()
        self._readme()

    def _may(self, table: str) -> bool:
        return self.policy is None or table in self.policy.tables

    def _table(self, name: str) -> None:
        sql = QUERIES[name]
        empty = self.at.query(f"SELECT * FROM ({sql}) LIMIT 0", self.which)
        columns, types = empty.columns, dict(zip(empty.columns, empty.types, strict=True))
        if self.redactor:
            self.redactor.prepare(self.at, sql, self.which, columns)
        _, rows = self.at.stream(sql, self.which, trusted=True)
        if self.redactor:
            rows = self.redactor.rows(columns, rows)
            columns = self.redactor.columns(columns)
        number = self._write_both(name, columns, rows, types)
        if name == "events":
            self.events = number

    def _write_both(
        self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], types: dict[str, str]
    ) -> int:
        """Write rows as CSV and, of the same rows, as Parquet."""
        text, lines = self.work / f"{name}.csv", self.work / f"{name}.ndjson"
        with lines.open("w", encoding="utf-8", errors="backslashreplace") as beside:

            def passing() -> Iterator[Sequence[Any]]:
                for row in rows:
                    beside.write(json.dumps(dict(zip(columns, map(plain, row), strict=True))) + "\n")
                    yield row

            with text.open("w", encoding="utf-8", newline="", errors="backslashreplace") as out:
                number = write_csv(out, columns, passing())
        shape = {column: types.get(column, "VARCHAR") if self._untouched(column) else "VARCHAR" for column in columns}
        self.files[f"{name}.csv"] = text
        if columns:
            self.files[f"{name}.parquet"] = _parquet(lines, shape, self.work / f"{name}.parquet")
        return number

    def _untouched(self, column: str) -> bool:
        return self.policy is None or (self.policy.of(column) == "keep" and column not in ("entity", "id"))

    def _records(self) -> None:
        from workbench.evidence.records import COLUMNS, verbatim_records
        from workbench.ingest.raw import kept_source

        known = [log for log in self.case.sources() if log.source is not None]
        sources = {log.source or 0: (log.path, log.origin, log.sha256 or "") for log in known}
        placed = f"SELECT * FROM ({QUERIES['events']}) WHERE source IS NOT NULL AND line IS NOT NULL"
        sql = f"SELECT event_id, source, line, lines FROM ({placed}) ORDER BY source, line, item"
        self._without_line()
        _, events = self.at.stream(sql, self.which, trusted=True)
        wanted = ((str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in events)
        text = self.work / "records.csv"
        # Verbatim means verbatim: nothing is put before what a spreadsheet would take for a formula (the README warns).
        with text.open("w", encoding="utf-8", newline="") as out:
            import csv

            writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
            writer.writerow(COLUMNS)
            writer.writerows(verbatim_records(wanted, sources, self.missing, partial(kept_source, self.case)))
        self.files["records.csv"] = text

    def _without_line(self) -> None:
        """Say how many events come from no line of a log."""
        sql = f"SELECT count(*) FROM ({QUERIES['events']}) WHERE source IS NULL OR line IS NULL"
        if number := self.at.query(sql, self.which).rows[0][0]:
            self.missing.append(
                f"{number:,} events are rows of a table that was never loaded from a log, so there is no line to give; "
                "their request ids (events.csv) find them in the table that engine.json names"
            )

    def _findings(self) -> list[str]:
        """Write what triage says of the chosen things and the report; returns the playbooks that reasons cite."""
        from workbench.export.report import build_report
        from workbench.export.report_write import as_html

        if not self._may("findings"):
            return []
        report = build_report(self.case, self.policy, only=self.chosen)
        findings = []
        cited: list[str] = []
        for accepted in report.accepted:
            verdict = {
                "kind": accepted.kind, "id": accepted.name, "tag": self._tag_name(accepted.tag.tag),
                "note": accepted.tag.note, "corroborated": accepted.corroborated,
            }  # fmt: skip
            findings.append(
                {**verdict, "finding": self._told(accepted, accepted.finding) if accepted.finding else None}
            )
            cited += [reason.playbook for reason in accepted.finding.reasons] if accepted.finding else []
        self.files["findings.json"] = _json(findings)
        self.files["report.html"] = as_html(report).encode(errors="backslashreplace")
        return cited

    def _told(self, accepted: Accepted, finding: Finding) -> dict[str, Any]:
        from workbench.export.report import finding_times

        first, last = finding_times(finding, self.policy)
        kept = ("score", "q_value", "rank", "flagged", "campaign", "requests", "reasons", "innocent")
        told = {name: _rounded(value) for name, value in asdict(finding).items() if name in kept}
        return {**told,
                "first": first, "last": last, "run": accepted.run}  # fmt: skip

    def _tag_name(self, name: str) -> str:
        return self.redactor.verdicts(name) if self.redactor else name

    def _playbooks(self, cited: Sequence[str]) -> None:
        """Those that reasons cite, those that were asked of the case, and the macros that they call."""
        from workbench.case.statements import macros_called
        from workbench.errors import PlaybookError
        from workbench.playbooks import Library

        library = Library(self.case.folder.path)
        texts: dict[str, str] = {}
        for name in sorted(set(cited)):
            with contextlib.suppress(PlaybookError):
                texts[name] = library.get(name).text
        asked = self.case.ledger.rows("SELECT DISTINCT name, sql FROM run WHERE kind = 'playbook' ORDER BY name, sql")
        for number, row in enumerate(asked, start=1):
            texts[f"asked-{number:04}-{row['name']}"] = row["sql"]
        called = {macro.name: macro.text for text in texts.values() for macro in macros_called(text)}
        if called:
            texts["macros"] = "\n\n".join(called[name] for name in sorted(called)) + "\n"
        self.files |= {f"playbooks/{name}.sql": text.encode() for name, text in texts.items()}

    def _runs(self) -> None:
        rows = self.case.ledger.rows(f"SELECT {', '.join(_RUN)} FROM run WHERE kind <> 'export' ORDER BY run")
        self.files["runs.jsonl"] = _json_lines(dict(row) for row in rows)

    def _sources(self) -> None:
        rows = [{**log.row(), "warnings": json.dumps(log.warnings)} for log in self.case.sources()]
        kept = _SOURCE if self.policy is None else ("source", "sha256")
        if not self._keeps_hashes():
            return
        text = self.work / "sources.csv"
        with text.open("w", encoding="utf-8", newline="", errors="backslashreplace") as out:
            write_csv(out, kept, ([row[name] for name in kept] for row in rows))
        self.files["sources.csv"] = text

    def _engine(self) -> None:
        """Say which engine has the events, in which state their table was, and what was brought here of it."""
        origin = self.at.store.subset_origin()
        if origin is None:
            return
        if self.policy is not None:
            kept = ("engine", "table_sha256", "part_rows") if self._keeps_hashes() else ("engine", "part_rows")
            origin = {name: origin[name] for name in kept}
        self.files["engine.json"] = _json(origin)

    def _keeps_hashes(self) -> bool:
        return self.policy is None or self.policy.of("source_sha256") == "keep"

    def _chain(self) -> None:
        from workbench.evidence.chain import act_of, checked_entries, entries

        chain = list(checked_entries(entries(self.case.ledger)))
        while chain and act_of(chain[-1]).hands_over:
            chain.pop()
        if self.policy is None:
            self.files["audit.jsonl"] = _json_lines(one.as_dict() for one in chain)
        told = {"entries": len(chain), "head": chain[-1].hash if chain else ""}
        self.files["head.json"] = _json(told)

    def _enrichments(self) -> None:
        """Say which databases and look-ups stand behind what the logs do not say themselves."""
        from workbench.case.enrichment import enrichments

        if found := enrichments(self.case.ledger):
            self.files["enrichments.json"] = _json([asdict(one) for one in found])

    def _readme(self) -> None:
        from workbench.export.bundle_readme import readme

        text = readme(sorted(self.files), self.policy, self.missing, self.tools)
        self.files["README.md"] = text.encode(errors="backslashreplace")


def _rounded(value: Any) -> Any:
    """Return figures to six significant digits: sums over threads differ in the last ones from run to run."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def _parquet(lines: Path, shape: dict[str, str], file: Path) -> Path:
    """Turn JSON lines into Parquet; one thread, so that the same rows give the same bytes."""
    from workbench.case.sandbox import bare_engine

    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in shape.items())
    chosen = ", ".join(identifier(name) for name in shape)
    with bare_engine(str(file.parent)) as bare:
        bare.execute("SET threads = 1")
        bare.execute(
            f"COPY (SELECT {chosen} FROM read_json({file_literal(lines)}, format = 'newline_delimited', "
            f"columns = {{{columns}}}, maximum_object_size = {256 << 20})) TO {target_literal(file)} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    return file


_dumps: Callable[..., str] = partial(json.dumps, ensure_ascii=False, sort_keys=True)


def _json(value: object) -> bytes:
    return (_dumps(value, indent=1) + "\n").encode(errors="backslashreplace")


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(_dumps(row) + "\n" for row in rows).encode(errors="backslashreplace")
