-- title: Clock jumps
-- question: Where in a source do the times run backwards by more than a little, from one line to the next?
-- why: A clock that was set, logs that were put together or lines that were moved make every order of events doubtful.
-- innocent: Entries are written when a request ends but dated by its start: long requests step back by minutes.
-- innocent: Several processes that write one file; daylight saving time in a log without a zone: one hour exactly.
-- needs: ts
-- chart: bar x=line y=minutes_back
SET VARIABLE min_minutes = 10;  -- number: how far back
SET VARIABLE top = 100;  -- integer: how many to list, the farthest first

-- The window has no order of its own: events are scanned in the order of their lines, and pairs that are not neighbours
-- in one source are left out. Sorting a large case by line would take ten times as long.
WITH step AS (
    SELECT source, line, ts, lag(source) OVER () AS source_before, lag(line) OVER () AS line_before, lag(ts) OVER () AS ts_before
    FROM event
)
SELECT source, line, round(epoch(ts_before - ts) / 60, 1) AS minutes_back, line_before, ts_before AS time_before, ts AS time_after,
    regexp_extract(path, '[^/]+$') AS file
FROM step JOIN source USING (source)
WHERE source = source_before AND line >= line_before AND epoch(ts_before - ts) >= 60 * getvariable('min_minutes')
ORDER BY minutes_back DESC, source, line
LIMIT getvariable('top');
