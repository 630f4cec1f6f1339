-- title: Stretches that occur twice
-- question: Which runs of records occur a second time, record for record, with other times and ids?
-- why: The easiest way to make up a log is to copy a part of a real one and move its times.
-- innocent: A job or a test that does the same steps each time: it is one entity, and its figures (durations, sizes) differ.
-- innocent: A log that was shipped twice has the same times too: see the playbook duplicates.
-- needs: duration_ms | bytes_out | output_tokens
-- chart: bar x=first_line y=records
SET VARIABLE run = 6;  -- integer: how many records in a row must be the same
SET VARIABLE every = (SELECT greatest(1, count(*) // 2000000) FROM event);  -- integer: look at one run in so many; 1 for all; empty for about two million
SET VARIABLE min_records = 12;  -- integer: how many repeated runs must begin within a thousand lines, all copied by the same number of lines
SET VARIABLE max_times = 5;  -- integer: what occurs more often than this is routine, not a copy
SET VARIABLE top = 200;  -- integer: how many to list, the longest first

-- The window has no order of its own: events are scanned in the order of their lines (see the playbook clock_jumps).
-- Runs are sampled by their content, so that a run and its copy are both looked at or neither.
WITH record AS (
    SELECT source, line, ts, hash(coalesce(account, ''), coalesce(client_ip, ''), coalesce(path, ''), coalesce(operation, ''), coalesce(status, 0), coalesce(prompt, ''), coalesce(message, ''),
        coalesce(duration_ms, -1), coalesce(bytes_in, -1), coalesce(bytes_out, -1), coalesce(input_tokens, -1), coalesce(output_tokens, -1)) AS h
    FROM event WHERE coalesce(duration_ms, bytes_out, output_tokens) IS NOT NULL
), chained AS (
    SELECT source, line, ts, h, sum(h::HUGEINT) OVER (ROWS UNBOUNDED PRECEDING) AS total, lag(h, 1) OVER () AS h1,
        lag(h, 2) OVER () AS h2, lag(h, 3) OVER () AS h3 FROM record
), runs AS (
    -- The sum of a run's hashes is the difference of two running sums.
    SELECT source, line, ts, total - lag(total, getvariable('run')) OVER () AS run, lag(source, getvariable('run') - 1) OVER () AS source_before,
        lag(line, getvariable('run') - 1) OVER () AS start_line, lag(ts, getvariable('run') - 1) OVER () AS start_ts,
        h % getvariable('every')::UBIGINT = 0 AND h <> h1 AND h <> h2 AND h <> h3 AND h1 <> h2 AND h1 <> h3 AND h2 <> h3 AS kept
    FROM chained
), kept AS (
    SELECT source, start_line, start_ts, run FROM runs WHERE kept AND source = source_before
), twice AS (
    SELECT run, min((source, start_line)) AS one, max((source, start_line)) AS other, min(start_ts) AS one_ts, max(start_ts) AS other_ts, count(*) AS times
    FROM kept GROUP BY run HAVING count(*) BETWEEN 2 AND getvariable('max_times') AND min(start_ts) IS DISTINCT FROM max(start_ts)
), joined AS (
    SELECT one[1] AS source, other[1] AS copy_source, one[2] // 1000 AS block, other[2] - one[2] AS lines_later, count(*) * getvariable('every') AS records,
        min(one[2]) AS first_line, min(other[2]) AS copy_first_line, min(one_ts) AS first_event, min(other_ts) AS copy_first_event, max(times) AS times,
        round(median(epoch(other_ts - one_ts)) / 3600, 3) AS hours_later
    FROM twice WHERE one[1] <> other[1] OR other[2] - one[2] >= getvariable('run') GROUP BY ALL HAVING count(*) * getvariable('every') >= getvariable('min_records')
)
SELECT first_line, records, copy_first_line, hours_later, times, first_event, copy_first_event, regexp_extract(a.path, '[^/]+$') AS file, regexp_extract(b.path, '[^/]+$') AS copy_file,
    joined.source AS source, copy_source
FROM joined JOIN source AS a ON a.source = joined.source JOIN source AS b ON b.source = copy_source
ORDER BY records DESC, source, first_line, copy_first_line
LIMIT getvariable('top');
