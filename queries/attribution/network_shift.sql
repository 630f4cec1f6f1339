-- title: A network's share before and after a date
-- question: Which networks or countries gained or lost share of the traffic around a moment?
-- why: An operator that is shut out of one network comes back from another; a new network with much traffic has a reason.
-- innocent: A customer moved to another cloud, an office changed its provider, a launch in another country.
-- needs: as_org | asn | country
-- chart: bar x=network y=change_points
SET VARIABLE moment = NULL::TIMESTAMP;  -- time: the moment (UTC); empty for the middle of the log
SET VARIABLE top = 30;  -- integer: how many to list

WITH middle AS (
    SELECT coalesce(getvariable('moment'), make_timestamp((epoch_us(min(ts)) + epoch_us(max(ts))) // 2)) AS moment
    FROM event WHERE ts IS NOT NULL
), part AS (
    SELECT coalesce(as_org, 'AS' || asn, country) AS network, count(*) FILTER (ts < moment) AS before,
        count(*) FILTER (ts >= moment) AS after, approx_count_distinct(entity) FILTER (ts < moment) AS users_before,
        approx_count_distinct(entity) FILTER (ts >= moment) AS users_after, any_value(moment) AS moment
    FROM event, middle WHERE ts IS NOT NULL AND coalesce(as_org, country, 'AS' || asn) IS NOT NULL GROUP BY network
), share AS (
    SELECT *, 100.0 * before / greatest(sum(before) OVER (), 1) AS p, 100.0 * after / greatest(sum(after) OVER (), 1) AS q
    FROM part
)
SELECT network, round(q - p, 2) AS change_points, round(p, 2) AS before_percent, round(q, 2) AS after_percent,
    before, after, users_before, users_after, moment
FROM share
ORDER BY abs(q - p) DESC, network
LIMIT getvariable('top');
