-- title: Gaps in time
-- question: Between which neighbouring events of a source is there a far longer silence than usual for it?
-- why: A gap is a lost log, an outage or something cut out; a figure that spans one is too low.
-- innocent: Nights and weekends of a quiet service; rotation that kept only some of the files.
-- needs: ts
-- chart: bar x=gap_starts y=gap_hours
SET VARIABLE min_hours = 3;  -- number: how long a silence must be
SET VARIABLE times_usual = 5;  -- number: how many times the silence that only one in a hundred exceeds
SET VARIABLE top = 50;  -- integer: how many to list

WITH minute AS (
    SELECT source, epoch(ts)::BIGINT // 60 AS minute, min(ts) AS lo, max(ts) AS hi FROM event WHERE ts IS NOT NULL GROUP BY source, minute
), step AS (
    SELECT source, lag(hi) OVER (PARTITION BY source ORDER BY minute) AS before, lo AS after FROM minute
), usual AS (
    SELECT source, quantile_cont(epoch(after - before), 0.99) AS usual_seconds FROM step WHERE before IS NOT NULL GROUP BY source
)
SELECT before AS gap_starts, after AS gap_ends, round(epoch(after - before) / 3600, 2) AS gap_hours,
    round(usual_seconds / 3600, 3) AS usual_hours, source, regexp_extract(path, '[^/]+$') AS file
FROM step JOIN usual USING (source) JOIN source USING (source)
WHERE epoch(after - before) >= greatest(3600 * getvariable('min_hours'), getvariable('times_usual') * usual_seconds)
ORDER BY gap_hours DESC, gap_ends
LIMIT getvariable('top');
