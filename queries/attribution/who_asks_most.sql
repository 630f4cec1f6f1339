-- title: Who asks most
-- question: Which accounts (or keys, or clients) send the most requests, and what do they get for it?
-- why: Copying a model takes many answers; whoever collects them shows up among the heaviest users, one by one or as a
--   group. Volume alone proves nothing: most of the heaviest users are honest.
-- innocent: A product with many end users behind one account: its prompts differ and follow daylight.
-- innocent: A batch job or an evaluation suite: the same prompts come again and again.
-- innocent: A load test: short, equal requests, often without a care for the answers.
-- needs: account | api_key | client_ip
-- chart: bar x=entity y=requests
SET VARIABLE top = 25;  -- integer: how many to list
SET VARIABLE since = NULL::TIMESTAMP;  -- time: only from this time on (UTC)
SET VARIABLE until = NULL::TIMESTAMP;  -- time: only before this time (UTC)

SELECT entity, count(*) AS requests, round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share_percent,
    approx_count_distinct(client_ip) AS addresses_about, sum(output_tokens)::BIGINT AS output_tokens,
    sum(bytes_out)::BIGINT AS bytes_out, min(ts) AS first_seen, max(ts) AS last_seen, entity_kind
FROM event
WHERE entity IS NOT NULL
    AND (getvariable('since') IS NULL OR ts >= getvariable('since'))
    AND (getvariable('until') IS NULL OR ts < getvariable('until'))
GROUP BY entity, entity_kind
ORDER BY requests DESC, entity
LIMIT getvariable('top');
