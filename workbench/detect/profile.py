"""What each entity does: volume, rhythm, clients, payment. One pass over the events a table, all in SQL.

Tables made on the connection: ``profile`` (a row an entity), ``hour`` (entity, hour bin, requests), ``place`` (entity,
address, hash of its network, requests), ``agent`` (entity, client, requests), ``span`` (the case's first and last event
and its hour bins).
"""

from __future__ import annotations

from workbench.addresses import PREFIX4, PREFIX6
from workbench.detect.tables import Make, Run

#: Prompts read an entity, sampled by place in the log where there are more.
SAMPLE = 160
#: In a large case fewer, so that not more than about so many prompts are cut into words.
SAMPLED_PROMPTS = 1_600_000
#: The quietest stretch of the day that a person is expected to sleep, hours.
SLEEP = 8


def ramp(value: str, low: float, high: float) -> str:
    """Return SQL for 0 up to ``low``, 1 from ``high`` on, straight between; nothing known is 0."""
    return (
        f"(CASE WHEN ({value}) IS NULL THEN 0.0 ELSE greatest(0.0, least(1.0, (({value}) - {low}) / {high - low})) END)"
    )


def make_profile(run: Run, read: Make) -> None:
    """Make the tables from the events of a subject (``act``): ``read`` those of the first level, ``run`` the rest."""
    read(
        "about", """
SELECT id, count(*) AS requests, min(ts) AS first, max(ts) AS last,
    count(prompt) FILTER (WHERE length(prompt) >= 12) AS prompts,
    approx_count_distinct(prompt)::BIGINT AS different_prompts,
    sum(input_tokens)::BIGINT AS input_tokens, sum(output_tokens)::BIGINT AS output_tokens,
    avg(output_tokens) FILTER (WHERE output_tokens > 0) AS mean_output,
    avg(stream::INTEGER) AS streamed, avg((temperature > 0)::INTEGER) AS warm,
    count(system_prompt) / count(*) AS with_system, count(session_ref) / count(*) AS in_sessions,
    avg(is_error::INTEGER) AS errors, count(DISTINCT organization) AS organizations,
    min(organization) AS organization
FROM act GROUP BY id""",
    )  # fmt: skip
    read("hour", "SELECT id, epoch_us(ts) // 3600000000 AS bin, count(*) AS n FROM act GROUP BY ALL")
    read(
        "facet", """
SELECT id, client_ip, user_agent, payment_ref, api_key, count(*) AS n, min(ts) AS first, max(ts) AS last
FROM act GROUP BY ALL""",
    )  # fmt: skip
    read(
        "setting", """
SELECT id, temperature, top_p, max_tokens, stream, count(*) AS n
FROM act WHERE coalesce(temperature, top_p, max_tokens) IS NOT NULL GROUP BY ALL""",
    )  # fmt: skip
    # A host's name is a network of its own.
    run(f"""
CREATE TEMP TABLE place AS
SELECT *, hash(coalesce(wb_ip_network_key(value, {PREFIX4}, {PREFIX6}), value)) AS network
FROM (SELECT id, client_ip AS value, sum(n)::BIGINT AS n, min(first) AS first, max(last) AS last
    FROM facet WHERE client_ip IS NOT NULL GROUP BY ALL)""")
    for table, column in (
        ("agent", "user_agent"),
        ("payment", "payment_ref"),
        ("api", "api_key"),
    ):
        run(f"""
CREATE TEMP TABLE {table} AS
SELECT id, {column} AS value, sum(n)::BIGINT AS n, min(first) AS first, max(last) AS last
FROM facet WHERE {column} IS NOT NULL GROUP BY ALL""")
    run(
        "CREATE TEMP TABLE settings AS SELECT id, hash(temperature, top_p, max_tokens, stream) AS value, n FROM setting"
    )
    run("CREATE TEMP TABLE span AS SELECT min(bin) AS low, max(bin) AS high FROM hour")
    run(f"""
CREATE TEMP TABLE rhythm AS
WITH clock AS (
    SELECT id, bin % 24 AS oclock, count(*) AS bins, sum(n) AS n FROM hour GROUP BY ALL
), ring AS (
    SELECT id, t.oclock, coalesce(bins, 0) AS bins FROM (SELECT id FROM about) CROSS JOIN range(24) AS t(oclock)
        LEFT JOIN clock USING (id, oclock)
), quiet AS (
    SELECT a.id, a.oclock, sum(b.bins) AS bins FROM ring AS a JOIN ring AS b
        ON a.id = b.id AND (b.oclock - a.oclock + 24) % 24 < {SLEEP} GROUP BY ALL
)
SELECT id, min(quiet.bins) / any_value(total) AS night, any_value(total)::BIGINT AS active_hours,
    any_value(days)::BIGINT AS active_days
FROM quiet JOIN (SELECT id, count(*) AS total, count(DISTINCT bin // 24) AS days FROM hour GROUP BY id) USING (id)
GROUP BY id""")
    run("""
CREATE TEMP TABLE profile AS
SELECT about.*, night, active_hours, active_days, coalesce(addresses, 0) AS addresses, main_agent,
    coalesce(agents, 0) AS agents
FROM about JOIN rhythm USING (id)
    LEFT JOIN (SELECT id, count(*) AS addresses FROM place GROUP BY id) USING (id)
    LEFT JOIN (SELECT id, arg_max(value, (n, value)) AS main_agent, count(*) AS agents FROM agent GROUP BY id)
    USING (id)
""")
