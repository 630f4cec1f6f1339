-- title: Clock jumps
-- question: Where in a source do the times run backwards by more than a little?
-- why: A clock that was set, logs that were put together or lines that were moved make every order of events doubtful.
-- innocent: Entries are written when a request ends but dated by its start: long requests step back by minutes.
-- innocent: Several processes that write one file; daylight saving time in a log without a zone: one hour exactly.
-- needs: ts
-- chart: bar x=from_line y=minutes_back
SET VARIABLE min_minutes = 10;  -- number: how far back
SET VARIABLE lines = 200;  -- integer: compare blocks of so many lines; 1 for every line
SET VARIABLE top = 100;  -- integer: how many to list

WITH block AS (
    SELECT source, line // getvariable('lines') AS block, min(line) AS line, max(line) AS last_line, min(ts) AS lo, max(ts) AS hi
    FROM event WHERE ts IS NOT NULL GROUP BY source, block
), step AS (
    SELECT *, lag(hi) OVER (PARTITION BY source ORDER BY block) AS before, lag(line) OVER (PARTITION BY source ORDER BY block) AS from_line
    FROM block
)
SELECT source, from_line, last_line AS to_line, round(epoch(before - lo) / 60, 1) AS minutes_back, before AS time_before, lo AS time_after,
    regexp_extract(path, '[^/]+$') AS file
FROM step JOIN source USING (source)
WHERE epoch(before - lo) >= 60 * getvariable('min_minutes')
ORDER BY minutes_back DESC, source, from_line
LIMIT getvariable('top');
