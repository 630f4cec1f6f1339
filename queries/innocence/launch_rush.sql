-- title: Launch-day rush
-- question: How many accounts of every kind tried each model on its first day, and how much of their traffic did they move?
-- why: If half of all customers try a new model at once, trying it accuses nobody; moving everything may.
-- innocent: This playbook speaks for those who pivot. What speaks against a group: a share far above the usual one
--   (group_pivot), within minutes, by accounts that have more in common than the model.
-- needs: account, model, ts
-- chart: bar x=model y=tried_percent
SET VARIABLE hours = 24;  -- integer: how long the first day is
SET VARIABLE days_before = 7;  -- integer: how far back an account counts as a customer of old
SET VARIABLE min_before = 5;  -- integer: requests in those days that make it one

WITH appeared AS (
    SELECT model, min(ts) AS released FROM event WHERE model IS NOT NULL AND ts IS NOT NULL GROUP BY model
    HAVING count(*) >= 20 AND min(ts) > (SELECT min(ts) + INTERVAL 2 DAY FROM event WHERE model IS NOT NULL)
), moment AS (  -- hours are fine enough to tell before and after, and make the join small
    SELECT account, epoch(ts)::BIGINT // 3600 AS slot, model AS used, count(*) AS n FROM event
    WHERE account IS NOT NULL AND model IS NOT NULL AND ts IS NOT NULL GROUP BY ALL
), around AS (  -- the hours around each release, one row each, so that the join is by equality
    SELECT model, released, unnest(range(epoch(released)::BIGINT // 3600 - 24 * getvariable('days_before'),
        epoch(released)::BIGINT // 3600 + getvariable('hours'))) AS slot
    FROM appeared
), own AS (
    SELECT model, released, account, sum(n) FILTER (slot < epoch(released)::BIGINT // 3600) AS before,
        sum(n) FILTER (slot >= epoch(released)::BIGINT // 3600) AS after,
        sum(n) FILTER (used = model) AS moved
    FROM moment JOIN around USING (slot)
    GROUP BY model, released, account
)
SELECT model, released, count(*) FILTER (after > 0) AS active_customers, count(*) FILTER (moved > 0) AS tried,
    round(100.0 * count(*) FILTER (moved > 0) / greatest(count(*) FILTER (after > 0), 1), 1) AS tried_percent,
    round(100.0 * count(*) FILTER (moved >= 0.5 * after) / greatest(count(*) FILTER (after > 0), 1), 1) AS moved_half_percent,
    round(median(100.0 * coalesce(moved, 0) / after) FILTER (after > 0), 1) AS median_share_percent
FROM own
WHERE before >= getvariable('min_before')
GROUP BY model, released
ORDER BY released, model;
