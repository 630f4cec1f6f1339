-- title: Numbers missing or repeated in running ids
-- question: Where request ids are numbered one after the other, in which stretches are numbers missing or there twice?
-- why: Records cut out of a log leave a hole in its numbering; records put in, or shipped twice, repeat one.
-- innocent: One of several servers wrote this log and the others took the missing numbers: then they are missing everywhere alike.
-- innocent: A retry bears the id of its first try; a counter starts anew when the service does.
-- needs: request_id
-- chart: bar x=from_number y=missing
SET VARIABLE stretch = (SELECT greatest(50, count(*) // 20000) FROM event);  -- integer: how many numbers are looked at together; empty for what suits the size of the case
SET VARIABLE min_filled = 0.5;  -- number: ids count as running where at least this share of all numbers between first and last occurs
SET VARIABLE times_usual = 3;  -- number: how many times the series' usual share of missing numbers a stretch must miss
SET VARIABLE top = 200;  -- integer: how many stretches to list, those that miss or repeat most first

WITH cut AS (
    SELECT source, regexp_replace(request_id, '\d{1,18}$', '') AS prefix, try_cast(regexp_extract(request_id, '(\d{1,18})$', 1) AS BIGINT) AS number, ts, line
    FROM event WHERE request_id IS NOT NULL AND regexp_matches(request_id, '\d$')
), series AS (
    SELECT source, prefix, min(number) AS lo, max(number) AS hi, count(*) AS n FROM cut GROUP BY source, prefix
    HAVING count(*) >= 100 AND count(*) >= getvariable('min_filled') * (max(number) - min(number) + 1)
), piece AS (
    SELECT source, prefix, (number - lo) // getvariable('stretch') AS nth, count(*) AS records, count(DISTINCT number) AS numbers,
        min(ts) AS first_event, max(ts) AS last_event, min(line) AS first_line
    FROM cut JOIN series USING (source, prefix) GROUP BY source, prefix, nth
), whole AS (
    -- Stretches of which no number is left are there too.
    SELECT source, prefix, unnest(range((hi - lo) // getvariable('stretch') + 1)) AS nth, lo, hi FROM series
), counted AS (
    SELECT source, prefix, nth, lo + nth * getvariable('stretch') AS from_number, least(lo + (nth + 1) * getvariable('stretch') - 1, hi) AS to_number,
        coalesce(records, 0) AS records, coalesce(numbers, 0) AS numbers, first_event, last_event, first_line
    FROM whole LEFT JOIN piece USING (source, prefix, nth)
), usual AS (
    SELECT source, prefix, median(1 - numbers / (to_number - from_number + 1)) AS missing_share, median(records / greatest(numbers, 1) - 1) AS repeated_share
    FROM counted GROUP BY source, prefix
)
SELECT from_number, to_number, to_number - from_number + 1 - numbers AS missing, records - numbers AS repeated,
    round(100 * missing_share, 2) AS usually_missing_percent, prefix, first_event, last_event, first_line, source,
    regexp_extract(path, '[^/]+$') AS file
FROM counted JOIN usual USING (source, prefix) JOIN source USING (source)
WHERE to_number - from_number + 1 - numbers > getvariable('times_usual') * missing_share * (to_number - from_number + 1) + 1
    OR records - numbers > getvariable('times_usual') * repeated_share * numbers + 1
ORDER BY missing + repeated DESC, source, prefix, from_number
LIMIT getvariable('top');
