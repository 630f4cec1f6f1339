-- title: First seen, last seen
-- question: When was each account, key or client first and last seen, and for how long was it silent in between?
-- why: What appeared, or fell silent, with an incident is worth a look before anything else.
-- innocent: The edges of the log cut lives off; holidays and rotation make silences.
-- needs: account | api_key | client_ip, ts
-- chart: scatter x=first_seen y=last_seen
SET VARIABLE since = NULL::TIMESTAMP;  -- time: only those first seen from here on (UTC)
SET VARIABLE until = NULL::TIMESTAMP;  -- time: only those first seen before this (UTC)
SET VARIABLE top = 1000;  -- integer: how many to list, those with most requests first

WITH daily AS (
    SELECT entity, entity_kind, ts::DATE AS day, count(*) AS n, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY entity, entity_kind, day
)
SELECT entity, min(lo) AS first_seen, max(hi) AS last_seen, sum(n)::BIGINT AS requests, count(*) AS active_days,
    (max(day) - min(day) + 1 - count(*))::BIGINT AS silent_days, entity_kind
FROM daily
GROUP BY entity, entity_kind
HAVING (getvariable('since') IS NULL OR min(lo) >= getvariable('since'))
    AND (getvariable('until') IS NULL OR min(lo) < getvariable('until'))
ORDER BY requests DESC, entity
LIMIT getvariable('top');
