-- title: Traffic over time
-- question: How many requests were there in each stretch of time, by status class, model or whatever fits?
-- why: Campaigns begin, end and change course at moments that a line shows at once.
-- innocent: Launches, deadlines and outages of others make steps and spikes too.
-- needs: ts
-- chart: line x=moment y=requests series=kind
SET VARIABLE hours = 6;  -- integer: the length of a stretch
SET VARIABLE contains = '';  -- text: only prompts, paths or messages that contain this

SELECT time_bucket(to_hours(getvariable('hours')), ts) AS moment,
    coalesce(model, CASE WHEN status IS NOT NULL THEN (status // 100) || 'xx' END, severity, format) AS kind,
    count(*) AS requests
FROM event
WHERE ts IS NOT NULL AND (getvariable('contains') = ''
    OR contains(lower(coalesce(prompt, path, message, '')), lower(getvariable('contains'))))
GROUP BY moment, kind
ORDER BY moment, kind;
