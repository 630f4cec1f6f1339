-- title: Accounts that move in step
-- question: Which accounts are active in nearly the same hours as others, all through the log?
-- why: Accounts fed from one queue are busy and idle together, hour by hour, whatever each of them asks.
-- innocent: Jobs that run at the same hours by the clock (CI, nightly batches); members of one organisation.
-- innocent: A class in its lessons, a shift of one firm: hours of one time zone, and one organisation or address.
-- needs: account, ts
-- chart: scatter x=active_hours y=similarity
-- entity: account account
SET VARIABLE min_hours = 10;  -- integer: accounts active in fewer hours show no pattern
SET VARIABLE max_hours_percent = 50;  -- number: accounts active in more of all hours than this are in step with everybody
SET VARIABLE min_similarity = 0.6;  -- number: share of the hours of both (an account and its group) in which both are active
SET VARIABLE min_accounts = 4;  -- integer: how many accounts make a group

-- Candidates by MinHash (Broder 1997): accounts whose sets of hours have the same three smallest hashes, in any of six
-- bands, meet in a bucket; then each is compared with the hours in which most of its bucket is active.
WITH active AS (
    SELECT account, epoch(ts)::BIGINT // 3600 AS hour, count(*) AS n FROM event
    WHERE account IS NOT NULL AND ts IS NOT NULL GROUP BY account, hour
), span AS (
    SELECT count(DISTINCT hour) AS hours FROM active
), own AS (
    SELECT account, list(hour ORDER BY hour) AS hours, sum(n)::BIGINT AS requests FROM active GROUP BY account
    HAVING count(*) >= getvariable('min_hours')
        AND 100.0 * count(*) <= getvariable('max_hours_percent') * (SELECT greatest(hours, 48) FROM span)
), band AS (
    SELECT account, hours, requests, unnest(list_transform(range(6), lambda b: hash(b, list_transform(range(3),
        lambda r: list_min(list_transform(hours, lambda h: hash(h, b * 3 + r))))))) AS bucket
    FROM own
), bucket AS (
    SELECT bucket, count(*) AS accounts FROM band GROUP BY bucket HAVING count(*) >= getvariable('min_accounts')
), core AS (
    SELECT bucket, list(hour) AS core FROM (
        SELECT bucket, hour FROM (SELECT bucket, accounts, unnest(hours) AS hour FROM band JOIN bucket USING (bucket))
        GROUP BY bucket, hour, accounts HAVING count(*) >= 0.5 * accounts
    ) GROUP BY bucket
), compared AS (
    SELECT account, bucket, requests, len(hours) AS active_hours, len(list_intersect(hours, core)) AS common, len(core) AS core_hours
    FROM band JOIN core USING (bucket)
), near AS (
    SELECT *, common / (active_hours + core_hours - common) AS similarity, count(*) OVER (PARTITION BY bucket) AS with_it
    FROM compared WHERE common / (active_hours + core_hours - common) >= getvariable('min_similarity')
)
SELECT account, max(with_it) AS with_it, round(arg_max(similarity, (with_it, similarity)), 3) AS similarity,
    any_value(active_hours) AS active_hours, any_value(requests) AS requests, lower(hex(arg_max(bucket, (with_it, similarity, bucket))))[:6] AS group_id
FROM near
GROUP BY account
HAVING max(with_it) >= getvariable('min_accounts')
ORDER BY with_it DESC, group_id, similarity DESC, account;
