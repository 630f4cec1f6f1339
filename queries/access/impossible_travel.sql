-- title: Impossible travel
-- question: Which accounts or keys were used from two countries within the same hour, again and again?
-- why: Nobody is in two countries within an hour; two users of one account are, and so is a proxy pool.
-- innocent: A company's staff in several countries on one account; a phone on a foreign carrier and a laptop on a VPN.
-- innocent: Addresses that a database places in the wrong country, along a border or in a cloud.
-- needs: account | api_key, country, ts
-- chart: scatter x=countries y=hours_in_two
SET VARIABLE min_hours = 2;  -- integer: in how many hours at least
SET VARIABLE minutes = 60;  -- integer: length of a stretch

WITH place AS (
    SELECT coalesce(account, api_key) AS entity, country FROM event
    WHERE coalesce(account, api_key) IS NOT NULL AND country IS NOT NULL GROUP BY 1, 2
), travelled AS (
    SELECT entity FROM place GROUP BY entity HAVING count(*) > 1
), stretch AS (
    SELECT entity, epoch(ts)::BIGINT // (60 * getvariable('minutes')) AS slot, min(country) AS one, max(country) AS other
    FROM (SELECT coalesce(account, api_key) AS entity, ts, country FROM event WHERE country IS NOT NULL AND ts IS NOT NULL)
    SEMI JOIN travelled USING (entity) GROUP BY entity, slot
), own AS (
    SELECT entity, count(*) AS active_hours, count(*) FILTER (one <> other) AS hours_in_two,
        list_distinct(list_concat(list(one), list(other))) AS places,
        make_timestamp(60000000 * getvariable('minutes') * min(slot) FILTER (one <> other)) AS first_time,
        make_timestamp(60000000 * getvariable('minutes') * max(slot) FILTER (one <> other)) AS last_time, mode(one || ' and ' || other) FILTER (one <> other) AS usual_pair
    FROM stretch GROUP BY entity HAVING count(*) FILTER (one <> other) >= getvariable('min_hours')
)
SELECT entity, hours_in_two, active_hours, round(100.0 * hours_in_two / active_hours, 1) AS percent_of_hours, usual_pair,
    len(places) AS countries, first_time, last_time
FROM own
ORDER BY hours_in_two DESC, percent_of_hours DESC, entity;
