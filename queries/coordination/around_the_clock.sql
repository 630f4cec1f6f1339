-- title: Work around the clock
-- question: Which accounts (or keys, or clients) ask in nearly every hour of the day, without the night that people have?
-- why: People sleep; a machine that harvests answers does not. A flat day is one of the plainest marks of automation.
-- innocent: A product with users in many time zones, a support bot, a health check, a nightly batch: automated and honest.
--   Look at what they ask before you say anything.
-- needs: account | api_key | client_ip
-- chart: scatter x=requests y=evenness
SET VARIABLE min_requests = 100;  -- integer: too few requests show no rhythm
SET VARIABLE max_quiet_hours = 2;  -- integer: hours of the day (UTC) with hardly a request
SET VARIABLE min_days = 3;  -- integer: on how many days at least

WITH slot AS (
    SELECT entity, entity_kind, epoch(ts)::BIGINT // 3600 AS slot, count(*) AS n
    FROM event WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY entity, entity_kind, slot
), busy AS (
    SELECT entity FROM slot GROUP BY entity HAVING sum(n) >= getvariable('min_requests')
), hourly AS (
    SELECT entity, entity_kind, slot % 24 AS hour, sum(n) AS n FROM slot SEMI JOIN busy USING (entity)
    GROUP BY entity, entity_kind, hour
), shape AS (
    SELECT entity, entity_kind, any_value(total)::BIGINT AS requests, 24 - count(*) FILTER (n >= 0.2 * total / 24) AS quiet_hours,
        round(-sum(n / total * log2(n / total)) / log2(24), 3) AS evenness
    FROM (SELECT *, sum(n) OVER (PARTITION BY entity) AS total FROM hourly) GROUP BY entity, entity_kind
), life AS (
    SELECT entity, count(DISTINCT slot // 24) AS days, count(*) AS active_hours, min(slot) AS lo, max(slot) AS hi
    FROM slot SEMI JOIN busy USING (entity) GROUP BY entity
)
SELECT entity, quiet_hours, evenness, requests, days, active_hours, make_timestamp(lo * 3600000000) AS first_hour,
    make_timestamp(hi * 3600000000) AS last_hour, entity_kind
FROM shape JOIN life USING (entity)
WHERE quiet_hours <= getvariable('max_quiet_hours') AND days >= getvariable('min_days')
ORDER BY quiet_hours, evenness DESC, requests DESC, entity;
