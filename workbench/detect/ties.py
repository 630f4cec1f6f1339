"""Ties between pairs of entities: shared addresses, payment, templates, synchronous hours, client.

Not all pairs are looked at: those that have an address, a payment method, a key or a template in common, and of a
value that many have, each with a dozen of its holders (the same dozen for all, so that a large group hangs together).
Which strength of a tie means something is read from the case: pairs drawn at random show how often strangers have it.

Tables made: ``attribute`` (entity, kind, value, share of the entity's requests, holders), ``pair`` (candidate pairs
with their ties), ``stranger`` (random pairs with the same ties).
"""

from __future__ import annotations

from workbench.detect.profile import Run

#: Holders of a shared value with whom each other holder is compared, and neighbours in the order of hashes besides.
REPRESENTATIVES, NEIGHBOURS = 12, 3
#: In a small case more: pairs are then few.
MOST_REPRESENTATIVES, COMPARED = 60, 150_000
#: Random pairs for the base rate of each tie.
STRANGERS = 40_000
WEEK = 168
#: SQL for the small block of neighbours that an address belongs to (IPv4 /24, IPv6 /48).
NETWORK = (
    "CASE WHEN contains(value, ':') THEN array_to_string(string_split(value, ':')[:3], ':') "
    "ELSE regexp_replace(value, '\\.[0-9]+$', '') END"
)


def make_attributes(run: Run) -> None:
    """Make ``attribute`` from places, payments, keys and templates that at least two entities have."""
    run(f"""
CREATE TEMP TABLE attribute AS
WITH held AS (
    SELECT 'address' AS kind, hash(value) AS value, id, n / sum(n) OVER (PARTITION BY id) AS share FROM place
    UNION ALL BY NAME
    SELECT 'network' AS kind, hash({NETWORK}) AS value, id, sum(n / total) AS share
    FROM place JOIN (SELECT id, sum(n) AS total FROM place GROUP BY id) USING (id) GROUP BY ALL
    UNION ALL BY NAME
    SELECT 'payment' AS kind, hash(value) AS value, id, n / sum(n) OVER (PARTITION BY id) AS share FROM payment
    UNION ALL BY NAME
    SELECT 'key' AS kind, hash(value) AS value, id, n / sum(n) OVER (PARTITION BY id) AS share FROM api
    UNION ALL BY NAME
    SELECT 'client' AS kind, hash(value) AS value, id, n / sum(n) OVER (PARTITION BY id) AS share FROM agent
    UNION ALL BY NAME
    SELECT 'settings' AS kind, value, id, n / sum(n) OVER (PARTITION BY id) AS share FROM settings
    UNION ALL BY NAME
    SELECT 'template' AS kind, template AS value, id, share FROM use JOIN template USING (template) WHERE fills
)
SELECT held.*, holders, ln(total / holders) AS weight
FROM held JOIN (SELECT kind, value, count(*) AS holders FROM held GROUP BY ALL HAVING count(*) >= 2)
    USING (kind, value),
    (SELECT count(*) AS total FROM profile)""")


