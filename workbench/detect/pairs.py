"""Ties between pairs of entities: shared addresses, payment, templates, synchronous hours, client.

Not all pairs are looked at: those that have an address, a payment method, a key or a template in common, and of a
value that many have, each with a dozen of its holders (the same dozen for all, so that a large group hangs together).
Which strength of a tie means something is read from the case: pairs drawn at random show how often strangers have it.

In a large case the work is bounded: an entity that has very many values of a kind is known by some of them, each drawn
with a chance that grows with its use, and by the same draw for all, so that two who share a pool keep the same part of
it (coordinated Poisson samples: Cohen and Kaplan, Summarizing data using bottom-k sketches, 2007).

Tables made: ``numbered`` (entity, number), ``attribute`` (entity, kind, value, share of the entity's requests,
holders), ``pair`` (candidate pairs with their ties), ``stranger`` (random pairs with the same ties).
"""

from __future__ import annotations

from workbench.detect.tables import Run

#: Holders of a shared value with whom each other holder is compared, and neighbours in the order of hashes besides.
REPRESENTATIVES, NEIGHBOURS = 12, 3
#: In a small case more: pairs are then few.
MOST_REPRESENTATIVES, COMPARED = 60, 150_000
#: Values of a kind kept an entity, and those of them that are looked through for pairs: at least so many, more while
#: all entities together have not more than about so many.
KEPT, KEPT_ALL = 100, 4_000_000
SEARCHED, SEARCHED_ALL = 24, 1_000_000
#: Pairs compared at most, and values looked up for them in all; where there are more, those that have most in common.
PAIRS, LOOKED_UP = 2_000_000, 250_000_000
#: Random pairs for the base rate of each tie.
STRANGERS = 20_000
WEEK = 168


#: SQL for the place of a value ``value`` used ``n`` times in the draw: the same value draws the same number everywhere.
_DRAW = "-ln(((value >> 11) + 1) / 9007199254740993.0) / n"


def _at_most(least: int, of_all: int) -> str:
    """Return SQL for how many an entity gets: ``least``, more while all together have no more than ``of_all``."""
    return f"(SELECT greatest({least}, {of_all} // greatest(count(*), 1)) FROM profile)"


def make_attributes(run: Run) -> None:
    """Make ``attribute`` from places, payments, keys and templates that at least two entities have."""
    run(
        "CREATE TEMP TABLE numbered AS "
        "SELECT id, (row_number() OVER (ORDER BY hash(id), id) - 1)::INTEGER AS nr FROM profile"
    )
    run(f"""
CREATE TEMP TABLE held AS
WITH each AS MATERIALIZED (
    SELECT 'address' AS kind, hash(value) AS value, id, n FROM place
    UNION ALL BY NAME
    SELECT 'network' AS kind, network AS value, id, sum(n)::BIGINT AS n FROM place GROUP BY ALL
    UNION ALL BY NAME
    SELECT 'payment' AS kind, hash(value) AS value, id, n FROM payment
    UNION ALL BY NAME
    SELECT 'key' AS kind, hash(value) AS value, id, n FROM api
    UNION ALL BY NAME
    SELECT 'client' AS kind, hash(value) AS value, id, n FROM agent
    UNION ALL BY NAME
    SELECT 'settings' AS kind, value, id, n FROM settings
), many AS (
    SELECT kind, id, {_at_most(KEPT, KEPT_ALL)} / sum(n) AS chance FROM each GROUP BY ALL
    HAVING count(*) > {_at_most(KEPT, KEPT_ALL)}
), kept AS (
    SELECT each.* FROM each LEFT JOIN many USING (kind, id) WHERE chance IS NULL OR {_DRAW} <= chance
)
SELECT kind, id, value, n / sum(n) OVER (PARTITION BY kind, id) AS share FROM kept
UNION ALL BY NAME
SELECT 'template' AS kind, template AS value, id, share FROM use JOIN template USING (template) WHERE fills""")
    run("""
CREATE TEMP TABLE attribute AS
SELECT held.*, nr, holders, ln(total / holders) AS weight
FROM held JOIN numbered USING (id)
    JOIN (SELECT kind, value, count(*) AS holders FROM held GROUP BY ALL HAVING count(*) >= 2) USING (kind, value),
    (SELECT count(*) AS total FROM profile)""")
    run("DROP TABLE held")


