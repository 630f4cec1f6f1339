-- title: Refused, then rephrased
-- question: Which accounts send a refused prompt again in other words, and how often do they get through?
-- why: Rewording until the model answers is how guardrails are worked around, and how their limits are mapped.
-- innocent: A person whose harmless question was refused by mistake says it again more clearly, once or twice.
-- innocent: A red team or a moderation team tests its filter: known to the provider, one organisation.
-- needs: account, prompt, outcome | finish_reason
-- chart: scatter x=refusals y=rephrased
-- entity: account account
SET VARIABLE minutes = 15;  -- integer: how soon after the refusal
SET VARIABLE min_similarity = 0.3;  -- number: words in common, of the words of both (longer than three letters)
SET VARIABLE min_rephrased = 3;  -- integer: how many refusals must be followed by a rewording

WITH refusal AS (
    SELECT account, ts, event_id, prompt, epoch(ts)::BIGINT // (60 * getvariable('minutes')) AS slot FROM event
    WHERE account IS NOT NULL AND ts IS NOT NULL AND prompt IS NOT NULL AND (outcome = 'refused' OR finish_reason IN ('content_filter', 'refusal'))
    QUALIFY count(*) OVER (PARTITION BY account) >= getvariable('min_rephrased')
), spread AS (
    SELECT *, unnest([slot, slot + 1]) AS near_slot FROM refusal
), later AS (
    SELECT r.account, r.event_id, r.prompt AS before, e.prompt AS after, e.refused
    FROM (SELECT account, ts, prompt, epoch(ts)::BIGINT // (60 * getvariable('minutes')) AS slot, (outcome = 'refused' OR finish_reason IN ('content_filter', 'refusal')) AS refused
        FROM event WHERE account IS NOT NULL AND prompt IS NOT NULL) AS e
    JOIN spread AS r ON e.account = r.account AND e.slot = r.near_slot
    WHERE e.ts > r.ts AND e.ts <= r.ts + to_minutes(getvariable('minutes')) AND e.prompt <> r.prompt
), alike AS (
    SELECT account, event_id, refused, len(list_intersect(a, b)) / greatest(len(list_distinct(list_concat(a, b))), 1) AS similarity
    FROM (SELECT *, list_distinct(regexp_extract_all(lower(left(before, 600)), '[\p{L}]{4,}')) AS a,
            list_distinct(regexp_extract_all(lower(left(after, 600)), '[\p{L}]{4,}')) AS b FROM later)
), tried AS (
    SELECT account, event_id, bool_or(NOT coalesce(refused, false)) AS got_through, max(similarity) AS similarity, count(*) AS tries
    FROM alike WHERE similarity >= getvariable('min_similarity') GROUP BY account, event_id
), total AS (
    SELECT account, count(*) AS refusals FROM refusal GROUP BY account
)
SELECT account, count(*) AS rephrased, count(*) FILTER (got_through) AS got_through, any_value(refusals) AS refusals,
    round(100.0 * count(*) / any_value(refusals), 1) AS rephrased_percent, sum(tries)::BIGINT AS tries,
    round(avg(similarity), 2) AS mean_similarity, min(event_id) AS example_event
FROM tried JOIN total USING (account)
GROUP BY account
HAVING count(*) >= getvariable('min_rephrased')
ORDER BY rephrased DESC, got_through DESC, account;
