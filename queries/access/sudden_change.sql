-- title: Abrupt change against an account's own past
-- question: Which accounts changed at once in volume, hours, client and model, compared with what they did before?
-- why: An account that was taken over works for somebody else: at other hours, with another program, for another purpose.
-- innocent: A developer begins a new project; a product is released, or a customer grows: usually one thing changes, not all.
-- innocent: A person who moves to another time zone keeps the client and the volume.
-- needs: account, ts
-- chart: scatter x=times_volume y=hours_moved_percent
-- entity: account account
SET VARIABLE moment = (SELECT max(ts) - INTERVAL 7 DAY FROM event WHERE account IS NOT NULL);  -- time: where the past ends (UTC); empty for a week before the last event
SET VARIABLE min_requests = 20;  -- integer: requests before, and after
SET VARIABLE min_signs = 3;  -- integer: how many of the four signs: volume three times, half of the hours moved, a new client, a new model for most requests

WITH cell AS (
    SELECT account, ts >= getvariable('moment') AS late, hour(ts) AS hour, user_agent, model, country, count(*) AS n,
        min(ts) AS lo, max(ts) AS hi
    FROM event WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY ALL
), own AS (
    SELECT account, coalesce(sum(n) FILTER (late), 0) AS after, coalesce(sum(n) FILTER (NOT late), 0) AS before,
        min(lo) AS first, max(hi) AS last
    FROM cell GROUP BY account
    HAVING sum(n) FILTER (late) >= getvariable('min_requests') AND sum(n) FILTER (NOT late) >= getvariable('min_requests')
), hours AS (
    SELECT account, sum(abs(p - q)) / 2 AS moved FROM (
        SELECT account, hour, coalesce(sum(n) FILTER (late), 0) / any_value(after) AS p, coalesce(sum(n) FILTER (NOT late), 0) / any_value(before) AS q
        FROM cell JOIN own USING (account) GROUP BY account, hour
    ) GROUP BY account
), clients AS (
    SELECT account, sum(late_n) FILTER (early_n = 0) AS fresh FROM (
        SELECT account, user_agent, coalesce(sum(n) FILTER (late), 0) AS late_n, coalesce(sum(n) FILTER (NOT late), 0) AS early_n
        FROM cell WHERE user_agent IS NOT NULL GROUP BY account, user_agent
    ) GROUP BY account
), models AS (
    SELECT account, sum(late_n) FILTER (early_n = 0) AS fresh FROM (
        SELECT account, model, coalesce(sum(n) FILTER (late), 0) AS late_n, coalesce(sum(n) FILTER (NOT late), 0) AS early_n
        FROM cell WHERE model IS NOT NULL GROUP BY account, model
    ) GROUP BY account
), countries AS (
    SELECT account, sum(late_n) FILTER (early_n = 0) AS fresh FROM (
        SELECT account, country, coalesce(sum(n) FILTER (late), 0) AS late_n, coalesce(sum(n) FILTER (NOT late), 0) AS early_n
        FROM cell WHERE country IS NOT NULL GROUP BY account, country
    ) GROUP BY account
), figures AS (
    SELECT account, after / greatest(epoch(last - getvariable('moment')) / 86400, 1) / (before / greatest(epoch(getvariable('moment') - first) / 86400, 1)) AS times,
        moved, coalesce(clients.fresh, 0) / after AS client, coalesce(models.fresh, 0) / after AS model,
        coalesce(countries.fresh, 0) / after AS country, before, after
    FROM own JOIN hours USING (account) LEFT JOIN clients USING (account) LEFT JOIN models USING (account) LEFT JOIN countries USING (account)
)
SELECT account, (times >= 3)::INTEGER + (moved >= 0.5)::INTEGER + (client >= 0.5)::INTEGER + (model >= 0.5)::INTEGER AS signs,
    round(times, 1) AS times_volume, round(100 * moved) AS hours_moved_percent, round(100 * client) AS new_client_percent,
    round(100 * model) AS new_model_percent, round(100 * country) AS new_country_percent, before::BIGINT AS requests_before,
    after::BIGINT AS requests_after
FROM figures
WHERE signs >= getvariable('min_signs')
ORDER BY signs DESC, times_volume DESC, account;
