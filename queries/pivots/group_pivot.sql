-- title: Which groups pivot to a new model
-- question: Of which payers, organisations, clients or networks does a large share of the traffic move to a new model within a day?
-- why: An operator moves all of its accounts at once; a group of strangers does not.
-- innocent: A company's product moves at one moment too: it is one organisation, whose product says so.
-- innocent: A client program that asks for the newest model by default moves all who use it.
-- needs: account, model, ts
-- chart: scatter x=accounts y=share_percent
SET VARIABLE model = (SELECT arg_max(model, first_seen) FROM (SELECT model, min(ts) AS first_seen, count(*) AS n FROM event WHERE model IS NOT NULL AND ts IS NOT NULL GROUP BY model) WHERE n >= 0.005 * (SELECT count(model) FROM event));  -- text: the model; empty for the one that appeared last (of those with half a per cent of the traffic)
SET VARIABLE released = (SELECT min(ts) FROM event WHERE model = getvariable('model'));  -- time: its release (UTC); empty for its first request in the log
SET VARIABLE hours = 24;  -- integer: how soon after the release
SET VARIABLE min_accounts = 3;  -- integer: accounts of a group with traffic after the release
SET VARIABLE min_percent = 50;  -- number: share of the group's traffic after the release that is on the new model

WITH own AS (
    SELECT account, any_value(payment_ref) AS payer, any_value(organization) AS organization, any_value(user_agent) AS client,
        any_value(coalesce(as_org, 'AS' || asn, country)) AS network,
        count(*) FILTER (ts < getvariable('released')) AS before,
        count(*) FILTER (ts >= getvariable('released') AND ts < getvariable('released') + to_hours(getvariable('hours'))) AS after,
        count(*) FILTER (ts >= getvariable('released') AND ts < getvariable('released') + to_hours(getvariable('hours'))
            AND model = getvariable('model')) AS moved
    FROM event WHERE account IS NOT NULL AND model IS NOT NULL GROUP BY account
), usual AS (
    SELECT 100.0 * sum(moved) / greatest(sum(after), 1) AS usual FROM own
), grouped AS (
    SELECT 'payer' AS shared, payer AS name, * FROM own UNION ALL
    SELECT 'organization', organization, * FROM own UNION ALL
    SELECT 'client', client, * FROM own UNION ALL
    SELECT 'network', network, * FROM own
)
SELECT shared, name, count(*) FILTER (after > 0) AS accounts, round(100.0 * sum(moved) / sum(after), 1) AS share_percent,
    round(any_value(usual), 1) AS usual_percent, count(*) FILTER (moved > 0) AS accounts_moved, sum(moved)::BIGINT AS moved,
    sum(after)::BIGINT AS after, sum(before)::BIGINT AS before, count(DISTINCT organization) AS organizations
FROM grouped, usual
WHERE name IS NOT NULL
GROUP BY shared, name
HAVING count(*) FILTER (after > 0) >= getvariable('min_accounts') AND 100.0 * sum(moved) >= getvariable('min_percent') * sum(after)
ORDER BY accounts_moved DESC, share_percent DESC, shared, name;
