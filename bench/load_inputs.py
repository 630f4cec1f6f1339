"""The logs that the benchmark of loading reads: made by the engine, the same each time."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

_LLM = """SELECT 'req-' || lpad(i::VARCHAR, 9, '0') AS request_id, 'acompletion' AS call_type,
    strftime(TIMESTAMP '2026-04-01' + INTERVAL (i * 132) MILLISECOND, '%Y-%m-%dT%H:%M:%S.%fZ') AS "startTime",
    'user-' || (hash(i) % 25000) AS "user", 'key-' || (hash(i + 1) % 30000) AS api_key,
    'org-' || (hash(i) % 900) AS organization_id,
    '10.' || (hash(i + 2) % 256) || '.' || (hash(i + 3) % 256) || '.' || (hash(i + 4) % 16) AS requester_ip_address,
    'httpx/0.' || (hash(i) % 30) AS user_agent, ['atlas-3', 'atlas-4', 'mini'][1 + (hash(i + 5) % 3)::INT] AS model,
    (20 + hash(i + 6) % 800)::INT AS prompt_tokens, (10 + hash(i + 7) % 1500)::INT AS completion_tokens,
    round((hash(i + 8) % 1000) / 1000.0, 3) AS spend, 'success' AS status,
    'How does ' || (['a tax return', 'a B-tree', 'photosynthesis', 'the Krebs cycle'])[1 + (hash(i + 9) % 4)::INT]
        || ' work, part ' || (hash(i + 10) % 100000) AS messages FROM range({n}) t(i)"""

#: Accounts that ask 1,152 times each, from up to six addresses of their own, some of which others have too.
_HABITS = (
    _LLM.replace("hash(i) % 25000", "account")
    .replace("hash(i + 1) % 30000", "account")
    .replace(
        "'10.' || (hash(i + 2) % 256) || '.' || (hash(i + 3) % 256) || '.' || (hash(i + 4) % 16)",
        "'10.' || (address // 65536) || '.' || (address // 256 % 256) || '.' || (address % 256)",
    )
    .replace(
        "range({n}) t(i)",
        "(SELECT i, account, hash(account * 8 + hash(i + 2) % (1 + account % 6)) % (4 * {accounts}) AS address "
        "FROM (SELECT i, hash(i) % {accounts} AS account FROM range({n}) t(i)))",
    )
)

_ACCESS = """SELECT '10.' || (hash(i + 2) % 256) || '.' || (hash(i + 3) % 256) || '.' || (hash(i + 4) % 16) || ' - '
    || CASE WHEN hash(i) % 3 = 0 THEN 'user-' || (hash(i) % 25000) ELSE '-' END || ' ['
    || strftime(TIMESTAMP '2026-04-01' + INTERVAL (i * 132) MILLISECOND, '%d/%b/%Y:%H:%M:%S') || ' +0000] "'
    || ['GET', 'POST'][1 + (hash(i + 7) % 2)::INT] || ' /v1/'
    || ['chat/completions', 'models', 'embeddings', 'messages'][1 + (hash(i + 9) % 4)::INT] || '?r='
    || (hash(i + 8) % 100000) || ' HTTP/1.1" ' || [200, 200, 200, 404, 429][1 + (hash(i + 1) % 5)::INT] || ' '
    || (hash(i + 5) % 50000) || ' "-" "httpx/0.' || (hash(i) % 30) || '"' FROM range({n}) t(i)"""

#: The members of the NDJSON with the types that the engine's own reader is given.
LLM_COLUMNS = {
    "request_id": "VARCHAR", "call_type": "VARCHAR", "startTime": "TIMESTAMP", "user": "VARCHAR", "api_key": "VARCHAR",
    "organization_id": "VARCHAR", "requester_ip_address": "VARCHAR", "user_agent": "VARCHAR", "model": "VARCHAR",
    "prompt_tokens": "BIGINT", "completion_tokens": "BIGINT", "spend": "DOUBLE", "status": "VARCHAR",
    "messages": "VARCHAR",
}  # fmt: skip
ACCESS_COLUMNS = {
    "ip": "VARCHAR", "ident": "VARCHAR", "account": "VARCHAR", "ts": "TIMESTAMP", "zone": "VARCHAR",
    "request": "VARCHAR", "status": "SMALLINT", "bytes": "BIGINT", "referer": "VARCHAR", "agent": "VARCHAR",
}  # fmt: skip


def ndjson(file: Path, requests: int) -> Path:
    """Write LLM requests, about 360 bytes each."""
    return _copy(file, _LLM.replace("{n}", str(requests)), "FORMAT json")


def habits(file: Path, requests: int) -> Path:
    """Write LLM requests of accounts with addresses of their own; more requests are of more accounts."""
    accounts = max(requests // 1152, 1)
    return _copy(file, _HABITS.replace("{n}", str(requests)).replace("{accounts}", str(accounts)), "FORMAT json")


def access_log(file: Path, requests: int) -> Path:
    """Write a combined log."""
    return _copy(file, _ACCESS.replace("{n}", str(requests)), "FORMAT csv, HEADER false, QUOTE '', DELIMITER '\t'")


def gzipped(plain: Path) -> Path:
    """Compress a file beside itself."""
    packed = plain.with_name(plain.name + ".gz")
    with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return packed


def zstandard(plain: Path) -> Path | None:
    """Compress a file beside itself, if the zstd program is there."""
    packed = plain.with_name(plain.name + ".zst")
    program = shutil.which("zstd")
    if program is None:
        return None
    subprocess.run([program, "-q", "-f", "-o", str(packed), str(plain)], check=True)
    return packed


def small_files(folder: Path, number: int) -> Path:
    """Write many small logs, each with some lines of its own."""
    folder.mkdir()
    for count in range(number):
        record = f'{{"ts":{1767225600 + count},"user":"u{count}","model":"m","status":200}}\n'
        (folder / f"app-{count}.log").write_text(record * (1 + count % 20))
    return folder


def _copy(file: Path, select: str, options: str) -> Path:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{file}' ({options})")
    return file
