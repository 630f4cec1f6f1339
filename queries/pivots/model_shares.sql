-- title: Shares of the models over time
-- question: Which share of the traffic (of all, or of one account or organisation) went to each model, day by day?
-- why: A pivot is a step in this picture; an ordinary migration is a slope.
-- innocent: Shutting down an old model, a price change or an outage moves everybody in one step.
-- needs: model, ts
-- chart: line x=day y=share_percent series=model
SET VARIABLE who = '';  -- text: one account, key or organisation; empty for all
SET VARIABLE hours = 24;  -- integer: length of a stretch

SELECT time_bucket(to_hours(getvariable('hours')), ts) AS day, model,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY time_bucket(to_hours(getvariable('hours')), ts)), 2) AS share_percent,
    count(*) AS requests
FROM event
WHERE model IS NOT NULL AND ts IS NOT NULL
    AND (getvariable('who') = '' OR entity = getvariable('who') OR organization = getvariable('who'))
GROUP BY day, model
ORDER BY day, model;
