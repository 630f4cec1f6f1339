"""Evidence by family, from 0 to 1 each, and the score: a sum with one named weight a family.

An entity in no group can only have the evidence of what it asks for and how; all else is about what the members of a
group do together, and counts only what they share with each other and not with half the world.

Tables made: ``team`` (a row a group), ``peer`` (members compared with others of their group), ``judged`` (a row an
entity with its figures, evidence and score).
"""

from __future__ import annotations

from workbench.detect.pairs import compared
from workbench.detect.profile import SLEEP, ramp
from workbench.detect.shared_lists import MIXED, SUITE, make_lists
from workbench.detect.subject import Subject
from workbench.detect.tables import Run
from workbench.sqltext import literal

#: What each family can add to the score, at most.
TOGETHER = {"network": 2.0, "payment": 1.5, "time": 2.5, "wording": 4.0, "client": 0.5, "change": 2.0}
HARVEST = 1.0
#: One kind of evidence alone counts less; in full where a second, independent kind is there. What software explains
#: (client and settings) is no second kind.
ALONE, SECOND = 0.4, (0.25, 0.55)
INDEPENDENT = ("network", "payment", "time", "wording", "change", "scatter")
#: Places from which the members of a group fill one list, each member from its own: from, in full. Colleagues have one
#: list too, but one office; strangers who work off one list from so many places are dealt their work by somebody.
PLACES = (3, 8)
#: So many at most, who do half of their work from one and the same address, may be colleagues: their wording is theirs.
OFFICE = 12
#: Where all of a group have one program, and all who have it send the same templates, these may be the program's: they
#: count this much.
PROGRAM = 0.4
#: How interchangeable its prompts are with others', where that says more than all that its group shares.
LIKENESS = 1.5
#: How far its prompts are from everybody's, in place of all else where there is nothing else: the weakest witness.
APART = 0.4
#: What a harvest looks like, and how much each counts; what no log of the case has is left out, the others count more.
HARVEST_PARTS = {"output": 0.3, "ratio": 0.2, "eliciting": 0.25, "night": 0.25}
#: A value belongs to the groups that hold it where this share of all its holders are in them: else it is a hub.
OWNED = 0.5
#: A group that large a part of all holders owns the value together with other such groups: one campaign may fall into
#: several.
PART = 0.1
#: Where so many of those who share a value name one and the same organisation, it explains the sharing.
DECLARED = 0.9
#: Acting as one is no offence; it counts in full only where the requests look like a harvest (see ``harvest``).
UNLIKE_HARVEST = 0.25
#: Parts of the harvest that are known stand for those that are not, up to this share of all: one alone is a weak
#: witness, and where little is known, requests are not held to be unlike a harvest either.
LEAST_KNOWN = 0.5
#: From fewer prompts in common templates than this nothing is concluded; from twice as many, everything.
FEW_PROMPTS = 4
#: Members with whom each member is compared, at most.
PEERS = 16
#: Within so many hours of the case's first or last event nothing starts or stops, as far as one can tell.
EDGE_HOURS = 24
#: Where addresses stand for people, one person may be many. What a group does can be one person's where it asks no more
#: than so much in an hour of work, on average, and sleeps: its quietest 8 hours have less than this of its hours.
AN_HOUR, ASLEEP = 20, 0.06
#: Kinds of entities that are addresses, and by how much wider the scores of innocents are taken to spread for them.
SINGLE, CAUTION = ("client", "address"), 2.0
#: And a handful of addresses can be one customer's servers: a group counts in full from so many on.
SERVERS = (2, 6)
#: Whoever comes to the addresses of a group only after so many days has a past of its own.
OWN_PAST_DAYS = 5
#: Starts or ends this near to each other are together.
TOGETHER_HOURS = 8


def attainable(judged: Subject) -> float:
    """Return the highest score there can be with what the case's logs have, more where addresses stand for people."""
    needs = {"time": "ts", "network": "client_ip", "change": "client_ip", "payment": "payment_ref", "wording": "prompt"}
    most = HARVEST + sum(
        weight for family, weight in TOGETHER.items() if family not in needs or judged.has(needs[family])
    )
    return most * (CAUTION if judged.kind in SINGLE else 1)


