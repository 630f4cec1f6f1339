-- title: Pacing just under a limit
-- question: Which accounts reach nearly the same number of requests in hour after hour, and hardly ever more?
-- why: A scheduler that knows the limit stays a little under it; people's hours differ many times over.
-- innocent: A steady job: health checks, a queue with a fixed number of workers, polling. See what it asks.
-- innocent: An account that runs into its limit shows refusals for it (limited); one that never does knows the limit.
-- needs: account | api_key | client_ip, ts
-- chart: scatter x=ceiling y=at_ceiling_percent
SET VARIABLE unit = 'hour';  -- text: minute, hour or day
SET VARIABLE min_ceiling = 10;  -- integer: requests in the fullest stretch, at least
SET VARIABLE min_stretches = 10;  -- integer: stretches with requests, at least
SET VARIABLE near_percent = 15;  -- number: how near to the fullest stretch counts as at the ceiling
SET VARIABLE min_percent = 60;  -- number: share of the stretches that are at the ceiling

WITH slot AS (
    SELECT entity, entity_kind, date_trunc(getvariable('unit'), ts) AS slot, count(*) AS n,
        count(*) FILTER (outcome = 'limited' OR status = 429) AS limited
    FROM event WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY entity, entity_kind, slot
), fullest AS (
    SELECT entity, entity_kind, max(n) AS ceiling FROM slot GROUP BY entity, entity_kind
    HAVING max(n) >= getvariable('min_ceiling') AND count(*) >= getvariable('min_stretches')
)
SELECT entity, round(100.0 * count(*) FILTER (n >= ceiling * (1 - getvariable('near_percent') / 100)) / count(*), 1) AS at_ceiling_percent,
    any_value(ceiling) AS ceiling, count(*) AS stretches, round(median(n), 1) AS median_requests, sum(limited)::BIGINT AS limited,
    sum(n)::BIGINT AS requests, min(slot) AS first_seen, max(slot) AS last_seen, entity_kind
FROM slot JOIN fullest USING (entity, entity_kind)
GROUP BY entity, entity_kind
HAVING at_ceiling_percent >= getvariable('min_percent')
ORDER BY at_ceiling_percent DESC, requests DESC, entity;
