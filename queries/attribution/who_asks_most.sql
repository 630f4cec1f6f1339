-- title: Who asks most
-- question: Which accounts (or keys, or clients) send the most requests, and what do they get for it?
-- why: Copying a model takes many answers; whoever collects them shows up among the heaviest users, one by one or as a group.
-- innocent: A product with many end users behind one account: its prompts differ and follow daylight.
-- innocent: A batch job or an evaluation suite: the same prompts come again and again.
-- innocent: A load test: short, equal requests, often without a care for the answers.
-- chart: bar x=entity y=requests
SET VARIABLE top = 25;  -- integer: how many to list
SET VARIABLE since = NULL::TIMESTAMP;  -- time: only from this time on (UTC)
SET VARIABLE until = NULL::TIMESTAMP;  -- time: only before this time (UTC)

SELECT entity, entity_kind, count(*) AS requests,
    round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share_percent,
    count(DISTINCT client_ip) AS addresses, sum(output_tokens) AS output_tokens, sum(bytes_out) AS bytes_out,
    count(DISTINCT date_trunc('day', ts)) AS days, min(ts) AS first_seen, max(ts) AS last_seen
FROM event
WHERE entity IS NOT NULL
    AND (getvariable('since') IS NULL OR ts >= getvariable('since'))
    AND (getvariable('until') IS NULL OR ts < getvariable('until'))
GROUP BY entity, entity_kind
ORDER BY requests DESC, entity
LIMIT getvariable('top');