def make_evidence(run: Run, judged: Subject) -> None:
    """Make the tables from profile, templates and groups."""
    run("""
CREATE TEMP TABLE team AS
SELECT team, count(*) AS size, count(DISTINCT organization) AS organizations,
    max(n_org) / count(*) AS one_organization
FROM member JOIN profile USING (id) LEFT JOIN (
    SELECT team, organization, count(*) AS n_org FROM member JOIN profile USING (id)
    WHERE organization IS NOT NULL GROUP BY ALL) USING (team, organization)
GROUP BY team""")
    run(f"""
CREATE TEMP TABLE owned AS
WITH held AS (
    SELECT kind, value, team, count(*) AS members, any_value(holders) AS holders,
        count(organization) AS declared, count(DISTINCT organization) AS organizations
    FROM attribute JOIN member USING (id) JOIN profile USING (id) GROUP BY ALL HAVING members >= 2
)
SELECT kind, value, team, members, organizations = 1 AND declared >= {DECLARED} * members AS declared FROM held
QUALIFY {OWNED} * holders
    <= CASE WHEN kind = 'template' OR members >= {PART} * holders THEN sum(members) OVER (PARTITION BY kind, value)
        ELSE members END""")
    run("""
CREATE TEMP TABLE shares AS
SELECT id, team, kind, count(*) AS n, sum(share) AS share, avg(members) AS members
FROM attribute JOIN member USING (id) JOIN owned USING (kind, value, team) WHERE NOT declared GROUP BY ALL""")
    run(f"""
CREATE TEMP TABLE rep AS
SELECT team, id FROM member QUALIFY row_number() OVER (PARTITION BY team ORDER BY hash(id), id) <= {PEERS}""")
    run(
        "CREATE TEMP TABLE matched AS SELECT DISTINCT least(x.nr, y.nr) AS a, greatest(x.nr, y.nr) AS b "
        "FROM member AS m JOIN rep AS r ON r.team = m.team AND r.id <> m.id "
        "JOIN numbered AS x ON x.id = m.id JOIN numbered AS y ON y.id = r.id"
    )
    run(f"CREATE TEMP TABLE peer AS {compared('matched')}")
    run(f"""
CREATE TEMP TABLE company AS
WITH edge AS (SELECT make_timestamp((low * 3600000000)::BIGINT) + INTERVAL {EDGE_HOURS} HOUR AS opening,
    make_timestamp((high * 3600000000)::BIGINT) - INTERVAL {EDGE_HOURS - 1} HOUR AS closing FROM span)
SELECT one.id, count(*) AS peers, sum(together) AS together, sum(expected) AS expected,
    avg((starts_apart < {TOGETHER_HOURS} AND p.first > edge.opening)::INTEGER) AS start_together,
    avg((ends_apart < {TOGETHER_HOURS} AND p.last < edge.closing AND p.last - p.first > INTERVAL 1 DAY)::INTEGER)
        AS end_together,
    avg(same_agent::INTEGER) AS same_agent
FROM (SELECT a AS id, * FROM peer UNION ALL BY NAME SELECT b AS id, * FROM peer) AS one
    JOIN profile AS p ON p.id = one.id, edge
GROUP BY one.id""")
    run(f"""
CREATE TEMP TABLE late AS
WITH common AS (
    SELECT place.id, min(place.first) AS joined FROM place JOIN member USING (id)
        JOIN owned ON owned.kind = 'address' AND owned.team = member.team AND owned.value = hash(place.value)
    WHERE NOT declared GROUP BY place.id
), each AS (
    SELECT id, team, (joined - p.first) >= INTERVAL {OWN_PAST_DAYS} DAY AND a.share >= 0.3 AS late
    FROM common JOIN member USING (id) JOIN profile AS p USING (id)
        JOIN (SELECT id, share FROM shares WHERE kind = 'address') AS a USING (id)
)
SELECT id, late, avg(late::INTEGER) OVER (PARTITION BY team) AS late_share FROM each""")
    make_lists(run)
    run("""
CREATE TEMP TABLE block AS
WITH spot AS (
    SELECT member.team, member.id, network, place.value AS address FROM place JOIN member USING (id)
), dense AS (
    SELECT spot.team, network, count(DISTINCT address) AS n FROM spot
        JOIN owned ON owned.kind = 'network' AND owned.value = network AND owned.team = spot.team AND NOT declared
    GROUP BY ALL
)
SELECT id, max(n) AS block FROM spot JOIN dense USING (team, network) GROUP BY id""")
    run(f"""
CREATE TEMP TABLE scattered AS
WITH home AS (
    SELECT id, arg_max(network, (n, value)) AS network, arg_max(value, (n, value)) AS address,
        max(n) >= 0.5 * sum(n) AS settled
    FROM place GROUP BY id
), office AS (
    SELECT address FROM home WHERE settled GROUP BY address HAVING count(*) BETWEEN 2 AND {OFFICE}
), program AS (
    SELECT id, regexp_extract(main_agent, '^[^/0-9]+') AS name, count(*) OVER (PARTITION BY name) AS holders
    FROM profile WHERE main_agent IS NOT NULL
), main_program AS (
    SELECT member.team, name, any_value(holders) AS holders FROM member JOIN program USING (id)
        JOIN team ON team.team = member.team
    GROUP BY ALL HAVING count(*) >= {DECLARED} * any_value(team.size)
), one_program AS (
    SELECT main_program.team FROM main_program JOIN program USING (name) JOIN use USING (id)
        JOIN owned ON owned.kind = 'template' AND owned.value = use.template AND owned.team = main_program.team
    GROUP BY main_program.team HAVING count(DISTINCT id) >= {DECLARED} * any_value(main_program.holders)
)
SELECT team, id, team IN (FROM one_program) AS one_program,
    coalesce(settled AND address IN (FROM office), false) AS office,
    count(DISTINCT network) FILTER (s.n > 0 AND organization IS NULL) OVER (PARTITION BY team) AS places
FROM member JOIN list_share AS s USING (id) JOIN profile USING (id) LEFT JOIN home USING (id)""")
    run(f"""
CREATE TEMP TABLE together_at AS
WITH hours AS (SELECT team, bin, sum(n) AS asked FROM hour JOIN member USING (id) GROUP BY ALL
), clock AS (SELECT team, bin % 24 AS oclock, count(*) AS bins FROM hours GROUP BY ALL
), quiet AS (
    SELECT team, start, coalesce(sum(bins) FILTER ((oclock - start + 24) % 24 < {SLEEP}), 0) / sum(bins) AS share
    FROM clock CROSS JOIN range(24) AS t(start) GROUP BY ALL
)
SELECT team, asked <= {AN_HOUR} AND asleep < {ASLEEP} AS one_person
FROM (SELECT team, avg(asked) AS asked FROM hours GROUP BY team)
    JOIN (SELECT team, min(share) AS asleep FROM quiet GROUP BY team) USING (team)""")
    # Where an entity is an address, its neighbours in the same small block stand for the addresses that it would share.
    single = judged.kind in SINGLE
    place = "network" if single else "address"
    rotates = ramp("block", 1, 4) if single else ramp("own_addresses", 1, 4)
    run(f"""
CREATE TEMP TABLE figures AS
SELECT p.*, w.read_prompts, w.read_requests, w.eliciting, t.template_share, t.templates,
    m.team, team.size AS team_size, team.one_organization,
    {"coalesce(h.one_person, false)" if single else "false"} AS one_person,
    coalesce(a.n, 0) AS own_addresses, coalesce(b.block, 0) AS block, coalesce(a.share, 0) AS own_address_share,
    coalesce(y.n, 0) AS own_payments, coalesce(y.members, 0) AS payers, coalesce(z.payments, 0) AS payments,
    coalesce(u.n, 0) AS own_templates, coalesce(o.places, 0) AS places, coalesce(o.office, false) AS office,
    coalesce(o.one_program, false) AS one_program,
    coalesce(u.share, 0) AS own_template_share,
    coalesce(l.late, false) AS late, coalesce(l.late_share, 0) AS late_share,
    coalesce(g.n, 0) AS own_settings, coalesce(g.share, 0) AS own_settings_share,
    coalesce(k.share, 0) AS own_client_share,
    n.likeness AS alike, n.compared, f.apart AS far, s.swap, s.mix,
    c.peers, c.together, c.expected, c.start_together, c.end_together, c.same_agent,
    c.together / greatest(c.expected, 1) AS sync,
    (c.together - c.expected) / sqrt(greatest(c.expected, 1)) AS sync_steps,
    p.output_tokens / nullif(p.input_tokens, 0) AS output_ratio,
    percent_rank() OVER (ORDER BY p.mean_output NULLS FIRST) AS output_rank,
    percent_rank() OVER (ORDER BY p.output_tokens / nullif(p.input_tokens, 0) NULLS FIRST) AS ratio_rank
FROM profile AS p LEFT JOIN wording AS w USING (id) LEFT JOIN member AS m USING (id) LEFT JOIN team USING (team)
    LEFT JOIN together_at AS h USING (team)
    LEFT JOIN (SELECT id, sum(share) AS template_share, count(*) AS templates FROM use JOIN template USING (template)
        WHERE fills GROUP BY id) AS t USING (id)
    LEFT JOIN (SELECT * FROM shares WHERE kind = {literal(place)}) AS a USING (id)
    LEFT JOIN block AS b USING (id) LEFT JOIN (SELECT * FROM shares WHERE kind = 'payment') AS y USING (id)
    LEFT JOIN (SELECT team, count(*) AS payments FROM owned WHERE kind = 'payment' AND NOT declared GROUP BY team) AS z
        USING (team)
    LEFT JOIN scattered AS o USING (id) LEFT JOIN list_share AS u USING (id)
    LEFT JOIN likeness AS n USING (id) LEFT JOIN apart AS f USING (id)
    LEFT JOIN company AS c USING (id) LEFT JOIN swap AS s USING (team)
    LEFT JOIN (SELECT * FROM shares WHERE kind = 'settings') AS g USING (id)
    LEFT JOIN (SELECT * FROM shares WHERE kind = 'client') AS k USING (id) LEFT JOIN late AS l USING (id)""")
    known = {"night": judged.timed, "output": judged.has("output_tokens"), "eliciting": judged.has("prompt")}
    known["ratio"] = judged.has("output_tokens") and judged.has("input_tokens")
    total = sum(share for name, share in HARVEST_PARTS.items() if known[name])
    part = {name: share / max(total, LEAST_KNOWN) if known[name] else 0.0 for name, share in HARVEST_PARTS.items()}
    unlike = 1 - (1 - UNLIKE_HARVEST) * min(1, total / LEAST_KNOWN)
    second = f"list_reverse_sort([{', '.join(INDEPENDENT)}])[2]"
    together = " + ".join(f"{weight} * {family}" for family, weight in TOGETHER.items())
    sync = f"{ramp('sync', 1.1, 1.5)} * {ramp('sync_steps', 2, 6)}"
    size = ramp("team_size", *SERVERS) if single else "1"
    run(f"""
CREATE TEMP TABLE judged AS
SELECT *, {unlike} + {1 - unlike} * {ramp("harvest", 0.05, 0.45)} AS purpose,
    CASE WHEN one_person THEN 0 ELSE {size} * ({ALONE} + {1 - ALONE} * {ramp(second, *SECOND)}) END AS backing,
    backing * ({together}) AS shared_evidence,
    CASE WHEN shared_evidence >= greatest({LIKENESS} * likeness, {APART} * apart) THEN 'shared'
        WHEN {LIKENESS} * likeness >= {APART} * apart THEN 'likeness' ELSE 'apart' END AS by_what,
    purpose * greatest(shared_evidence, {LIKENESS} * likeness, {APART} * apart) + {HARVEST} * harvest AS own_score,
    CASE WHEN team IS NULL THEN own_score
        WHEN own_score < 0.5 * median(own_score) OVER (PARTITION BY team) THEN own_score
        ELSE 0.5 * own_score + 0.5 * median(own_score) OVER (PARTITION BY team) END AS score
FROM (
SELECT *,
    {rotates} * {ramp("own_address_share", 0, 0.5)} AS network,
    (own_payments > 0)::INTEGER * greatest({ramp("payments", 1, 2)}, {ramp("payers", 8, 20)}) AS payment,
    greatest({sync}, 0.5 * coalesce(start_together, 0) + 0.5 * coalesce(end_together, 0)) AS time,
    {ramp("own_templates", 1, 3)} * {ramp("own_template_share", 0, 0.4)}
        * {ramp("own_template_share * read_prompts", FEW_PROMPTS, 2 * FEW_PROMPTS)} * {ramp("mix", *MIXED)}
        * (1 - {ramp("mix", *SUITE)})
        * (NOT office OR own_addresses > 1)::INTEGER
        * CASE WHEN one_program THEN {PROGRAM} ELSE 1 END AS wording,
    {ramp("places", *PLACES)} * {ramp("wording", 0.2, 0.5)} AS scatter,
    {ramp("greatest(own_client_share, own_settings_share)", 0.2, 0.7)} AS client,
    {ramp("alike", 0.45, 1)} * (1 - coalesce(template_share, 0)) AS likeness,
    {ramp("far", 0.3, 5)} AS apart,
    late::INTEGER * {ramp("late_share", 0.2, 0.6)} AS change,
    {sync} >= 0.5 * coalesce(start_together, 0) + 0.5 * coalesce(end_together, 0) AS by_sync,
    {part["output"]} * {ramp("log2(nullif(mean_output, 0) / usual_output)", 0.5, 1.8)} AS harvest_output,
    {part["ratio"]} * {ramp("log2(nullif(output_ratio, 0) / usual_ratio)", 1, 4)} AS harvest_ratio,
    {part["eliciting"]} * {ramp("eliciting", 0, 0.25)} AS harvest_eliciting,
    {part["night"]} * {ramp("night", 0.08, 0.25)} * {ramp("active_hours", 10, 40)} AS harvest_night,
    harvest_output + harvest_ratio + harvest_eliciting + harvest_night AS harvest
FROM figures, (SELECT median(mean_output) AS usual_output, median(output_ratio) AS usual_ratio FROM figures)
)""")
