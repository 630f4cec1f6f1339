-- title: Traffic over time
-- question: How many requests were there in each stretch of time, by model, status, outcome or kind of log?
-- why: Campaigns begin, end and change course at moments that a line shows at once.
-- innocent: Launches, deadlines and outages of others make steps and spikes too.
-- needs: ts
-- chart: line x=moment y=requests series=kind
SET VARIABLE hours = 6;  -- integer: the length of a stretch
SET VARIABLE split = 'format';  -- text: format, model, status, outcome, country, operation or none; the six largest, the rest as one
SET VARIABLE who = '';  -- text: one account, key, address or organisation; empty for all
SET VARIABLE contains = '';  -- text: only prompts, paths or messages that contain this

WITH counted AS (
    SELECT time_bucket(to_hours(getvariable('hours')), ts) AS moment, count(*) AS n,
        CASE getvariable('split') WHEN 'model' THEN model WHEN 'status' THEN (status // 100) || 'xx' WHEN 'outcome' THEN outcome
            WHEN 'country' THEN country WHEN 'operation' THEN coalesce(operation, method) WHEN 'none' THEN 'all' ELSE format END AS kind
    FROM event
    WHERE ts IS NOT NULL
        AND (getvariable('who') = '' OR getvariable('who') IN (entity, client_ip, organization))
        AND (getvariable('contains') = ''
            OR contains(lower(coalesce(prompt, path, message, '')), lower(getvariable('contains'))))
    GROUP BY moment, kind
), largest AS (
    SELECT kind, row_number() OVER (ORDER BY sum(n) DESC, kind) AS place FROM counted WHERE kind IS NOT NULL GROUP BY kind
)
SELECT moment, CASE WHEN place <= 6 THEN kind ELSE 'other' END AS kind, sum(n)::BIGINT AS requests
FROM counted LEFT JOIN largest USING (kind)
GROUP BY ALL
ORDER BY moment, kind;
