-- title: Who pivots to a new model
-- question: Which accounts move a large share of their traffic to a model within a day of its release?
-- why: Campaigns follow the strongest model at once; most customers take weeks to change what works.
-- innocent: An enthusiast or an evaluation team tries a new model on its first day, but seldom moves all of its work.
-- innocent: A product that always asks for the latest model moves when its maker says so: whole, at one moment.
-- needs: account, model, ts
-- chart: scatter x=before y=share_percent
-- entity: account account
SET VARIABLE model = (SELECT arg_max(model, first_seen) FROM (SELECT model, min(ts) AS first_seen, count(*) AS n FROM event WHERE model IS NOT NULL AND ts IS NOT NULL GROUP BY model) WHERE n >= 0.005 * (SELECT count(model) FROM event));  -- text: the model; empty for the one that appeared last (of those with half a per cent of the traffic)
SET VARIABLE released = (SELECT min(ts) FROM event WHERE model = getvariable('model'));  -- time: its release (UTC); empty for its first request in the log
SET VARIABLE hours = 24;  -- integer: how soon after the release
SET VARIABLE min_before = 20;  -- integer: requests before the release, without which there is nothing to move
SET VARIABLE min_after = 3;  -- integer: requests in the hours after it, without which a share says nothing
SET VARIABLE min_percent = 50;  -- number: share of the traffic after the release that is on the new model

WITH own AS (
    SELECT account, count(*) FILTER (ts < getvariable('released')) AS before,
        count(*) FILTER (ts >= getvariable('released') AND ts < getvariable('released') + to_hours(getvariable('hours'))) AS after,
        count(*) FILTER (ts >= getvariable('released') AND ts < getvariable('released') + to_hours(getvariable('hours'))
            AND model = getvariable('model')) AS moved,
        min(ts) FILTER (ts >= getvariable('released') AND model = getvariable('model')) AS first_use
    FROM event WHERE account IS NOT NULL AND model IS NOT NULL GROUP BY account
), usual AS (
    SELECT 100.0 * sum(moved) / greatest(sum(after), 1) AS usual FROM own
)
SELECT account, round(100.0 * moved / after, 1) AS share_percent, round(usual, 1) AS usual_percent, moved, after, before,
    round(epoch(first_use - getvariable('released')) / 3600, 1) AS hours_to_first_use, getvariable('model') AS model,
    getvariable('released') AS released
FROM own, usual
WHERE before >= getvariable('min_before') AND after >= getvariable('min_after')
    AND 100.0 * moved / after >= getvariable('min_percent')
ORDER BY share_percent DESC, moved DESC, account;
