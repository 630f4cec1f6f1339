-- title: Unusual regions
-- question: Which identities act in a cloud region (or, beside their own, from a country) where hardly anything else of the case happens?
-- why: Stolen keys are used where nobody looks: in regions that the owner never opens.
-- innocent: Global services answer from one region; a new site, a disaster drill, a tool that looks at every region.
-- needs: account | api_key, extra.awsRegion | country
-- chart: bar x=region y=share_percent
SET VARIABLE max_percent = 2;  -- number: a region with more of all events is usual
SET VARIABLE region = 'awsRegion';  -- text: the key of extra that names the region; country is taken where it is not there

WITH asked AS (
    SELECT coalesce(account, api_key) AS entity,
        CASE WHEN contains(extra, getvariable('region')) THEN extra ->> ('$.' || getvariable('region')) END AS own_region,
        country, error, operation, ts, client_ip
    FROM event WHERE coalesce(account, api_key) IS NOT NULL
), placed AS (
    SELECT entity, own_region IS NOT NULL AS named, coalesce(own_region, country) AS region, count(*) AS n,
        count(*) FILTER (error IS NOT NULL) AS errors, approx_count_distinct(operation) AS operations, min(ts) AS lo, max(ts) AS hi,
        any_value(client_ip) AS client_ip
    FROM asked WHERE coalesce(own_region, country) IS NOT NULL GROUP BY 1, 2, 3
), told AS (
    SELECT *, sum(n) OVER (PARTITION BY region) AS in_region, sum(n) OVER () AS total, sum(n) OVER (PARTITION BY entity) AS own,
        count(*) OVER (PARTITION BY entity) AS regions
    FROM placed
)
SELECT entity, region, round(100.0 * in_region / total, 3) AS share_percent, n AS events, round(100.0 * n / own, 1) AS percent_of_own,
    regions AS regions_of_entity, errors, operations AS operations_about, client_ip, lo AS first_seen, hi AS last_seen
FROM told
WHERE 100.0 * in_region / total <= getvariable('max_percent') AND (regions > 1 OR named)
ORDER BY share_percent, events DESC, entity;