def make_pairs(run: Run, low: int, high: int) -> None:
    """Make ``pair`` and ``stranger``; the hour bins of the case run from ``low`` to ``high``."""
    width = max(1, (high - low) // 8192 + 1)
    run(
        f"CREATE TEMP TABLE active AS SELECT id, bitstring_agg(((bin - {low}) // {width})::INTEGER, 0, "
        f"{(high - low) // width}) AS bits FROM hour GROUP BY id"
    )
    run(f"""
CREATE TEMP TABLE week AS
SELECT id, array_agg(coalesce(c, 0)::FLOAT ORDER BY slot)::FLOAT[{WEEK}] AS slots
FROM (SELECT id, slot FROM (SELECT id FROM active) CROSS JOIN range({WEEK}) AS t(slot))
    LEFT JOIN (SELECT id, bin % {WEEK} AS slot, count(DISTINCT (bin - {low}) // {width}) AS c FROM hour GROUP BY ALL)
    USING (id, slot)
GROUP BY id""")
    run(f"""
CREATE TEMP TABLE candidate AS
WITH placed AS (
    SELECT kind, value, id, row_number() OVER (PARTITION BY kind, value ORDER BY hash(id), id) AS place FROM attribute
    WHERE kind NOT IN ('client', 'settings')
)
SELECT DISTINCT least(x.id, y.id) AS a, greatest(x.id, y.id) AS b FROM placed AS x JOIN placed AS y
    ON x.kind = y.kind AND x.value = y.value AND x.id <> y.id
    AND (y.place <= {REPRESENTATIVES}
        OR y.place <= (SELECT least({MOST_REPRESENTATIVES}, {COMPARED} // count(*)) FROM profile)
        OR y.place BETWEEN x.place + 1 AND x.place + {NEIGHBOURS})""")
    run("CREATE TEMP TABLE numbered AS SELECT id, row_number() OVER (ORDER BY hash(id), id) - 1 AS nr FROM profile")
    run(f"""
CREATE TEMP TABLE drawn AS
SELECT DISTINCT x.id AS a, y.id AS b
FROM (SELECT hash(i) % c AS nr, hash(i, 1) % c AS other
    FROM range({STRANGERS}) AS t(i), (SELECT count(*) AS c FROM profile))
    JOIN numbered AS x USING (nr) JOIN numbered AS y ON y.nr = other WHERE x.id < y.id""")
    for source, table in (("candidate", "pair"), ("drawn", "stranger")):
        run(f"CREATE TEMP TABLE {table} AS {compared(source)}")


def compared(source: str) -> str:
    """Return the SELECT that compares the pairs (a, b) of a table.

    ``together`` is in how many hours both were active, ``expected`` in how many they would be if each kept its habits
    by hour of the week, but independently: both live on the same clock without acting as one.
    """
    return f"""
WITH common AS (
    SELECT c.a, c.b, x.kind, count(*) AS n, sum(least(x.share, y.share)) AS share,
        sum(least(x.share, y.share) * x.weight) AS weight, min(x.holders) AS holders
    FROM {source} AS c JOIN attribute AS x ON x.id = c.a
        JOIN attribute AS y ON y.id = c.b AND y.kind = x.kind AND y.value = x.value
    GROUP BY ALL
), wide AS (
    SELECT a, b,
        coalesce(max(n) FILTER (kind = 'address'), 0) AS addresses,
        coalesce(max(share) FILTER (kind = 'address'), 0) AS address_share,
        coalesce(max(share) FILTER (kind = 'network'), 0) AS network_share,
        coalesce(max(n) FILTER (kind IN ('payment', 'key')), 0) > 0 AS paid,
        coalesce(max(weight) FILTER (kind = 'client'), 0) AS client_weight,
        coalesce(max(weight) FILTER (kind = 'settings'), 0) AS settings_weight,
        coalesce(max(n) FILTER (kind = 'template'), 0) AS templates,
        coalesce(max(share) FILTER (kind = 'template'), 0) AS template_share,
        coalesce(max(weight) FILTER (kind = 'template'), 0) AS template_weight
    FROM common GROUP BY a, b
), beside AS (
    SELECT c.a, c.b, p.organization = q.organization AS same_organization,
        p.main_agent = q.main_agent AS same_agent,
        abs(epoch(p.first) - epoch(q.first)) / 3600 AS starts_apart,
        abs(epoch(p.last) - epoch(q.last)) / 3600 AS ends_apart,
        greatest(p.first, q.first) AS opening, least(p.last, q.last) AS closing,
        bit_count(x.bits & y.bits) AS together,
        greatest(1.0, (epoch(least(p.last, q.last)) - epoch(greatest(p.first, q.first))) / 604800) AS weeks,
        array_inner_product(v.slots, w.slots)
            / greatest(1.0, (epoch(p.last) - epoch(p.first)) / 604800)
            / greatest(1.0, (epoch(q.last) - epoch(q.first)) / 604800) AS rate
    FROM {source} AS c JOIN profile AS p ON p.id = c.a JOIN profile AS q ON q.id = c.b
        JOIN active AS x ON x.id = c.a JOIN active AS y ON y.id = c.b
        JOIN week AS v ON v.id = c.a JOIN week AS w ON w.id = c.b
)
SELECT beside.* EXCLUDE (weeks, rate), rate * weeks AS expected,
    (together - rate * weeks) / sqrt(rate * weeks + 1) AS step,
    coalesce(addresses, 0) AS addresses, coalesce(address_share, 0) AS address_share,
    coalesce(network_share, 0) AS network_share, coalesce(paid, false) AS paid,
    coalesce(client_weight, 0) AS client_weight, coalesce(settings_weight, 0) AS settings_weight,
    coalesce(templates, 0) AS templates,
    coalesce(template_share, 0) AS template_share, coalesce(template_weight, 0) AS template_weight
FROM beside LEFT JOIN wide USING (a, b)"""
