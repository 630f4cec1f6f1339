"""Runs: the queries that were run of a case, each with a hash of its result, as the ledger has them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.case.acts.contents import Ran
from workbench.case.identity import versions

if TYPE_CHECKING:
    from workbench.case.digest import Digest
    from workbench.case.ledger import Ledger
    from workbench.case.store import Provenance

#: What an entry of the chain says of a run besides what it was asked.
_SEALED = ("run", "result", "result_order", "cut", "segments", "inputs", "tools")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``parameters`` is a JSON object; ``result`` and ``result_order`` are hashes (see ``case.digest``).

    ``inputs`` is the hash of the segments' hashes, or the state of another engine's table; ``seconds`` is wall time.
    """

    run: int
    run_at: str
    run_by: str
    kind: str
    name: str
    sql: str
    parameters: str
    rows: int
    seconds: float
    result: str | None
    result_order: str | None
    cut: int | None
    segments: int
    inputs: str
    tools: str


class Runs:
    """The runs of a case. ``provenance`` is recorded with each where its store has one of its own."""

    def __init__(self, ledger: Ledger, provenance: Provenance | None = None) -> None:
        self._ledger, self._provenance = ledger, provenance

    def record(
        self,
        kind: str,
        name: str,
        sql: str,
        parameters: Mapping[str, object],
        rows: int,
        seconds: float,
        digest: Digest | None = None,
        provenance: Provenance | None = None,
    ) -> int:
        """Write down that a query was run, over which segments, and a hash of the result; returns the run's number.

        Where the case can only be read nothing is written, and the number is 0. ``digest`` has taken in the result;
        ``provenance`` describes an engine beyond this process that answered.
        """
        provenance = provenance or self._provenance
        if self._ledger.readonly:
            return 0
        values = parameters_text(parameters)
        result = digest.result() if digest else None
        sql_sha256 = hashlib.sha256(sql.encode(errors="surrogatepass")).hexdigest()
        elsewhere = provenance.as_dict() if provenance else {}
        ran = Ran(kind, name, json.loads(values), rows, sql_sha256, elsewhere=elsewhere)
        tools = versions(provenance.engine if provenance else None)
        with self._ledger.act(ran) as entry:
            db = entry.db
            segments = db.execute("SELECT segment, sha256 FROM segment ORDER BY segment").fetchall()
            inputs = hashlib.sha256("".join(f"{segment['sha256']}\n" for segment in segments).encode()).hexdigest()
            row = {
                "run": db.execute("SELECT coalesce(max(run), 0) + 1 FROM run").fetchone()[0],
                "run_at": entry.at, "run_by": entry.who, "kind": kind, "name": name, "sql": sql, "parameters": values,
                "rows": rows, "seconds": round(seconds, 3),
                "result": result.rows if result else None, "result_order": result.order if result else None,
                "cut": int(result.cut) if result else None,
                "segments": segments[-1]["segment"] if segments else 0,
                "inputs": provenance.snapshot if provenance else inputs, "tools": tools,
            }  # fmt: skip
            db.execute(f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join(f':{column}' for column in row)})", row)
            entry.act = replace(ran, **{column: row[column] for column in _SEALED})
            return int(row["run"])

    def get(self, number: int) -> Run | None:
        """Return a run, or None where there is none of that number."""
        rows = self._ledger.rows(f"SELECT {', '.join(Run.__dataclass_fields__)} FROM run WHERE run = ?", number)
        return Run(*rows[0]) if rows else None

    def same(
        self, kind: str, sql: str, parameters: Mapping[str, object], digest: Digest, provenance: Provenance | None
    ) -> int | None:
        """Return the first run that asked the same with the same versions and had the same result, if any."""
        rows = self._ledger.rows(
            "SELECT run FROM run WHERE kind = ? AND sql = ? AND parameters = ? AND result = ? AND tools = ? "
            "ORDER BY run LIMIT 1",
            kind, sql, parameters_text(parameters), digest.result().rows,
            versions(provenance.engine if provenance else None),
        )  # fmt: skip
        return int(rows[0]["run"]) if rows else None


def parameters_text(parameters: Mapping[str, object]) -> str:
    """Return parameters as the ledger keeps them."""
    return json.dumps(dict(parameters), default=str, ensure_ascii=False, sort_keys=True)
