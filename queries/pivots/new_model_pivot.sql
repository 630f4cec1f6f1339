-- title: Who pivots to a new model
-- question: Which accounts move a large share of their traffic to a model within a day of its first appearance?
-- why: Campaigns follow the strongest model at once; most customers take weeks to change what works.
-- innocent: An enthusiast or an evaluation team tries a new model on its first day, but seldom moves all of its work.
-- innocent: A product that always asks for the latest model moves when its maker says so: whole, at one moment.
-- needs: account, model, ts
-- chart: scatter x=before y=share_percent
-- entity: account account
SET VARIABLE model = '';  -- text: the model; empty for the one that appeared last
SET VARIABLE released = NULL::TIMESTAMP;  -- time: its release (UTC); empty for its first request in the log
SET VARIABLE hours = 24;  -- integer: how soon after the release
SET VARIABLE min_before = 20;  -- integer: requests before the release, without which there is nothing to move
SET VARIABLE min_percent = 50;  -- number: share of the traffic after the release that is on the new model

WITH appeared AS (
    SELECT model, min(ts) AS first_seen FROM event WHERE model IS NOT NULL GROUP BY model
), chosen AS (
    SELECT model, coalesce(getvariable('released'), first_seen) AS released FROM appeared
    WHERE getvariable('model') = '' OR model = getvariable('model') ORDER BY first_seen DESC LIMIT 1
), counted AS (
    SELECT account, count(*) FILTER (ts < released) AS before,
        count(*) FILTER (ts >= released AND ts < released + to_hours(getvariable('hours'))) AS after,
        count(*) FILTER (ts >= released AND ts < released + to_hours(getvariable('hours')) AND event.model = chosen.model) AS moved,
        any_value(chosen.model) AS model, any_value(released) AS released
    FROM event, chosen WHERE account IS NOT NULL GROUP BY account
)
SELECT account, model, before, after, moved, round(100.0 * moved / after, 1) AS share_percent, released
FROM counted
WHERE before >= getvariable('min_before') AND after >= 3 AND 100.0 * moved / after >= getvariable('min_percent')
ORDER BY share_percent DESC, moved DESC, account;