def make_pairs(run: Run, low: int, high: int) -> None:
    """Make ``pair`` and ``stranger``; the hour bins of the case run from ``low`` to ``high``."""
    width = max(1, (high - low) // 8192 + 1)
    run(f"""
CREATE TEMP TABLE side AS
WITH active AS (
    SELECT id, bitstring_agg(((bin - {low}) // {width})::INTEGER, 0, {(high - low) // width}) AS bits
    FROM hour GROUP BY id
), week AS (
    SELECT id, array_agg(coalesce(c, 0)::FLOAT ORDER BY slot)::FLOAT[{WEEK}] AS slots
    FROM (SELECT id, slot FROM profile CROSS JOIN range({WEEK}) AS t(slot))
        LEFT JOIN (
            SELECT id, bin % {WEEK} AS slot, count(DISTINCT (bin - {low}) // {width}) AS c FROM hour GROUP BY ALL)
        USING (id, slot)
    GROUP BY id
)
SELECT nr, id, organization, main_agent, first, last, bits, slots
FROM numbered JOIN profile USING (id) JOIN active USING (id) JOIN week USING (id)""")
    run(f"""
CREATE TEMP TABLE placed AS
SELECT kind, value, nr, weight, row_number() OVER (PARTITION BY kind, value ORDER BY nr)::INTEGER AS place FROM (
    SELECT kind, value, nr, weight FROM (SELECT *, share AS n FROM attribute WHERE kind NOT IN ('client', 'settings'))
    QUALIFY row_number() OVER (PARTITION BY kind, nr ORDER BY {_DRAW}) <= {_at_most(SEARCHED, SEARCHED_ALL)})""")
    first = (
        f"(SELECT greatest({REPRESENTATIVES}, least({MOST_REPRESENTATIVES}, {COMPARED} // greatest(count(*), 1))) "
        "FROM profile)"
    )
    run(f"""
CREATE TEMP TABLE candidate AS
WITH first AS (SELECT * FROM placed WHERE place <= {first}), rest AS (SELECT * FROM placed WHERE place > {first}),
met AS (
    SELECT x.nr AS x, y.nr AS y, x.weight FROM rest AS x JOIN first AS y USING (kind, value)
    UNION ALL SELECT x.nr, y.nr, x.weight FROM first AS x JOIN first AS y USING (kind, value) WHERE x.place < y.place
    UNION ALL SELECT x.nr, y.nr, x.weight FROM (SELECT *, unnest(range(1, {NEIGHBOURS + 1})) AS step FROM rest) AS x
        JOIN rest AS y ON x.kind = y.kind AND x.value = y.value AND y.place = x.place + x.step
)
SELECT least(x, y) AS a, greatest(x, y) AS b FROM met GROUP BY ALL ORDER BY sum(weight) DESC, a, b
LIMIT (SELECT least({PAIRS}, {LOOKED_UP} * (SELECT count(*) FROM profile) // greatest(count(*), 1)) FROM attribute)""")
    run(f"""
CREATE TEMP TABLE drawn AS
SELECT DISTINCT least(x, y) AS a, greatest(x, y) AS b
FROM (SELECT (hash(i) % c)::INTEGER AS x, (hash(i, 1) % c)::INTEGER AS y
    FROM range({STRANGERS}) AS t(i), (SELECT count(*) AS c FROM profile)) WHERE x <> y""")
    for source, table in (("candidate", "pair"), ("drawn", "stranger")):
        run(f"CREATE TEMP TABLE {table} AS {compared(source)}")


def compared(source: str) -> str:
    """Return the SELECT that compares the pairs of a table, given as numbers (a, b), returned as names.

    ``together`` is in how many hours both were active, ``expected`` in how many they would be if each kept its habits
    by hour of the week, but independently: both live on the same clock without acting as one.
    """
    return f"""
WITH common AS (
    SELECT c.a, c.b, x.kind, count(*) AS n, sum(least(x.share, y.share)) AS share,
        sum(least(x.share, y.share) * x.weight) AS weight, min(x.holders) AS holders
    FROM {source} AS c JOIN attribute AS x ON x.nr = c.a
        JOIN attribute AS y ON y.nr = c.b AND y.kind = x.kind AND y.value = x.value
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
    SELECT c.a, c.b, p.id AS one, q.id AS other, p.organization = q.organization AS same_organization,
        p.main_agent = q.main_agent AS same_agent,
        abs(epoch(p.first) - epoch(q.first)) / 3600 AS starts_apart,
        abs(epoch(p.last) - epoch(q.last)) / 3600 AS ends_apart,
        greatest(p.first, q.first) AS opening, least(p.last, q.last) AS closing,
        bit_count(p.bits & q.bits) AS together,
        greatest(1.0, (epoch(least(p.last, q.last)) - epoch(greatest(p.first, q.first))) / 604800) AS weeks,
        array_inner_product(p.slots, q.slots)
            / greatest(1.0, (epoch(p.last) - epoch(p.first)) / 604800)
            / greatest(1.0, (epoch(q.last) - epoch(q.first)) / 604800) AS rate
    FROM {source} AS c JOIN side AS p ON p.nr = c.a JOIN side AS q ON q.nr = c.b
)
SELECT one AS a, other AS b, beside.* EXCLUDE (a, b, one, other, weeks, rate), rate * weeks AS expected,
    (together - rate * weeks) / sqrt(rate * weeks + 1) AS step,
    coalesce(addresses, 0) AS addresses, coalesce(address_share, 0) AS address_share,
    coalesce(network_share, 0) AS network_share, coalesce(paid, false) AS paid,
    coalesce(client_weight, 0) AS client_weight, coalesce(settings_weight, 0) AS settings_weight,
    coalesce(templates, 0) AS templates,
    coalesce(template_share, 0) AS template_share, coalesce(template_weight, 0) AS template_weight
FROM beside LEFT JOIN wide USING (a, b)"""
