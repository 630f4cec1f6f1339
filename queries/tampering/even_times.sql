-- title: Times that come too evenly
-- question: In which stretches of a source do records follow each other at nearly the same interval, or at fractions of a second unlike the rest?
-- why: Requests of many people come at random; times that somebody filled in come at even steps, or with rounded fractions of a second.
-- innocent: One machine that asks in a loop, a health check, a load test: look who is in the stretch.
-- innocent: A gateway that writes its records in batches gives many of them one time.
-- needs: ts
-- chart: scatter x=first_event y=unevenness
SET VARIABLE stretch = 200;  -- integer: how many records of one source, in the order of the file, are looked at together
SET VARIABLE max_unevenness = 0.3;  -- number: spread of the steps (their quartiles' distance by their median, scaled); chance gives 1, a metronome 0
SET VARIABLE min_round_change = 0.5;  -- number: by how much the share of whole seconds must differ from that of the source
SET VARIABLE min_entities = 3;  -- integer: a stretch of fewer accounts (addresses, programs) is one machine's own beat
SET VARIABLE top = 200;  -- integer: how many to list

WITH step AS (
    SELECT source, row_number() OVER () // getvariable('stretch') AS nth, line, ts, epoch(ts - lag(ts) OVER ()) AS seconds, source = lag(source) OVER () AS inside,
        microsecond(ts) % 1000000 = 0 AS whole, coalesce(account, client_ip, process) AS who
    FROM event WHERE ts IS NOT NULL
), piece AS (
    SELECT source, nth, count(*) AS records, min(line) AS first_line, max(line) AS last_line, min(ts) AS first_event, max(ts) AS last_event,
        quantile_cont(abs(seconds), [0.25, 0.5, 0.75]) FILTER (inside) AS quartiles,
        avg(whole::INTEGER) AS whole_share, approx_count_distinct(who) AS entities
    FROM step GROUP BY source, nth HAVING count(*) >= getvariable('stretch') // 2
), told AS (
    -- Steps that come by chance are spread exponentially: their quartiles are ln(3) means apart, their median is ln(2) means.
    SELECT *, (quartiles[3] - quartiles[1]) / nullif(quartiles[2], 0) / (ln(3) / ln(2)) AS unevenness FROM piece
), usual AS (
    SELECT source, median(unevenness) AS source_unevenness, median(whole_share) AS source_whole FROM told GROUP BY source
)
SELECT first_line, last_line, records, round(unevenness, 3) AS unevenness, round(source_unevenness, 3) AS usual_unevenness, round(quartiles[2], 3) AS step_seconds,
    round(100 * whole_share, 1) AS whole_seconds_percent, round(100 * source_whole, 1) AS usual_whole_percent, entities, first_event, last_event,
    CASE WHEN unevenness <= getvariable('max_unevenness') THEN 'even steps' ELSE 'other fractions of a second' END AS what, source, regexp_extract(path, '[^/]+$') AS file
FROM told JOIN usual USING (source) JOIN source USING (source)
WHERE (unevenness <= getvariable('max_unevenness') AND (entities = 0 OR entities >= getvariable('min_entities')))
    OR abs(whole_share - source_whole) >= getvariable('min_round_change')
ORDER BY unevenness, source, first_line
LIMIT getvariable('top');
