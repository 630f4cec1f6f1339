-- title: One stretch of time against another
-- question: Which accounts, models, networks, clients … were far busier in one stretch of time than in another?
-- why: What changed between a quiet week and the week of an incident is the shortest list to look at.
-- innocent: Growth, holidays, a release: compare like with like, the same weekdays for instance.
-- needs: ts
-- chart: bar x=thing y=difference
SET VARIABLE what = 'entity';  -- text: entity, model, network, country, address, client, operation, path or status
SET VARIABLE a_from = NULL::TIMESTAMP;  -- time: the first stretch begins (UTC); empty for the log's beginning
SET VARIABLE a_until = NULL::TIMESTAMP;  -- time: the first stretch ends; empty for the middle of the log
SET VARIABLE b_from = NULL::TIMESTAMP;  -- time: the second stretch begins; empty for the middle of the log
SET VARIABLE b_until = NULL::TIMESTAMP;  -- time: the second stretch ends; empty for the log's end
SET VARIABLE top = 30;  -- integer: how many to list

WITH edge AS (
    SELECT min(ts) AS lo, max(ts) + INTERVAL 1 MICROSECOND AS hi, make_timestamp((epoch_us(min(ts)) + epoch_us(max(ts))) // 2) AS mid
    FROM event WHERE ts IS NOT NULL
), stretch AS (
    SELECT coalesce(getvariable('a_from'), lo) AS a0, coalesce(getvariable('a_until'), mid) AS a1,
        coalesce(getvariable('b_from'), mid) AS b0, coalesce(getvariable('b_until'), hi) AS b1
    FROM edge
), counted AS (
    SELECT CASE getvariable('what') WHEN 'model' THEN model WHEN 'network' THEN coalesce(as_org, 'AS' || asn)
            WHEN 'country' THEN country WHEN 'address' THEN client_ip WHEN 'client' THEN user_agent
            WHEN 'operation' THEN coalesce(operation, method) WHEN 'path' THEN regexp_extract(path, '^[^?]*')
            WHEN 'status' THEN coalesce(status::VARCHAR, outcome) ELSE entity END AS thing,
        count(*) FILTER (ts >= a0 AND ts < a1) AS requests_a, count(*) FILTER (ts >= b0 AND ts < b1) AS requests_b
    FROM event, stretch WHERE ts IS NOT NULL GROUP BY thing
), rate AS (
    SELECT thing, requests_a, requests_b, 86400 * requests_a / epoch(a1 - a0) AS a, 86400 * requests_b / epoch(b1 - b0) AS b
    FROM counted, stretch WHERE thing IS NOT NULL AND requests_a + requests_b > 0
)
SELECT thing, round(b - a, 2) AS difference, round(a, 2) AS per_day_a, round(b, 2) AS per_day_b,
    round(b / nullif(a, 0), 2) AS times, requests_a, requests_b
FROM rate
ORDER BY abs(b - a) DESC, thing
LIMIT getvariable('top');
