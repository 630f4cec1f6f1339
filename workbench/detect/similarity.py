"""Whether two entities' prompts are interchangeable although unlike everybody else's, templates or not.

Each prompt becomes a vector of hashed words and pairs of words; an entity is the mean of its prompts, less the mean of
all entities. The product of two entities' vectors is how much their prompts have in common beyond what everybody has;
the product of an entity with itself, without the prompts' own squares, is how much its prompts have in common with each
other. The ratio of the former to the mean of both ones' latter is about 1 where both draw from one source, and about 0
where each writes of affairs of its own: a two-sample comparison, 1 less the squared maximum mean discrepancy (Gretton
and others 2012) as a share of what two unrelated ones would have, between entities in place of against all. The mean,
since one who asks of a single subject is not interchangeable with one who asks of everything, that subject among it.

People of one trade write alike as well, so it is a small part of the evidence; it is what is left where prompts have no
templates.

Tables made: ``likeness`` (entity, how interchangeable it is with its nearest ones, how many it was compared with),
``apart`` (entity, how much farther from everybody's mean its prompts are than the median entity's, over how far the
four fifths go that are nearest).
"""

from __future__ import annotations

from workbench.detect.tables import Run

#: Directions of the hashed vectors, and from how many prompts on an entity has a style.
DIMENSIONS, LEAST = 128, 12
#: Prompts read an entity, from a large case to a small one, in which about so many are read in all.
READ, READ_ALL = (30, 120), 600_000
#: Directions in which an entity departs most from the mean: those that share two of them are compared.
TRAITS = 6
#: Entities compared for each two directions: so many for all, and neighbours in the order of hashes besides.
REPRESENTATIVES, NEIGHBOURS = 8, 4
#: Prompts of less likeness than this over their number, on average, have no style that could be shared.
FAINT = 1.2
#: Likeness is taken from so many nearest ones: one alone may be like another by chance.
NEAREST = 3


def make_style(run: Run) -> None:
    """Make the tables from ``asked``."""
    run(f"""
CREATE TEMP TABLE said AS
WITH one AS (
    SELECT id, h, regexp_extract_all(lower(head), '[\\p{{L}}]+')[:32] AS words FROM asked
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY h) <= (
        SELECT greatest({READ[0]}, least({READ[1]}, {READ_ALL} // greatest(count(*), 1))) FROM profile)
), term AS (
    SELECT id, h, unnest(list_concat(list_distinct(list_transform(words, lambda w: hash(w))),
        list_distinct(list_transform(range(1, len(words)), lambda i: hash(words[i], words[i + 1]))))) AS t FROM one
    WHERE len(words) >= 2
)
SELECT id, h, (t % {DIMENSIONS})::INTEGER AS d, sum(CASE WHEN (t >> 32) % 2 = 0 THEN 1.0 ELSE -1.0 END) AS v
FROM term GROUP BY ALL""")
    run("CREATE TEMP TABLE length AS SELECT id, h, sqrt(sum(v * v)) AS l FROM said GROUP BY ALL HAVING l > 0")
    run(f"""
CREATE TEMP TABLE centre AS
WITH sums AS (
    SELECT id, d, sum(v / l) AS s FROM said JOIN length USING (id, h) GROUP BY ALL
), size AS (SELECT id, count(*) AS n FROM length GROUP BY id HAVING n >= {LEAST}
), mean AS (
    SELECT d, sum(s / n) / (SELECT count(*) FROM size) AS m FROM sums JOIN size USING (id) GROUP BY d
)
SELECT id, d, n, coalesce(s, 0) / n - coalesce(m, 0) AS z
FROM (SELECT id, d::INTEGER AS d, n FROM size CROSS JOIN range({DIMENSIONS}) AS t(d))
    LEFT JOIN mean USING (d) LEFT JOIN sums USING (id, d)""")
    # Of n prompts of length one, the square of their mean has 1/n of their own squares in it.
    run(f"""
CREATE TEMP TABLE style AS
SELECT id, n, array_agg(z::FLOAT ORDER BY d)::FLOAT[{DIMENSIONS}] AS vector,
    greatest((n * sum(z * z) - 1) / (n - 1), 0) AS own
FROM centre GROUP BY id, n""")
    run(f"""
CREATE TEMP TABLE trait AS
WITH top AS (
    SELECT id, d * 2 + (z > 0)::INTEGER AS t FROM centre
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY abs(z) DESC, d) <= {TRAITS}
)
SELECT id, a.t * 1000 + b.t AS trait,
    row_number() OVER (PARTITION BY trait ORDER BY hash(id), id) AS place
FROM top AS a JOIN top AS b USING (id) WHERE a.t < b.t""")
    # Colleagues write alike, and may: whoever names one organisation, or shares one office.
    run("""
CREATE TEMP TABLE home AS
SELECT id, coalesce(organization, office) AS place FROM profile LEFT JOIN (
    SELECT id, CASE WHEN max(n) >= 0.5 * sum(n) THEN arg_max(value, (n, value)) END AS office FROM place GROUP BY id
) USING (id)""")
    run(f"""
CREATE TEMP TABLE likeness AS
WITH near AS (
    SELECT DISTINCT x.id, y.id AS other FROM trait AS x JOIN trait AS y ON x.trait = y.trait AND x.id <> y.id
        AND (y.place <= {REPRESENTATIVES} OR abs(y.place - x.place) <= {NEIGHBOURS})
), ratio AS (
    SELECT near.id, array_inner_product(x.vector, y.vector)
        / greatest((x.own + y.own) / 2, {FAINT} / sqrt(x.n * y.n)) AS r
    FROM near JOIN style AS x ON x.id = near.id JOIN style AS y ON y.id = near.other
        JOIN home AS p ON p.id = near.id JOIN home AS q ON q.id = near.other
    WHERE p.place IS DISTINCT FROM q.place OR p.place IS NULL
)
SELECT id, least(list_min(max(r, {NEAREST})), 1.5) AS likeness, count(*) AS compared
FROM ratio GROUP BY id HAVING count(*) >= {NEAREST}""")
    # Robust: half of all accounts, and what the middle of them spreads, say how far from everybody one may be.
    run("""
CREATE TEMP TABLE apart AS
SELECT id, (own - median(own) OVER ()) / (quantile_cont(own, 0.8) OVER () - median(own) OVER () + 1 / n) AS apart
FROM style""")


def no_style(run: Run) -> None:
    """Make the table empty, for a case without prompts."""
    run("CREATE TEMP TABLE apart (id VARCHAR, apart DOUBLE)")
    run("CREATE TEMP TABLE likeness (id VARCHAR, likeness DOUBLE, compared BIGINT)")
