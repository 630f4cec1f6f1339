"""The README of a bundle: it tells a stranger what is in it and how to check it with standard tools only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.export.policy import Policy

_ABOUT = {
    "sessions": "sessions: one account's, key's or client's requests without a long pause between",
    "accounts": "accounts, with figures over the whole case",
    "events": "every request, with the number of its source and its line there",
    "records": "the requests' lines as they stand in the original logs (record; base64 where they are not UTF-8); "
    "verbatim: open it as text, a spreadsheet might take a cell for a formula",
    "tags": "what investigators said: tag, note, who and when",
    "totals": "counts with noise (differential privacy); ..._within says how far off 95 in 100 of them are at most",
    "sources": "the logs that were loaded: SHA-256 of the file, its size and times, and the accounting of its lines",
    "engine": "the engine that has the events: its version, their table and its state (snapshot, and for segments the "
    "SHA-256 of their files), the SQL that asked for the events of this package, their number",
    "findings": "what triage says: score, reasons with the playbook that gives each, innocent explanations tested",
    "runs": "every question that was asked: SQL, parameters, versions, and a hash of its answer",
    "audit": "the audit chain: every act in the case, each entry with the hash of the one before",
    "head": "the number of entries of that chain, and the hash of the last",
    "report": "the same for reading",
}


def readme(files: Sequence[str], policy: Policy | None, missing: Sequence[str], tools: str) -> str:
    """Return the README's text."""
    lines = [
        "# Evidence from request logs",
        "",
        f"This package holds what investigators tagged in a case, made with {tools}.",
        "",
        "## What is in it",
        "",
    ]
    stems = dict.fromkeys(file.split(".")[0] for file in files if "/" not in file)
    for stem in stems:
        names = ", ".join(f"`data/{file}`" for file in files if file.split(".")[0] == stem)
        lines.append(f"- {names}: {_ABOUT.get(stem, stem)}")
    if any(file.startswith("playbooks/") for file in files):
        lines.append("- `data/playbooks/`: the questions themselves, as SQL with a header that says what they mean")
    if "playbooks/macros.sql" in files:
        lines.append("- `data/playbooks/macros.sql`: the SQL macros that some of them call, to be run before them")
    if policy:
        lines += ["", "## What was withheld", "", f"Disclosed under the policy *{policy.name}*: {policy.about}.", ""]
        lines += [f"- {name}: {treatment}" for name, treatment in sorted(policy.fields.items()) if treatment != "keep"]
        lines += [
            "- every field that is not named here or in a table: left out",
            "",
            f"Groups of fewer than {policy.k} are not named. A pseudonym stands for the same thing wherever it occurs.",
            "Whoever made this package can prove what a pseudonym stands for, one by one: ask for its *opening*, 64",
            "hexadecimal digits, and compare the digits of the pseudonym with the result of",
            "",
            "    printf %s KIND:VALUE | openssl dgst -r -sha256 -mac HMAC -macopt hexkey:OPENING | cut -c 1-32",
        ]
    if missing:
        lines += ["", "## What is missing", "", *(f"- {text}" for text in missing)]
    return "\n".join([*lines, "", *_checks(files)])


def _checks(files: Sequence[str]) -> list[str]:
    lines = [
        "## How to check it, with standard tools",
        "",
        "Nothing changed since it was packed (this is a BagIt package, RFC 8493; run it in the folder above `data`):",
        "",
        "    sha256sum --check manifest-sha256.txt tagmanifest-sha256.txt",
        "",
        "If a signature came with it (a `.sig` beside the `.tar`; SIGNERS holds a line `NAME KEY` with the public key",
        "that you were given by another way):",
        "",
        "    ssh-keygen -Y verify -f SIGNERS -I NAME -n workbench-bundle -s FILE.tar.sig < FILE.tar",
        "",
    ]
    if "sources.csv" in files:
        lines += [
            "A log you were given is the one that was loaded, if its sum is the one in `data/sources.csv`:",
            "",
            "    sha256sum LOG",
            "",
        ]
    if "records.csv" in files:
        lines += ["A record is where it is said to be (line N of a log; `zcat` first where it is compressed):", "",
                  "    sed -n 'Np' LOG", ""]  # fmt: skip
    if "engine.json" in files:
        lines += [
            "Segments that you were given are the ones that were asked, if this prints the `table_sha256` of",
            "`data/engine.json` (run it in their folder):",
            "",
            "    find . -name '*.parquet' | cut -c 3- | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum |",
            "      sed -E 's/^([0-9a-f]+)  (.*)$/\\2 \\1/' | sha256sum",
            "",
        ]
    if "events.parquet" in files:
        lines += [
            "The tables are CSV and Parquet with the same rows; any Parquet reader opens them, for example DuckDB:",
            "",
            "    duckdb -c \"SELECT entity, count(*) FROM 'data/events.parquet' GROUP BY ALL ORDER BY 2 DESC\"",
            "",
        ]
    if "audit.jsonl" in files:
        lines += [
            "The audit chain: each entry's `hash` is the SHA-256 of the JSON list",
            "`[prev, seq, at, who, action, detail]` without blanks, in UTF-8; `prev` is the one of the entry before:",
            "",
            "    python3 -c 'import json,hashlib",
            '    p=""',
            '    for l in open("data/audit.jsonl",encoding="utf-8"):',
            "     e=json.loads(l)",
            '     b=[p,*(e[k] for k in ("seq","at","who","action","detail"))]',
            '     b=json.dumps(b,ensure_ascii=False,separators=(",",":"))',
            '     assert e["prev"]==p and hashlib.sha256(b.encode()).hexdigest()==e["hash"], e["seq"]; p=e["hash"]',
            "    print(p)'",
            "",
            "It prints the head, which is also in `data/head.json`; a head or a seal that you were given earlier must",
            "be the `hash` of one of its entries.",
            "",
        ]
    return [*lines, "With workbench itself: `workbench verify FILE.tar`.", ""]
