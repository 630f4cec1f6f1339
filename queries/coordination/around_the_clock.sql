-- title: Work around the clock
-- question: Which entities ask in nearly every hour of the day, without the night that people have?
-- why: People sleep; a machine that harvests answers does not. A flat day is one of the plainest marks of automation.
-- innocent: A product with users in many time zones, a support bot, a nightly batch: automated and honest. Look at what
--   they ask before you say anything.
-- chart: bar x=entity y=quiet_hours
-- entity: account account
SET VARIABLE min_requests = 100;  -- integer: too few requests show no rhythm
SET VARIABLE max_quiet_hours = 2;  -- integer: hours of the day (UTC) with hardly a request
SET VARIABLE min_days = 3;  -- integer: on how many days at least

WITH hourly AS (
    SELECT entity, any_value(account) AS account, hour(ts) AS hour, count(*) AS n, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE entity IS NOT NULL AND ts IS NOT NULL GROUP BY entity, hour(ts)
), day AS (
    SELECT entity, count(DISTINCT ts::DATE) AS days FROM event WHERE entity IS NOT NULL GROUP BY entity
), shape AS (
    SELECT entity, any_value(account) AS account, sum(n) AS requests,
        24 - count(*) FILTER (n >= 0.2 * total / 24) AS quiet_hours,
        round(-sum(n / total * log2(n / total)) / log2(24), 3) AS evenness, min(lo) AS first_seen, max(hi) AS last_seen
    FROM (SELECT *, sum(n) OVER (PARTITION BY entity) AS total FROM hourly) GROUP BY entity
)
SELECT entity, account, requests, days, quiet_hours, evenness, first_seen, last_seen
FROM shape JOIN day USING (entity)
WHERE requests >= getvariable('min_requests') AND quiet_hours <= getvariable('max_quiet_hours')
    AND days >= getvariable('min_days')
ORDER BY quiet_hours, evenness DESC, requests DESC;
