-- title: Gaps in time
-- question: Between which neighbouring events of a source is there a far longer silence than usual for it?
-- why: A gap is a lost log, an outage or something cut out; a figure that spans one is too low.
-- innocent: Nights and weekends of a quiet service; rotation that kept only some of the files.
-- needs: ts
-- chart: bar x=gap_ends y=gap_hours
SET VARIABLE min_hours = 3;  -- number: how long a silence must be
SET VARIABLE top = 50;  -- integer: how many to list

WITH step AS (
    SELECT source, ts, lag(ts) OVER (PARTITION BY source ORDER BY ts) AS before FROM event WHERE ts IS NOT NULL
), usual AS (
    SELECT source, quantile_cont(epoch(ts - before), 0.99) AS usual_seconds FROM step WHERE before IS NOT NULL GROUP BY source
)
SELECT source.path, before AS gap_starts, ts AS gap_ends, round(epoch(ts - before) / 3600, 2) AS gap_hours,
    round(usual_seconds, 1) AS usual_seconds
FROM step JOIN usual USING (source) JOIN source USING (source)
WHERE before IS NOT NULL AND epoch(ts - before) >= greatest(3600 * getvariable('min_hours'), 10 * usual_seconds)
ORDER BY gap_hours DESC, gap_ends
LIMIT getvariable('top');
